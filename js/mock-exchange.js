'use strict'

const { Readable } = require('node:stream')
const { MockEngine } = require('./mock-engine.js')
const { Writer } = require('./mock-http.js')
const { bytes, complaint, encoded } = require('./mock-reply.js')

/** @typedef {import('./mock-http.js').Reader} Reader */

/** One request and its reply. */
class Exchange {
  #writer
  #reader
  #listened = false
  /** @type {Readable | undefined} */
  #input

  /**
   * @param {{ method: string, target: string, headers: Record<string, string>, body: Buffer }} raw
   * @param {{ reader: Reader, socket: import('node:net').Socket, closed: Promise<void>,
   *   engine: MockEngine }} connection
   */
  constructor(raw, { reader, socket, closed, engine }) {
    this.socket = socket
    this.closed = closed
    this.engine = engine
    this.#reader = reader
    this.#writer = new Writer(socket)
    const url = new URL(raw.target, 'http://mock')
    const path = decoded(url.pathname).replace(/^\/v\d+\.\d+(?=\/)/, '')
    const [, kind, name, action] = /^\/(containers|exec)\/([^/]+)\/([a-z]+)$/.exec(path) ?? []
    this.action = kind && `${kind} ${action}`
    this.exec = kind === 'exec' ? engine.execs.get(name) : undefined
    const known = kind === 'containers' ? engine.container(name) : this.exec?.container
    this.container = known
    const body = read(raw)
    this.request = {
      method: raw.method,
      path,
      query: Object.fromEntries(url.searchParams),
      headers: raw.headers,
      body,
      container: known && { id: known.id, name: known.name, image: known.config.Image },
      command: this.exec?.config.Cmd ?? (action === 'exec' ? body?.Cmd : known?.command),
    }
    if (this.#takesOver) {
      // Not in what is shown of a call: it is there to be read, once.
      Object.defineProperty(this.request, 'stdin', { get: () => this.#stdin() })
    }
  }

  get #takesOver() {
    return (
      this.action === 'containers attach' ||
      (this.action === 'exec start' && !this.request.body?.Detach)
    )
  }

  #stdin() {
    this.#listened = true
    return (this.#input ??= Readable.from(this.#reader.remainder(), { objectMode: false }))
  }

  /** @returns {import('./mock-reply.js').Form} */
  get #form() {
    if (!['containers attach', 'containers logs', 'exec start'].includes(this.action ?? '')) {
      return 'plain'
    }
    return (this.exec ?? this.container)?.config.Tty ? 'bare' : 'framed'
  }

  /**
   * @param {import('./mock-reply.js').Reply & { scripted?: boolean }} reply
   * @returns {Promise<boolean>} whether the connection has come to its end
   */
  async answer({ status, headers = {}, json, body, stream, scripted }) {
    const { method, path } = this.request
    // The container may have been made by this very call.
    this.container ??= this.engine.container(path.split('/')[2] ?? '')
    const form = this.#form
    const isEmpty = json === undefined && body === undefined && stream === undefined
    const code = status ?? (isEmpty ? 204 : 200)
    if (code >= 400 && isEmpty) json = { message: complaint(path, code) }
    if (code < 300 && this.action === 'containers wait' && (!scripted || json !== undefined)) {
      return this.#wait(json)
    }
    if (!this.#takesOver && (method === 'HEAD' || code === 204 || code === 304)) {
      this.#writer.head(code, headers, null, 'none')
      return false
    }
    if (json !== undefined) {
      const type = { 'Content-Type': 'application/json', ...headers }
      this.#writer.head(code, type, Buffer.from(JSON.stringify(json)), 'whole')
      return false
    }
    if (form !== 'plain' && code < 300) {
      return this.#output(form, headers, stream ?? (body === undefined ? null : [body]))
    }
    if (path === '/events' && isEmpty) return this.#events(headers)
    if (stream === undefined) {
      this.#writer.head(code, headers, bytes(body ?? ''), 'whole')
      return false
    }
    this.#writer.head(code, { 'Content-Type': 'application/json', ...headers }, null, 'pieces')
    await this.#write(stream, 'plain')
    this.#writer.end()
    return false
  }

