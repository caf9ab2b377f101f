'use strict'

const { StringDecoder } = require('node:string_decoder')
const { DokeresError } = require('./error.js')

/** Of a line: a program that ends none is not to fill our memory. */
const LONGEST = 16 * 2 ** 20

/**
 * The lines of a stream's items, as a generator would give them. It is none because millions of them
 * are asked for: each `yield` of an async generator waits three times, and this only where it must.
 * @implements {AsyncGenerator<string, void, undefined>}
 */
class Lines {
  /** @type {AsyncIterator<any>} */
  #items
  #bytesOf
  #close
  /** @type {string[]} */
  #lines = []
  #next = 0
  #ended = false
  /** How many have asked and wait, in their order. */
  #asking = 0
  /** @type {Promise<unknown>} */
  #last = Promise.resolve()
  /**
   * A line belongs to one channel: stdout and stderr may each stop in the middle of theirs.
   * @type {Map<string, { decoder: StringDecoder, rest: string[], size: number }>}
   */
  #open = new Map()

  /**
   * @param {AsyncIterable<any>} stream
   * @param {(item: any) => { channel: string, data: Buffer }} bytesOf
   * @param {() => Promise<void>} close
   */
  constructor(stream, bytesOf, close) {
    this.#items = stream[Symbol.asyncIterator]()
    this.#bytesOf = bytesOf
    this.#close = close
  }

  /** @returns {Promise<IteratorResult<string, void>>} */
  next() {
    if (this.#asking === 0 && this.#next < this.#lines.length) {
      return Promise.resolve({ value: this.#lines[this.#next++], done: false })
    }
    this.#asking++
    const step = this.#last.then(() => this.#step())
    this.#last = step.catch(() => {})
    return step
  }

  /** @returns {Promise<IteratorResult<string, void>>} */
  async #step() {
    try {
      while (this.#next >= this.#lines.length) {
        if (this.#ended) return { value: undefined, done: true }
        await this.#fill()
      }
      return { value: this.#lines[this.#next++], done: false }
    } catch (error) {
      await this.#leave()
      throw error
    } finally {
      this.#asking--
    }
  }

  async #fill() {
    const { value, done } = await this.#items.next()
    // Somebody may have left meanwhile.
    if (this.#ended) return
    this.#next = 0
    if (done) {
      this.#ended = true
      this.#lines = this.#rests()
    } else {
      const { channel, data } = this.#bytesOf(value)
      this.#lines = this.#cut(channel, data)
    }
  }

  /** @param {string} channel @param {Buffer} data */
  #cut(channel, data) {
    let state = this.#open.get(channel)
    if (!state)
      this.#open.set(channel, (state = { decoder: new StringDecoder('utf8'), rest: [], size: 0 }))
    const lines = state.decoder.write(data).split('\n')
    // What goes on for long is put together once, when it ends.
    if (lines.length === 1) {
      state.rest.push(lines[0])
      state.size += lines[0].length
      if (state.size > LONGEST) throw tooLong()
      return []
    }
    state.rest.push(lines[0])
    lines[0] = state.rest.join('')
    state.rest = [/** @type {string} */ (lines.pop())]
    state.size = 0
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index]
      if (line.charCodeAt(line.length - 1) === 13) lines[index] = line.slice(0, -1)
    }
    return lines
  }

  /** What ends without a line end. */
  #rests() {
    const ends = [...this.#open.values()].map(({ decoder, rest }) => rest.join('') + decoder.end())
    return ends.filter((end) => end !== '')
  }

  #leave() {
    this.#ended = true
    this.#lines = []
    this.#next = 0
    return this.#close()
  }

  /** @returns {Promise<IteratorResult<string, void>>} */
  async return() {
    await this.#leave()
    return { value: undefined, done: true }
  }

  /** @param {unknown} error @returns {Promise<IteratorResult<string, void>>} */
  async throw(error) {
    await this.#leave()
    throw error
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async [Symbol.asyncDispose]() {
    await this.return()
  }
}

function tooLong() {
  const most = LONGEST / 2 ** 20
  const message = `a line is longer than ${most} Mi characters; take the output as it comes, not by lines`
  return new DokeresError({ code: 'MAX_BUFFER', message })
}

module.exports = { Lines }
