// A real swarm of two nodes on one machine: two engines, each in a network of its own, on one bridge.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { answers, api } from '../../scripts/lib/engine/api.mjs'
import { programsOf } from '../../scripts/lib/engine/daemon.mjs'
import { clear, endStrays } from '../../scripts/lib/engine/down.mjs'
import { end, kill, start, until } from '../../scripts/lib/engine/processes.mjs'
import { isAlive } from '../../scripts/lib/engine/state.mjs'

/** @typedef {{ name: string, namespace: string, address: string, folder: string, host: string, dockerd: number, id: string }} Node */

/** Why there can be none here; nothing where there can. @returns {string | undefined} */
export function whyNoTwoNodes() {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const name = `dk-try-${process.pid}`
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (made.status !== 0) return `no network namespace can be made: ${made.stderr ?? made.error}`
  const entered = spawnSync('nsenter', [`--net=/run/netns/${name}`, '--', 'true'])
  spawnSync('ip', ['netns', 'delete', name])
  if (entered.status !== 0) return 'a network namespace cannot be entered'
  return undefined
}

/**
 * Starts it: a manager and a worker, both ready.
 * @param {{ images?: string[], registries?: (address: string) => Promise<string[]> }} [options]
 *   `images` of the shared engine that both get; `registries` starts some, which need no TLS, at the
 *   bridge's address
 */
export async function twoNodes({ images = [], registries = async () => [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-swarm-'))
  /** What takes it all down again, the last first. @type {(() => unknown)[]} */
  const undo = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async () => {
    process.off('SIGTERM', interrupted)
    for (const step of undo.splice(0).reverse()) await step()
  }
  // So ends a test file that takes too long.
  const interrupted = () => void close().finally(() => process.exit(1))
  process.once('SIGTERM', interrupted)
  try {
    const { bridge, subnet } = makeBridge(undo)
    const gateway = `${subnet}.1`
    const insecure = await registries(gateway)
    /** @type {Node[]} */
    const nodes = []
    for (const [index, name] of ['manager', 'worker'].entries()) {
      const address = `${subnet}.${11 + index}`
      const namespace = `${bridge}-${name}`
      joinBridge(bridge, namespace, address, index, undo)
      nodes.push(await startNode({ folder, name, namespace, address, insecure, undo }))
    }
    const [manager, worker] = /** @type {[Node, Node]} */ (nodes)
    for (const image of images) {
      for (const { host } of nodes) {
        execFileSync('sh', ['-c', `docker save ${image} | docker -H ${host} load`], {
          stdio: 'pipe',
        })
      }
    }
    await form(manager, worker)
    return { manager, worker, gateway, close, lose, list: () => listNodes(manager) }
  } catch (error) {
    await close()
    throw error
  }
}

/** @param {(() => unknown)[]} undo */
function makeBridge(undo) {
  const taken = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  )
  for (let n = 0; n < 100; n++) {
    const [bridge, subnet] = [`dksw${n}`, `10.99.${n}`]
    if (taken.some((address) => address.startsWith(`${subnet}.`))) continue
    if (spawnSync('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']).status !== 0) continue
    undo.push(() => spawnSync('ip', ['link', 'delete', bridge]))
    run('ip', 'addr', 'add', `${subnet}.1/24`, 'dev', bridge)
    run('ip', 'link', 'set', bridge, 'up')
    // Another engine on this machine may have told its packet filter to forward nothing else.
    const rule = ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT']
    if (spawnSync('iptables', ['-I', ...rule]).status === 0) {
      undo.push(() => spawnSync('iptables', ['-D', ...rule]))
    }
    return { bridge, subnet }
  }
  throw new Error('no network bridge can be made')
}

/**
 * @param {string} bridge @param {string} namespace @param {string} address @param {number} index
 * @param {(() => unknown)[]} undo
 */
