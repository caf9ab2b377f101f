'use strict'

/**
 * Every failure of dokeres. Here and not in Rust because only JavaScript can extend `Error`; one
 * class per copy of the addon and thread, so `instanceof` holds wherever the addon was loaded.
 */
class DokeresError extends Error {
  /** @param {Record<string, unknown> & { message: string, code: string }} facts */
  constructor(facts) {
    const { message, cause, ...rest } = facts
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, rest)
  }
}

// On the prototype, as the errors of the language have it: `error.name` is no fact of the failure.
Object.defineProperty(DokeresError.prototype, 'name', {
  value: 'DokeresError',
  writable: true,
  configurable: true,
})

/**
 * The stack of whoever called into the addon, kept for an error that may come later. V8 formats it
 * only when it is read.
 * @param {Function} above frames above this function are the caller's
 * @returns {{ stack: string }}
 */
function capture(above) {
  const trace = /** @type {{ stack: string }} */ ({})
  Error.captureStackTrace(trace, above)
  return trace
}

/**
 * @param {string} json the facts, as Rust tells them
 * @param {{ stack: string }} trace
 * @param {Record<string, unknown> | undefined} [result] what came with the failure
 */
function fail(json, trace, result) {
  const error = told(JSON.parse(json), trace.stack.slice(trace.stack.indexOf('\n')))
  // A result knows its container by name, the facts know how it ended.
  const { container } = /** @type {any} */ (error)
  if (result) Object.assign(error, result, container && { container })
  return error
}

/**
 * As Rust tells of an option that cannot be taken.
 * @param {string} path @param {string} why
 */
function invalid(path, why) {
  const message = `invalid option \`${path}\`: ${why}`
  return new DokeresError({ code: 'INVALID_OPTION', message, path })
}

/**
 * What came from the engine is no JSON.
 * @param {unknown} cause @param {{ stack: string }} trace
 */
function notUnderstood(cause, trace) {
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `the engine's reply could not be understood: ${why}`
  return fail(JSON.stringify({ code: 'PROTOCOL_ERROR', message }), trace)
}

/**
 * @param {any} facts
 * @param {string} frames the caller's, also for causes: those have no others
 * @returns {DokeresError}
 */
function told(facts, frames) {
  const cause = facts.cause === undefined ? undefined : told(facts.cause, frames)
  const error = new DokeresError({ ...facts, cause })
  Object.defineProperty(error, 'stack', {
    value: `DokeresError [${facts.code}]: ${facts.message}${frames}`,
    writable: true,
    configurable: true,
  })
  return error
}

module.exports = { DokeresError, capture, fail, invalid, notUnderstood }
