'use strict'

const { invalid } = require('./error.js')
const { Pattern } = require('./patterns.js')

/**
 * Waits for a text in a container's output: as the original has it, or with options.
 * @param {any} container
 * @param {string | RegExp} expected
 * @param {any} [given] a filter, or all options
 * @param {boolean | null} [thenDetach] false: the filter goes on being told of lines after the match
 */
async function waitLog(container, expected, given, thenDetach) {
  const { timeout, since, filter, signal, ...unknown } =
    typeof given === 'function' ? { filter: given } : (given ?? {})
  const [strange] = Object.keys(unknown)
  if (strange !== undefined) throw invalid(strange, 'there is no such option')
  if (filter != null && typeof filter !== 'function') throw invalid('filter', 'expected a function')
  if (!(expected instanceof RegExp) && (typeof expected !== 'string' || expected === '')) {
    throw invalid('expected', 'expected a text or a RegExp')
  }
  // All of what it wrote, unless said otherwise: also what an earlier run did.
  const log = filter ? new Pattern(expected, filter) : expected
  const found = await container._waitFor({ log, since: since ?? 0, timeout }, { signal })
  if (thenDetach === false && filter) goOn(container, filter)
  return found.log
}

/**
 * Lines go on to the filter until the container ends; neither keeps the process.
 * @param {any} container @param {(line: string) => unknown} filter
 */
function goOn(container, filter) {
  const follow = async () => {
    const logs = container.logs({ follow: true, tail: 0 }).unref()
    for await (const line of logs.lines()) filter(line)
  }
  // Its promise has been kept; what breaks after that is nobody's to catch.
  follow().catch(() => {})
}

module.exports = { waitLog }
