// Publishes tarballs. Those of the platforms first: whoever installs the main package finds them there.
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { run } from '../run.mjs'

/**
 * Publishes all tarballs of a folder. One whose version is there already is passed over, so that a release
 * that broke off can be run again.
 * @param {string} folder
 * @param {{ dryRun?: boolean, registry?: string, provenance?: boolean }} [options]
 * @returns {Promise<string[]>} the names of the tarballs, as they were published
 */
export async function publish(folder, { dryRun = false, registry, provenance = false } = {}) {
  const tarballs = readdirSync(folder).filter((file) => file.endsWith('.tgz'))
  const isMain = (/** @type {string} */ file) => /^dokeres-\d/.test(file)
  tarballs.sort((a, b) => Number(isMain(a)) - Number(isMain(b)))
  for (const file of tarballs) {
    // Of `packages/x.tgz` npm would think that it is on GitHub.
    const path = resolve(folder, file)
    const args = ['publish', path, '--access', 'public', `--provenance=${provenance}`]
    // Whoever asks for no version gets none that is only to be tried.
    args.push('--tag', /^dokeres-[a-z\d-]*?\d+\.\d+\.\d+-/.test(file) ? 'next' : 'latest')
    if (dryRun) args.push('--dry-run')
    if (registry) args.push('--registry', registry)
    const { code, output } = await run('npm', args, { quiet: true })
    const known = /EPUBLISHCONFLICT|cannot publish over|previously published/i.test(output)
    if (code !== 0 && !known) throw new Error(`npm ${args.join(' ')}:\n${output}`)
    console.log(`${known ? 'there already:' : dryRun ? 'would publish' : 'published'} ${file}`)
  }
  return tarballs
}
