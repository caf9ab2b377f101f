// One request and its reply, with the fault that befalls it.
import { request as ask } from 'node:http'
import { GARBAGE, faulty } from './bodies.mjs'
import { LAST_CHUNK, chunk, headOf, readBody } from './http.mjs'
import { Wire } from './wire.mjs'

/** @typedef {import('../fault-proxy.mjs').Fault} Fault */
/** @typedef {import('../fault-proxy.mjs').Asked} Asked */

const SURPLUS = Buffer.from(
  'HTTP/1.1 500 No\r\ncontent-length: 26\r\n\r\n{"message":"nobody asked"}',
)

/** One request and its reply. */
export class Exchange {
  /**
   * @param {import('node:net').Socket} near @param {import('./http.mjs').Reader} reader
   * @param {import('./http.mjs').Head} head @param {Asked} asked @param {Fault | undefined} fault
   * @param {() => void} fired @param {import('../fault-proxy.mjs').Far} far
   */
  constructor(near, reader, head, asked, fault, fired, far) {
    this.near = near
    this.reader = reader
    this.head = head
    this.asked = asked
    this.fault = fault
    this.fired = fired
    this.far = far
    this.wire = new Wire(near, fault, fired)
  }

  /** @returns {Promise<boolean>} whether another request may follow */
  async carry() {
    const { fault, near, reader } = this
    const gone = () => new Promise((resolve) => near.once('close', resolve))
    switch (fault?.kind) {
      case 'deaf':
        this.fired()
        await gone()
        return false
      case 'silent':
        await this.#drain()
        this.fired()
        while (!(await reader.ended())) await reader.read()
        return this.#hangUp()
      case 'fin':
        await this.#drain()
        this.fired()
        near.end()
        await reader.ended()
        return this.#hangUp()
      case 'status':
        await this.#drain()
        return this.#refuse(fault)
    }
    if (fault?.kind === 'garbage' && fault.part === 'head') {
      await this.#drain()
      this.fired()
      await this.wire.write('head', GARBAGE)
      near.end()
      return false
    }
    const outgoing = this.#forward()
    const answer = await this.#answer(outgoing)
    if (!answer) return this.#hangUp()
    this.asked.status = answer.reply.statusCode
    this.asked.type = answer.reply.headers['content-type']
    // Who asked may go away at any time, and the engine is to learn of it.
    const close = () => outgoing.destroy()
    near.once('close', close)
    try {
      if (answer.socket) return await this.#dialogue(answer.reply, answer.socket)
      void reader.ended().then((ended) => ended && near.destroy())
      return await this.#reply(answer.reply)
    } finally {
      near.off('close', close)
    }
  }

