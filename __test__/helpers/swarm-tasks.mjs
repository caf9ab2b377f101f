// A swarm of two nodes with a registry that both reach: what tests of tasks on it have in common.
import { Dokeres } from 'dokeres'
import { api } from '../../scripts/lib/engine/api.mjs'
import { end } from '../../scripts/lib/engine/processes.mjs'
import { startRegistry } from '../../scripts/lib/engine/registry.mjs'
import { pushToRegistry, uniqueName } from './engine.mjs'
import { startBasicRegistry } from './token-registry.mjs'
import { twoNodes } from './two-nodes.mjs'

/** Who the closed registry lets in. */
export const users = { somebody: 'a password' }

/** Starts it, with the base image in its registries. */
export async function swarmForTasks() {
  const repository = `${uniqueName('swarm')}:1`
  const shared = `${process.env.DOKERES_TEST_REGISTRY}/${repository}`
  await pushToRegistry(process.env.DOKERES_TEST_BASE ?? '', shared)
  /** @type {(() => unknown)[]} */
  const undo = []
  /** One that anybody may ask, one that wants a password. @type {string[]} */
  let registries = []
  const start = async (/** @type {string} */ address) => {
    const root = process.env.DOKERES_TEST_REGISTRY_ROOT
    const config = `${root}/${uniqueName('registry')}.yml`
    const open = await startRegistry({ address, config, root })
    undo.push(() => end(open.registry))
    const closed = await startBasicRegistry({ users, address })
    undo.push(() => closed.close())
    registries = [open.registryAddress, closed.address]
    return registries
  }
  const swarm = await twoNodes({ registries: start })
  const dokeres = new Dokeres(swarm.manager.host)
  const [image, closed] = registries.map((address) => `${address}/${repository}`)
  return {
    ...swarm,
    dokeres,
    image: dokeres.image(image ?? ''),
    closed: closed ?? '',

    /** Runs a script, twice unless told otherwise. @param {string} script @param {any} [options] @returns {Promise<any>} */
    sh(script, { swarm: job, ...options } = {}) {
      return this.image.task(['sh', '-c', script], { ...options, swarm: { replicas: 2, ...job } })
    },

    /** What of jobs is left: services, and containers that run. @returns {Promise<string[]>} */
    async left() {
      const { json: services } = await api(swarm.manager.host, 'GET', '/services')
      const left = services.map((/** @type {any} */ { Spec }) => Spec.Name)
      for (const { host } of [swarm.manager, swarm.worker]) {
        // Of the manager's those that have ended as well.
        const all = host === swarm.manager.host ? 1 : 0
        const listed = await api(host, 'GET', `/containers/json?all=${all}`).catch(() => undefined)
        left.push(...(listed?.json ?? []).map((/** @type {any} */ { Names }) => Names[0]))
      }
      return left
    },

    async close() {
      await swarm.close()
      for (const step of undo.reverse()) await step()
    },
  }
}
