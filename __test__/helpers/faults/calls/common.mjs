// What the tables of calls have in common.

/**
 * What a call is given: `d` asks by way of the proxy, `plain` does not; `w` is what all share; `name` and
 * `labels` are this one's own, `thing` is what `prepare` gave, `o` are the options with the signal.
 * @typedef {{ d: any, plain: import('../../../../index.js').Dokeres, w: any, name: string, label: string,
 *   labels: Record<string, string>, thing?: any, o: { signal?: AbortSignal } }} Context
 */

/**
 * @typedef {object} Call
 * @property {(context: Context) => Promise<any>} [prepare] past the proxy
 * @property {(context: Context) => Promise<any>} run
 * @property {(result: any, context: Context) => unknown} [right] whether the result is; default: it came
 * @property {(context: Context) => Promise<any>} [handle] what needs the proxied client, before the fault
 * @property {string[]} [wraps] codes that stand for a failure of something within
 * @property {boolean} [names] what is made has the caller's name: after a lost reply it is theirs to look
 * @property {boolean} [removes] so that it cannot be done twice
 * @property {boolean} [uploads] sends a body worth breaking
 * @property {boolean} [raw] gives what it gets, whatever that is
 * @property {boolean} [waits] until it is so, whatever is said meanwhile
 * @property {boolean} [once] goes on after a fault, so that there is to be one only
 * @property {boolean} [costs] takes the engine long: not each fault is tried on it
 * @property {string} [alone] not at the same time as others of this word
 * @property {string} [shared] several at once are one
 * @property {string} [file] what a failure must not leave in the folder
 */

/** @typedef {Record<string, Call>} Calls */

/** The first items of a stream, or all. @param {any} stream @param {number} [count] */
export async function first(stream, count = Infinity) {
  const items = []
  for await (const item of stream) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

/** What is said until it has these words. @param {any} stream @param {string} words */
export async function until(stream, words) {
  let text = ''
  for await (const { data } of stream) {
    text += data
    if (text.includes(words)) break
  }
  return text
}

/** How much comes. @param {AsyncIterable<Buffer>} stream */
export async function total(stream) {
  let size = 0
  for await (const data of stream) size += data.length
  return size
}
