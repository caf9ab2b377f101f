import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run.mjs'

const FILES = ['index.d.ts']

/** What `napi build` writes and the repository has, as it is now. */
export function snapshot() {
  return Promise.all(FILES.map((file) => readFile(join(root, file), 'utf8').catch(() => null)))
}

/**
 * The generated files that a build has changed since.
 * @param {(string | null)[]} before
 */
export async function stale(before) {
  const after = await snapshot()
  return FILES.filter((_, index) => before[index] !== after[index])
}
