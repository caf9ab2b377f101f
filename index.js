'use strict'

// Why there is JavaScript at all: a class can extend `Error` only here, batches are cut into items
// here for less than a call across the bridge costs, `RegExp` means what its own engine says, and
// Rust cannot take `...rest` or name methods by symbols. Everything else is in `src/`.

const { inspect } = require('node:util')
const binding = require('./binding.js')
const bridge = require('./js/bridge.js')
const { DokeresError } = require('./js/error.js')
const { DokeresStream, AttachStream, ExecStream } = require('./js/stream.js')
const { LineTransformStream } = require('./js/line-transform.js')
const { waitLog } = require('./js/wait-log.js')
const { gc, save, saveMany } = require('./js/images.js')
const { shell } = require('./js/shell.js')
const { logs, on } = require('./js/monitor.js')
const { activePorts } = require('./js/containers.js')
const { modemOf, dockerOf } = require('./js/modem/dockerode.js')
const { HELPER } = require('./js/session.js')
const { mock } = require('./js/mock.js')
const original = require('./js/original.js')

const { Dokeres, DokeresImage, DokeresContainer, ExecHandle } = binding
const { ImageCollection, ContainerCollection, NetworkCollection, VolumeCollection } = binding
const { Swarm, ServiceCollection, TaskCollection, NodeCollection } = binding
const { SecretCollection, ConfigCollection } = binding
const { PluginCollection, CheckpointCollection } = binding

binding.install(bridge)
binding.reaperCommand([process.execPath, HELPER])

Object.defineProperty(ContainerCollection.prototype, 'activePorts', method(activePorts))

Object.defineProperties(Dokeres.prototype, { logs: method(logs), on: method(on) })
Object.defineProperties(Dokeres.prototype, { modem: getter(modemOf), docker: getter(dockerOf) })
Object.defineProperties(Dokeres, {
  mock: method(mock),
  // As on the original's engine.
  Image: method(DokeresImage),
  Container: method(DokeresContainer),
  LineTransformStream: method(LineTransformStream),
})
Object.defineProperties(DokeresContainer, {
  create: method(original.create),
  run: method(original.run),
})
Object.defineProperty(DokeresImage.prototype, 'save', method(save))
Object.defineProperties(ImageCollection.prototype, {
  save: method(saveMany, 'save'),
  gc: method(gc),
})

Object.defineProperties(DokeresContainer.prototype, {
  exec: method(
    /**
     * @this {any}
     * @param {...any} words either words, or a command and options
     */
    function exec(...words) {
      const [first, second] = words
      const isOptions = words.length === 2 && typeof second === 'object' && second !== null
      if (Array.isArray(first) || isOptions || words.length < 2) return this._exec(first, second)
      return this._exec(words)
    },
  ),
  shell: method(
    /**
     * @this {any}
     * @param {any} [command]
     * @param {any} [options]
     */
    function shell_(command, options) {
      return shell(this, command, options)
    },
    'shell',
  ),
  waitLog: method(
    /**
     * @this {any}
     * @param {string | RegExp} expected
     * @param {any} [filter] a filter, or all options
     * @param {boolean | null} [thenDetach]
     */
    function waitLog_(expected, filter, thenDetach) {
      return waitLog(this, expected, filter, thenDetach)
    },
    'waitLog',
  ),
  waitFor: method(
    /**
     * @this {any}
     * @param {any} conditions
     * @param {any} [options]
     */
    function waitFor(conditions, options) {
      // As everywhere, the signal may come in the one object that there is.
      if (Array.isArray(conditions) || conditions?.signal == null) {
        return this._waitFor(conditions, options)
      }
      const { signal, ...rest } = conditions
      return this._waitFor(rest, { signal, ...options })
    },
  ),
  [Symbol.asyncDispose]: method(
    /** @this {any} */
    async function asyncDispose() {
      if (isCreated(this)) await this.remove({ force: true, volumes: true })
    },
  ),
  [inspect.custom]: method(
    /**
     * @this {any}
     * @param {number} _depth
     * @param {import('node:util').InspectOptionsStylized} options
     */
    function custom(_depth, options) {
      const state = isCreated(this) ? this.shortId : 'not created'
      return `DokeresContainer ${options.stylize(this.name ?? '(unnamed)', 'string')} ${state}`
    },
  ),
})

Object.defineProperty(
  ExecHandle.prototype,
  Symbol.asyncDispose,
  method(
    /** @this {any} */
    function asyncDispose() {
      return this.kill()
    },
  ),
)

/** @param {any} container */
function isCreated(container) {
  try {
    return Boolean(container.id)
  } catch {
    return false
  }
}

/** @param {(self: any) => any} read */
function getter(read) {
  return {
    /** @this {any} */
    get() {
      return read(this)
    },
    configurable: true,
  }
}

/** @param {Function} value @param {string} [name] */
function method(value, name) {
  if (name) Object.defineProperty(value, 'name', { value: name })
  return { value, writable: true, configurable: true }
}

module.exports = {
  Dokeres,
  DokeresImage,
  DokeresContainer,
  ExecHandle,
  ImageCollection,
  ContainerCollection,
  NetworkCollection,
  VolumeCollection,
  Swarm,
  ServiceCollection,
  TaskCollection,
  NodeCollection,
  SecretCollection,
  ConfigCollection,
  PluginCollection,
  CheckpointCollection,
  DokeresError,
  DokeresStream,
  AttachStream,
  ExecStream,
  LineTransformStream,
  // The names of the original's later versions.
  Engine: Dokeres,
  Image: DokeresImage,
  Container: DokeresContainer,
  // What else the original exported.
  Docker: original.Docker,
  Errors: original.Errors,
  follow: original.follow,
  waitUntilLogsSay: original.waitUntilLogsSay,
  mockDockerode: original.mockDockerode,
  mockDockerodeContainer: original.mockDockerodeContainer,
  mockStream: original.mockStream,
  socketPath: original.socketPath,
  defaultSocketPath: original.socketPath,
  // Which build of the addon this is; the generated types tell of it.
  __napiBindingTarget: binding.__napiBindingTarget,
}
