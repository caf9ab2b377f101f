// A private engine: its own data, socket, pid and bridge. Published ports are reached on 127.0.0.1
// through its own proxy; the machine's packet filter, which other engines may use, is left alone.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers } from './api.mjs'
import { createBridge } from './bridge.mjs'
import { start, until } from './processes.mjs'
import { folder } from './state.mjs'

/**
 * @param {{ folder?: string, args?: string[] }} [options] for a second engine, beside the first
 * @returns {Promise<{ host: string, dockerd: number, bridge: string }>}
 */
export async function startEngine({ folder: own = folder, args = [] } = {}) {
  mkdirSync(own, { recursive: true })
  const at = (/** @type {string} */ name) => join(own, name)
  const host = `unix://${at('docker.sock')}`
  // Without a file of its own it would read the machine's.
  writeFileSync(at('daemon.json'), '{}')
  // Where nobody buries the dead, dockerd takes a containerd that is dead for one that runs.
  rmSync(at('exec/containerd/containerd.pid'), { force: true })
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
  )
  await until(pid, () => answers(host), log)
  return { host, dockerd: pid, bridge }
}
