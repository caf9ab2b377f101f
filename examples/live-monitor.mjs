// What containers are doing, in a table that is drawn anew each second: `node live-monitor.mjs [label[=value]]`,
// `q` to leave. Where there is no terminal it writes lines; with `--once` the table as it is, and ends.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { Dokeres } from 'dokeres'

const { values, positionals } = parseArgs({
  options: { once: { type: 'boolean' } },
  allowPositionals: true,
})
const filters = positionals.length > 0 ? { label: positionals } : null
const { stdin, stdout } = process
const isDrawn = Boolean(stdout.isTTY) && !values.once

const header = ['NAME', 'STATE', 'CPU %', 'MEM', 'NET I/O', 'PIDS', 'LAST LOG LINE']
// The least that each takes, so that columns do not move about with every number.
const widths = [12, 8, 6, 8, 17, 4, 0]

const dokeres = new Dokeres()
/** @type {Map<string, { stats?: import('dokeres').StatsSample, line?: string }>} */
const known = new Map()
/** @type {string[][]} */
let rows = []
let trouble = ''

/** What is known of those that run now. */
async function table() {
  const running = await dokeres.containers.list({ filters })
  for (const id of known.keys()) if (!running.some(({ Id }) => Id === id)) known.delete(id)
  return running.map(({ Id, Names, State, Status }) => {
    const { stats, line = '' } = known.get(Id) ?? {}
    const health = /\((?:health: )?([a-z]+)\)/.exec(Status)?.[1]
    const numbers = stats
      ? [stats.cpuPercent.toFixed(1), bytes(stats.memory.usage), traffic(stats), `${stats.pids}`]
      : ['…', '…', '…', '…']
    return [Names[0]?.slice(1) ?? Id, health ?? State, ...numbers, line].map(harmless)
  })
}

/** @param {import('dokeres').StatsSample} stats */
const traffic = ({ net }) => `${bytes(net.rx)}/${bytes(net.tx)}`

/** @param {number} count */
function bytes(count) {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(count, 1)) / 10))
  return `${(count / 1024 ** power).toFixed(power && 1)}${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`
}

/** Whatever a container says, it does not steer the terminal. @param {string} text */
function harmless(text) {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
}

/** The header and the rows, in columns. */
function lines() {
  const all = [header, ...rows]
  const wide = widths.map((least, at) => Math.max(least, ...all.map((row) => row[at]?.length ?? 0)))
  const cell = (/** @type {string} */ text, /** @type {number} */ at) =>
    at > 1 && at < 6 ? text.padStart(wide[at] ?? 0) : text.padEnd(wide[at] ?? 0)
  return all.map((row) => row.map(cell).join('  ').trimEnd())
}

function draw() {
  const title = trouble || `containers: ${rows.length}, at ${dokeres.name}; q to leave`
  const [head = '', ...body] = [title, ...lines()].map((line) =>
    [...line].slice(0, stdout.columns).join(''),
  )
  // From the top: each line over what was there, then nothing below.
  const screen = [`\x1b[1m${head}\x1b[0m`, ...body].slice(0, stdout.rows)
  stdout.write(`\x1b[H${screen.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`)
}

await dokeres.ping()
const leaving = new AbortController()
const leave = () => leaving.abort()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, leave)
stdout.on('error', leave)
const stream = dokeres.monitor(filters, { events: false, tail: 1 })
/** @type {unknown} */
let failure
const reading = stream.forEach((record) => {
  const one = known.get(record.container.id) ?? {}
  if (record.type === 'stats') one.stats = record.stats
  if (record.type === 'log') one.line = record.line
  known.set(record.container.id, one)
})
reading.catch((error) => (failure = error))
try {
  if (isDrawn) {
    // Another screen, no cursor, and what is too wide is cut.
    stdout.write('\x1b[?1049h\x1b[?25l\x1b[?7l')
    stdout.on('resize', draw)
    if (stdin.isTTY) stdin.setRawMode(true)
    stdin.on('data', (key) => ['q', '\x03'].includes(String(key)) && leave())
  }
  for (let round = 0; !leaving.signal.aborted; round++) {
    try {
      if (failure) throw failure
      rows = await table()
      trouble = ''
    } catch (error) {
      // An engine that is being restarted comes back.
      if (!isDrawn) throw error
      trouble = harmless(String(error))
    }
    const isMeasured = rows.every(([, , cpu]) => cpu !== '…') || round > 4
    if (isDrawn) draw()
    else if (isMeasured) for (const line of lines()) console.log(line)
    if (values.once && isMeasured) break
    await sleep(1000, null, { signal: leaving.signal }).catch(() => {})
  }
} finally {
  if (isDrawn) stdout.write('\x1b[?7h\x1b[?25h\x1b[?1049l')
  if (stdin.isTTY) stdin.setRawMode(false)
  stdin.pause()
  await stream.close()
}
