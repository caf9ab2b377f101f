// A private engine: its own data, socket, pid and bridge. Published ports are reached on 127.0.0.1
// through its own proxy; the machine's packet filter, which other engines may use, is left alone.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers } from './api.mjs'
import { createBridge } from './bridge.mjs'
import { isNewer, pathOf } from './newer.mjs'
import { startPodman } from './podman.mjs'
import { start, until } from './processes.mjs'
import { folder } from './state.mjs'

/**
 * Which engine: this Debian's own Docker where none is named.
 * @typedef {import('./newer.mjs').Newer | 'podman'} Release
 */

/** @param {string} release @returns {release is Release} */
export const isRelease = (release) => release === 'podman' || isNewer(release)

/**
 * Where a release's programs are, for the environment of a daemon.
 * @returns {Record<string, string>}
 */
export function programsOf(release = process.env.DOKERES_ENGINE_RELEASE) {
  return release && isNewer(release) ? { PATH: pathOf(release) } : {}
}

/**
 * @param {{ folder?: string, args?: string[], release?: string }} [options] for a second engine, beside the
 *   first and of the same release
 * @returns {Promise<{ host: string, dockerd: number, bridge?: string, release?: string }>}
 */
export async function startEngine({
  folder: own = folder,
  args = [],
  release = process.env.DOKERES_ENGINE_RELEASE,
} = {}) {
  mkdirSync(own, { recursive: true })
  if (release === 'podman') return { ...(await startPodman(own, args)), release }
  const at = (/** @type {string} */ name) => join(own, name)
  const host = `unix://${at('docker.sock')}`
  // Without a file of its own it would read the machine's.
  writeFileSync(at('daemon.json'), '{}')
  // Where nobody buries the dead, dockerd takes a containerd that is dead for one that runs.
  rmSync(at('exec/containerd/containerd.pid'), { force: true })
  const programs = programsOf(release)
  const bridge = createBridge()
  const log = at('dockerd.log')
  const pid = start(
    'dockerd',
    [
      ...['--data-root', at('root'), '--exec-root', at('exec'), '-p', at('docker.pid')],
      ...['-H', host, '--config-file', at('daemon.json')],
      ...['--bridge', bridge, '--iptables=false', '--ip6tables=false', ...args],
    ],
    log,
    programs,
  )
  await until(pid, () => answers(host), log)
  return { host, dockerd: pid, bridge, ...(release && { release }) }
}
