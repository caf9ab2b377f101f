'use strict'

const { DokeresError } = require('../error.js')

/**
 * Gives a class its methods. Each takes its own arguments, then options, then, perhaps, a callback;
 * without one it returns a promise.
 * @param {any} proto
 * @param {number} count how many arguments of their own these have
 * @param {Record<string, (this: any, ...args: any[]) => Promise<any>>} methods
 */
function define(proto, count, methods) {
  for (const [name, work] of Object.entries(methods)) {
    /** @this {any} @param {...any} given */
    const both = function (...given) {
      const callback = typeof given.at(-1) === 'function' ? given.pop() : undefined
      const args = Array.from({ length: count }, (_, index) => given[index])
      const done = work.call(this, ...args, given[count])
      if (!callback) return done
      callBack(done, callback)
    }
    Object.defineProperty(both, 'name', { value: name })
    proto[name] = both
  }
}

/**
 * Outside of the promise: what a callback throws is nobody's rejection.
 * @param {Promise<any>} done
 * @param {(...args: any[]) => unknown} callback
 */
function callBack(done, callback) {
  done.then(
    (value) => process.nextTick(callback, null, ...(value === undefined ? [] : [value])),
    // A signal may have been aborted with anything, also with what a callback takes for success.
    (error) => process.nextTick(callback, error ?? new Error(`failed: ${error}`)),
  )
}

/**
 * Emits; what a listener throws is its own failure and not the call's.
 * @param {import('node:events').EventEmitter} emitter
 * @param {string} level
 * @param {...unknown} words
 */
function say(emitter, level, ...words) {
  try {
    emitter.emit(level, ...words)
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}

/**
 * The options that a method has; any other is refused.
 * @param {any} options
 * @param {string[]} known
 * @returns {any}
 */
function pick(options, known) {
  if (options == null) return {}
  if (typeof options !== 'object') throw invalid('options', 'an object with options is expected')
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw invalid(name, `there is no option \`${name}\` here; there are ${known.join(', ')}`)
    }
  }
  return options
}

/** @param {string} path @param {string} message */
function invalid(path, message) {
  return new DokeresError({ code: 'INVALID_OPTION', message, path })
}

module.exports = { callBack, define, invalid, pick, say }
