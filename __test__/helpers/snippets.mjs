// The code in docs/*.md. A block of `js` is a whole program: it is run, and its types are checked. A block
// of `js fragment`, or of `ts`, is only checked. `text output` after a program is what it prints, `…`
// standing for what is different each time.
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const docs = fileURLToPath(new URL('../../docs', import.meta.url))

/**
 * @typedef {object} Snippet
 * @property {string} title where it is: `builds.md:12`
 * @property {'program' | 'fragment' | 'types'} kind
 * @property {string} code
 * @property {string} [output]
 */

/** All of a page. @param {string} page @returns {Snippet[]} */
export function snippets(page) {
  const text = readFileSync(`${docs}/${page}`, 'utf8')
  /** @type {Snippet[]} */
  const found = []
  const block = /^```(js|ts|text output)( fragment)?\n([\s\S]*?)^```$(\n\n(?=```text output\n))?/gm
  /** @type {Snippet | undefined} */
  let awaiting
  for (const match of text.matchAll(block)) {
    const [, language, fragment, code = '', follows] = match
    if (language === 'text output') {
      if (!awaiting) throw new Error(`${page}: output without a program before it`)
      awaiting.output = code
      awaiting = undefined
      continue
    }
    const title = `${page}:${text.slice(0, match.index).split('\n').length + 1}`
    const kind = language === 'ts' ? 'types' : fragment ? 'fragment' : 'program'
    const snippet = /** @type {Snippet} */ ({ title, kind, code })
    found.push(snippet)
    awaiting = follows && kind === 'program' ? snippet : undefined
  }
  return found
}

export const pages = readdirSync(docs).filter((file) => file.endsWith('.md'))

/** What fragments find there. */
export const PRELUDE = `import type { Dokeres as D, DokeresImage, DokeresContainer, DokeresError as E } from 'dokeres'
declare global {
  const dokeres: D
  const image: DokeresImage
  const container: DokeresContainer
  const error: E
  const signal: AbortSignal
  const options: any
}
`

/** What the compiler is given of a snippet. @param {Snippet} snippet */
export function compiled({ kind, code }) {
  if (kind !== 'fragment') return code
  const imports = code.match(/^import .*\n/gm) ?? []
  const rest = code.replace(/^import .*\n/gm, '')
  // A block of its own: names of the prelude may be given anew.
  return `export {}\n${imports.join('')}{\n${rest}}\n`
}

/** What a program is to print, as a pattern. @param {string} output */
export function expected(output) {
  const literal = output.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`^${literal.replaceAll('…', '.*')}$`)
}
