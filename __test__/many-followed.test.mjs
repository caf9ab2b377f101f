// Two hundred containers at once. It takes a while: engines start and remove a handful a second.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'many' }
const filters = { label: `${label}=many` }

after(() => assertNothingLeft(`${label}=many`))

/** Waits, but not for ever. @param {() => boolean} condition @param {() => unknown} tell */
async function until(condition, tell) {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 1500, `it did not come to that: ${tell()}`)
    await sleep(20)
  }
}

const figures = () => ({
  descriptors: readdirSync('/proc/self/fd').length,
  megabytes: process.memoryUsage().rss / 2 ** 20,
  threads: Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]),
})

test('200 containers followed at once: all they write, bounded memory, nothing left', async (context) => {
  const count = 200
  const before = figures()
  // All in one's network: they start sooner so, and engines before 25 may lock up when many leave a network.
  const first = await image.run(null, { labels: { [label]: 'network' }, network: 'none' }, [
    'sleep',
    '300',
  ])
  const options = { labels, network: `container:${first.id}` }
  const script = `i=0; while [ $i -lt 50 ]; do i=$((i + 1)); echo line $i; done; exec sleep 300`
  const made = await batches(count, () => image.run(null, options, ['sh', '-c', script]))
  const ids = made.map(({ id }) => id)
  try {
    const seen = new Map(ids.map((id) => [id, 0]))
    const merged = dokeres.logs(made, { follow: true, restarts: true })
    const following = merged.forEach(({ container, line }) => {
      const n = (seen.get(container.id) ?? 0) + 1
      assert.equal(line, `line ${n}`)
      seen.set(container.id, n)
    })
    // And each by itself.
    const own = made.map((container) => container.logs({ follow: true }))
    let lines = 0
    const reading = own.map((stream) =>
      stream.forEach(({ data }) => void (lines += newlines(data))),
    )
    const monitor = dokeres.monitor(filters, { logs: false })
    const sampled = new Set()
    const monitoring = monitor.forEach(({ container }) => void sampled.add(container.id))
    await until(
      () =>
        lines === count * 50 && [...seen.values()].every((n) => n === 50) && sampled.size === count,
      () => `${lines} lines, ${sampled.size} sampled`,
    )
    const during = figures()
    context.diagnostic(`${JSON.stringify(before)} ${JSON.stringify(during)}`)
    // A connection each for two logs and for stats, and the pool's.
    assert.ok(during.descriptors < before.descriptors + 3 * count + 40, `${during.descriptors}`)
    assert.ok(during.megabytes < before.megabytes + 150, `${during.megabytes} MiB`)
    assert.ok(during.threads < before.threads + 20, `${during.threads}`)
    await Promise.all([merged, monitor, ...own].map((stream) => stream.close()))
    await Promise.all([following, monitoring, ...reading])
    const limit = before.descriptors + 40
    await until(
      () => figures().descriptors < limit,
      () => figures().descriptors,
    )
  } finally {
    let next = 0
    await batches(count, () => made[next++].remove({ force: true }))
    await first.remove({ force: true })
  }
})

/** @param {Buffer} data */
const newlines = (data) => data.reduce((count, byte) => count + Number(byte === 10), 0)

/**
 * A few at once: the engine is asked for other things besides.
 * @template T
 * @param {number} count
 * @param {() => Promise<T>} work
 */
async function batches(count, work) {
  /** @type {T[]} */
  const done = []
  let left = count
  const worker = async () => {
    while (left-- > 0) done.push(await work())
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return done
}
