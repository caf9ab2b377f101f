// `npm run bench`: dokeres beside others, on the same engine, each measurement a process of its own. All of
// it ends within 20 minutes, and writes bench/results.json, docs/performance.svg and the figures in
// docs/performance.md. `npm run bench -- logs exec` runs those alone, at full size, and only prints.
//   --rounds N   so many rounds of each, else as many as there is time for
//   --scale X    that much of the full sizes
//   --json FILE  writes the results there; what it has of other workloads stays
//   --draw       measures nothing, draws what bench/results.json has
import { parseArgs } from 'node:util'
import { Fixtures } from './lib/fixtures.mjs'
import { machine } from './lib/machine.mjs'
import { RESULTS, draw, read, write } from './lib/record.mjs'
import { choose, load } from './lib/registry.mjs'
import { rounds } from './lib/rounds.mjs'
import { table } from './lib/table.mjs'
import { compileRaw } from './lib/tools.mjs'

/** @typedef {import('./lib/workload.mjs').Workload} Workload */
/** @typedef {import('./lib/table.mjs').Result} Result */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    scale: { type: 'string' },
    json: { type: 'string' },
    draw: { type: 'boolean' },
  },
})
if (values.draw) draw(read(RESULTS))
else await bench()

async function bench() {
  const isAll = positionals.length === 0
  const workloads = choose(await load(), positionals)
  const [fixed, scale] = [number(values.rounds), number(values.scale)]
  const isWhole = isAll && scale === undefined && values.json === undefined
  const file = isWhole ? RESULTS : values.json
  const old = file && !isAll ? read(file) : undefined
  /** @param {Workload} workload */
  const scaleOf = ({ share }) => scale ?? (isAll ? share : 1)
  const signal = interrupted()
  const about = machine()
  const began = performance.now()
  /** @type {Result[]} */
  const results = []

  compileRaw()
  if (isAll) {
    console.log(
      'Not among these is list-3000, whose containers take minutes to make: say its name.',
    )
  }
  const fixtures = new Fixtures()
  try {
    for (const [index, workload] of workloads.entries()) {
      const result = await rounds(workload, {
        facts: await fixtures.have(workload.needs, scaleOf(workload)),
        scale: scaleOf(workload),
        rounds: fixed,
        seconds: isAll ? workload.seconds : undefined,
        signal,
      })
      const limit = results.find(({ name }) => name === workload.limitOf)?.clients.limit
      if (limit) result.clients.limit = limit
      results.push(result)
      console.log(table(result))
      if (file) {
        const minutes = old?.minutes ?? (performance.now() - began) / 60_000
        write(file, { ...about, ...old, minutes, workloads: merged(old?.workloads ?? [], results) })
      }
      const later = workloads.slice(index + 1)
      const needed = later.flatMap((next) => Fixtures.sizes(next.needs, scaleOf(next)))
      await fixtures.keep(new Set(needed.map(({ key }) => key)))
    }
  } finally {
    await fixtures.remove()
  }
  if (isWhole) draw(read(RESULTS))
  const failed = results.filter(({ failures }) => failures.length > 0).map(({ name }) => name)
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(' ')}`)
  process.exitCode = failed.length > 0 ? 1 : 0
}

/** @param {readonly Result[]} old @param {readonly Result[]} results */
function merged(old, results) {
  const made = new Map(results.map((result) => [result.name, result]))
  const kept = old.map((result) => made.get(result.name) ?? result)
  return [...kept, ...results.filter((result) => !kept.includes(result))]
}

/** What was made has to go, also when this is stopped. */
function interrupted() {
  const stop = new AbortController()
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)))
  }
  return stop.signal
}

/** @param {string | undefined} text */
function number(text) {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${text} is no number above 0`)
  return value
}
