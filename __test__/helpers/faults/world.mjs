// An engine of its own with something of everything, for the calls of the matrix to be about.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dokeres } from '../../../index.js'
import { api } from '../../../scripts/lib/engine/api.mjs'
import { push } from '../../../scripts/lib/engine/publish.mjs'
import { label, uniqueName } from '../engine.mjs'
import { imageTar } from '../image-tar.mjs'
import { ownEngine } from '../own-engine.mjs'
import { tarOf } from '../tar.mjs'

const RUNNING = 'echo content > /tmp/file; echo ready; echo second; exec sleep 3000'
const ENDED = 'for n in 1 2 3 4 5; do echo line $n; done; exit 3'

/** @param {{ swarm?: boolean, args?: string[] }} [options] `args` are the engine's */
export async function makeWorld({ swarm = false, args = [] } = {}) {
  const engine = await ownEngine(...args)
  const plain = new Dokeres(engine.host)
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-matrix-'))
  const registry = process.env.DOKERES_TEST_REGISTRY ?? ''
  const { image } = engine

  /** Past dokeres: many of them are made. @param {any} [options] @param {string} [from] @param {string[]} [command] */
  const create = async (options = {}, from = image, command = ['sleep', '1000']) => {
    const { labels, network = 'none', stdin = false } = options
    const body = {
      Image: from,
      Cmd: command,
      Labels: labels,
      OpenStdin: stdin,
      StopSignal: 'SIGKILL',
      HostConfig: { NetworkMode: network, Init: true },
    }
    const { status, json, text } = await api(engine.host, 'POST', '/containers/create', { body })
    if (status !== 201) throw new Error(`no container: ${text}`)
    return { id: json.Id }
  }
  /** @param {any} options @param {string[]} [command] */
  const start = async (options, command) => {
    const { id } = await create(options, image, command)
    const { status, text } = await api(engine.host, 'POST', `/containers/${id}/start`)
    if (status !== 204) throw new Error(`not started: ${text}`)
    return { id }
  }

  const since = Date.now() / 1000
  const running = await plain.containers.run({
    image,
    name: 'running',
    init: true,
    mapped: { '80/tcp': '127.0.0.1:0' },
    command: ['sh', '-c', RUNNING],
  })
  const ended = await plain.containers.run({ image, name: 'ended', command: ['sh', '-c', ENDED] })
  await ended.wait()
  await running.waitLog('second')
  const network = uniqueName('net')
  await plain.networks.create(network, { internal: true, subnet: '10.211.0.0/24' })
  const volume = uniqueName('volume')
  await plain.volumes.create(volume)

  const small = 'matrix/small:1'
  const { data: smallTar, id: smallId } = await imageTar({ tags: [small] })
  await plain.images.load(smallTar)
  const published = `${registry}/${uniqueName('matrix')}:1`
  await push(engine.host, small, published)
  const tiny = await plain.containers.create({ image: small, command: '/file' })
  await plain.volumes.backup(volume, join(folder, 'backup.tar'), { image })
  writeFileSync(join(folder, 'source'), 'x'.repeat(5000))
  const log = [1, 2, 3, 4, 5].map((n) => `line ${n}\n`).join('')

  const inSwarm = swarm ? await enterSwarm(plain) : {}
  const world = {
    ...inSwarm,
    ...{ engine, plain, folder, registry, image, network, volume, create, start, log },
    ...{ small, smallTar, smallId, published, since, until: Date.now() / 1000 },
    imageId: (await plain.images.inspect(image)).Id,
    running: running.id,
    ended: ended.id,
    tiny: tiny.id,
    port: (await running.port(80)).port,
    tar: tarOf({ name: 'x'.repeat(5000) }),
    mergedLog: `ready\nsecond\n${log}`.split('\n').sort().join(),
    label,
    /** All that is there, by name. */
    async inventory() {
      const told = async (/** @type {string} */ path) => (await api(engine.host, 'GET', path)).json
      const [containers, networks, { Volumes }, images] = await Promise.all([
        told('/containers/json?all=1'),
        told('/networks'),
        told('/volumes'),
        told('/images/json'),
      ])
      const ofSwarm = []
      for (const kind of swarm ? ['services', 'secrets', 'configs'] : []) {
        for (const { Spec } of await told(`/${kind}`)) ofSwarm.push(`${kind} ${Spec.Name}`)
      }
      return (
        [
          ...ofSwarm,
          ...containers.map(
            (/** @type {any} */ c) => `container ${c.Names[0]} ${c.Labels[label] ?? ''}`,
          ),
          ...networks.map((/** @type {any} */ { Name }) => `network ${Name}`),
          ...(Volumes ?? []).map((/** @type {any} */ { Name }) => `volume ${Name}`),
          ...images.flatMap((/** @type {any} */ { RepoTags, Id }) =>
            (RepoTags ?? [Id]).map((/** @type {string} */ tag) => `image ${tag}`),
          ),
        ]
          // What builds leave of steps that they were stopped behind is their cache; the bridge is the swarm's.
          .filter((one) => one !== 'image <none>:<none>' && one !== 'network docker_gwbridge')
          .sort()
      )
    },
    /** Takes away what a call has or its preparation made. @param {string} name */
    async clear(name) {
      const at = (/** @type {string} */ method, /** @type {string} */ path) =>
        api(engine.host, method, path)
      // Those that reach a volume for a call have not its label.
      for (const filter of [{ label: [`${label}=${name}`] }, { volume: [name] }]) {
        const filters = encodeURIComponent(JSON.stringify(filter))
        const { json } = await at('GET', `/containers/json?all=1&filters=${filters}`)
        for (const { Id } of json) await at('DELETE', `/containers/${Id}?force=1&v=1`)
      }
      await at('DELETE', `/images/${name}:1?force=1`)
      await at('DELETE', `/volumes/${name}?force=1`)
      await at('DELETE', `/networks/${name}`)
      if (!swarm) return
      for (const kind of ['services', 'secrets', 'configs']) await at('DELETE', `/${kind}/${name}`)
    },
    async close() {
      if (swarm) await plain.swarm.leave({ force: true })
      rmSync(folder, { recursive: true, force: true })
      await engine.close()
    },
  }
  return world
}

/** A swarm of one node, with a service that has said something and ended. @param {Dokeres} plain */
async function enterSwarm({ swarm, images }) {
  await swarm.init({ listenAddr: '127.0.0.1:0', advertiseAddr: '127.0.0.1' })
  const [{ ID: node } = { ID: '' }] = await swarm.nodes.list()
  const service = uniqueName('service')
  const { Id } = await images.inspect(process.env.DOKERES_TEST_BASE ?? '')
  await swarm.services.create(service, {
    image: Id,
    command: ['echo', 'hello'],
    restart: { condition: 'none' },
  })
  for (;;) {
    const [task] = await swarm.tasks.list({ filters: { service } })
    if (/** @type {any} */ (task)?.Status.State === 'complete')
      return { node, service, task: task?.ID }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
