'use strict'

/** @type {any} */
const binding = require('../native.js')
const { DokeresError } = require('../error.js')
const { demuxStream } = require('./demux.js')
const { settle, target } = require('./options.js')
const { followProgress } = require('./progress.js')
const { collect, failure, headOf, parse, within } = require('./reply.js')
const { buildQuerystring, requestOf } = require('./request.js')
const { Connection, Dialogue, Reply, aborted } = require('./streams.js')

const MOST_REDIRECTS = 5

/** Fields that say where the engine is. */
const PLACE = ['protocol', 'host', 'port', 'socketPath', 'username', 'ca', 'cert', 'key']

/** The `Dokeres` that a modem was made of. @type {WeakMap<object, any>} */
const shared = new WeakMap()

/** A drop-in for docker-modem over this package's own connection. */
class Modem {
  /** @type {any} */
  #dokeres
  /** @type {any[]} where `#dokeres` is */
  #place = []
  #isShared = false

  // As docker-modem, it has its options for all to see; they are read anew for each request.
  /** @type {string | undefined} */
  host
  /** @type {string | (() => string | Promise<string>) | undefined} */
  socketPath
  pathPrefix = '/'
  /** @type {string | undefined} */
  version
  /** @type {number | undefined} */
  timeout
  /** @type {Record<string, any>} */
  headers = {}

  /** @param {any} [options] */
  constructor(options) {
    Object.assign(this, settle(options ?? {}))
    this.Promise = options?.Promise ?? Promise
    // What does not fit is told now. A socket's path that is still to be found out, later.
    if (typeof this.socketPath !== 'function') this.#connect(this.socketPath)
    else target(this)
  }

  /**
   * A modem on the connection of a `Dokeres`.
   * @param {any} dokeres
   */
  static over(dokeres) {
    const modem = new Modem(place(dokeres))
    modem.#dokeres = dokeres
    modem.#isShared = true
    shared.set(modem, dokeres)
    return modem
  }

  /** @param {string} [socketPath] */
  #connect(socketPath) {
    this.#dokeres = new binding.Dokeres(target(this, socketPath))
    this.#place = this.#now()
  }

  #now() {
    return PLACE.map((name) => /** @type {any} */ (this)[name])
  }

  /** The connection; another one where the fields have been changed since. */
  async #connection() {
    if (this.#isShared) return this.#dokeres
    const now = this.#now()
    if (!this.#dokeres || this.#place.some((value, index) => value !== now[index])) {
      this.#connect(this.host ? undefined : await this.getSocketPath())
    }
    return this.#dokeres
  }

  /** The socket's path, where there is one. */
  async getSocketPath() {
    const { socketPath } = this
    return typeof socketPath === 'function' ? socketPath() : socketPath
  }

  /**
   * Sends a request: `callback(error, reply)`.
   * @param {any} options
   * @param {(error: any, reply?: any) => void} callback
   */
  dial(options, callback) {
    let prepared
    try {
      prepared = requestOf(this, options)
    } catch (error) {
      process.nextTick(callback, error, null)
      return
    }
    this.buildRequest(prepared.request, options, prepared.data, callback)
  }

  /**
   * @param {{ path: string, method: string, headers: any, signal?: AbortSignal }} request
   * @param {any} context how its reply is to be given: what `dial` was called with
   * @param {any} data the body: bytes, or a stream
   * @param {(error: any, reply?: any) => void} callback
   */
  buildRequest(request, context, data, callback) {
    // Not from within the promise: what a callback throws is an exception of the program's own.
    this.#exchange(request, context, data).then(
      (reply) => process.nextTick(callback, null, reply),
      (error) => {
        const { signal } = request
        process.nextTick(callback, signal?.aborted ? aborted(signal) : error, null)
      },
    )
  }

  /** @param {any} request @param {any} context @param {any} data */
  async #exchange(request, context, data) {
    const { signal } = request
    const upgrade = Boolean(context.hijack || context.openStdin)
    let asked = { ...request, data, upgrade }
    for (let redirects = 0; ; redirects++) {
      const [status, reason, headers, native, upgraded] = await this.#send(asked)
      const head = headOf(status, reason, headers)
      if (upgraded) return new (context.hijack ? Connection : Dialogue)(native, head, signal)
      const reply = new Reply(native, head, signal)
      const { location } = head.headers
      if (status < 300 || status > 399 || !location) return this.#given(reply, context)
      reply.destroy()
      if (redirects === MOST_REDIRECTS) {
        throw new DokeresError({
          code: 'PROTOCOL_ERROR',
          message: `${request.path} was redirected more than ${MOST_REDIRECTS} times`,
        })
      }
      // As docker-modem: asked again, for what is there. Always of the same engine.
      const { pathname, search } = new URL(location, `http://docker${asked.path}`)
      asked = { ...asked, path: pathname + search, method: 'GET', data: undefined, upgrade: false }
    }
  }

  /** @param {any} asked @returns {Promise<[number, string, string[], any, boolean]>} */
  async #send({ path, method, headers, data, upgrade, signal }) {
    const list = []
    for (const [name, value] of Object.entries(headers)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one != null) list.push([name, String(one)])
      }
    }
    return binding.exchange(await this.#connection(), {
      method,
      target: path,
      headers: list,
      body: typeof data === 'string' ? Buffer.from(data) : data,
      upgrade,
      timeout: this.timeout || undefined,
      signal,
    })
  }

  /** @param {Reply} reply @param {any} context */
  async #given(reply, context) {
    const { isStream, statusCodes } = context
    const isGood = statusCodes[reply.statusCode] === true
    if (isStream && isGood) return reply
    const body = await within(this.timeout, reply, collect(reply))
    if (!isGood) throw failure(reply.statusCode, statusCodes, body, Boolean(isStream))
    return parse(body)
  }

  /** @param {Record<string, any>} options */
  buildQuerystring(options) {
    return buildQuerystring(options)
  }

  /** @type {typeof demuxStream} */
  demuxStream(stream, stdout, stderr) {
    demuxStream(stream, stdout, stderr)
  }

  /** @type {typeof followProgress} */
  followProgress(stream, onFinished, onProgress) {
    followProgress(stream, onFinished, onProgress)
  }
}

/** Where a `Dokeres` is, as a modem's fields say it. @param {any} dokeres */
function place(dokeres) {
  const { url } = dokeres.endpoint
  const socket = /^(?:unix|npipe):\/\/(.*)$/.exec(url ?? '')
  if (!url || socket) return { socketPath: socket?.[1] ?? 'unknown' }
  const { protocol, hostname, port, username } = new URL(url)
  const scheme = protocol.slice(0, -1)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port || undefined,
    protocol: scheme === 'tcp' ? 'http' : scheme,
    username: username ? decodeURIComponent(username) : undefined,
  }
}

/** @param {object} modem */
const sharedBy = (modem) => shared.get(modem)

module.exports = { Modem, sharedBy }
