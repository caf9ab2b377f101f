// The results on disk, and what is made of them.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { figures } from './figures.mjs'
import { goals } from './goals.mjs'
import { plot } from './plot.mjs'

const path = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../../${name}`, import.meta.url))
export const RESULTS = path('bench/results.json')
const PLOT = path('docs/performance.svg')
const DOCUMENT = path('docs/performance.md')

/**
 * @typedef {ReturnType<typeof import('./machine.mjs').machine> & {
 *   minutes: number, workloads: import('./table.mjs').Result[] }} Record
 */

/** @param {string} file @returns {Record} */
export function read(file) {
  const none = /** @type {any} */ ({ workloads: [] })
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : none
}

/** @param {string} file @param {Record} record */
export function write(file, record) {
  // Three digits are more than there is to know.
  const short = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
  writeFileSync(file, `${JSON.stringify(record, short, 2)}\n`)
}

/** @param {Record} record */
export function draw(record) {
  writeFileSync(PLOT, plot(record.workloads))
  const text = readFileSync(DOCUMENT, 'utf8')
  const withFigures = put(text, 'figures', figures(record))
  writeFileSync(DOCUMENT, put(withFigures, 'goals', goals(record.workloads)))
  execFileSync('npx', ['--no-install', 'prettier', '--write', DOCUMENT, RESULTS], {
    stdio: 'ignore',
  })
  console.log(`\nwritten: ${[RESULTS, PLOT, DOCUMENT].join(', ')}`)
}

/** What stands between its marks is made. @param {string} text @param {string} mark @param {string} made */
function put(text, mark, made) {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${DOCUMENT} has no ${begin} … ${end}`)
  return `${text.slice(0, from + begin.length)}\n\n${made}\n\n${text.slice(to)}`
}
