'use strict'

const { EventEmitter } = require('node:events')
const { setTimeout: delay } = require('node:timers/promises')
const { inherits } = require('node:util')
const { DokeresError } = require('../error.js')
const { define, invalid, pick, say } = require('./both.js')
const { dockerOf, engineOf, isObject } = require('./docker.js')
const { handle, noStartOptions } = require('./handle.js')
const { ofMany, ofOne, removeStopped, stopRemoveGroup } = require('./many.js')
const { shown } = require('./show.js')

const ATTEMPTS = 5

/**
 * Containers of an engine; what is done to them is told by events.
 * @class
 * @param {any} [docker]
 * @this {any}
 */
function Containers(docker) {
  if (!(this instanceof Containers)) return new /** @type {any} */ (Containers)(docker)
  EventEmitter.call(/** @type {any} */ (this))
  this.docker = dockerOf(docker)
  // Pauses, in milliseconds, that nothing needs; whoever sets them gets them.
  this.timeToStop = 0
  this.timeToCreate = 0
}

inherits(Containers, EventEmitter)

/** @param {any} self */
const native = (self) => engineOf(self.docker).containers

/** @param {number} ms @param {AbortSignal} [signal] */
async function pause(ms, signal) {
  if (ms > 0) await delay(ms, undefined, signal ? { signal } : {}).catch(() => {})
  signal?.throwIfAborted()
}

// One container.

define(Containers.prototype, 1, {
  async create(opts, options) {
    const { signal } = pick(options, ['signal'])
    const call = createCall(opts)
    say(this, 'verbose', 'creating', shown(opts))
    const image = await present(engineOf(this.docker), call.image, signal)
    const container = await native(this).create({ ...call, image, signal })
    say(this, 'verbose', 'created', shown(opts))
    await pause(this.timeToCreate)
    return handle(this.docker, container)
  },

  async run(opts, options) {
    const { signal } = pick(options, ['signal'])
    if (!isObject(opts)) throw invalid('opts', '{ create, start, startRetries } is expected')
    const { create, start, startRetries } = pick(opts, ['create', 'start', 'startRetries'])
    const retries = startRetries ?? 0
    if (!Number.isInteger(retries) || retries < 0) {
      throw invalid('startRetries', 'a whole number, 0 or more, is expected')
    }
    const body = configured(create, start)
    for (let attempt = 0; ; attempt += 1) {
      const container = await this.create(body, { signal })
      try {
        await native(this).start(container.id, { signal })
        return container
      } catch (/** @type {any} */ error) {
        if (signal?.aborted) {
          await native(this)
            .clean(container.id, { timeout: 0 })
            .catch(() => {})
          throw error
        }
        const failed = `failed to start container ${shown(start)} as ${container.id}`
        const last = attempt >= retries
        say(this, 'warn', `${failed}\nError: ${error}${last ? '' : ', retrying'}`)
        await this.clean(container.id).catch((/** @type {any} */ left) => {
          say(this, 'warn', `failed to clean container ${container.id}\nError: ${left}`)
        })
        if (last) throw exceeded(error)
      }
    }
  },

  async clean(id, options) {
    const { timeout, volumes, signal } = pick(options, ['timeout', 'volumes', 'signal'])
    const containers = native(this)
    for (let attempt = 1; ; attempt += 1) {
      say(this, 'verbose', 'stopping', id)
      try {
        await containers.stop(id, { timeout, signal })
        say(this, 'info', 'stopped', shown({ id, attempts: attempt }))
      } catch (/** @type {any} */ error) {
        if (error?.code === 'CONTAINER_NOT_FOUND') return
        unlessRefused(error)
        say(this, 'verbose', 'killing', id)
        const killed = await containers.kill(id).then(() => true, unlessRefused)
        if (killed) say(this, 'info', 'killed', shown({ id, attempts: attempt }))
      }
      await pause(this.timeToStop, signal)
      say(this, 'verbose', 'removing', id)
      try {
        await containers.remove(id, { force: true, volumes, signal })
        return say(this, 'info', 'removed', id)
      } catch (/** @type {any} */ error) {
        unlessRefused(error)
        if (attempt === ATTEMPTS) {
          say(this, 'warn', `exceeded max stop attempts for [${id}], giving up`)
          throw error
        }
      }
      await pause(100 * 2 ** (attempt - 1), signal)
    }
  },

  ...ofOne,
})

