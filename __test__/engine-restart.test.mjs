// An engine that is restarted under open events, logs, stats and waits: what can go on goes on, with
// nothing lost and nothing twice; what cannot says so at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../index.js'
import { ownEngine } from './helpers/own-engine.mjs'

const endless = 'n=0; while :; do n=$((n + 1)); echo line $n; sleep 0.02; done'

/** What came of a promise, without waiting for ever. @param {Promise<unknown>} promise */
const outcome = (promise) =>
  Promise.race([
    promise.then(
      () => 'resolved',
      (error) => error.code ?? error,
    ),
    sleep(10_000, 'still pending', { ref: false }),
  ])

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
  test(`${signal}, containers live on: followed logs, monitor and events go on`, async () => {
    const engine = await ownEngine('--live-restore')
    try {
      const own = new Dokeres(engine.host)
      const image = own.image(engine.image)
      const container = await image.run('ticker', { init: true }, ['sh', '-c', endless])
      await container.waitLog('line 3')

      const lines = []
      const follow = container.logs({ follow: true, restarts: true })
      const following = (async () => {
        for await (const line of follow.lines()) lines.push(line)
      })()
      const merged = []
      const all = own.logs({ name: 'ticker' }, { follow: true })
      const merging = all.forEach(({ line }) => void merged.push(line))
      const kinds = new Set()
      const monitor = own.monitor(null)
      const monitoring = monitor.forEach(({ type }) => void kinds.add(type))
      const events = own.events({ filters: { type: 'container', event: 'create' } })
      const created = []
      const listening = events.forEach(({ Actor }) => void created.push(Actor.Attributes.name))
      const short = outcome(container.logs({ follow: true }).collect())
      const wait = outcome(container.wait())
      while (lines.length < 20 || merged.length < 20) await sleep(20)

      await engine.stop(signal)
      // Neither is a quiet success: the container lives.
      assert.equal(await short, 'STREAM_TRUNCATED')
      assert.equal(await wait, 'STREAM_TRUNCATED')
      await assert.rejects(container.inspect(), { code: 'ENGINE_UNREACHABLE' })
      kinds.clear()
      await engine.start()
      await image.container('other', {}, 'true').create()
      const enough = lines.length + 50
      while (lines.length < enough || merged.length < enough) await sleep(20)
      while (!['stats', 'log', 'event'].every((kind) => kinds.has(kind))) await sleep(20)

      await container.remove({ force: true })
      await following
      for (const seen of [lines, merged]) {
        assert.deepEqual(
          seen,
          seen.map((_, n) => `line ${n + 1}`),
        )
      }
      assert.deepEqual(created, ['other'])
      await Promise.all([all, monitor, events].map((stream) => stream.close()))
      await Promise.all([merging, monitoring, listening])
    } finally {
      await engine.close()
    }
  })
}

test('SIGKILL, containers are started again: their logs go on with the next run', async () => {
  const engine = await ownEngine()
  try {
    const own = new Dokeres(engine.host)
    const options = { init: true, restart: /** @type {const} */ ('always') }
    const script = `n=$(cat /n 2>/dev/null || echo 0)
      while :; do n=$((n + 1)); echo $n > /n; echo line $n; sleep 0.02; done`
    const container = await own.image(engine.image).run('ticker', options, ['sh', '-c', script])
    const wait = outcome(container.wait())
    const lines = []
    const follow = container.logs({ follow: true, restarts: true })
    const following = (async () => {
      for await (const line of follow.lines()) lines.push(line)
    })()
    while (lines.length < 20) await sleep(20)
    await engine.stop('SIGKILL')
    assert.equal(await wait, 'STREAM_TRUNCATED')
    await engine.start()
    const enough = lines.length + 50
    while (lines.length < enough) await sleep(20)
    await container.remove({ force: true })
    await following
    assert.equal(new Set(lines).size, lines.length, 'nothing twice')
    // What was written while no engine read it is in no log; what was recorded has all come.
    const numbers = lines.map((line) => Number(line.slice(5)))
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    )
  } finally {
    await engine.close()
  }
})
