'use strict'

const { once } = require('node:events')

/**
 * Just enough of HTTP/1.1 to be an engine to our own client. Not `node:http`: a connection that is
 * taken over (attach, exec) begins with a body there, and what its server makes of those has changed
 * from version to version.
 */

const CRLF = Buffer.from('\r\n')
const HEAD_END = Buffer.from('\r\n\r\n')

/** Reads requests off a socket. */
class Reader {
  #chunks
  #rest = Buffer.alloc(0)

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#chunks = socket.iterator({ destroyOnReturn: false })
  }

  async #more() {
    const { value, done } = await this.#chunks.next().catch(() => ({ value: null, done: true }))
    if (done) return false
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    return true
  }

  /** @param {Buffer} mark @returns {Promise<string | null>} what is before it; null at the end */
  async #until(mark) {
    for (;;) {
      const at = this.#rest.indexOf(mark)
      if (at >= 0) {
        const text = this.#rest.toString('latin1', 0, at)
        this.#rest = this.#rest.subarray(at + mark.length)
        return text
      }
      if (!(await this.#more())) return null
    }
  }

  /** @param {number} length */
  async #exactly(length) {
    while (this.#rest.length < length) if (!(await this.#more())) break
    const bytes = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return bytes
  }

  /** @param {Record<string, string>} headers */
  async #body(headers) {
    if (!/chunked/i.test(headers['transfer-encoding'] ?? '')) {
      return this.#exactly(Number(headers['content-length'] ?? 0))
    }
    const parts = []
    for (;;) {
      const length = Number.parseInt((await this.#until(CRLF)) ?? '0', 16)
      if (length > 0) parts.push(await this.#exactly(length))
      await this.#until(CRLF)
      if (!(length > 0)) return Buffer.concat(parts)
    }
  }

  /** The next request, or null where the client has no more. */
  async request() {
    const head = await this.#until(HEAD_END)
    if (head === null) return null
    const [first, ...lines] = head.split('\r\n')
    const [method, target] = first.split(' ')
    /** @type {Record<string, string>} */
    const headers = {}
    for (const line of lines) {
      const at = line.indexOf(':')
      headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim()
    }
    return { method, target, headers, body: await this.#body(headers) }
  }

  /** All that is to come, of a connection that has been taken over. */
  async *remainder() {
    while (this.#rest.length > 0 || (await this.#more())) {
      yield this.#rest
      this.#rest = Buffer.alloc(0)
    }
  }
}

/** Writes one response. */
class Writer {
  #socket
  #chunked = false

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket
  }

  /**
   * @param {number} status
   * @param {Record<string, string>} headers
   * @param {Buffer | null} whole the body; null where it comes in pieces, or there is none
   * @param {'pieces' | 'upgrade' | 'none' | 'whole'} kind
   */
  head(status, headers, whole, kind) {
    const all = { ...headers }
    this.#chunked = kind === 'pieces'
    if (kind === 'pieces') all['Transfer-Encoding'] = 'chunked'
    if (kind === 'upgrade') Object.assign(all, { Connection: 'Upgrade', Upgrade: 'tcp' })
    if (kind === 'whole') all['Content-Length'] = String(whole?.length ?? 0)
    // A line break in a value would begin another header.
    const lines = Object.entries(all).map(
      ([name, value]) => `${name}: ${String(value).replace(/[\r\n]+/g, ' ')}\r\n`,
    )
    this.#socket.write(`HTTP/1.1 ${status} Mock\r\n${lines.join('')}\r\n`, 'latin1')
    if (kind === 'whole' && whole?.length) this.#socket.write(whole)
  }

  /** A piece of the body, at the client's pace. @param {Buffer} data */
  async piece(data) {
    if (data.length === 0 || this.#socket.destroyed) return
    const framed = this.#chunked
      ? Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, CRLF])
      : data
    if (this.#socket.write(framed)) return
    const waiting = new AbortController()
    const { signal } = waiting
    const either = ['drain', 'close'].map((name) => once(this.#socket, name, { signal }))
    await Promise.race(either).catch(() => {})
    waiting.abort()
    await Promise.allSettled(either)
  }

  end() {
    if (this.#chunked && !this.#socket.destroyed) this.#socket.write('0\r\n\r\n')
  }
}

module.exports = { Reader, Writer }
