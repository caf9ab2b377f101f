// What a container uses, held against what the docker CLI shows.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'stats' }
/** @type {any} */
let busy

before(async () => {
  // Half a processor, and not more, whatever else the machine does; memory of its own.
  const options = { labels, cpus: 0.5, memory: '64m' }
  busy = await image.run(null, options, [
    'sh',
    '-c',
    'x=$(yes | head -c 4000000); while :; do :; done',
  ])
})

after(async () => {
  await busy?.remove({ force: true })
  await assertNothingLeft(`${label}=stats`)
})

test('a sample is what the docker CLI shows', async () => {
  const [sample, shown] = await Promise.all([busy.stats(), cli(busy.id)])
  assert.ok(
    Math.abs(sample.cpuPercent - parseFloat(shown.CPUPerc)) < 25,
    `${sample.cpuPercent} ${shown.CPUPerc}`,
  )
  assert.ok(sample.cpuPercent > 5 && sample.cpuPercent < 75, `${sample.cpuPercent}`)
  assert.ok(Math.abs(sample.memory.percent - parseFloat(shown.MemPerc)) < 3)
  const [usage, limit] = shown.MemUsage.split(' / ').map(bytes)
  assert.ok(Math.abs(sample.memory.usage - usage) < 2e6, `${sample.memory.usage} ${shown.MemUsage}`)
  assert.equal(sample.memory.limit, limit)
  assert.equal(sample.memory.limit, 64 << 20)
  const [rx, tx] = shown.NetIO.split(' / ').map(bytes)
  assert.ok(Math.abs(sample.net.rx - rx) < 5000 && Math.abs(sample.net.tx - tx) < 5000)
  assert.deepEqual(Object.keys(sample.net.interfaces), ['eth0'])
  assert.equal(sample.net.interfaces.eth0.rx, sample.net.rx)
  const [read, write] = shown.BlockIO.split(' / ').map(bytes)
  assert.ok(Math.abs(sample.block.read - read) < 1e6 && Math.abs(sample.block.write - write) < 1e6)
  assert.equal(sample.pids, Number(shown.PIDs))
  assert.equal(sample.id, busy.id)
  assert.equal(sample.name, shown.Name)
  assert.ok(Math.abs(Date.parse(sample.read) - Date.now()) < 10_000)
})

test("the engine's own JSON is there whole, as an object, as text, or not", async () => {
  const [parsed, text, none] = await Promise.all([
    busy.stats(),
    busy.stats({ raw: 'text' }),
    busy.stats({ raw: false }),
  ])
  assert.equal(parsed.raw.memory_stats.limit, 64 << 20)
  assert.ok(parsed.raw.cpu_stats.throttling_data)
  assert.equal(typeof text.raw, 'string')
  assert.equal(JSON.parse(text.raw).name, `/${text.name}`)
  assert.ok(!('raw' in none))
})

test('a stream gives a sample a second, and none that has nothing to be compared with', async () => {
  const began = performance.now()
  const samples = []
  await busy.statsStream().forEach((sample) => samples.push(sample) < 3)
  const seconds = (performance.now() - began) / 1000
  assert.ok(seconds > 2 && seconds < 9, `${seconds} s`)
  for (const { cpuPercent, memory } of samples) {
    assert.ok(Number.isFinite(cpuPercent) && cpuPercent > 1 && cpuPercent < 75, `${cpuPercent}`)
    assert.ok(memory.percent > 0 && memory.percent < 100)
  }
  assert.equal(new Set(samples.map((sample) => sample.read)).size, 3)
})