define(Containers.prototype, 2, {
  async start(id, opts, options) {
    const { signal } = pick(options, ['signal'])
    noStartOptions(opts)
    say(this, 'verbose', 'starting', shown(opts))
    await native(this).start(id, { signal })
    say(this, 'verbose', 'started', shown({ id, opts }))
  },
})

/**
 * An image that is there; as in dockops one that is not is an error, and not pulled.
 * @param {any} engine
 * @param {string} image
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} its name, or its id in full
 */
async function present(engine, image, signal) {
  if (/^[0-9a-f]{4,63}$/.test(image)) {
    // The beginning of an id perhaps, which only the engine can tell from a name.
    const path = `/images/${image}/json`
    const found = await engine.request({ path, signal }).catch((/** @type {any} */ error) => {
      if (error?.statusCode !== 404) throw error
    })
    if (found) return found.Id
  }
  await engine.image(image).check({ signal })
  return image
}

/**
 * The engine's own fields, as our `create` takes them.
 * @param {any} opts
 */
function createCall(opts) {
  if (!isObject(opts)) throw invalid('opts', "the engine's create options are expected")
  const { name, platform, ...extra } = opts
  const image = extra.Image
  if (typeof image !== 'string' || !image) throw invalid('Image', "the image's name is expected")
  if (isObject(extra.ExposedPorts)) {
    // dockops' examples give port bindings here, which engines used to put up with.
    const ports = Object.keys(extra.ExposedPorts).map((port) => [port, {}])
    extra.ExposedPorts = Object.fromEntries(ports)
  }
  return { image, name, platform, extra }
}

/**
 * Start options as part of the creation: engines take them nowhere else any more.
 * @param {any} create
 * @param {any} start
 */
function configured(create, start) {
  if (start == null || !isObject(create)) return create
  if (!isObject(start)) throw invalid('start', 'an object with options is expected')
  if (Object.keys(start).length === 0) return create
  // `detachKeys` and the like are no configuration; whoever attaches says them there.
  const strange = Object.keys(start).find((name) => !/^[A-Z]/.test(name))
  if (strange !== undefined) throw unsupported(`start.${strange}`)
  return { ...create, HostConfig: { ...create.HostConfig, ...start } }
}

/** @param {string} path */
function unsupported(path) {
  const message = `\`${path}\` is none of the engine's HostConfig, which is what start may give`
  return new DokeresError({ code: 'NOT_SUPPORTED', message, path })
}

/** An engine's refusal may be another the next time; all else is told. @param {any} error */
function unlessRefused(error) {
  if (error?.statusCode === undefined) throw error
}

/** @param {any} cause */
function exceeded(cause) {
  return new DokeresError({
    code: 'INTERNAL',
    ...cause,
    message: `Exceeded max retries trying to start container: ${cause.message}`,
    cause,
  })
}

// Many.

define(Containers.prototype, 0, {
  async listAll(options) {
    return native(this).listAll(options)
  },

  async listStopped(options) {
    return native(this).listStopped(options)
  },

  async listRunning(options) {
    return native(this).listRunning(options)
  },

  async activePorts(options) {
    return Object.fromEntries(await native(this).activePorts(options))
  },

  removeStopped,
})

/** @this {any} @param {boolean} [all] @param {any} [options] */
async function list(all, options) {
  return native(this).list({ ...options, all: Boolean(all) })
}

define(Containers.prototype, 1, {
  list,
  _list: list,

  async listGroup(group, options) {
    return native(this).listGroup(group, options)
  },

  async listGroupRunning(group, options) {
    return native(this).listGroupRunning(group, options)
  },

  async listImage(name, options) {
    return native(this).listImage(name, options)
  },

  ...ofMany,
  stopRemoveGroup,
})

module.exports = { Containers }
