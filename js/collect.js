'use strict'

const { DokeresError, invalid } = require('./error.js')

/** As for what a task says. */
const MOST = 128 << 20

/**
 * All that a stream has, kept up to a limit: whoever writes into it may never end.
 * @param {AsyncIterable<any>} items
 * @param {(item: any) => { channel: string, data: Buffer }} bytesOf
 * @param {{ maxBuffer?: number | null } | null} [options]
 */
async function collect(items, bytesOf, options) {
  const most = limit(options)
  const parts = /** @type {Buffer[]} */ ([])
  const channels = /** @type {string[]} */ ([])
  const sizes = { stdout: 0, stderr: 0 }
  for await (const item of items) {
    const { channel, data } = bytesOf(item)
    const name = channel === 'stderr' ? 'stderr' : 'stdout'
    sizes[name] += data.length
    // Leaving the loop closes the stream.
    if (sizes[name] > most) throw tooMuch(name, most)
    parts.push(data)
    channels.push(name)
  }
  return {
    output: () => text(parts),
    of: (/** @type {string} */ name) => text(parts.filter((_, at) => channels[at] === name)),
  }
}

/** @param {{ maxBuffer?: number | null } | null} [options] */
function limit(options) {
  for (const key of Object.keys(options ?? {})) {
    if (key !== 'maxBuffer') throw invalid(key, 'there is no such option')
  }
  const most = options?.maxBuffer ?? MOST
  if (Number.isSafeInteger(most) && most >= 0) return most
  throw invalid('maxBuffer', 'expected a whole number of bytes')
}

/** @param {string} name @param {number} most */
function tooMuch(name, most) {
  const message = `${name} is over maxBuffer (${most} bytes); raise it, or take it as it comes, by \`for await\``
  return new DokeresError({ code: 'MAX_BUFFER', message })
}

/** @param {Buffer[]} parts */
const text = (parts) => Buffer.concat(parts).toString('utf8')

module.exports = { collect }
