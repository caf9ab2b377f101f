'use strict'

const { DokeresError } = require('../error.js')
const { invalid, say } = require('./both.js')

/** @typedef {(level: string, ...words: unknown[]) => void} Tell */

/**
 * Does something to each, several at once, and all that can be done; `PARTIAL_FAILURE` tells of the
 * rest. Events come as if it were one after another: those of the next are held back meanwhile.
 * @param {import('node:events').EventEmitter} emitter
 * @param {any[]} items the engine's, with their `Id`
 * @param {{ verb: string, concurrency?: number | null, signal?: AbortSignal | null }} options
 * @param {(item: any, tell: Tell) => Promise<unknown>} work
 */
async function batch(emitter, items, options, work) {
  const { verb, signal } = options
  const limit = options.concurrency ?? 8
  if (!Number.isInteger(limit) || limit < 1) throw invalid('concurrency', 'at least 1 is expected')
  const slots = items.map(() => ({ done: false, held: /** @type {any[]} */ ([]) }))
  /** @type {any[]} */
  const errors = items.map(() => undefined)
  let turn = 0
  let next = 0

  const advance = () => {
    for (let slot = slots[turn]; slot; slot = slots[turn]) {
      for (const [level, ...words] of slot.held.splice(0)) say(emitter, level, ...words)
      if (!slot.done) return
      turn += 1
    }
  }
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      const slot = slots[index]
      try {
        signal?.throwIfAborted()
        await work(items[index], (...event) => {
          slot.held.push(event)
          if (index === turn) advance()
        })
      } catch (error) {
        errors[index] = error ?? new Error(`failed: ${error}`)
      }
      slot.done = true
      if (index === turn) advance()
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))

  const failed = errors.filter(Boolean)
  const [cause] = failed
  if (!cause) return
  signal?.throwIfAborted()
  // One that was wrong of all of them was wrong before any.
  if (failed.length === items.length && cause.code === 'INVALID_OPTION') throw cause
  const results = items.map(({ Id }, index) => {
    const error = errors[index]
    if (!error) return { target: Id, ok: true }
    return { target: Id, ok: false, error: { code: error.code, message: error.message } }
  })
  const many = `${failed.length} of ${items.length} could not be ${verb}`
  const message = `${many}; the first: ${cause.message}`
  throw new DokeresError({ code: 'PARTIAL_FAILURE', message, results, cause })
}

module.exports = { batch }
