// A dockerd of our own: everything it has is below one folder.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, ask, call } from './api.mjs'
import { within } from './network.mjs'
import { end, identify, isAlive, lastLines, launch, logOf, stop } from './processes.mjs'
import { sleep } from './say.mjs'

const NAME = 'dockerd'

/**
 * @param {string} folder
 * @param {{ netns?: string, flags?: string[] }} [options]
 * @returns {Promise<string>} its URL, which answers
 */
export async function startDaemon(folder, { netns, flags = [] } = {}) {
  mkdirSync(folder, { recursive: true })
  const url = `unix://${join(folder, 'docker.sock')}`
  const config = join(folder, 'daemon.json')
  // Empty, so that the machine's own in /etc/docker is not read.
  writeFileSync(config, '{}')
  const args = [
    ...['--data-root', join(folder, 'root'), '--exec-root', execRoot(folder)],
    ...['-p', join(folder, 'docker.pid'), '--config-file', config, '-H', url],
  ]
  // The system's containerd is taken if there is one: there, our containers must not meet others'.
  if (existsSync('/run/containerd/containerd.sock')) {
    const space = `dokeres-${process.pid}`
    args.push('--containerd-namespace', space, '--containerd-plugins-namespace', `${space}-plugins`)
  }
  const daemon = await launch(folder, NAME, within(netns, ['dockerd', ...args, ...flags]), {
    // The daemon too reads these, as its own flags' defaults.
    env: { DOCKER_TLS_VERIFY: undefined, DOCKER_CERT_PATH: undefined, DOCKER_TMPDIR: undefined },
  })
  for (let waited = 0; !(await answers(url)); waited += 50) {
    if (!isAlive(daemon)) throw new Error(explain(folder, 'dockerd has ended'))
    if (waited > 60_000) throw new Error(explain(folder, 'dockerd does not answer'))
    await sleep(50)
  }
  return url
}

/** Ends it and what it runs. Whatever state it is in: crashed, half started. @param {string} folder */
export async function stopDaemon(folder) {
  const url = `unix://${join(folder, 'docker.sock')}`
  if (await answers(url)) await removeContainers(url)
  await stop(folder, NAME)
  await end(processIn(join(execRoot(folder), 'containerd', 'containerd.pid')))
  for (const orphan of orphans(folder)) await end(orphan, 1000)
}

/** Else the daemon waits ten seconds for each that ignores SIGTERM, as `sleep` as pid 1 does. @param {string} url */
async function removeContainers(url) {
  const { json } = await ask(url, 'GET', '/containers/json?all=1')
  await Promise.all(
    json.map((/** @type {{ Id: string }} */ { Id }) =>
      call(url, 'DELETE', `/containers/${Id}?force=1&v=1`),
    ),
  )
}

/** Of a daemon that was killed: each container's shim (its arguments say whose it is), then its process. @param {string} folder */
function orphans(folder) {
  const socket = join(execRoot(folder), 'containerd', 'containerd.sock')
  const shims = readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(socket)
    } catch {
      return false
    }
  })
  const tasks = join(execRoot(folder), 'containerd/daemon/io.containerd.runtime.v2.task/moby')
  const inits = existsSync(tasks) ? readdirSync(tasks) : []
  return [
    ...shims.map((pid) => identify(Number(pid))),
    ...inits.map((id) => processIn(join(tasks, id, 'init.pid'))),
  ]
}

/** @param {string} folder */
function execRoot(folder) {
  return join(folder, 'exec')
}

/** @param {string} file */
function processIn(file) {
  return existsSync(file) ? identify(Number(readFileSync(file, 'utf8'))) : undefined
}

/** @param {string} folder @param {string} what */
function explain(folder, what) {
  const log = lastLines(folder, NAME)
  const hints = {
    'iptables|ip6tables|nf_tables': 'it needs iptables, and the right to change it (CAP_NET_ADMIN)',
    'bridge|docker0': 'it needs a bridge: a kernel that has them, and CAP_NET_ADMIN',
    'cgroup|[Dd]evices': 'it needs cgroups mounted at /sys/fs/cgroup, and the right to make some',
    'operation not permitted|permission denied': 'it needs more rights: `docker run --privileged`, or a real machine',
  }
  const hint = Object.entries(hints).find(([pattern]) => new RegExp(pattern).test(log))?.[1]
  return `${what}${hint ? `; ${hint}` : ''}. The end of ${logOf(folder, NAME)}:\n${log}`
}
