// An addon as it is released: for old systems too, and without what only a debugger wants.
import { must } from '../run.mjs'

/** The newest glibc that a released addon may need: that of RHEL 7, of 2012, as Node 18's own build. */
export const OLDEST_GLIBC = '2.17'

/** @param {string} a @param {string} b */
const byVersion = (a, b) => a.localeCompare(b, 'en', { numeric: true })

/**
 * @param {string} path an addon for Linux
 * @returns {Promise<{ glibc?: string, isStripped: boolean, debugFile?: string }>} the newest glibc of which
 *   it needs a symbol; whether it has no symbols of its own any more, and where these have gone
 */
export async function inspectAddon(path) {
  const args = [
    '--wide',
    '--version-info',
    '--section-headers',
    '--string-dump=.gnu_debuglink',
    path,
  ]
  const { output } = await must('readelf', args, { quiet: true })
  const versions = [...output.matchAll(/Name: GLIBC_([\d.]+)/g)].map((match) => match[1])
  const glibc = versions.sort(byVersion).at(-1)
  const debugFile = /\[\s*0\]\s+(\S+\.debug)/.exec(output)?.[1]
  const isStripped = !/ \.(symtab|debug_info) /.test(output)
  return { ...(glibc && { glibc }), isStripped, ...(debugFile && { debugFile }) }
}

/**
 * @param {string} path an addon for Linux with glibc
 * @returns {Promise<string[]>} what keeps it from being released
 */
export async function unfit(path) {
  const { glibc, isStripped } = await inspectAddon(path)
  const faults = []
  if (!glibc || byVersion(glibc, OLDEST_GLIBC) > 0) {
    faults.push(`it needs glibc ${glibc}, of which ${OLDEST_GLIBC} is the newest allowed`)
  }
  if (!isStripped) faults.push('it is not stripped')
  return faults
}