  #hangUp() {
    this.near.destroy()
    return false
  }

  async #drain() {
    for await (const _ of readBody(this.reader, this.head));
  }

  #forward() {
    const { method, target, headers } = this.head
    const { fault } = this
    const other = fault?.kind === 'other-reply'
    const outgoing = ask({
      ...this.far,
      method: other ? 'GET' : method,
      path: other ? fault.path : target,
      headers: other ? { host: 'docker' } : headers,
      agent: false,
    })
    if (other) {
      this.fired()
      outgoing.end()
      void this.#drain().catch(() => {})
    } else {
      void this.#upload(outgoing).catch(() => outgoing.destroy())
    }
    return outgoing
  }

  /** @param {import('node:http').ClientRequest} outgoing */
  async #upload(outgoing) {
    const { fault, near } = this
    let room = fault?.side === 'request' ? (fault.after ?? 0) : Infinity
    const write = (/** @type {Buffer} */ data) =>
      new Promise((resolve) => outgoing.write(data, () => resolve(undefined)))
    // Node would announce a body by itself.
    const { headers } = this.head
    const hasBody = 'content-length' in headers || 'transfer-encoding' in headers
    outgoing.useChunkedEncodingByDefault = hasBody
    outgoing.flushHeaders()
    for await (const piece of readBody(this.reader, this.head)) {
      if (fault?.kind === 'drip' && fault.side === 'request') {
        this.fired()
        const slow = Math.min(piece.length, 2000)
        for (let at = 0; at < slow; at++) await write(piece.subarray(at, at + 1))
        await write(piece.subarray(slow))
        continue
      }
      await write(piece.subarray(0, room))
      room -= piece.length
      if (room > 0) continue
      if (fault?.kind === 'stall') await new Promise((resolve) => near.once('close', resolve))
      else this.fired()
      near.destroy()
      return void outgoing.destroy()
    }
    outgoing.end()
    return undefined
  }

  /** @param {import('node:http').ClientRequest} outgoing */
  #answer(outgoing) {
    const near = this.near
    return new Promise(
      (
        /** @type {(answer: { reply: import('node:http').IncomingMessage, socket?: import('node:net').Socket } | undefined) => void} */ resolve,
      ) => {
        outgoing.once('response', (reply) => resolve({ reply }))
        outgoing.once('upgrade', (reply, socket, first) => {
          if (first.length > 0) socket.unshift(first)
          resolve({ reply, socket })
        })
        outgoing.once('error', () => resolve(undefined))
        near.once('close', () => {
          outgoing.destroy()
          resolve(undefined)
        })
        // A request's end is told by its length: who closes before the answer has gone away.
        if (!this.head.isUpgrade && !('transfer-encoding' in this.head.headers)) {
          if (!Number(this.head.headers['content-length'] ?? 0)) {
            void this.reader.ended().then((ended) => ended && near.destroy())
          }
        }
      },
    )
  }

  /** @param {Fault} fault */
  async #refuse({ status = 500, words = 'a proxy says no' }) {
    const body = Buffer.from(JSON.stringify({ message: words }))
    const head = `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\n`
    this.asked.status = status
    await this.wire.write('head', Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`))
    if (this.head.method !== 'HEAD') await this.wire.write('body', body)
    return true
  }

  /** @param {import('node:http').IncomingMessage} reply @param {import('node:net').Socket} socket */
  async #dialogue(reply, socket) {
    const { near, reader, wire } = this
    socket.on('error', () => {})
    near.once('close', () => socket.destroy())
    const up = async () => {
      for (let data = await reader.read(); data; data = await reader.read()) socket.write(data)
      socket.end()
    }
    void up()
    await wire.write('head', headOf(reply))
    for await (const data of faulty(this.#counted(socket), this.fault, this.fired)) {
      await wire.write('body', data)
    }
    await wire.last(Buffer.alloc(0))
    near.end()
    return false
  }

  /** @param {import('node:http').IncomingMessage} reply */
  async #reply(reply) {
    const { fault, wire, near } = this
    const { statusCode = 0, headers } = reply
    if (this.head.method === 'HEAD' || statusCode === 204 || statusCode === 304) {
      reply.resume()
      return this.#end('head', headOf(reply))
    }
    const length = headers['content-length']
    if (length === '0') {
      return this.#end('head', headOf(reply))
    }
    if (fault?.kind === 'length') {
      this.fired()
      await wire.write('head', headOf(reply, { 'content-length': fault.length ?? 2 ** 32 }))
      for await (const data of this.#counted(reply)) await wire.write('body', data)
      near.end()
      return false
    }
    const isChunked = length === undefined || fault !== undefined
    await wire.write(
      'head',
      headOf(reply, isChunked ? { 'transfer-encoding': 'chunked' } : undefined),
    )
    if (fault?.kind === 'chunk') {
      this.fired()
      await wire.write('body', Buffer.from(`${fault.words ?? 'ffffffffffffffff'}\r\n{"a":1`))
      near.end()
      return false
    }
    for await (const data of faulty(this.#counted(reply), fault, this.fired)) {
      if (data.length > 0) await wire.write('body', isChunked ? chunk(data) : data)
    }
    if (!reply.complete && fault === undefined) return this.#hangUp()
    return this.#end('body', isChunked ? LAST_CHUNK : Buffer.alloc(0))
  }

  /** @param {'head' | 'body'} part @param {Buffer} data the reply's last */
  async #end(part, data) {
    if (this.fault?.kind === 'surplus') {
      this.fired()
      // In one piece with another reply, to nothing that was asked.
      data = Buffer.concat([data, SURPLUS])
    }
    if (part === 'body') await this.wire.last(data)
    else await this.wire.write('head', data)
    return true
  }

  /** @param {AsyncIterable<Buffer>} pieces @returns {AsyncGenerator<Buffer, void>} */
  async *#counted(pieces) {
    try {
      for await (const piece of pieces) {
        this.asked.size += piece.length
        yield piece
      }
    } catch {
      // The engine's side broke off; so does ours, by what is missing.
    }
  }
}
