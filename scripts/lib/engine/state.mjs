// What is up, on disk: so that another process can use it, and take it down.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * @typedef {object} State
 * @property {string} host the engine, as `DOCKER_HOST` has it
 * @property {number} [dockerd] the pid of an engine of ours
 * @property {string} [release] which one it is, where it is not this Debian's own Docker
 * @property {number} [registry] the pid of our registry
 * @property {string} [registryAddress] `127.0.0.1:PORT`
 * @property {string[]} images what was put into an engine that is not ours
 * @property {string} [bridge] the network bridge of an engine of ours
 * @property {boolean} [hadSwarmBridge] whether the machine had the bridge that tests of swarms leave
 */

/** Where all of it lives. */
export const folder =
  process.env.DOKERES_ENGINE_DIR ?? join(tmpdir(), `dokeres-engine-${process.getuid?.() ?? 0}`)

export const registryRoot = join(folder, 'registry')

const file = join(folder, 'state.json')

/** @returns {State | undefined} what is up, where it still is */
export function read() {
  const state = recorded()
  if (!state) return undefined
  const pids = [state.dockerd, state.registry].filter((pid) => pid !== undefined)
  return pids.every(isAlive) ? state : undefined
}

/** @returns {State | undefined} what was up, be it alive or not */
export function recorded() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {State} state */
export function write(state) {
  mkdirSync(folder, { recursive: true })
  // In one step: a reader sees the old or the new, never half.
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // A process that has ended and was not waited for is still listed.
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
