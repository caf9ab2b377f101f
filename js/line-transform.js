'use strict'

const { Transform } = require('node:stream')
const { StringDecoder } = require('node:string_decoder')

/**
 * A transform that hands each line to a function and writes what it gives back, a line each; for
 * `outputStream`. Lines and characters may be cut anywhere. Without a function lines go as they are.
 */
class LineTransformStream extends Transform {
  #decoder
  #rest = ''
  #transform

  /**
   * @param {(line: string) => string | null | undefined} [transformLine] nothing drops the line
   * @param {BufferEncoding} [encoding] of what is written to it
   */
  constructor(transformLine = (line) => line, encoding = 'utf8') {
    super({ decodeStrings: true })
    this.#decoder = new StringDecoder(encoding)
    this.#transform = transformLine
  }

  /**
   * @param {Buffer} chunk
   * @param {BufferEncoding} _encoding
   * @param {(error?: Error | null) => void} callback
   */
  _transform(chunk, _encoding, callback) {
    try {
      const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#give(line)
      callback()
    } catch (error) {
      callback(/** @type {Error} */ (error))
    }
  }

  /** @param {(error?: Error | null) => void} callback */
  _flush(callback) {
    try {
      const last = this.#rest + this.#decoder.end()
      if (last !== '') this.#give(last)
      callback()
    } catch (error) {
      callback(/** @type {Error} */ (error))
    }
  }

  /** @param {string} line */
  #give(line) {
    const given = this.#transform(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (given !== null && given !== undefined) this.push(`${given}\n`)
  }
}

module.exports = { LineTransformStream }