  /** The head at once, so that the wait counts; the rest at the end. @param {any} scripted */
  async #wait(scripted) {
    const { container, request } = this
    this.#writer.head(200, { 'Content-Type': 'application/json' }, null, 'pieces')
    const condition = request.query.condition || 'not-running'
    const ended = container?.wait(condition, scripted?.StatusCode)
    const code = await Promise.race([ended, this.closed])
    const verdict = scripted ?? { StatusCode: code ?? 0 }
    await this.#writer.piece(Buffer.from(`${JSON.stringify(verdict)}\n`))
    this.#writer.end()
    return false
  }

  /**
   * @param {import('./mock-reply.js').Form} form
   * @param {Record<string, string>} headers
   * @param {Iterable<unknown> | AsyncIterable<unknown> | null} scripted
   */
  async #output(form, headers, scripted) {
    const { container, exec, request } = this
    const kind = form === 'framed' ? 'multiplexed' : 'raw'
    const type = { 'Content-Type': `application/vnd.docker.${kind}-stream`, ...headers }
    if (!this.#takesOver) {
      const follows = ['1', 'true'].includes(request.query.follow)
      this.#writer.head(200, type, null, 'pieces')
      if (scripted) await this.#write(scripted, form)
      else if (follows && container?.running)
        await Promise.race([container.ended.promise, this.closed])
      this.#writer.end()
      if (exec) exec.state = { Running: false, ExitCode: 0 }
      return false
    }
    this.#writer.head(101, type, null, 'upgrade')
    const written = this.#takenOver(form, scripted)
    if (!exec && scripted) container?.writing.add(written)
    await written.finally(() => container?.writing.delete(written))
    if (exec) exec.state = { Running: false, ExitCode: 0 }
    this.socket.end()
    if (!this.#listened) this.#stdin().resume()
    return true
  }

  /**
   * @param {import('./mock-reply.js').Form} form
   * @param {Iterable<unknown> | AsyncIterable<unknown> | null} scripted
   */
  async #takenOver(form, scripted) {
    const { container, exec } = this
    if (exec) {
      exec.state.Running = true
      return this.#write(scripted ?? [], form)
    }
    // A program says nothing before it is started.
    if (!container?.running) await Promise.race([container?.started.promise, this.closed])
    if (scripted) return this.#write(scripted, form)
    this.#stdin().resume()
    return Promise.race([container?.ended.promise, this.closed])
  }

  /** @param {Record<string, string>} headers */
  async #events(headers) {
    const { filters, until } = this.request.query
    this.#writer.head(200, { 'Content-Type': 'application/json', ...headers }, null, 'pieces')
    const follower = (/** @type {any} */ event) => {
      if (!MockEngine.matches(event, filters)) return
      void this.#writer.piece(encoded(event, 'plain', null))
    }
    this.engine.followers.add(follower)
    if (!until) await this.closed
    this.engine.followers.delete(follower)
    this.#writer.end()
    return false
  }

  /**
   * @param {Iterable<any> | AsyncIterable<any>} stream
   * @param {import('./mock-reply.js').Form} form
   */
  async #write(stream, form) {
    const stamps = ['1', 'true'].includes(this.request.query.timestamps) ? timestamps() : null
    for await (const item of stream) {
      if (this.socket.destroyed) return
      await this.#writer.piece(encoded(item, form, form === 'plain' ? null : stamps))
    }
  }
}

/** Times that never are the same. */
function timestamps() {
  let nanos = BigInt(Date.now()) * 1_000_000n
  return () => {
    nanos += 1n
    const seconds = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19)
    return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`
  }
}

/** @param {string} path */
function decoded(path) {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** @param {{ headers: Record<string, string>, body: Buffer }} raw @returns {any} */
function read({ headers, body }) {
  if (body.length === 0) return undefined
  if (!/json/i.test(headers['content-type'] ?? '')) return body
  return JSON.parse(body.toString('utf8'))
}

module.exports = { Exchange }
