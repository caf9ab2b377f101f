'use strict'

const { StringDecoder } = require('node:string_decoder')
const { DokeresError } = require('../error.js')

/**
 * Reads a stream of JSON lines to its end: `onFinished(error, lines)`, once. A line that tells of an
 * error is one.
 * @param {import('node:stream').Readable} stream
 * @param {(error: Error | null, output: any[]) => void} onFinished
 * @param {(line: any) => void} [onProgress]
 */
function followProgress(stream, onFinished, onProgress) {
  const decoder = new StringDecoder('utf8')
  /** @type {any[]} */
  const output = []
  /** @type {string[]} */
  let rest = []
  /** @type {Error | null} what the engine told, or what it meant by what it told */
  let failed = null
  let isOver = false

  /** @param {Error | null} error */
  function finish(error) {
    if (isOver) return
    isOver = true
    stream.off('data', feed).off('end', end).off('close', close)
    // An error that comes later is nobody's any more; it must not end the process.
    onFinished(error, output)
  }

  /** @param {Buffer | string} data */
  function feed(data) {
    const lines = (typeof data === 'string' ? data : decoder.write(data)).split('\n')
    rest.push(lines[0])
    if (lines.length === 1) return
    lines[0] = rest.join('')
    rest = [/** @type {string} */ (lines.pop())]
    for (const line of lines) take(line)
  }

  /** @param {string} line */
  function take(line) {
    if (isOver || stream.destroyed || line.trim() === '') return
    let message
    try {
      message = JSON.parse(line)
    } catch {
      failed ??= new DokeresError({
        code: 'PROTOCOL_ERROR',
        message: `the engine sent a line of progress that is not JSON: ${line.slice(0, 200)}`,
      })
      return
    }
    output.push(message)
    failed ??= errorOf(message)
    onProgress?.(message)
  }

  function end() {
    take(rest.join('') + decoder.end())
    finish(failed)
  }

  // Without an error it is the caller who has closed it: that is how one stops listening.
  function close() {
    finish(failed)
  }

  stream.on('data', feed).on('end', end).on('error', finish).on('close', close)
}

/** @param {any} message */
function errorOf(message) {
  const text = message?.errorDetail?.message ?? message?.error
  if (!text) return null
  return new DokeresError({ code: 'SERVER_ERROR', message: String(text), json: message })
}

module.exports = { followProgress }
