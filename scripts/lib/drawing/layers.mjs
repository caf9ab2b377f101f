// The layers of src/, read from the sources: what each is for, and which others it imports.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * @typedef {object} Layer
 * @property {string} name the folder's
 * @property {string} purpose the first sentence of its mod.rs
 * @property {string[]} imports
 * @property {number} level 0 imports nobody; others are one above the highest that they import
 */

/** @param {string} src @returns {Promise<Layer[]>} */
export async function layers(src) {
  const folders = (await readdir(src, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  )
  const names = folders.map(({ name }) => name).sort()
  /** @type {Map<string, Layer>} */
  const found = new Map()
  for (const name of names) {
    const imports = await imported(join(src, name))
    const purpose = sentence(await readFile(join(src, name, 'mod.rs'), 'utf8'))
    const others = names.filter((other) => other !== name && imports.has(other))
    found.set(name, { name, purpose, imports: others, level: -1 })
  }
  for (const name of names) levelOf(name, found, [])
  return [...found.values()]
}

/** @param {string} folder */
async function imported(folder) {
  const names = new Set()
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.rs')) continue
    const code = (await readFile(join(folder, file), 'utf8')).replaceAll(/\/\/.*$/gm, '')
    for (const [, name] of code.matchAll(/\bcrate::(\w+)/g)) names.add(name)
  }
  return names
}

/** The first sentence of the inner comment. @param {string} source */
function sentence(source) {
  const lines = /^(?:\/\/!.*\n)+/.exec(source)?.[0].split('\n') ?? []
  const text = lines.map((line) => line.replace(/^\/\/! ?/, '')).join(' ')
  return (/^.*?\.(?= |$)/.exec(text)?.[0] ?? '').replaceAll('`', '').replace(/\.$/, '')
}

/** @param {string} name @param {Map<string, Layer>} all @param {string[]} path @returns {number} */
function levelOf(name, all, path) {
  if (path.includes(name)) throw new Error(`a circle: ${[...path, name].join(' → ')}`)
  const layer = /** @type {Layer} */ (all.get(name))
  if (layer.level < 0) {
    const below = layer.imports.map((other) => levelOf(other, all, [...path, name]))
    layer.level = Math.max(-1, ...below) + 1
  }
  return layer.level
}
