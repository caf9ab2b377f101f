// Stats, logs and events of many containers, in one stream.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { cuttable } from './helpers/cuttable.mjs'
import { until } from './helpers/until.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'monitor' }
const filters = { label: `${label}=monitor` }

after(() => assertNothingLeft(`${label}=monitor`))

test('all of those that run, those that start meanwhile, and none that do not fit', async () => {
  const early = await image.run(uniqueName('early'), { labels, init: true }, [
    'sh',
    '-c',
    'echo before; while :; do echo tick; sleep 0.1; done',
  ])
  await early.waitLog('before')
  const stranger = await image.run(null, { init: true }, ['sh', '-c', 'echo strange; sleep 300'])
  const stream = dokeres.containers.monitor(filters)
  /** @type {any[]} */
  const records = []
  const reading = stream.forEach((record) => void records.push(record))
  await stream._open()
  const late = await image.run(uniqueName('late'), { labels, init: true }, [
    'sh',
    '-c',
    'echo hello; echo oops >&2; sleep 300',
  ])
  const of = (/** @type {any} */ container, /** @type {string} */ type) =>
    records.filter((record) => record.type === type && record.container.id === container)
  const [earlyId, lateId] = [early.id, late.id]
  for (const id of [earlyId, lateId]) {
    await until(() => of(id, 'stats').length > 1 && of(id, 'log').length > 1)
  }
  const newName = uniqueName('renamed')
  await late.rename(newName)
  await late.remove({ force: true })
  await until(() => of(lateId, 'event').some(({ event }) => event.Action === 'destroy'))
  await stream.close()
  await reading

  assert.deepEqual(
    new Set(records.map(({ container }) => container.id)),
    new Set([earlyId, lateId]),
    'nobody else',
  )
  // From now on, of one that ran already; from its start, of one that was started.
  assert.ok(of(earlyId, 'log').every(({ line }) => line === 'tick'))
  assert.deepEqual(
    of(lateId, 'log')
      .map(({ stream, line }) => [stream, line])
      .sort(),
    [
      ['stderr', 'oops'],
      ['stdout', 'hello'],
    ],
  )
  const actions = of(lateId, 'event').map(({ event }) => event.Action)
  assert.deepEqual(actions, ['create', 'start', 'rename', 'kill', 'die', 'destroy'])
  assert.equal(of(lateId, 'event').at(-1).container.name, newName)
  for (const { stats, container } of of(earlyId, 'stats')) {
    assert.ok(stats.cpuPercent >= 0 && stats.memory.usage > 0 && stats.memory.limit > 0)
    assert.equal(stats.id, container.id)
    assert.ok(!('raw' in stats))
  }
  const alive = records.lastIndexOf(of(lateId, 'stats').at(-1))
  const died = records.findIndex(
    ({ event, container }) => container.id === lateId && event?.Action === 'destroy',
  )
  assert.ok(alive < died, 'no stats of one that is gone')
  await Promise.all([early, stranger].map((container) => container.remove({ force: true })))
})

test('only what is asked for: tail, raw; what is wrong with options', async () => {
  const container = await image.run(null, { labels, init: true }, [
    'sh',
    '-c',
    'echo one; echo two; echo three; sleep 300',
  ])
  await container.waitLog('three')
  const logs = { stats: false, events: false, tail: 2 }
  const lines = []
  for await (const record of dokeres.monitor(filters, logs)) {
    assert.equal(record.type, 'log')
    lines.push(record.line)
    if (lines.length === 2) break
  }
  assert.deepEqual(lines, ['two', 'three'])
  for await (const record of dokeres.monitor(filters, { logs: false, events: false, raw: true })) {
    assert.equal(record.type, 'stats')
    assert.ok(record.stats.raw.cpu_stats)
    break
  }
  await container.remove({ force: true })
  assert.throws(() => dokeres.monitor(filters, { log: true }), {
    code: 'INVALID_OPTION',
    path: 'log',
  })
  assert.throws(() => dokeres.monitor('all'), { code: 'INVALID_OPTION', path: 'filters' })
  await assert.rejects(dokeres.monitor({ nonsense: 'x' }).collect(), { code: 'BAD_REQUEST' })
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)
  await assert.rejects(dokeres.monitor(null, { signal }).collect(), reason)
})

test('logs that cannot be read are told of, once, and the rest goes on', async () => {
  const extra = { HostConfig: { LogConfig: { Type: 'none' } } }
  const container = await image.run(null, { labels, init: true, extra }, 'sleep 300')
  const seen = []
  for await (const record of dokeres.monitor(filters)) {
    seen.push(record)
    if (seen.filter(({ type }) => type === 'stats').length === 3) break
  }
  const errors = seen.filter(({ type }) => type === 'error')
  assert.equal(errors.length, 1)
  const [{ source, error }] = errors
  assert.equal(source, 'logs')
  assert.equal(error.code, 'NOT_SUPPORTED')
  assert.match(error.message, /logging driver|log driver/)
  await container.remove({ force: true })
})

test('through cut connections: every line and event once, and stats go on', async () => {
  const way = await cuttable()
  try {
    const stream = new Dokeres(way.path).monitor(filters)
    /** @type {any[]} */
    const records = []
    const reading = stream.forEach((record) => void records.push(record))
    await stream._open()
    const script = `n=0; while [ $n -lt 60 ]; do n=$((n + 1)); echo line $n; sleep 0.02; done`
    const containers = []
    for (let round = 0; round < 4; round++) {
      const at = sleep(150)
      containers.push(await image.run(null, { labels }, ['sh', '-c', script]))
      await at
      way.cut()
      await sleep(50 * round)
      way.mend()
    }
    await Promise.all(containers.map((container) => container.wait()))
    const ids = containers.map(({ id }) => id)
    const of = (/** @type {string} */ id, /** @type {string} */ type) =>
      records.filter((record) => record.type === type && record.container.id === id)
    const tell = () => ids.map((id) => [of(id, 'log').length, of(id, 'event').length])
    await until(() => ids.every((id) => of(id, 'log').length >= 60), tell)
    await until(() => ids.every((id) => of(id, 'event').length >= 3), tell)
    await Promise.all(containers.map((container) => container.remove()))
    await until(() => ids.every((id) => of(id, 'event').length >= 4), tell)
    for (const id of ids) {
      assert.deepEqual(
        of(id, 'log').map(({ line }) => line),
        Array.from({ length: 60 }, (_, n) => `line ${n + 1}`),
      )
      assert.deepEqual(
        of(id, 'event').map(({ event }) => event.Action),
        ['create', 'start', 'die', 'destroy'],
      )
    }
    await stream.close()
    await reading
  } finally {
    way.close()
  }
})
