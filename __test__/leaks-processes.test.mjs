// fork and cluster: several processes of one program use dokeres at once, and its parent before them.
import assert from 'node:assert/strict'
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label, removeImage, uniqueName } from './helpers/engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const forked = fileURLToPath(new URL('helpers/forked.cjs', import.meta.url))
const labels = { [label]: 'processes' }
const dokeres = new Dokeres()
/** @type {string[]} */
const made = []
/** @type {import('../index.js').DokeresContainer} */
let talker
let heard = 0
/** @type {import('../index.js').DokeresStream<unknown>} */
let own

before(async () => {
  const command = ['sh', '-c', 'while :; do echo tick; echo tock >&2; sleep 0.02; done']
  talker = await dokeres.image(BASE).run(null, { labels, init: true }, command)
  own = talker.logs({ follow: true })
  void own.forEach(() => void heard++)
})

after(async () => {
  await own.close()
  await talker.remove({ force: true })
  for (const name of made) await removeImage(name)
  await assertNothingLeft(`${label}=processes`)
})

function environment() {
  const name = `dokeres-test/${uniqueName('forked')}:1`
  made.push(name)
  const dockerfile = `FROM ${BASE}\nRUN sleep 0.5; echo ${name}\n`
  return {
    ...process.env,
    FORKED_LABELS: JSON.stringify(labels),
    FORKED_TALKER: talker.id,
    FORKED_IMAGE: JSON.stringify({ name, dockerfile, pullPolicy: 'build', shared: true }),
  }
}

/** @param {any[]} said */
function assertAllWell(said) {
  for (const { own, seen, told, ended } of said) {
    assert.deepEqual([own, seen, told], [true, 20, 'EXECUTABLE_NOT_FOUND'])
    assert.deepEqual(ended, [0, null])
  }
  const builders = said.filter(({ lines }) => lines > 0)
  assert.equal(builders.length, 1, 'one of them has built, for all')
}

test('fork: four processes at once, while their parent goes on', async () => {
  const env = environment()
  const before_ = heard
  const said = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const process_ = fork(forked, [], { env })
      const ended = once(process_, 'exit')
      const [told] = await once(process_, 'message')
      return { .../** @type {object} */ (told), ended: await ended }
    }),
  )
  assertAllWell(said)
  assert.ok(heard > before_ + 20, 'the parent’s own stream goes on')
})

test('cluster: a primary that has used dokeres, and its workers', async () => {
  const run = promisify(execFile)
  const { stdout, stderr } = await run(process.execPath, [forked, 'cluster'], {
    env: environment(),
    timeout: 30_000,
  })
  assert.equal(stderr, '')
  const said = JSON.parse(stdout)
  assert.equal(said.length, 5)
  assert.equal(new Set(said.map(({ pid }) => pid)).size, 5)
  assertAllWell(said.slice(0, 4))
})

test('fork: one that is killed in the middle takes nobody along', async () => {
  const env = environment()
  const processes = [1, 2, 3, 4].map(() => fork(forked, [], { env }))
  const outcomes = processes.map(async (process_) => {
    const ended = once(process_, 'exit')
    const told = await Promise.race([once(process_, 'message'), ended])
    return { told: told[0], ended: await ended }
  })
  setTimeout(() => processes[0]?.kill('SIGKILL'), 400)
  const [killed, ...others] = await Promise.all(outcomes)
  assert.deepEqual(killed?.ended, [null, 'SIGKILL'])
  for (const { told, ended } of others) {
    assert.deepEqual([told.own, told.seen, ended], [true, 20, [0, null]])
  }
  // It had no time to take its own along, and no reaper.
  const filters = { label: `${label}=processes` }
  for (const { Id } of await dokeres.containers.listAll({ filters })) {
    if (Id !== talker.id) await dokeres.containers.remove(Id, { force: true })
  }
  assert.ok((await dokeres.ping()).apiVersion)
})
