// Counts the hot loops' instructions and compares them with `bench/instructions.json`; `--record` writes
// them there.
import { instructions } from './lib/instructions.mjs'
import { runSteps } from './lib/steps.mjs'

const record = process.argv.includes('--record')
const run = () => instructions({ record })
process.exitCode = (await runSteps([{ title: 'bench: instruction counts', run }])) ? 0 : 1
