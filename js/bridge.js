'use strict'

/** @type {any} */
const binding = require('./native.js')
const { capture, fail, notUnderstood } = require('./error.js')

/**
 * The JavaScript half of the bridge: promises, aborts, callbacks and Node streams. Rust holds plain
 * functions only, which are all that may safely be kept and let go of from any thread.
 *
 * What `settle` is told: keep in step with `src/binding/call.rs`.
 */
const Outcome = { value: 0, json: 1, self: 2, error: 3, aborted: 4, foreign: 5, exact: 6 }

/**
 * Opens a call: its promise, and the function that settles it.
 * @param {object} self what `settle(Outcome.self)` resolves to
 * @param {AbortSignal | undefined} signal
 * @param {unknown} call the call's handle, where there is a signal
 * @returns {[Promise<unknown>, Function | undefined]}
 */
function open(self, signal, call) {
  if (signal?.aborted) return [Promise.reject(signal.reason), undefined]
  const trace = capture(open)
  const cancel = () => binding.cancel(call)
  /** @type {Function | undefined} */
  let settle
  const promise = new Promise((resolve, reject) => {
    /** @type {(outcome: number, value?: any, result?: any) => void} */
    settle = (outcome, value, result) => {
      signal?.removeEventListener('abort', cancel)
      if (outcome === Outcome.value) resolve(value)
      else if (outcome === Outcome.json) parse(JSON.parse, value, trace, resolve, reject)
      else if (outcome === Outcome.exact) parse(exactly, value, trace, resolve, reject)
      else if (outcome === Outcome.self) resolve(self)
      else if (outcome === Outcome.error) reject(fail(value, trace, result))
      else if (outcome === Outcome.aborted) reject(signal?.reason)
      else reject(value())
    }
  })
  signal?.addEventListener('abort', cancel, { once: true })
  return [promise, settle]
}

/**
 * @param {(text: string) => unknown} read @param {string} text @param {{ stack: string }} trace
 * @param {(value: unknown) => void} resolve @param {(error: Error) => void} reject
 */
function parse(read, text, trace, resolve, reject) {
  let value
  try {
    value = read(text)
  } catch (error) {
    return reject(notUnderstood(error, trace))
  }
  return resolve(value)
}

/**
 * An error to be thrown at once, by a constructor say.
 * @param {string} json
 */
function fault(json) {
  return fail(json, capture(fault))
}

/**
 * Calls a user's callback and tells how it went: whether it said `true`, or a function that gives
 * what it threw. A promise that it returns is waited for.
 * @param {Function} callback
 * @param {unknown} value
 * @param {unknown} answer the handle of who waits
 */
function invoke(callback, value, answer) {
  /** @param {() => unknown} [thrown] @param {unknown} [said] */
  const done = (thrown, said) => binding.answered(answer, thrown, said === true)
  let result
  try {
    result = callback(value)
  } catch (error) {
    done(() => error)
    return
  }
  if (typeof result?.then !== 'function') done(undefined, result)
  else {
    Promise.resolve(result).then(
      (said) => done(undefined, said),
      (error) => done(() => error),
    )
  }
}

/**
 * A consumer that writes to a Node stream, at the pace of that stream; `null` ends it.
 * @param {import('node:stream').Writable} stream
 */
function sink(stream) {
  /** @type {Error | undefined} */
  let broken
  stream.once('error', (error) => (broken = error))
  /** @param {Buffer | null} data */
  return (data) => {
    if (broken) throw broken
    if (stream.destroyed) throw new Error('the output stream has been destroyed')
    if (data === null) {
      // Never end what is the process's own.
      if (stream !== process.stdout && stream !== process.stderr) stream.end()
      return undefined
    }
    if (stream.write(data)) return undefined
    return new Promise((resolve) => {
      const go = () => {
        stream.off('drain', go).off('close', go).off('error', go)
        resolve(undefined)
      }
      stream.on('drain', go).on('close', go).on('error', go)
    })
  }
}

/**
 * A source that reads from a Node stream or any iterable of chunks, one chunk a call; `null` lets go
 * of it. Nothing for what cannot be iterated over.
 * @param {any} stream
 */
function source(stream) {
  const begin = stream[Symbol.asyncIterator] ?? stream[Symbol.iterator]
  if (typeof begin !== 'function') return undefined
  // A stream's iterator listens from its first step on; who fails before that is heard then.
  if (typeof stream.on === 'function') stream.on('error', () => {})
  const iterator = begin.call(stream)
  /** @param {unknown} answer the handle of who waits */
  return (answer) => {
    if (answer === null) {
      // As leaving a loop does it; but a generator that waits for a chunk hears of no `return()`.
      if (typeof stream.destroy === 'function') stream.destroy()
      else Promise.resolve(iterator.return?.()).catch(() => {})
      return
    }
    const give = async () => {
      try {
        const step = await iterator.next()
        binding.sourced(answer, step.done ? undefined : Buffer.from(step.value))
      } catch (error) {
        // Its own failure, or a chunk that has no bytes.
        binding.sourced(answer, undefined, () => error)
      }
    }
    give()
  }
}

// What follows is loaded when it is wanted: a module costs a fifth of a millisecond, what brings
// `node:https` ten.

/** @param {string} text */
function exactly(text) {
  return require('./json.js').parse(text)
}

/** By kind: keep in step with `src/binding/stream/mod.rs`. */
const STREAMS = /** @type {const} */ (['DokeresStream', 'AttachStream', 'ExecStream'])

/** @param {any} native @param {number} kind @param {AbortSignal | undefined} signal */
function stream(native, kind, signal) {
  /** @type {any} */
  const streams = require('./stream.js')
  return new streams[STREAMS[kind]](native, signal)
}

/** @param {unknown} given */
function conditions(given) {
  return require('./patterns.js').conditions(given)
}

/** @param {any} dockerode */
function modem(dockerode) {
  return require('./modem/take-over.js').takeOver(dockerode)
}

/** @param {unknown} engine @param {boolean} atExit */
function session(engine, atExit) {
  return require('./session.js').session(engine, atExit)
}

/** The mailbox's own function: the work is done in Rust before this is called. */
function turn() {}

module.exports = {
  ...{ open, fault, invoke, sink, source, stream },
  ...{ conditions, modem, session, turn },
}
