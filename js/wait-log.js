'use strict'

const { DokeresError } = require('./error.js')

/** What is kept of a long line to look for a match in. */
const WINDOW = 1 << 20
const TAIL = 20

/**
 * Waits for a text in a container's output. In JavaScript because a `RegExp` is: what it matches,
 * only its own engine says.
 * @param {any} container
 * @param {string | RegExp} expected
 * @param {WaitLogOptions} options
 *
 * @typedef {{ timeout?: number, since?: string | number | Date, signal?: AbortSignal,
 *   filter?: (line: string) => boolean }} WaitLogOptions
 */
async function waitLog(container, expected, { timeout, since, filter, signal }) {
  signal?.throwIfAborted()
  const find = finder(expected)
  const logs = container.logs({ follow: true, since, signal })
  let timedOut = false
  const stop = () => void logs.close().catch(() => {})
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true
          stop()
        }, timeout)
  /** @type {string[]} */
  const last = []
  try {
    const match = await search(logs, find, filter, last)
    if (match !== undefined) return match
  } finally {
    clearTimeout(timer)
    await logs.close()
  }
  if (timedOut) throw await failure(container, 'TIMEOUT', expected, last, `within ${timeout} ms`)
  throw await failure(container, 'CONTAINER_EXITED', expected, last, 'before it ended')
}

/**
 * @param {AsyncIterable<{ stream: string, data: Buffer }>} logs
 * @param {(text: string) => any} find
 * @param {((line: string) => boolean) | undefined} filter
 * @param {string[]} last
 */
async function search(logs, find, filter, last) {
  // Each stream apart: a text that goes on in one is not interrupted by the other.
  const texts = new Map()
  for await (const { stream, data } of logs) {
    let open = texts.get(stream)
    if (!open) texts.set(stream, (open = { decoder: new TextDecoder(), text: '' }))
    open.text += open.decoder.decode(data, { stream: true })
    const match = find(filter ? filtered(open.text, filter) : open.text)
    if (match !== undefined) return match
    // Lines stay while a match could still span them; a window bounds what never ends.
    if (open.text.length > 2 * WINDOW) open.text = open.text.slice(-WINDOW)
    remember(last, open.text)
  }
  return undefined
}

/** @param {string} text @param {(line: string) => boolean} filter */
function filtered(text, filter) {
  return text
    .split(/(?<=\n)/)
    .filter((line) => filter(line.replace(/\r?\n$/, '')))
    .join('')
}

/** @param {string | RegExp} expected */
function finder(expected) {
  if (typeof expected === 'string') {
    return (/** @type {string} */ text) => (text.includes(expected) ? expected : undefined)
  }
  // A `g` or `y` pattern remembers where it was; this one starts afresh each time.
  const pattern = new RegExp(expected.source, expected.flags.replace(/[gy]/g, ''))
  return (/** @type {string} */ text) => pattern.exec(text) ?? undefined
}

/** @param {string[]} last @param {string} text */
function remember(last, text) {
  const lines = text
    .slice(-TAIL * 200)
    .split('\n')
    .filter(Boolean)
    .slice(-TAIL)
  last.splice(0, last.length, ...lines)
}

/**
 * @param {any} container
 * @param {'TIMEOUT' | 'CONTAINER_EXITED'} code
 * @param {string | RegExp} expected
 * @param {string[]} logs
 * @param {string} when
 */
async function failure(container, code, expected, logs, when) {
  const inspected = await container.inspect().catch(() => undefined)
  const state = inspected?.State
  const facts = {
    id: inspected?.Id,
    name: inspected?.Name?.replace(/^\//, '') ?? container.name,
    state: state?.Status,
    exitCode: state && !state.Running ? state.ExitCode : undefined,
    oomKilled: state?.OOMKilled,
  }
  const ended = facts.exitCode === undefined ? '' : ` (exit code ${facts.exitCode})`
  const shown = logs.length > 0 ? `; its last line: ${logs.at(-1)}` : '; it wrote nothing'
  const message = `container ${facts.name} did not write ${expected instanceof RegExp ? expected : JSON.stringify(expected)} ${when}${ended}${shown}`
  return new DokeresError({ code, message, container: facts, exitCode: facts.exitCode, logs })
}

module.exports = { waitLog }
