// The reaper: however a process dies, what its sessions made goes; nothing else does, and no helper stays.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { Dokeres } from '../index.js'
import { child } from './helpers/child.mjs'
import { api, assertNothingLeft, label, listByLabel } from './helpers/engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const labels = { [label]: 'reaper' }
const skip = process.platform === 'linux' ? false : 'looks into /proc'

after(() => assertNothingLeft(`${label}=reaper`))

const left = () => listByLabel(`${label}=reaper`)

/** @param {string} script @param {object} [options] */
const reaped = (script, options) => child({ options: { reaper: true, ...options }, labels, script })

/** The helpers that a process has started. @param {number} pid */
function helpersOf(pid) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((each) => {
      try {
        const stat = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
        const isHelper = readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('reaper.js')
        return isHelper && stat[0] !== 'Z' && Number(stat[1]) === pid
      } catch {
        return false
      }
    })
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    // Of a process that was killed the first thread may be gone before the others: it is not dead by then.
    const threads = readdirSync(`/proc/${pid}/task`).length
    return threads > 1 || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** @param {() => boolean | Promise<boolean>} condition @param {string} what */
async function until(condition, what, limit = 15_000) {
  const end = Date.now() + limit
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const allGone = () => until(async () => (await left()).length === 0, 'all containers are gone')

for (const how of /** @type {NodeJS.Signals[]} */ (['SIGKILL', 'SIGSEGV'])) {
  test(`${how}: its containers go, then the helper`, { skip }, async () => {
    const process_ = reaped(`
      await Promise.all([sleeping(), sleeping({ volumes: ['/data'] })])
      await image.container(null, { labels }).create()
      say('ready')
      forever()`)
    await process_.said(/ready/)
    const helpers = helpersOf(process_.pid)
    assert.equal(helpers.length, 1)
    assert.equal((await left()).length, 3)
    // What ends a whole terminal or service does not end the helper before its time.
    for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.kill(/** @type {number} */ (helpers[0]), signal)
    }
    process_.kill(how)
    assert.equal((await process_.ended).signal, how)
    await allGone()
    await until(() => !helpers.some(isRunning), 'the helper ends')
  })
}

test('a process that ends in good order is cleaned up after too', { skip }, async () => {
  const ends = /** @type {[string, number][]} */ ([
    ['', 0],
    ['process.exit(3)', 3],
    [`throw new Error('oh')`, 1],
  ])
  const codes = ends.map(
    async ([script]) => (await reaped(`await sleeping(); ${script}`).ended).code,
  )
  // Nothing of the helper’s keeps the process, or who reads its output.
  assert.deepEqual(
    await Promise.all(codes),
    ends.map(([, code]) => code),
  )
  await allGone()
})

test(
  'containers of others stay: those without a session, of other sessions, of other processes',
  {
    skip,
  },
  async () => {
    const plain = await new Dokeres().image(BASE).run(null, { labels }, 'sleep 300')
    const other = await new Dokeres({ session: true })
      .image(BASE)
      .run(null, { labels }, 'sleep 300')
    const survivor = reaped(`await sleeping(); say('ready'); forever()`)
    await survivor.said(/ready/)
    const process_ = reaped(`
    const own = await sleeping()
    const kept = await new Dokeres().image(process.env.DOKERES_TEST_BASE).run(null, { labels }, 'sleep 300')
    say('own', own.id, 'kept', kept.id, 'ready')
    forever()`)
    const [, own, kept] = await process_.said(/own (\w+) kept (\w+) ready/)
    process_.kill('SIGKILL')
    await until(async () => (await api('GET', `/containers/${own}/json`)).status === 404, 'it goes')
    // The helper looks again twice.
    await new Promise((resolve) => setTimeout(resolve, 3500))
    assert.equal((await left()).length, 4)
    assert.equal(await plain.isRunning, true)
    assert.equal(await other.isRunning, true)
    survivor.kill('SIGKILL')
    await until(async () => (await left()).length === 3, 'the other’s goes when it dies')
    for (const id of [kept, plain.id, other.id]) await api('DELETE', `/containers/${id}?force=1`)
  },
)

test(
  'one helper for a process, whatever it makes; none before it makes something',
  { skip },
  async () => {
    const process_ = reaped(`
    await dokeres.ping()
    say('nothing yet')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    const second = new Dokeres({ reaper: true }).image(process.env.DOKERES_TEST_BASE)
    await Promise.all([1, 2, 3].flatMap(() => [sleeping(), second.run(null, { labels }, 'sleep 300')]))
    const { Worker } = require('node:worker_threads')
    const source = \`
      const { Dokeres } = require(\${JSON.stringify(require.resolve(${JSON.stringify(
        new URL('../index.js', import.meta.url).pathname,
      )}))})
      new Dokeres({ reaper: true }).image(process.env.DOKERES_TEST_BASE)
        .run(null, { labels: \${JSON.stringify(labels)} }, 'sleep 300')\`
    await new Promise((resolve) => new Worker(source, { eval: true }).on('exit', resolve))
    say('ready')
    forever()`)
    await process_.said(/nothing yet/)
    assert.deepEqual(helpersOf(process_.pid), [])
    process_.write('on\n')
    await process_.said(/ready/)
    assert.equal(helpersOf(process_.pid).length, 1)
    // A worker’s end is not the process’s: what it made stays as long as that.
    assert.equal((await left()).length, 7)
    process_.kill('SIGKILL')
    await process_.ended
    await allGone()
  },
)

test('a helper that somebody killed has a successor', { skip }, async () => {
  const process_ = reaped(`
    await sleeping()
    say('first')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    await new Dokeres({ reaper: true }).image(process.env.DOKERES_TEST_BASE).run(null, { labels }, 'sleep 300')
    say('second')
    forever()`)
  await process_.said(/first/)
  const [first] = helpersOf(process_.pid)
  process.kill(/** @type {number} */ (first), 'SIGKILL')
  await until(() => !isRunning(/** @type {number} */ (first)), 'it is gone')
  process_.write('on\n')
  await process_.said(/second/)
  const [second] = helpersOf(process_.pid)
  assert.ok(second && second !== first)
  process_.kill('SIGKILL')
  // The first one’s session is the second one’s affair as well.
  await allGone()
})

test('killed in the middle of making containers', { skip }, async () => {
  const killed = [10, 60, 150].map((delay) =>
    reaped(`
      await sleeping()
      for (let n = 0; n < 4; n++) sleeping().catch(() => {})
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${delay})`),
  )
  for (const { ended } of killed) assert.equal((await ended).signal, 'SIGKILL')
  await allGone()
  await new Promise((resolve) => setTimeout(resolve, 3000))
  assert.deepEqual(await left(), [])
})

test('with cleanupOnExit as well: who comes first does it', { skip }, async () => {
  for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGTERM', 'SIGKILL'])) {
    const process_ = reaped(`await sleeping(); say('ready'); forever()`, { cleanupOnExit: true })
    await process_.said(/ready/)
    process_.kill(signal)
    const ended = await process_.ended
    assert.deepEqual([ended.signal, ended.stderr], [signal, ''])
    // At once where the process could do it.
    if (signal === 'SIGTERM') assert.deepEqual(await left(), [])
    else await allGone()
  }
})