function joinBridge(bridge, namespace, address, index, undo) {
  run('ip', 'netns', 'add', namespace)
  undo.push(() => spawnSync('ip', ['netns', 'delete', namespace]))
  const outside = `${bridge}v${index}`
  run('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
  undo.push(() => spawnSync('ip', ['link', 'delete', outside]))
  run('ip', 'link', 'set', outside, 'master', bridge, 'up')
  run('ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
  run('ip', '-n', namespace, 'link', 'set', 'lo', 'up')
  run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up')
}

/**
 * @param {Pick<Node, 'name' | 'namespace' | 'address'> & { folder: string, insecure: string[], undo: (() => unknown)[] }} node
 * @returns {Promise<Node>}
 */
async function startNode({ folder: above, name, namespace, address, insecure, undo }) {
  const folder = join(above, name)
  mkdirSync(folder)
  const at = (/** @type {string} */ file) => join(folder, file)
  const host = `unix://${at('docker.sock')}`
  writeFileSync(at('daemon.json'), '{}')
  const log = at('dockerd.log')
  const args = [
    ...[`--net=/run/netns/${namespace}`, '--', 'dockerd'],
    ...['--data-root', at('root'), '--exec-root', at('exec'), '-p', at('docker.pid')],
    ...['-H', host, '--config-file', at('daemon.json')],
    ...insecure.flatMap((registry) => ['--insecure-registry', registry]),
  ]
  // `nsenter` becomes dockerd: the pid stays.
  const dockerd = start('nsenter', args, log, programsOf())
  undo.push(async () => {
    if (isAlive(dockerd)) await leave(host)
    await end(dockerd)
    await endStrays(folder)
    clear(folder)
  })
  await until(dockerd, () => answers(host), log)
  return { name, namespace, address, folder, host, dockerd, id: '' }
}

/** Its containers end with the node. @param {string} host */
async function leave(host) {
  await api(host, 'POST', '/swarm/leave?force=1').catch(() => undefined)
  const listed = await api(host, 'GET', '/containers/json?all=1').catch(() => undefined)
  for (const { Id } of listed?.json ?? []) {
    await api(host, 'DELETE', `/containers/${Id}?force=1&v=1`).catch(() => undefined)
  }
}

/** @param {Node} manager @param {Node} worker */
async function form(manager, worker) {
  const init = { ListenAddr: `${manager.address}:2377`, AdvertiseAddr: manager.address }
  await expect(api(manager.host, 'POST', '/swarm/init', { body: init }))
  const { JoinTokens } = await expect(api(manager.host, 'GET', '/swarm'))
  const join = {
    ListenAddr: `${worker.address}:2377`,
    AdvertiseAddr: worker.address,
    RemoteAddrs: [`${manager.address}:2377`],
    JoinToken: JoinTokens.Worker,
  }
  await expect(api(worker.host, 'POST', '/swarm/join', { body: join }))
  for (const node of [manager, worker]) {
    const { Swarm } = await expect(api(node.host, 'GET', '/info'))
    node.id = Swarm.NodeID
  }
  const ready = async () =>
    (await listNodes(manager)).filter(({ state }) => state === 'ready').length === 2
  await until(manager.dockerd, ready, logOf(manager))
}

/** @param {Node} node */
const logOf = (node) => join(node.folder, 'dockerd.log')

/** @param {Node} manager @returns {Promise<{ id: string, state: string }[]>} */
async function listNodes(manager) {
  const nodes = await expect(api(manager.host, 'GET', '/nodes'))
  return nodes.map((/** @type {any} */ { ID, Status }) => ({ id: ID, state: Status.State }))
}

/** As the power going: the engine and all that it runs, at once. @param {Node} node */
async function lose(node) {
  await kill(node.dockerd)
  await endStrays(node.folder)
}

/** @param {ReturnType<typeof api>} asked @returns {Promise<any>} */
async function expect(asked) {
  const { status, text, json } = await asked
  if (status >= 300) throw new Error(`the engine said ${status}: ${text}`)
  return json
}

/** @param {string} program @param {string[]} args */
function run(program, ...args) {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}