test('of a container that does not run: nothing; a stream goes on when it starts, ends when it is removed', async () => {
  const container = await image.container(null, { labels }, 'sleep 300').create()
  const rest = await container.stats()
  assert.equal(rest.cpuPercent, 0)
  assert.deepEqual(rest.memory, { usage: 0, limit: 0, percent: 0 })
  const stream = container.statsStream()
  const first = stream[Symbol.asyncIterator]()
  const waiting = first.next()
  await container.start()
  const { value } = await waiting
  assert.ok(value.memory.limit > 0 && Number.isFinite(value.cpuPercent))
  await container.remove({ force: true })
  let step
  do step = await first.next()
  while (!step.done)
  await assert.rejects(container.stats(), { code: 'NO_CONTAINER' })
})

test('a container that is not there, an option that is not, an abort', async () => {
  const gone = await image.container(null, { labels }, 'true').create()
  await (await dokeres.container(gone.id)).remove()
  await assert.rejects(gone.stats(), { code: 'CONTAINER_NOT_FOUND' })
  await assert.rejects(gone.statsStream().collect(), { code: 'CONTAINER_NOT_FOUND' })
  await assert.rejects(busy.stats({ raw: 'yes' }), { code: 'INVALID_OPTION', path: 'raw' })
  assert.throws(() => busy.statsStream({ row: true }), { code: 'INVALID_OPTION', path: 'row' })
  const reason = new Error('enough')
  const stop = new AbortController()
  setTimeout(() => stop.abort(reason), 100)
  await assert.rejects(busy.stats({ signal: stop.signal }), reason)
  await assert.rejects(busy.statsStream({ signal: stop.signal }).collect(), reason)
})

test('what other engines send: cgroup v2, counters beyond 2^53, fields that are missing', async () => {
  // The engine at hand has cgroup v1; what v2 looks like is recorded from another.
  const v2 =
    `{"name":"/web","id":"0c1f","read":"2025-06-01T10:00:02.5Z","preread":"2025-06-01T10:00:01.5Z",
    "pids_stats":{"current":7,"limit":18446744073709551615},
    "blkio_stats":{"io_service_bytes_recursive":[{"op":"read","value":1000},{"op":"write","value":500}]},
    "cpu_stats":{"cpu_usage":{"total_usage":9007199254740993000},"system_cpu_usage":9107199254740993000,"online_cpus":8},
    "precpu_stats":{"cpu_usage":{"total_usage":9007199254740992000},"system_cpu_usage":9107199254740985000},
    "memory_stats":{"usage":100000000,"stats":{"inactive_file":30000000},"limit":1000000000}}\n`.replaceAll(
      '\n    ',
      '',
    )
  const engine = await fakeEngine((request, response) => {
    const path = request.url ?? ''
    if (path.includes('/stats')) response.end(v2)
    else if (path.includes('/json'))
      response.end('{"Id":"0c1f","Name":"/web","Config":{"Image":"a"},"State":{}}')
    else response.end('{}')
  })
  try {
    const container = await new Dokeres(engine.socketPath).container('web')
    const sample = await container.stats({ raw: 'text' })
    assert.equal(sample.cpuPercent, 100)
    assert.deepEqual([sample.memory.usage, sample.memory.limit], [7e7, 1e9])
    assert.equal(sample.memory.percent.toFixed(3), '7.000')
    assert.deepEqual(sample.block, { read: 1000, write: 500 })
    assert.deepEqual(sample.net, { rx: 0, tx: 0, interfaces: {} })
    assert.ok(sample.raw.includes('"limit":18446744073709551615'))
  } finally {
    await engine.close()
  }
})

/** @param {string} id */
async function cli(id) {
  const { stdout } = await promisify(execFile)('docker', [
    'stats',
    '--no-stream',
    '--format',
    '{{json .}}',
    id,
  ])
  return JSON.parse(stdout)
}

/** @param {string} text `4.1kB`, `64MiB` */
function bytes(text) {
  const [, number, unit] = /^([\d.]+)(.*)$/.exec(text) ?? []
  const kilo = unit.includes('i') ? 1024 : 1000
  return Number(number) * kilo ** 'BkMGT'.indexOf(unit[0] === 'K' ? 'k' : unit[0])
}
