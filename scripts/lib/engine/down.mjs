// Taking down what up started: by pid, and to the last file.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { api } from './api.mjs'
import { SWARM_BRIDGE, deleteBridge } from './bridge.mjs'
import { end, kill } from './processes.mjs'
import { folder, recorded } from './state.mjs'

/** How long the engine may take to remove a container. */
const PATIENCE = 20_000

/** @param {{ quiet?: boolean }} [options] */
export async function down({ quiet = false } = {}) {
  if (!existsSync(folder)) return
  const state = recorded()
  if (state?.dockerd) {
    await removeContainers(state.host)
    await end(state.dockerd)
    await endStrays()
    deleteBridge(state.bridge)
    if (!state.hadSwarmBridge) deleteBridge(SWARM_BRIDGE)
  } else if (state) {
    for (const name of state.images) {
      await api(state.host, 'DELETE', `/images/${name}?force=1`).catch(() => {})
    }
  }
  if (state?.registry) await end(state.registry)
  clear(folder)
  if (!quiet) console.error('engine: down')
}

/** An engine that was killed leaves its containerd, that its shims, those their containers. */
export async function endStrays(own = folder) {
  const exec = join(own, 'exec')
  if (!existsSync(exec)) return
  const files = readdirSync(exec, { recursive: true, encoding: 'utf8' })
  const containers = files.filter((path) => /\/(init\.pid|pidfile)$/.test(path))
  for (const path of [...containers, 'containerd/containerd.pid']) {
    if (existsSync(join(exec, path))) await kill(Number(readFileSync(join(exec, path), 'utf8')))
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (commandOf(pid).includes(`${exec}/`)) await kill(Number(pid))
  }
}

/** @param {string} pid */
function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Their processes would outlive the engine; one that has locked up is killed with them. @param {string} host */
async function removeContainers(host) {
  const within = () => ({ signal: AbortSignal.timeout(PATIENCE) })
  const listed = await api(host, 'GET', '/containers/json?all=1', within()).catch(() => undefined)
  for (const { Id } of listed?.json ?? []) {
    try {
      await api(host, 'DELETE', `/containers/${Id}?force=1&v=1`, within())
    } catch {
      return
    }
  }
}

/** Removes an engine's folder, mounts that a crash left in it first. @param {string} path */
export function clear(path) {
  const mounts = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8') : ''
  const inside = mounts
    .split('\n')
    .map((line) => line.split(' ')[1])
    .filter((target) => target?.startsWith(`${path}/`))
  for (const target of inside.reverse()) spawnSync('umount', ['-l', target])
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}
