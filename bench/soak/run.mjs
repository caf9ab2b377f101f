// `npm run soak -- [--minutes 10] [--seed N] [--only WORD] [--share 1]`: every workload, in an order of chance and many
// at a time, a third of them aborted; the first time through warms up. It fails where anything is not as it
// was: memory, descriptors, threads, listeners, handles, the engine's goroutines and what is on it, files.
import { spawnSync } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Dokeres } from 'dokeres'
import { census, details, goroutines, goroutinesGrown, grown } from './census.mjs'
import { dice } from './dice.mjs'
import { turn } from './turn.mjs'
import { mostRss, table, trend } from './verdict.mjs'
import { workloads } from './workloads/all.mjs'
import { makeWorld } from './world.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    only: { type: 'string' },
    share: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '8' },
  },
})
const seed = Number(values.seed)
const atOnce = Number(values['at-once'])
const lasts = Number(values.minutes) * 60_000
/** From one census to the next. */
const ROUND = Math.min(30_000, Math.max(4000, lasts / 4))
const order = dice(seed)
const named = workloads.filter(({ name }) => !values.only || name.includes(values.only))
/** Some only, by chance, where there is little time. */
const chosen = order.shuffled(named).slice(0, Math.ceil(named.length * Number(values.share)))
if (process.platform !== 'linux' || !globalThis.gc) {
  throw new Error('it reads /proc, and wants node --expose-gc: say npm run soak')
}

const world = await makeWorld()
const had = await world.inventory()
const temporary = mkdtempSync(join(tmpdir(), 'dokeres-soak-'))
const usual = tmpdir()
process.env.TMPDIR = temporary
const shared = new AbortController().signal
// Many wait on it at once; what counts is that none stays.
setMaxListeners(0, shared)
/** @type {Map<string, import('./verdict.mjs').Tally>} */
const tallies = new Map()
/** @type {Set<string>} */
const failures = new Set()
/** @param {string} text */
const fails = (text) => {
  if (!failures.has(text)) console.log(`FAILS ${text}`)
  failures.add(text)
}
for (const kind of /** @type {const} */ (['unhandledRejection', 'uncaughtException'])) {
  process.on(kind, (/** @type {any} */ error) => fails(`${kind}: ${error?.stack ?? error}`))
}
process.on('warning', (warning) => fails(`a warning: ${warning.stack}`))

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => void world.close().finally(() => process.exit(130)))
}

let number = 0
/** @type {typeof chosen} */
let deck = []
/** The next workload; all come once before any comes again. */
const next = () => {
  if (deck.length === 0) deck = order.shuffled(chosen)
  return deck.pop()
}

/** @param {() => boolean} goesOn */
async function round(goesOn) {
  // Dropped at its end, with all that they have.
  const clients = [new Dokeres(world.engine.host), new Dokeres(world.engine.host)]
  const stage = { world, shared, clients, seed }
  const player = async () => {
    while (goesOn()) {
      const workload = next()
      if (!workload) break
      const mine = ++number
      const { outcome, ms, wrong } = await turn(stage, workload, mine)
      const tally = tallies.get(workload.name) ?? { done: 0, rejected: 0, aborted: 0, ms: 0 }
      tally[outcome] += 1
      tally.ms += ms
      tallies.set(workload.name, tally)
      if (wrong) fails(`${workload.name}, turn ${mine}: ${wrong}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, player))
  await world.clearLate()
}

console.log(`seed ${seed}, ${chosen.length} workloads, ${atOnce} at a time`)
const began = performance.now()
const seconds = () => Math.round((performance.now() - began) / 100) / 10
await round(() => number < chosen.length)
/** @type {import('./verdict.mjs').Point[]} */
const points = []
const measure = async () => {
  const point = { at: seconds(), ...(await census(world, shared, temporary, points[0])) }
  points.push(point)
  const figures = Object.entries(point).map(([name, figure]) => `${name} ${figure}`)
  console.log(`${figures.join(', ')}, turns ${number}`)
}
await measure()
const atFirst = await goroutines(world)
const ends = performance.now() + lasts
while (performance.now() < ends) {
  const stops = Math.min(ends, performance.now() + ROUND)
  await round(() => performance.now() < stops)
  await measure()
}

console.log(`\n${table(tallies)}\n`)
const [first, last] = [points[0], points.at(-1)]
if (!first || !last) throw new Error('there was nothing to measure')
const more = grown(first, last)
for (const name of more) fails(`${name}: ${first[name]} → ${last[name]}`)
if (more.length > 0) console.log(details(more))
if (more.includes('goroutines')) console.log(goroutinesGrown(atFirst, await goroutines(world)))
// What the allocator takes at first is none of a leak's: the first quarter warms up as well.
const warm = points.slice(Math.floor(points.length / 4))
const { slope, rise } = trend(warm)
const allowed = mostRss(points.length)
const rss = `${rise.toFixed(1)} MiB in ${Math.round(last.at - (warm[0]?.at ?? 0))} s (${(slope * 60).toFixed(2)} MiB a minute)`
console.log(`memory: ${rss}, of ${allowed} MiB allowed`)
if (rise > allowed) fails(`memory grows by ${rss}`)
await world.clearLate()
const left = (await world.inventory()).filter((/** @type {string} */ one) => !had.includes(one))
if (left.length > 0) fails(`left on the engine: ${left.join(', ')}`)
const files = readdirSync(temporary, { recursive: true })
if (files.length > 0) fails(`temporary files: ${files.join(', ')}`)
rmSync(temporary, { recursive: true })
await world.close()
if (lasts >= 300_000) {
  const test = fileURLToPath(new URL('../../__test__/leaks-workers.test.mjs', import.meta.url))
  const env = { ...process.env, DOKERES_WORKERS: '500', TMPDIR: usual }
  const workers = spawnSync(process.execPath, ['--test', test], { env, stdio: 'inherit' })
  if (workers.status !== 0) fails('500 workers')
}
console.log(failures.size > 0 ? `${failures.size} failures; again: --seed ${seed}` : 'no leak')
process.exit(failures.size > 0 ? 1 : 0)
