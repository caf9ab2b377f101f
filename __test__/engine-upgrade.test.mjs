// A daemon that is upgraded, by way of its own data, under a client that lives on: what can go on goes on,
// and the same client has what the new release brings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../index.js'
import { programsOf } from '../scripts/lib/engine/daemon.mjs'
import { uniqueName } from './helpers/engine.mjs'
import { ownEngine } from './helpers/own-engine.mjs'

const RELEASE = '28'
const newer = process.env.DOKERES_ENGINE_RELEASE
const skip = newer ? `the engine under test is no older than ${newer}` : false

test('20.10 becomes 28 under open calls', { skip }, async (t) => {
  try {
    programsOf(RELEASE)
  } catch (error) {
    return t.skip(`Docker ${RELEASE} cannot be had: ${/** @type {Error} */ (error).message}`)
  }
  const engine = await ownEngine()
  try {
    const dokeres = new Dokeres(engine.host)
    const image = dokeres.image(engine.image)
    const script = 'n=0; while :; do n=$((n + 1)); echo line $n; sleep 0.05; done'
    const options = { init: true, network: 'none', restart: 'always' }
    const ticker = await image.run('ticker', options, ['sh', '-c', script])
    await dokeres.volumes.create('data')
    const built = { name: 'built:1', context: { Dockerfile: `FROM ${engine.image}\nRUN true` } }
    const { imageId: id } = await dokeres.images.build({ ...built, builder: 'classic' })
    const before = await dokeres.version()
    assert.ok((await ticker.stats()).memory.usage > 0)

    /** @type {string[]} */
    const lines = []
    const logs = ticker.logs({ follow: true, restarts: true })
    const following = (async () => {
      for await (const line of logs.lines()) lines.push(line)
    })()
    /** @type {string[]} */
    const created = []
    const events = dokeres.events({ filters: { type: 'container', event: 'create' } })
    const listening = events.forEach(({ Actor }) => {
      created.push(/** @type {any} */ (Actor).Attributes.name)
    })
    const waiting = ticker.wait().then(
      () => 'ended',
      (error) => error.code,
    )
    while (lines.length < 20) await sleep(20)

    await engine.stop('SIGTERM')
    assert.match(String(await waiting), /^(ended|STREAM_TRUNCATED|ENGINE_UNREACHABLE)$/)
    await assert.rejects(ticker.inspect(), { code: 'ENGINE_UNREACHABLE' })
    await engine.start({ release: RELEASE })

    const after = await dokeres.version()
    assert.notEqual(after.Version, before.Version)
    assert.ok(Number(after.ApiVersion) > Number(before.ApiVersion), after.ApiVersion)
    // All that was there is there, by the same handles.
    assert.equal((await ticker.inspect()).State.Running, true)
    assert.equal((await dokeres.images.inspect('built:1')).Id, id)
    assert.equal((await dokeres.volumes.inspect('data')).Name, 'data')
    assert.equal((await ticker.exec(['echo', 'on'])).stdout, 'on\n')
    assert.ok((await ticker.stats()).memory.usage > 0)
    // What follows has gone on: the program began anew with its container.
    const again = () => lines.indexOf('line 1', 1)
    while (again() < 0 || lines.length < again() + 20) await sleep(20)
    const expected = (/** @type {string[]} */ of) => of.map((_, at) => `line ${at + 1}`)
    for (const run of [lines.slice(0, again()), lines.slice(again())]) {
      assert.deepEqual(run, expected(run))
    }
    const name = uniqueName('after')
    const task = { name, network: 'none' }
    assert.equal((await dokeres.image('built:1').task(['echo', 'new'], task)).stdout, 'new\n')
    while (!created.includes(name)) await sleep(20)
    // And what the old one could not do in this way.
    const more = { ...built, name: 'built:2', builder: /** @type {const} */ ('buildkit') }
    assert.ok((await dokeres.images.build(more)).imageId)

    logs.close()
    events.close()
    await Promise.all([following, listening])
    await ticker.remove({ force: true })
  } finally {
    await engine.close()
  }
  return undefined
})
