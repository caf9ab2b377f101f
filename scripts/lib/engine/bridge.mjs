// A network bridge of an engine's own: the usual one, docker0, may be another engine's, and an engine
// that is told to have none deletes it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

/** @returns {string} the new bridge's name */
export function createBridge() {
  const taken = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  )
  for (let n = 0; n < 256; n++) {
    const [name, subnet] = [`dokeres${n}`, `10.213.${n}`]
    if (taken.some((address) => address.startsWith(`${subnet}.`))) continue
    if (spawnSync('ip', ['link', 'add', 'name', name, 'type', 'bridge']).status !== 0) continue
    ip('addr', 'add', `${subnet}.1/24`, 'dev', name)
    ip('link', 'set', name, 'up')
    return name
  }
  throw new Error('no network bridge can be made: is this root, with iproute2?')
}

/** What engines in a swarm reach other networks by: one for a machine, which none of them takes away. */
export const SWARM_BRIDGE = 'docker_gwbridge'

/** @param {string} name */
export const isThere = (name) => existsSync(`/sys/class/net/${name}`)

/** @param {string} [name] none, where the engine has its own kind of network */
export function deleteBridge(name) {
  if (name === undefined) return
  spawnSync('ip', ['link', 'delete', name])
}

/** @param {string[]} args */
function ip(...args) {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}
