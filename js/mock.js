'use strict'

const { mkdtempSync, readdirSync, rm, rmSync, statSync } = require('node:fs')
const { connect, createServer } = require('node:net')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { invalid } = require('./error.js')
const { MockEngine } = require('./mock-engine.js')
const { Exchange } = require('./mock-exchange.js')
const { Reader } = require('./mock-http.js')
const { fault } = require('./mock-reply.js')

/** A socket's path is at most 104 bytes on macOS, 108 on Linux. */
const LONGEST_FOLDER = 80

const PREFIX = 'dokeres-mock-'
const SOCKET = 'engine.sock'
const YOUNG = 60_000

/** The folders of mocks that have not been closed. @type {Set<string>} */
const folders = new Set()
let watched = false

function removeFolders() {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/**
 * Takes away what processes that were killed have left: where nobody listens any more.
 * @param {string} temporary
 */
function sweep(temporary) {
  const now = Date.now()
  for (const name of readdirSync(temporary)) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(temporary, name)
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now
    // Another process may be about to listen.
    if (now - made < YOUNG) continue
    const probe = connect(join(folder, SOCKET)).unref()
    probe.on('connect', () => probe.destroy())
    probe.on('error', (error) => {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ECONNREFUSED') return
      rm(folder, { recursive: true, force: true }, () => {})
    })
  }
}

/** Where to listen: a socket that only this user can reach, or a pipe with a name that nobody has. */
function place() {
  if (process.platform === 'win32') {
    const name = `dokeres-mock-${process.pid}-${require('node:crypto').randomUUID()}`
    return { path: `\\\\.\\pipe\\${name}`, remove() {} }
  }
  const temporary = Buffer.byteLength(tmpdir()) > LONGEST_FOLDER ? '/tmp' : tmpdir()
  const folder = mkdtempSync(join(temporary, PREFIX))
  folders.add(folder)
  if (!watched) {
    process.on('exit', removeFolders)
    sweep(temporary)
  }
  watched = true
  const remove = () => {
    folders.delete(folder)
    rmSync(folder, { recursive: true, force: true })
  }
  return { path: join(folder, SOCKET), remove }
}

/**
 * An engine that is none, for users' own tests: below our whole client there is a server that
 * replies what a handler says, or what makes sense. It keeps no process alive.
 * @param {((request: any) => unknown) | null} [handler]
 */
function serve(handler) {
  if (handler != null && typeof handler !== 'function') {
    throw invalid('handler', 'expected a function')
  }
  const { path, remove } = place()
  const engine = new MockEngine()
  /** @type {any[]} */
  const calls = []
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.unref())
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    converse(socket, engine, handler ?? (() => undefined), calls).catch(() => socket.destroy())
  })
  server.on('error', (error) => process.emitWarning(error))
  // In a worker of a cluster, too, this is nobody else's.
  server.listen({ path, exclusive: true }).unref()
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    remove()
  }
  return { path, calls, close }
}

/**
 * One connection, request after request.
 * @param {import('node:net').Socket} socket
 * @param {MockEngine} engine
 * @param {(request: any) => unknown} handler
 * @param {any[]} calls
 */
async function converse(socket, engine, handler, calls) {
  const reader = new Reader(socket)
  const closed = /** @type {Promise<void>} */ (new Promise((done) => socket.once('close', done)))
  for (;;) {
    const raw = await reader.request()
    if (raw === null) return socket.end()
    const exchange = new Exchange(raw, { reader, socket, closed, engine })
    calls.push(exchange.request)
    const reply = await decide(exchange, handler)
    if (await exchange.answer(reply)) return undefined
  }
}

/**
 * What is replied: the handler's word, else the mock's own.
 * @param {Exchange} exchange
 * @param {(request: any) => unknown} handler
 */
async function decide({ engine, request }, handler) {
  const what = `${request.method} ${request.path}`
  try {
    const given = await handler(request)
    if (given == null) return engine.reply(request)
    const wrong = fault(given)
    if (wrong) throw new TypeError(`that is no reply: ${wrong}`)
    const reply = /** @type {import('./mock-reply.js').Reply} */ (given)
    if ((reply.status ?? 200) >= 400) return reply
    // What it changes is changed all the same, or what comes after would make no sense.
    const own = engine.reply(request)
    const { Id } = /** @type {any} */ (reply.json) ?? {}
    if (request.path === '/containers/create' && typeof Id === 'string') engine.rename(Id)
    const json = put(reply.json, own.json, request)
    return { ...reply, ...(json !== undefined && { json }), scripted: true }
  } catch (error) {
    return { status: 500, json: { message: `the mock's handler failed on ${what}: ${error}` } }
  }
}

/**
 * An inspection has many fields: a script gives those that matter, over the mock's own.
 * @param {any} given @param {any} own @param {{ method: string, path: string }} request
 */
function put(given, own, { method, path }) {
  const isInspection = method === 'GET' && /^\/(containers|exec|images)\/.+\/json$/.test(path)
  return isInspection ? merged(own, given) : given
}

/** @param {any} under @param {any} over @returns {any} */
function merged(under, over) {
  if (!isPlain(under) || !isPlain(over)) return over === undefined ? under : over
  const all = { ...under }
  for (const [name, value] of Object.entries(over)) all[name] = merged(under[name], value)
  return all
}

/** @param {unknown} value */
const isPlain = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * `Dokeres.mock(handler)`.
 * @this {any}
 * @param {((request: any) => unknown) | null} [handler]
 */
function mock(handler) {
  const { path, calls, close } = serve(handler)
  const dokeres = new this({ socketPath: path })
  return Object.defineProperties(dokeres, {
    calls: { value: calls, enumerable: true },
    close: { value: close },
    [Symbol.asyncDispose]: { value: close },
  })
}

module.exports = { mock, serve }
