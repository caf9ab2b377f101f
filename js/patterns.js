'use strict'

/** What is kept of a text without a line's end, to look for a match in. */
const WINDOW = 1 << 20

/** Deeper than this, conditions are a cycle: Rust says so. */
const DEEPEST = 64

/**
 * A text to look for, whose match only JavaScript can tell: a `RegExp` means what its own engine
 * says, and a filter is the caller's.
 */
class Pattern {
  /** @param {string | RegExp} expected @param {((line: string) => unknown)} [filter] */
  constructor(expected, filter) {
    this.expected = expected
    this.filter = filter
  }

  toString() {
    return this.expected instanceof RegExp ? `${this.expected}` : JSON.stringify(this.expected)
  }

  /**
   * A filter is asked of each line once, when it is whole; of one that goes on only where it may be what
   * is waited for, a prompt say.
   * @param {{ text: string, rest: string }} open @param {string} piece
   * @param {(text: string) => unknown} find
   */
  #filtered(open, piece, find) {
    const filter = /** @type {(line: string) => unknown} */ (this.filter)
    const lines = piece.split(/(?<=\n)/)
    for (const part of lines) {
      open.rest += part
      if (!part.endsWith('\n')) continue
      if (filter(open.rest.replace(/\r?\n$/, ''))) open.text += open.rest
      open.rest = ''
    }
    const match = find(open.text)
    if (match !== undefined || open.rest === '') return match
    const withRest = find(open.text + open.rest)
    return withRest !== undefined && filter(open.rest) ? withRest : undefined
  }

  /** Begins a search: of pieces, each stream apart, for there a text is not interrupted by another. */
  begin() {
    const find = finder(this.expected)
    const texts = new Map()
    /** @param {Buffer} data @param {number} channel */
    return (data, channel) => {
      let open = texts.get(channel)
      if (!open) texts.set(channel, (open = { decoder: new TextDecoder(), text: '', rest: '' }))
      const piece = open.decoder.decode(data, { stream: true })
      const match = this.filter ? this.#filtered(open, piece, find) : find((open.text += piece))
      // Lines stay while a match could still span them; the window bounds what never ends.
      if (open.text.length > 2 * WINDOW) open.text = lastOf(open.text)
      return match
    }
  }
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

/** The end of a text, whole lines of it where that is possible. @param {string} text */
function lastOf(text) {
  const cut = text.slice(-WINDOW)
  return cut.slice(cut.indexOf('\n') + 1)
}

/**
 * Conditions as Rust reads them: what only JavaScript can match is a number there, and comes apart.
 * @param {unknown} given
 * @returns {[plain: unknown, shown: string[], begins: Array<() => Function>]}
 */
function conditions(given) {
  /** @type {Pattern[]} */
  const found = []
  /** @type {(value: any, depth: number) => any} */
  const plain = (value, depth) => {
    if (value instanceof RegExp) value = new Pattern(value)
    if (value instanceof Pattern) return { pattern: found.push(value) - 1 }
    if (depth > DEEPEST) return value
    if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1))
    const prototype = typeof value === 'object' && value !== null && Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype) return value
    const entries = Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)])
    return Object.fromEntries(entries)
  }
  return [plain(given, 0), found.map(String), found.map((pattern) => () => search(pattern))]
}

/**
 * As Rust asks: a match, or what the filter threw, in a function that gives it.
 * @param {Pattern} pattern
 */
function search(pattern) {
  const look = pattern.begin()
  /** @param {Buffer} data @param {number} channel */
  return (data, channel) => {
    try {
      const match = look(data, channel)
      return match === undefined ? undefined : [false, () => match]
    } catch (error) {
      return [true, () => error]
    }
  }
}

module.exports = { Pattern, conditions }
