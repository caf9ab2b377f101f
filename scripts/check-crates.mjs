// Licences and sources of every crate that is linked in, against deny.toml; cargo-deny checks more,
// but is not everywhere.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must, root } from './lib/run.mjs'

const REGISTRY = 'registry+https://github.com/rust-lang/crates.io-index'

const config = await readFile(join(root, 'deny.toml'), 'utf8')
const list = /^allow = \[([^\]]*)\]/m.exec(config)?.[1] ?? ''
const allowed = new Set([...list.matchAll(/"([^"]+)"/g)].map((match) => match[1]))

const { output } = await must('cargo', ['metadata', '--format-version', '1', '--locked'], {
  quiet: true,
})
/** @type {{ packages: { name: string, version: string, license: string | null, source: string | null }[] }} */
const metadata = JSON.parse(output.slice(output.indexOf('{"packages"')))

/**
 * Whether a licence expression can be met: `OR` needs one side, `AND` both.
 * @param {string} expression
 * @returns {boolean}
 */
function isMet(expression) {
  const text = expression.replaceAll('/', ' OR ').trim()
  const inner = /^(.*)\(([^()]*)\)(.*)$/.exec(text)
  if (inner) return isMet(`${inner[1]}${isMet(inner[2]) ? 'MIT' : 'none'}${inner[3]}`)
  return text
    .split(' OR ')
    .some((side) => side.split(' AND ').every((licence) => allowed.has(licence.trim())))
}

const problems = metadata.packages.flatMap(({ name, version, license, source }) => {
  if (source === null) return []
  const found = []
  if (source !== REGISTRY) found.push(`${name} ${version} comes from ${source}`)
  if (!license || !isMet(license)) found.push(`${name} ${version} has the licence ${license}`)
  return found
})
for (const problem of problems) console.error(problem)
console.log(`${metadata.packages.length} crates, ${problems.length} problems`)
if (problems.length > 0) process.exitCode = 1
