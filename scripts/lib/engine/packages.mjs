// What a Debian or Ubuntu machine lacks, from apt.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

let updated = false

/** Whether packages can be installed here. */
export function canInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

/** @param {string[]} names */
export function install(names) {
  const missing = names.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  console.error(`engine: installing ${missing.join(', ')}`)
  if (!updated) {
    apt('update', '-qq')
    updated = true
  }
  apt('install', '-y', '-qq', '--no-install-recommends', ...missing)
}

/** @param {string} name */
function isInstalled(name) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' })
  return /install ok installed/.test(stdout ?? '')
}

/** @param {string[]} args */
function apt(...args) {
  // A package's own start of a service would meet ours.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const { status, stderr, stdout } = spawnSync('apt-get', args, { encoding: 'utf8', env })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${stdout}${stderr}`)
}
