// One measurement: one workload with one client, in a process of its own. The job comes by stdin, the
// figures go to descriptor 3.
import { readFileSync, writeSync } from 'node:fs'
import { open } from './clients.mjs'
import { measure } from './measure.mjs'
import { load } from './registry.mjs'

const { name, client, facts, count } = JSON.parse(readFileSync(0, 'utf8'))

/** @type {import('./measure.mjs').Figures} */
let figures = {}
/** @type {Record<string, number>} */
const noted = {}

const workload = (await load()).find((candidate) => candidate.name === name)
const run = workload?.clients[/** @type {import('./workload.mjs').Client} */ (client)]
if (typeof run !== 'function') throw new Error(`${name} has no ${client}`)
const { made, close } = await open(workload?.isCold ? '' : client)
await run({
  client: made,
  facts,
  count,
  measure: async (work) => {
    const measured = await measure(work, workload?.figure !== 'cpu')
    figures = measured.figures
    return measured.value
  },
  note: (extra) => void Object.assign(noted, extra),
})
if (figures.wall === undefined) throw new Error(`${name} of ${client} has measured nothing`)
// What runs besides is a program of its own; this process's figures say nothing of it.
const external = client === 'cli' || client === 'limit'
writeSync(3, JSON.stringify({ ...(external ? { wall: figures.wall } : figures), ...noted }))
await close()
// Some clients keep connections, and so the process.
process.exit()
