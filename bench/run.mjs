// `npm run bench`: dokeres beside dockerode, on the same engine, each the same work. A table of
// medians; lower is better. One process measures one thing after the other, so neither disturbs.
import { createRequire } from 'node:module'
import { PassThrough } from 'node:stream'
import { Dokeres } from 'dokeres'

const require = createRequire(import.meta.url)
/** @type {any} */
const Docker = require('dockerode')

const base = process.env.DOKERES_TEST_BASE ?? 'busybox'
const dokeres = new Dokeres()
await dokeres.ping()
const address = new URL(dokeres.endpoint.url ?? '')
const docker =
  address.protocol === 'unix:'
    ? new Docker({ socketPath: address.pathname })
    : new Docker({ host: address.hostname, port: address.port })

const image = dokeres.image(base)
await image.ensure()
const LINES = [
  'sh',
  '-c',
  'i=0; while [ $i -lt 20000 ]; do echo "line $i of the output"; i=$((i+1)); done',
]
const writer = await image.run(null, {}, LINES)
await writer.wait()

try {
  await compare(
    'ping',
    300,
    () => dokeres.ping(),
    () => docker.ping(),
  )
  await compare(
    'inspect an image',
    300,
    () => image.inspect(),
    () => docker.getImage(base).inspect(),
  )
  await compare(
    '50 inspects at once',
    20,
    () => Promise.all(Array.from({ length: 50 }, () => image.inspect())),
    () => Promise.all(Array.from({ length: 50 }, () => docker.getImage(base).inspect())),
  )
  await compare(
    'read 20 000 lines of logs',
    10,
    () => writer.logs().collect(),
    () => readLogs(docker.getContainer(writer.id)),
  )
  await compare(
    'run `true` to its end',
    8,
    () => image.task(['true']),
    () => runToEnd(['true']),
  )
} finally {
  await writer.remove({ force: true })
}

/**
 * @param {string} title @param {number} rounds
 * @param {() => Promise<unknown>} ours @param {() => Promise<unknown>} theirs
 */
async function compare(title, rounds, ours, theirs) {
  const [own, other] = [await median(rounds, ours), await median(rounds, theirs)]
  const factor = (other / own).toFixed(2)
  const [left, right] = [own, other].map((ms) => `${ms.toFixed(2)} ms`.padStart(12))
  console.log(`${title.padEnd(28)} dokeres ${left}   dockerode ${right}   ×${factor}`)
}

/** @param {number} rounds @param {() => Promise<unknown>} work */
async function median(rounds, work) {
  for (let warm = 0; warm < Math.min(rounds, 5); warm++) await work()
  const times = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[times.length >> 1]
}

/** @param {any} container */
async function readLogs(container) {
  const raw = await container.logs({ follow: true, stdout: true, stderr: true })
  return gather(raw, (stdout, stderr) => docker.modem.demuxStream(raw, stdout, stderr))
}

/** What `task` does, as dockerode's guide has it. @param {string[]} command */
async function runToEnd(command) {
  const container = await docker.createContainer({ Image: base, Cmd: command })
  const raw = await container.attach({ stream: true, stdout: true, stderr: true })
  const output = gather(raw, (stdout, stderr) => docker.modem.demuxStream(raw, stdout, stderr))
  const ended = container.wait({ condition: 'next-exit' })
  await container.start()
  await Promise.all([ended, output])
  await container.remove()
}

/**
 * @param {import('node:stream').Readable} raw
 * @param {(stdout: PassThrough, stderr: PassThrough) => void} demux
 * @returns {Promise<string>}
 */
function gather(raw, demux) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  /** @type {Buffer[]} */
  const parts = []
  for (const stream of [stdout, stderr]) stream.on('data', (part) => parts.push(part))
  demux(stdout, stderr)
  return new Promise((resolve, reject) => {
    raw.once('end', () => resolve(Buffer.concat(parts).toString()))
    raw.once('error', reject)
  })
}
