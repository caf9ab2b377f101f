'use strict'

/** Without so many digits in a row no number is beyond 2^53. */
const MANY_DIGITS = /\d{16}/
/** A text, or a number. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
/** A whole number that may be beyond 2^53. */
const LARGE = /^-?\d{16,}$/
const MARK = '\u0000n'
const MARKED = '\\u0000n'
const BIG = /"\\u0000n(-?\d+)"/g

/**
 * JSON of the engine's: as `JSON.parse`, but for whole numbers that a `number` cannot hold, which come
 * as `bigint`.
 * @param {string} text
 * @returns {any}
 */
function parse(text) {
  if (!MANY_DIGITS.test(text) || text.includes(MARKED)) return JSON.parse(text)
  let some = false
  const marked = text.replace(TOKENS, (token) => {
    if (!LARGE.test(token) || Number.isSafeInteger(Number(token))) return token
    some = true
    return `"${MARKED}${token}"`
  })
  return some ? JSON.parse(marked, revive) : JSON.parse(text)
}

/** @param {string} _ @param {unknown} value */
function revive(_, value) {
  return typeof value === 'string' && value.startsWith(MARK)
    ? BigInt(value.slice(MARK.length))
    : value
}

/**
 * The same the other way: whole numbers of any size.
 * @param {unknown} value
 */
function stringify(value) {
  let some = false
  const text = JSON.stringify(value, (_, one) => {
    if (typeof one !== 'bigint') return one
    some = true
    return `${MARK}${one}`
  })
  return some ? text.replace(BIG, '$1') : text
}

module.exports = { parse, stringify }
