'use strict'

const { Dokeres } = require('../../index.js')
const { invalid } = require('./both.js')
const { withTheirs } = require('./dockerode.js')

const DEFAULT = 'unix:///var/run/docker.sock'

/** What is an address: a URL, or the path of a socket. */
const ADDRESS = /^(?:(?:unix|npipe|tcp|https?|ssh):\/\/.|\/.|\\\\)/

/**
 * The engine at an address, or at the default socket. dockops' README calls it with an object.
 * @param {any} [dockerhost]
 */
function createDocker(dockerhost) {
  const given = isObject(dockerhost) && 'dockerhost' in dockerhost
  const target = (given ? dockerhost.dockerhost : dockerhost) || DEFAULT
  if (isObject(target)) return withTheirs(new Dokeres(target))
  if (typeof target === 'string' && ADDRESS.test(target)) return withTheirs(new Dokeres(target))
  const what = "a URL like 'unix:///var/run/docker.sock' or 'tcp://host:2375' is expected"
  throw invalid('dockerhost', `Cannot parse dockerhost ${String(target)}: ${what}`)
}

/** The engine of each dockerode instance that we were given. @type {WeakMap<object, any>} */
const engines = new WeakMap()

/**
 * @param {any} docker a `Dokeres`, or a dockerode instance
 * @returns {any} the `Dokeres` to work with
 */
function engineOf(docker) {
  if (docker instanceof Dokeres) return docker
  const known = isObject(docker) && engines.get(docker)
  if (known) return known
  const engine = new Dokeres(docker)
  engines.set(docker, engine)
  return engine
}

/**
 * What a constructor was given, as what its `docker` is.
 * @param {any} docker
 */
function dockerOf(docker) {
  if (!isObject(docker)) return docker == null ? new Dokeres() : createDocker(docker)
  if ('dockerhost' in docker) return createDocker(docker)
  if (docker instanceof Dokeres || isDockerode(docker)) {
    engineOf(docker)
    return docker
  }
  return new Dokeres(docker)
}

/** @param {any} docker */
function isDockerode(docker) {
  return !(docker instanceof Dokeres) && typeof docker?.getContainer === 'function'
}

/** @param {unknown} value @returns {value is any} */
function isObject(value) {
  return typeof value === 'object' && value !== null
}

module.exports = { createDocker, dockerOf, engineOf, isDockerode, isObject }
