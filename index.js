'use strict'

// Why there is JavaScript at all: a class can extend `Error` only here, batches are cut into items
// here for less than a call across the bridge costs, `RegExp` means what its own engine says, and
// Rust cannot take `...rest` or name methods by symbols. Everything else is in `src/`.

const { join } = require('node:path')
const { inspect } = require('node:util')
const binding = require('./js/native.js')
const bridge = require('./js/bridge.js')
const { DokeresError } = require('./js/error.js')
const { command } = require('./js/script.js')

// What not every program uses is loaded with its first use: compiling JavaScript is most of what it
// costs to load this package.
const images = () => require('./js/images.js')
const monitor = () => require('./js/monitor.js')
const original = () => require('./js/original.js')
const modems = () => require('./js/modem/dockerode.js')

const { Dokeres, DokeresImage, DokeresContainer, ExecHandle } = binding
const { ImageCollection, ContainerCollection, NetworkCollection, VolumeCollection } = binding
const { Swarm, ServiceCollection, TaskCollection, NodeCollection } = binding
const { SecretCollection, ConfigCollection } = binding
const { PluginCollection, CheckpointCollection } = binding

binding.install(bridge)
binding.reaperCommand(command(join(__dirname, 'js', 'reaper.js')))

Object.defineProperties(ContainerCollection.prototype, {
  activePorts: later(() => require('./js/containers.js'), 'activePorts'),
})

Object.defineProperties(Dokeres.prototype, {
  logs: later(monitor, 'logs'),
  on: later(monitor, 'on'),
  modem: getter((self) => modems().modemOf(self)),
  docker: getter((self) => modems().dockerOf(self)),
})
Object.defineProperties(Dokeres, {
  mock: later(() => require('./js/mock.js'), 'mock'),
  // As on the original's engine.
  Image: method(DokeresImage),
  Container: method(DokeresContainer),
  LineTransformStream: getter(() => require('./js/line-transform.js').LineTransformStream),
})
Object.defineProperties(DokeresContainer, {
  create: later(original, 'create'),
  run: later(original, 'run'),
})
Object.defineProperties(DokeresImage.prototype, { save: later(images, 'save') })
Object.defineProperties(ImageCollection.prototype, {
  save: later(images, 'saveMany', 'save'),
  gc: later(images, 'gc'),
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
      return require('./js/shell.js').shell(this, command, options)
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
      return require('./js/wait-log.js').waitLog(this, expected, filter, thenDetach)
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

/**
 * A method whose module is loaded when it is called.
 * @param {() => any} load @param {string} from its name there @param {string} [name]
 */
function later(load, from, name = from) {
  /** @this {any} @param {...any} words */
  const call = function (...words) {
    return load()[from].apply(this, words)
  }
  return method(call, name)
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
  // The names of the original's later versions.
  Engine: Dokeres,
  Image: DokeresImage,
  Container: DokeresContainer,
}

lend(() => require('./js/stream.js'), ['DokeresStream', 'AttachStream', 'ExecStream'])
lend(() => require('./js/line-transform.js'), ['LineTransformStream'])

// What else the original exported.
lend(original, ['Docker', 'Errors', 'follow', 'waitUntilLogsSay', 'socketPath'])
lend(original, ['mockDockerode', 'mockDockerodeContainer', 'mockStream'])
lend(() => ({ defaultSocketPath: original().socketPath }), ['defaultSocketPath'])

/**
 * Exports what another module has; that is loaded when it is asked for.
 * @param {() => any} load @param {readonly string[]} names
 */
function lend(load, names) {
  for (const name of names) {
    const get = () => load()[name]
    Object.defineProperty(module.exports, name, { get, enumerable: true, configurable: true })
  }
}
