'use strict'

const { DokeresError } = require('../error.js')

/** @type {Record<number, string>} */
const CODES = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  501: 'NOT_SUPPORTED',
}

/**
 * @param {number} statusCode @param {string} statusMessage
 * @param {string[]} rawHeaders names and values by turns
 * @returns {import('./streams.js').Head}
 */
function headOf(statusCode, statusMessage, rawHeaders) {
  /** @type {Record<string, string>} */
  const headers = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index].toLowerCase(), rawHeaders[index + 1]]
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return { statusCode, statusMessage, headers, rawHeaders }
}

/** Of a reply that is kept whole: as in `src/engine/reply.rs`. */
const LARGEST = 256 * 2 ** 20

/** @param {import('node:stream').Readable} reply */
async function collect(reply) {
  /** @type {Buffer[]} */
  const chunks = []
  let size = 0
  for await (const chunk of reply) {
    size += chunk.length
    if (size > LARGEST) {
      const message = `the engine's reply is larger than ${LARGEST / 2 ** 20} MiB, which no reply is`
      throw new DokeresError({ code: 'MAX_BUFFER', message })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Waits for a reply that is read whole, as long as it goes on.
 * @template T
 * @param {number | undefined} timeout
 * @param {import('node:stream').Readable} reply @param {Promise<T>} work
 */
async function within(timeout, reply, work) {
  if (!timeout) return work
  const silent = () => {
    const message = `the engine’s reply stopped for ${timeout} ms; raise \`timeout\` if it needs longer`
    reply.destroy(new DokeresError({ code: 'TIMEOUT', message }))
  }
  const timer = setTimeout(silent, timeout)
  reply.on('data', () => timer.refresh())
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}

/** JSON as what it says; all else, and what says nothing, as it is. @param {Buffer} body */
function parse(body) {
  return json(body) || body
}

/** @param {Buffer} body */
function json(body) {
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

/**
 * A refusal, as docker-modem words it.
 * @param {number} statusCode @param {Record<number, string | true>} statusCodes
 * @param {Buffer} body @param {boolean} isStream
 */
function failure(statusCode, statusCodes, body, isStream) {
  const told = json(body)
  const cause = told?.message || told?.error || told || body.toString()
  const reason = statusCodes[statusCode]
  const text = typeof cause === 'object' ? JSON.stringify(cause) : cause
  return new DokeresError({
    code: CODES[statusCode] ?? (statusCode >= 500 ? 'SERVER_ERROR' : 'PROTOCOL_ERROR'),
    message: `(HTTP code ${statusCode}) ${reason || 'unexpected'} - ${text} `,
    reason,
    statusCode,
    // Of a stream docker-modem keeps none.
    json: told ?? (isStream ? null : body),
  })
}

module.exports = { headOf, collect, within, parse, failure }
