'use strict'

/**
 * What a mock replies, in the engine's own form.
 * @typedef {{ status?: number, headers?: Record<string, string>, json?: unknown, body?: string | Uint8Array,
 *   stream?: Iterable<unknown> | AsyncIterable<unknown> }} Reply
 *
 * How a call's output is written: framed with its channel, bare (a terminal's), or not output at all.
 * @typedef {'framed' | 'bare' | 'plain'} Form
 */

/** @param {unknown} json @param {number} [status] @returns {Reply} */
const json = (json, status = 200) => ({ status, json })
/** @param {number} status @param {string} message @returns {Reply} */
const failure = (status, message) => ({ status, json: { message } })
/** @type {Reply} */
const NOTHING = { status: 204 }

/** What no mock knows by itself. @param {{ method: string, path: string }} asked */
const unknown = ({ method, path }) =>
  failure(501, `the mock has no reply of its own to ${method} ${path}: give it a handler`)

const FIELDS = ['status', 'headers', 'json', 'body', 'stream']
const CHANNEL = /** @type {const} */ ({ stdout: 1, stderr: 2 })

/**
 * Checks what a handler gave: nothing where there is nothing wrong with it.
 * @param {any} reply
 * @returns {string | undefined}
 */
function fault(reply) {
  if (typeof reply !== 'object' || Array.isArray(reply) || ArrayBuffer.isView(reply)) {
    return `a reply is an object with ${FIELDS.join(', ')}, or nothing for the default one`
  }
  const strange = Object.keys(reply).find((name) => !FIELDS.includes(name))
  if (strange !== undefined) return `\`${strange}\` is none of ${FIELDS.join(', ')}`
  const { status, headers, body, stream } = reply
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    return '`status` is a number from 200 to 599'
  }
  if (headers != null && typeof headers !== 'object') return '`headers` is an object'
  const contents = ['json', 'body', 'stream'].filter((name) => reply[name] !== undefined)
  if (contents.length > 1) return `give one of ${contents.join(', ')}`
  if (body != null && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    return '`body` is a text or bytes'
  }
  if (stream !== undefined && typeof stream?.[Symbol.asyncIterator] !== 'function') {
    if (typeof stream?.[Symbol.iterator] !== 'function' || typeof stream === 'string') {
      return '`stream` is something to iterate over: a list, a generator, a Readable'
    }
  }
  return undefined
}

/** What the engine says where a handler gave only a status. @param {string} path @param {number} status */
function complaint(path, status) {
  const [, kind, name] =
    /^\/(containers|images|exec|networks|volumes)\/(.+?)(?:\/[a-z]+)?$/.exec(path) ?? []
  if (status === 404 && kind === 'containers') return `No such container: ${name}`
  if (status === 404 && kind === 'images') return `No such image: ${name}`
  if (status === 404 && kind === 'exec') return `No such exec instance: ${name}`
  if (status === 404 && kind === 'networks') return `network ${name} not found`
  if (status === 404 && kind === 'volumes') return `get ${name}: no such volume`
  return `the mock replied ${status}`
}

/** @param {unknown} data @returns {Buffer} */
function bytes(data) {
  return typeof data === 'string'
    ? Buffer.from(data)
    : Buffer.from(/** @type {Uint8Array} */ (data))
}

/**
 * One item of a stream, as the engine would send it.
 * @param {any} item
 * @param {Form} form
 * @param {(() => string) | null} timestamp where each line begins with its time
 * @returns {Buffer}
 */
function encoded(item, form, timestamp) {
  const isBytes = typeof item === 'string' || item instanceof Uint8Array
  if (form === 'plain') return isBytes ? bytes(item) : Buffer.from(`${JSON.stringify(item)}\r\n`)
  const parts = Object.entries(isBytes ? { stdout: item } : (item ?? {}))
  const written = []
  for (const [channel, data] of parts) {
    if (!(channel in CHANNEL)) {
      throw new TypeError(`output is a text, bytes, { stdout } or { stderr }, not { ${channel} }`)
    }
    const number = CHANNEL[/** @type {'stdout' | 'stderr'} */ (channel)]
    for (const line of timestamp ? lines(bytes(data)) : [bytes(data)]) {
      const stamped = timestamp ? Buffer.concat([Buffer.from(`${timestamp()} `), line]) : line
      written.push(form === 'framed' ? frame(number, stamped) : stamped)
    }
  }
  return Buffer.concat(written)
}

/** @param {Buffer} data */
function* lines(data) {
  for (let at = 0; at < data.length;) {
    const end = data.indexOf(10, at) + 1 || data.length
    yield data.subarray(at, end)
    at = end
  }
}

/** @param {number} channel @param {Buffer} data */
function frame(channel, data) {
  const head = Buffer.alloc(8)
  head[0] = channel
  head.writeUInt32BE(data.length, 4)
  return Buffer.concat([head, data])
}

module.exports = { bytes, complaint, encoded, failure, fault, json, NOTHING, unknown }
