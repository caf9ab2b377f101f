'use strict'

// What dockops' `createDocker` gave was a dockerode instance, and programs call its methods.

/** dockerode's methods that a `Dokeres` has not. */
const THEIRS =
  `createContainer createImage loadImage importImage checkAuth buildImage followProgress
  getContainer getImage getVolume getPlugin getService getTask getNode getNetwork getSecret getConfig
  getExec listContainers listImages getImages listServices listNodes listTasks createSecret
  createConfig listSecrets listConfigs createPlugin listPlugins pruneImages pruneBuilder
  pruneContainers pruneVolumes pruneNetworks createVolume createService listVolumes createNetwork
  listNetworks searchImages getEvents pull pullAll run swarmInit swarmJoin swarmLeave swarmUpdate
  swarmInspect`.split(/\s+/)

/** Those that both have: dockerode's where there is a callback. */
const BOTH = ['info', 'version', 'ping', 'df']

/**
 * Gives a `Dokeres` dockerode's methods as well, by the dockerode that the program has; it is looked
 * for when one of them is called.
 * @template T @param {T} dokeres @returns {T}
 */
function withTheirs(dokeres) {
  /** @type {any} */
  const engine = dokeres
  for (const name of [...THEIRS, ...BOTH]) {
    const own = engine[name]
    /** @param {...any} args */
    const value = (...args) => {
      if (own && typeof args.at(-1) !== 'function') return own.apply(engine, args)
      return engine.docker[name](...args)
    }
    Object.defineProperty(value, 'name', { value: name })
    Object.defineProperty(engine, name, { value, writable: true, configurable: true })
  }
  return dokeres
}

module.exports = { THEIRS, withTheirs }
