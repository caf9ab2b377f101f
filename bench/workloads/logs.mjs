// A container's output, read from its log: as chunks, as lines, and filtered by JavaScript.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { counter, sink } from '../lib/gather.mjs'
import { curl, docker, program } from '../lib/tools.mjs'
import { workloads } from '../lib/workload.mjs'

/** @typedef {import('../lib/workload.mjs').Run} Run */
/**
 * How a client reads it all.
 * @typedef {object} Reader
 * @property {(client: any, id: string) => Promise<number>} bytes
 * @property {(client: any, id: string, take: (line: string) => void) => Promise<void>} lines
 * @property {(client: any, id: string) => Promise<string>} tail the last lines
 */

const TAIL = 1000
const WANTED = /77x/
const ALL = { stdout: true, stderr: true }

/** @type {Reader} */
const dokeres = {
  bytes: async (client, id) => {
    let bytes = 0
    for await (const { data } of (await client.container(id)).logs()) bytes += data.length
    return bytes
  },
  lines: async (client, id, take) => {
    for await (const line of (await client.container(id)).logs().lines()) take(line)
  },
  tail: async (client, id) => (await client.container(id)).logs({ tail: TAIL }).text(),
}

/** @type {Reader} */
const dockerode = {
  bytes: async (client, id) => {
    // Without `follow` it gathers all of it in memory.
    const stream = await client.getContainer(id).logs({ ...ALL, follow: true })
    const { stream: out, counted } = counter()
    client.modem.demuxStream(stream, out, out)
    await finished(stream, { writable: false })
    return counted.bytes
  },
  lines: async (client, id, take) => {
    const stream = await client.getContainer(id).logs({ ...ALL, follow: true })
    const out = new PassThrough()
    client.modem.demuxStream(stream, out, out)
    stream.once('end', () => out.end())
    for await (const line of createInterface({ input: out })) take(line)
  },
  tail: async (client, id) => {
    const stream = await client.getContainer(id).logs({ ...ALL, follow: true, tail: TAIL })
    const out = sink()
    client.modem.demuxStream(stream, out.stream, out.stream)
    await finished(stream, { writable: false })
    return out.text()
  },
}

/** @type {Reader} */
const sdk = {
  bytes: async (client, id) => {
    const { stream, counted } = counter()
    await client.containerLogs(id, stream, stream, ALL)
    return counted.bytes
  },
  lines: async (client, id, take) => {
    // Its own `Logger` prints all that goes through it.
    const out = new PassThrough()
    const read = client.containerLogs(id, out, out, ALL).finally(() => out.end())
    for await (const line of createInterface({ input: out })) take(line)
    await read
  },
  tail: async (client, id) => {
    const out = sink()
    await client.containerLogs(id, out.stream, out.stream, { ...ALL, tail: `${TAIL}` })
    return out.text()
  },
}

/** The last lines are what was written. @param {Run} run @param {string} text */
function checkTail({ facts: { logs } }, text) {
  const lines = text.split('\n')
  assert.equal(lines.length, Math.min(TAIL, logs.lines) + 1)
  for (const [index, line] of lines.slice(0, -1).entries()) {
    const number = logs.lines - (lines.length - 1) + index
    assert.equal(line, `${number}`.padStart(8, '0') + 'x'.repeat(91))
  }
}

/** @param {Reader} reader @returns {import('../lib/workload.mjs').Measured} */
const chunks = (reader) => async (run) => {
  const { id, bytes } = run.facts.logs
  assert.equal(await run.measure(() => reader.bytes(run.client, id)), bytes)
  checkTail(run, await reader.tail(run.client, id))
}

/** @param {Reader} reader @returns {import('../lib/workload.mjs').Measured} */
const lines = (reader) => async (run) => {
  const { id, lines: expected, bytes } = run.facts.logs
  let [count, length] = [0, 0]
  await run.measure(() =>
    reader.lines(run.client, id, (line) => {
      count++
      length += line.length
    }),
  )
  assert.deepEqual([count, length], [expected, bytes - expected])
}

/** @param {Reader} reader @returns {import('../lib/workload.mjs').Measured} */
const filter = (reader) => async (run) => {
  const { id, lines: total } = run.facts.logs
  let found = 0
  await run.measure(() =>
    reader.lines(run.client, id, (line) => {
      if (WANTED.test(line)) found++
    }),
  )
  assert.equal(found, Math.floor(total / 100) + (total % 100 > 77 ? 1 : 0))
}

/** @param {string} id */
const path = (id) => `/containers/${id}/logs?stdout=1&stderr=1`

const common = { needs: { logs: 300e6 }, share: 1 / 3, figure: /** @type {const} */ ('wall') }
const bound = 'the engine, which decodes its JSON log file'

export default workloads(
  {
    ...common,
    name: 'logs-chunks',
    title: '300 MB of log lines, as chunks',
    seconds: 90,
    bound,
    clients: {
      dokeres: chunks(dokeres),
      dockerode: chunks(dockerode),
      sdk: chunks(sdk),
      cli: async (run) => {
        const { id, bytes } = run.facts.logs
        const read = (/** @type {string} */ count) =>
          program('bash', ['-o', 'pipefail', '-c', `docker logs "$1" 2>&1 | ${count}`, 'sh', id])
        assert.equal(Number(await run.measure(() => read('wc -c'))), bytes)
        checkTail(run, await docker(['logs', '--tail', `${TAIL}`, id]))
      },
      limit: async (run) => {
        const { id, bytes, lines: frames } = run.facts.logs
        const read = await run.measure(() => curl(path(id)))
        assert.equal(read, bytes + 8 * frames)
      },
    },
  },
  {
    ...common,
    name: 'logs-lines',
    title: '300 MB of log lines, as lines',
    seconds: 60,
    limitOf: 'logs-chunks',
    bound: `${bound}; then a string for each line, on the JavaScript thread`,
    clients: {
      dokeres: lines(dokeres),
      dockerode: lines(dockerode),
      sdk: lines(sdk),
      cli: 'has no lines',
    },
  },
  {
    ...common,
    name: 'logs-filter',
    title: '300 MB of log lines, filtered by a RegExp',
    seconds: 60,
    limitOf: 'logs-chunks',
    bound: `${bound}; then the lines and the RegExp, on the JavaScript thread`,
    clients: {
      dokeres: filter(dokeres),
      dockerode: filter(dockerode),
      sdk: filter(sdk),
      cli: 'has no filter',
    },
  },
)
