'use strict'

/** Without so many digits in a row no number is beyond 2^53. */
const MANY_DIGITS = /\d{16}/
/**
 * A whole number that may be beyond 2^53, outside of texts. One of more digits than the engine can count
 * is left to be a `number`: to make a `bigint` of millions takes minutes.
 */
const LARGE = /(?<![\d.eE+-])-?\d{16,40}(?![\d.eE+-])/g
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
  const marked = mark(text)
  return marked === text ? JSON.parse(text) : JSON.parse(marked, revive)
}

/**
 * Marks the large numbers. By hand, since a pattern that takes in texts is at its wits' end with long ones.
 * @param {string} text
 */
function mark(text) {
  const parts = []
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at)
    const start = quote < 0 ? text.length : quote
    const between = text.slice(at, start)
    parts.push(between.length < 16 ? between : between.replace(LARGE, marked))
    at = start < text.length ? endOfText(text, start) : start
    parts.push(text.slice(start, at))
  }
  return parts.join('')
}

/** @param {string} token */
function marked(token) {
  return Number.isSafeInteger(Number(token)) ? token : `"${MARKED}${token}"`
}

/** Where the text that begins at a quote is over. @param {string} text @param {number} start */
function endOfText(text, start) {
  for (let end = start + 1; ; end++) {
    end = text.indexOf('"', end)
    if (end < 0) return text.length
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end + 1
  }
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
