// Podman's Docker API, as a service with its own store, network and configuration. It publishes ports by
// the machine's packet filter, in chains of its own that go with its containers.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers } from './api.mjs'
import { install } from './packages.mjs'
import { start, until } from './processes.mjs'

/**
 * @param {string} own its folder
 * @param {string[]} args of dockerd, which it has no use for
 * @returns {Promise<{ host: string, dockerd: number }>}
 */
export async function startPodman(own, args) {
  if (args.length > 0) throw new Error(`Podman has no ${args.join(' ')}`)
  install(['podman', 'catatonit'])
  const at = (/** @type {string} */ name) => join(own, name)
  const host = `unix://${at('docker.sock')}`
  const log = at('podman.log')
  const pid = start('podman', ['system', 'service', '--time=0', host], log, configure(at))
  await until(pid, () => answers(host), log)
  return { host, dockerd: pid }
}

/**
 * Files of its own for all that it would otherwise share with the machine's.
 * @param {(name: string) => string} at
 * @returns {Record<string, string>} the environment that names them
 */
function configure(at) {
  const pids = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'))
  const files = {
    CONTAINERS_CONF: [
      '[containers]',
      'log_driver = "k8s-file"',
      `default_ulimits = ["nofile=${limit('open files', 1 << 20)}", "nproc=${limit('processes', pids)}"]`,
      '[engine]',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      // What a command came to is forgotten with its end; until then it is told to run.
      'exit_command_delay = 1',
      'runtime = "runc"',
      `tmp_dir = "${at('tmp')}"`,
      '[network]',
      'network_backend = "cni"',
      `network_config_dir = "${at('networks')}"`,
      'default_subnet = "10.214.0.0/24"',
    ],
    CONTAINERS_STORAGE_CONF: [
      '[storage]',
      'driver = "overlay"',
      `graphroot = "${at('root')}"`,
      `runroot = "${at('exec')}"`,
    ],
    // Loopback registries ask for no TLS, and Docker takes that as it is.
    CONTAINERS_REGISTRIES_CONF: [
      'unqualified-search-registries = ["docker.io"]',
      '[[registry]]',
      'location = "127.0.0.1"',
      'insecure = true',
    ],
  }
  /** @type {Record<string, string>} */
  const environment = {}
  for (const [name, lines] of Object.entries(files)) {
    environment[name] = at(`${name.toLowerCase()}.conf`)
    writeFileSync(environment[name], `${lines.join('\n')}\n`)
  }
  return environment
}

/**
 * Of those that it would give its containers otherwise a machine that is a container itself has fewer.
 * @param {string} what as in /proc
 * @param {number} most more than this it gives up itself
 * @returns {string} this process's own
 */
function limit(what, most) {
  const of = readFileSync('/proc/self/limits', 'utf8')
  const hard = Number(new RegExp(`^Max ${what} +\\S+ +(\\d+)`, 'm').exec(of)?.[1] ?? most)
  const least = Math.min(hard, most)
  return `${least}:${least}`
}
