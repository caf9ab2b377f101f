'use strict'

/** @type {any} */
const binding = require('./native.js')
const { onAbort } = require('./abort.js')
const { capture, fail, notUnderstood } = require('./error.js')
const json = require('./json.js')

const CHANNELS = /** @type {const} */ (['stdin', 'stdout', 'stderr', 'console'])

/**
 * A stream from the engine. Rust hands over batches; they are cut into items here, because a call
 * across the bridge costs more than an item does.
 * @template T
 */
class DokeresStream {
  #native
  /** @type {T[]} */
  #items = []
  #next = 0
  #ended = false
  /** What was wrong behind the items. @type {Error | undefined} */
  #broken

  /** @type {{ stack: string } | undefined} */
  #trace
  #signal
  #forget

  /** @param {any} native @param {AbortSignal | undefined} signal closes it; reading then rejects */
  constructor(native, signal) {
    this.#native = native
    this.#signal = signal
    if (signal?.aborted) binding.streamClose(native)
    this.#forget = onAbort(signal, this, (stream) => binding.streamClose(stream.#native))
  }

  /** @returns {any} */
  get _native() {
    return this.#native
  }

  /** @returns {Promise<void>} once it is open */
  _open() {
    return binding.streamOpen(this.#native)
  }

  /** @returns {Promise<boolean>} whether there are items, or it has ended */
  #fill() {
    // Once, for it costs more than all else here; later ones would tell of nobody but this class.
    const trace = (this.#trace ??= capture(this.#fill))
    return new Promise((resolve, reject) => {
      // While this waits, the callback keeps the stream; a stream that nobody reads may be collected.
      binding.streamPull(
        this.#native,
        (
          /** @type {string | null} */ failure,
          /** @type {any} */ data,
          /** @type {any} */ marks,
        ) => {
          if (failure !== null) {
            this.#ended = true
            reject(fail(failure, trace))
          } else if (data === undefined) {
            this.#ended = true
            resolve(false)
          } else {
            this.#items = items(data, marks, (error) => {
              this.#broken = notUnderstood(error, trace)
            })
            this.#next = 0
            resolve(true)
          }
        },
      )
    })
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        while (this.#next < this.#items.length) yield this.#items[this.#next++]
        if (this.#broken) throw this.#broken
        if (this.#ended) return
        const more = await this.#fill()
        this.#signal?.throwIfAborted()
        if (!more) return
      }
    } finally {
      await this.close()
    }
  }

  /** @param {(item: T) => unknown} callback */
  async forEach(callback) {
    for await (const item of this) {
      let verdict = callback(item)
      if (verdict instanceof Promise) verdict = await verdict
      if (verdict === false) return
    }
  }

  lines() {
    const { Lines } = require('./lines.js')
    return new Lines(this, bytesOf, () => this.close())
  }

  /** @param {{ maxBuffer?: number | null } | null} [options] */
  async collect(options) {
    const all = await require('./collect.js').collect(this, bytesOf, options)
    return { stdout: all.of('stdout'), stderr: all.of('stderr'), output: all.output() }
  }

  /** @param {{ maxBuffer?: number | null } | null} [options] */
  async text(options) {
    return (await require('./collect.js').collect(this, bytesOf, options)).output()
  }

  readable() {
    return readableOf(this, this, { objectMode: true })
  }

  async close() {
    this.#ended = true
    this.#items = []
    this.#next = 0
    this.#forget()
    await binding.streamClose(this.#native)
  }

  /** Lets the process end while this is open. */
  unref() {
    binding.streamHold(this.#native, false)
    return this
  }

  ref() {
    binding.streamHold(this.#native, true)
    return this
  }

  [Symbol.asyncDispose]() {
    return this.close()
  }
}

/**
 * A stream that is written to as well: a container's or a command's terminal or pipes.
 * @extends {DokeresStream<{ stream: string, data: Buffer }>}
 */
class AttachStream extends DokeresStream {
  /** @param {Buffer | Uint8Array | string} data */
  write(data) {
    return binding.streamWrite(this._native, Buffer.from(data))
  }

  end() {
    return binding.streamEnd(this._native)
  }

  /** @param {{ cols: number, rows: number }} size */
  resize(size) {
    return binding.streamResize(this._native, size)
  }
}

/** A command's streams, and the command. */
class ExecStream extends AttachStream {
  #forget
  /** @type {Promise<void> | undefined} */
  #killed

  /** @param {any} native @param {AbortSignal | undefined} signal */
  constructor(native, signal) {
    super(native, signal)
    // An abort leaves nothing behind: not the command either.
    this.#forget = onAbort(signal, this, (stream) => {
      stream.#killed = stream.kill().catch(() => {})
    })
  }

  async close() {
    this.#forget()
    await super.close()
    await this.#killed
  }

  /** @returns {Promise<any>} */
  handle() {
    return binding.streamCommand(this._native)
  }

  /** @param {any} [options] */
  async wait(options) {
    return (await this.handle()).wait(options)
  }

  /** @param {string | number | null} [signal] @param {any} [options] */
  async kill(signal, options) {
    return (await this.handle()).kill(signal, options)
  }
}

/**
 * Cuts a batch: output by its marks (channel and length by turns), records by line.
 * @param {Buffer | string} data
 * @param {any} marks of records: whether they have numbers that a `number` cannot hold
 * @param {(error: unknown) => void} broken is told of a record that is none: it is the last
 * @returns {any[]}
 */
function items(data, marks, broken) {
  /** @type {any[]} */
  const found = []
  if (typeof data === 'string') {
    const parse = marks ? json.parse : JSON.parse
    try {
      for (const line of data.split('\n')) if (line) found.push(parse(line))
    } catch (error) {
      broken(error)
    }
    return found
  }
  if (!marks) return [data]
  let at = 0
  for (let index = 0; index < marks.length; index += 2) {
    const end = at + marks[index + 1]
    found.push({ stream: CHANNELS[marks[index]], data: data.subarray(at, end) })
    at = end
  }
  return found
}

/**
 * @param {any} item
 * @returns {{ channel: string, data: Buffer }}
 */
function bytesOf(item) {
  if (Buffer.isBuffer(item)) return { channel: 'stdout', data: item }
  if (Buffer.isBuffer(item?.data)) return { channel: item.stream, data: item.data }
  if (typeof item?.line === 'string') {
    // A line of one container among several; each of them has its own, whole.
    const line = `${item.prefix ?? ''}${item.line}\n`
    return { channel: item.stream, data: Buffer.from(line) }
  }
  return { channel: 'stdout', data: Buffer.from(json.stringify(item) + '\n') }
}

/**
 * A Node stream of what there is to iterate over; destroyed, it closes that at once.
 * @param {AsyncIterable<any>} items
 * @param {{ close: () => Promise<void> }} origin
 * @param {import('node:stream').ReadableOptions} options
 */
function readableOf(items, origin, options) {
  const { Readable } = require('node:stream')
  const readable = Readable.from(items, options)
  const end = readable._destroy
  // Its own end waits for an item that has been asked for: a quiet stream would stay open.
  readable._destroy = (error, callback) => {
    void origin.close()
    end.call(readable, error, callback)
  }
  return readable
}

module.exports = { DokeresStream, AttachStream, ExecStream, readableOf }
