'use strict'

/** Takes a signal's listener away when what it was for has been collected. */
const collected = new FinalizationRegistry(
  (/** @type {{ signal: AbortSignal, listener: () => void }} */ { signal, listener }) =>
    signal.removeEventListener('abort', listener),
)

/**
 * Has an abort do something to an object that it does not keep: a signal may live as long as the process,
 * and a stream that nobody has any more is to be collected, and its connection closed, all the same.
 * @template {object} T
 * @param {AbortSignal | undefined} signal
 * @param {T} target
 * @param {(target: T) => void} act must not know the target by itself
 * @returns {() => void} takes it back
 */
function onAbort(signal, target, act) {
  if (!signal) return () => {}
  const known = new WeakRef(target)
  const listener = () => {
    const still = known.deref()
    if (still) act(still)
  }
  signal.addEventListener('abort', listener, { once: true })
  collected.register(target, { signal, listener }, listener)
  return () => {
    signal.removeEventListener('abort', listener)
    collected.unregister(listener)
  }
}

module.exports = { onAbort }
