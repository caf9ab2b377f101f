// Newer engines than this Debian's own, from its later suites: downloaded once, unpacked into a folder
// and run from there. Nothing of it is installed; the machine's own runc runs their containers.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { folder } from './state.mjs'

/** The suites of Debian, by the Docker release that they have. */
const SUITES = /** @type {const} */ ({ 26: 'trixie', 28: 'forky' })
const PACKAGES = ['docker.io', 'containerd', 'docker-buildx']

/** Outlives the engines: what is in there was downloaded. */
const cache = process.env.DOKERES_ENGINE_CACHE ?? join(dirname(folder), 'dokeres-engine-cache')

/** @typedef {`${keyof typeof SUITES}`} Newer */

/** @param {string} release @returns {release is Newer} */
export const isNewer = (release) => release in SUITES

/** @param {Newer} release @returns {string} where to look for its programs first */
export function pathOf(release) {
  const root = fetchEngine(release)
  return `${root}/usr/sbin:${root}/usr/bin:${process.env.PATH}`
}

/** @param {Newer} release @returns {string} the folder that it was unpacked into */
function fetchEngine(release) {
  const root = join(cache, `docker-${release}`)
  if (existsSync(root)) return root
  console.error(`engine: fetching Docker ${release}`)
  // Under a name of its own until it is whole: another process may be at it too.
  const work = `${root}.${process.pid}`
  try {
    mkdirSync(join(work, 'root'), { recursive: true })
    download(SUITES[release], work)
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg-deb', ['-x', join(work, file), join(work, 'root')])
    }
    if (!existsSync(root)) renameSync(join(work, 'root'), root)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return root
}

/**
 * Downloads into a folder, with lists of packages there, so that the machine's own stay as they are.
 * @param {string} suite @param {string} work
 */
function download(suite, work) {
  const [lists, archives, source] = ['lists', 'cache', 'suite.sources'].map((name) =>
    join(work, name),
  )
  for (const path of [lists, archives]) mkdirSync(join(path, 'partial'), { recursive: true })
  writeFileSync(source, debianEntry().replace(/^Suites:.*$/m, `Suites: ${suite}`))
  const options = [
    `Dir::Etc::SourceList=${source}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${archives}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option])
  for (const command of [
    ['update', '-qq'],
    ['download', '-qq', ...PACKAGES],
  ]) {
    execFileSync('apt-get', [...options, ...command], { cwd: work, stdio: 'pipe' })
  }
}

/** This machine's own entry for Debian: where it is to be had from, and whose signature it bears. */
function debianEntry() {
  const parts = '/etc/apt/sources.list.d'
  for (const name of existsSync(parts) ? readdirSync(parts) : []) {
    if (!name.endsWith('.sources')) continue
    const entries = readFileSync(join(parts, name), 'utf8').split(/\n\s*\n/)
    const own = entries.find((entry) => /^URIs:.*\/debian\/?\s*$/m.test(entry))
    if (own) return `${own.trim()}\n`
  }
  throw new Error(`newer engines are fetched on Debian only, by its entry in ${parts}/*.sources`)
}
