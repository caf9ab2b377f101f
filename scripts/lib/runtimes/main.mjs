// Inside `scripts/engine run`: checks all runtimes; writes what came to a file, where one is named.
import { writeFileSync } from 'node:fs'
import { checkRuntimes } from './check.mjs'

const { rows, missing } = await checkRuntimes()
const outcomes = rows.flatMap(({ name, version, checks }) =>
  Object.entries(checks).map(([check, outcome]) => {
    const well = outcome === 'ok'
    console.log(`${well ? '✔' : '✖'} ${name} (${version}), ${check}${well ? '' : `: ${outcome}`}`)
    return well
  }),
)
for (const name of missing) console.log(`SKIPPED: ${name} cannot be had from npm`)
const failed = outcomes.filter((well) => !well).length
console.log(`runtimes: ${outcomes.length - failed} passed, ${failed} failed`)
const [output] = process.argv.slice(2)
if (output) writeFileSync(output, JSON.stringify(rows))
process.exitCode = failed > 0 ? 1 : 0
