// `npm run bench`: dokeres beside others, on the same engine, each measurement a process of its own.
// `npm run bench -- logs exec` runs those; `--rounds N`, `--scale X`, `--json FILE` as wanted.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Fixtures } from './lib/fixtures.mjs'
import { facts as machine } from './lib/machine.mjs'
import { plot } from './lib/plot.mjs'
import { choose, load } from './lib/registry.mjs'
import { rounds } from './lib/rounds.mjs'
import { table } from './lib/table.mjs'
import { compileRaw } from './lib/tools.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    scale: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
})
const all = positionals.length === 0
const workloads = choose(await load(), positionals)
const fixed = number(values.rounds)
const scale = number(values.scale)
/** @param {import('./lib/workload.mjs').Workload} workload */
const scaleOf = ({ share }) => scale ?? (all ? share : 1)

compileRaw()
const fixtures = new Fixtures()
/** @type {import('./lib/table.mjs').Result[]} */
const results = []
const stop = new AbortController()
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)))
}
const began = performance.now()
if (all)
  console.log('list-3000 is not among these: making so many takes minutes. Ask for it by its name.')

try {
  for (const [index, workload] of workloads.entries()) {
    const facts = await fixtures.have(workload.needs, scaleOf(workload))
    const limit = results.find(({ name }) => name === workload.limitOf)?.clients.limit
    const result = await rounds(workload, {
      facts,
      scale: scaleOf(workload),
      rounds: fixed,
      seconds: all ? workload.seconds : Infinity,
      signal: stop.signal,
    })
    if (limit) result.clients.limit = limit
    results.push(result)
    console.log(table(result))
    const later = workloads.slice(index + 1)
    const keys = later.flatMap((next) => Fixtures.sizes(next.needs, scaleOf(next)))
    await fixtures.keep(new Set(keys.map(({ key }) => key)))
  }
} finally {
  await fixtures.remove()
}

const record = { ...machine(), minutes: (performance.now() - began) / 60_000, workloads: results }
if (values.json) writeFileSync(values.json, `${JSON.stringify(record, null, 2)}\n`)
if (values.svg) writeFileSync(values.svg, plot(results))
const failed = results.filter(({ failures }) => failures.length > 0).map(({ name }) => name)
if (failed.length > 0) console.error(`\nfailed: ${failed.join(' ')}`)
process.exitCode = failed.length > 0 ? 1 : 0

/** @param {string | undefined} text */
function number(text) {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${text} is no number above 0`)
  return value
}
