// What others say of the packages: publint of each, are-the-types-wrong of the one that has types.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../run.mjs'

/**
 * Throws where something is wrong with a tarball, be it a suggestion.
 * @param {string} folder of tarballs
 * @returns {Promise<number>} how many there are
 */
export async function checkPackages(folder) {
  const tarballs = readdirSync(folder).filter((file) => file.endsWith('.tgz'))
  const npx = (/** @type {string[]} */ ...args) =>
    must('npx', ['--no-install', ...args], { quiet: true })
  for (const file of tarballs) {
    const { output } = await npx('publint', 'run', join(folder, file), '--strict')
    if (!output.includes('All good!')) throw new Error(output)
    if (/^dokeres-\d/.test(file)) await npx('attw', join(folder, file))
    console.log(`${file}: nothing is wrong with it`)
  }
  return tarballs.length
}
