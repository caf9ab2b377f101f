'use strict'

const { Socket } = require('node:net')
const { Duplex, Readable } = require('node:stream')
/** @type {any} */
const binding = require('../native.js')
const { capture, fail } = require('../error.js')

/**
 * A reply's head, as Node's own responses show it.
 * @typedef {object} Head
 * @property {number} statusCode
 * @property {string} statusMessage
 * @property {string[]} rawHeaders
 * @property {Record<string, string>} headers
 */

/** Open streams stay, as Node's sockets do, whether or not somebody reads them: a pull goes on. */
const OPEN = new Set()

/**
 * What an abort makes of a request, as Node's own client has it.
 * @param {AbortSignal} signal
 */
function aborted(signal) {
  const error = new Error('The operation was aborted', { cause: signal.reason })
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}

/** The same within a reply: Node calls that a connection reset. @param {AbortSignal} signal */
function cut(signal) {
  return Object.assign(aborted(signal), { code: 'ECONNRESET', message: 'aborted' })
}

/** The native side of a Node stream: gives it bytes when it asks for them, and closes with it. */
class Source {
  #stream
  #native
  #signal
  #trace = capture(Source)
  #held = true
  #abort = () => {
    if (this.#signal) this.#stream.destroy(cut(this.#signal))
  }

  /** @param {Readable} stream @param {any} native @param {AbortSignal | undefined} signal */
  constructor(stream, native, signal) {
    this.#stream = stream
    this.#native = native
    this.#signal = signal
    OPEN.add(stream)
    if (signal?.aborted) process.nextTick(this.#abort)
    else signal?.addEventListener('abort', this.#abort, { once: true })
  }

  pull() {
    binding.streamHold(this.#native, this.#held)
    binding.streamPull(
      this.#native,
      (/** @type {string | null} */ failure, /** @type {Buffer | undefined} */ data) => {
        // Later: what a listener throws is to reach the process, and not the addon.
        process.nextTick(() => this.#take(failure, data))
      },
    )
  }

  /** @param {string | null} failure @param {Buffer | undefined} data */
  #take(failure, data) {
    if (this.#stream.destroyed) return
    if (failure !== null) this.#stream.destroy(fail(failure, this.#trace))
    else if (data === undefined) this.#stream.push(null)
    // One that waits for its reader keeps no process from ending; nor does a socket.
    else if (!this.#stream.push(data)) binding.streamHold(this.#native, false)
  }

  /** @param {boolean} held whether it keeps the process from ending while it reads */
  hold(held) {
    this.#held = held
    binding.streamHold(this.#native, held)
  }

  /** @param {Error | null} error @param {(error?: Error | null) => void} done */
  close(error, done) {
    binding.streamClose(this.#native)
    OPEN.delete(this.#stream)
    this.#signal?.removeEventListener('abort', this.#abort)
    // As with Node's own responses, an error that nobody listens for does not end the process.
    done(error && this.#stream.listenerCount('error') > 0 ? error : null)
  }
}

/** A reply that is read as it comes. */
class Reply extends Readable {
  #source
  statusCode = 0
  statusMessage = ''
  /** @type {Record<string, string>} */
  headers = {}
  /** @type {string[]} */
  rawHeaders = []

  /** @param {any} native @param {Head} head @param {AbortSignal} [signal] */
  constructor(native, head, signal) {
    super()
    Object.assign(this, head)
    this.#source = new Source(this, native, signal)
    // As a socket does, it begins to read at once, and stops where nobody takes it.
    this.read(0)
  }

  _read() {
    this.#source.pull()
  }

  /** @param {Error | null} error @param {(error?: Error | null) => void} done */
  _destroy(error, done) {
    // As Node's responses do where they end before their end.
    if (!this.readableEnded) this.emit('aborted')
    this.#source.close(error, done)
  }

  ref() {
    this.#source.hold(true)
    return this
  }

  unref() {
    this.#source.hold(false)
    return this
  }
}

/**
 * A connection that has been taken over, as a kind of stream. `end` ends our side only.
 * @param {new (options: any) => Duplex} Base
 * @returns {new (native: any, head: Head, signal?: AbortSignal) => Duplex & Head}
 */
function dialogue(Base) {
  return /** @type {any} */ (
    class extends Base {
      #native
      #source

      /** @param {any} native @param {Head} head @param {AbortSignal} [signal] */
      constructor(native, head, signal) {
        super({ allowHalfOpen: false })
        Object.assign(this, head)
        this.#native = native
        this.#source = new Source(this, native, signal)
        this.read(0)
      }

      _read() {
        this.#source.pull()
      }

      /** @param {any} chunk @param {string} _encoding @param {(error?: Error | null) => void} done */
      _write(chunk, _encoding, done) {
        binding.streamWrite(this.#native, Buffer.from(chunk)).then(() => done(), done)
      }

      /** @param {{ chunk: any }[]} chunks @param {(error?: Error | null) => void} done */
      _writev(chunks, done) {
        this._write(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk))), '', done)
      }

      /** @param {(error?: Error | null) => void} done */
      _final(done) {
        // Where the other side has gone, there is nothing to end.
        const ended = (/** @type {Error} */ error) => done(this.readableEnded ? null : error)
        binding.streamEnd(this.#native).then(() => done(), ended)
      }

      /** @param {Error | null} error @param {(error?: Error | null) => void} done */
      _destroy(error, done) {
        this.#source.close(error, (told) => super._destroy(told ?? null, done))
      }

      ref() {
        this.#source.hold(true)
        return this
      }

      unref() {
        this.#source.hold(false)
        return this
      }
    }
  )
}

const Dialogue = dialogue(Duplex)

/** The same for who asked for the connection itself: programs look whether it is a socket. */
const Connection = dialogue(/** @type {any} */ (Socket))

module.exports = { Reply, Dialogue, Connection, aborted }
