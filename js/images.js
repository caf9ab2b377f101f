'use strict'

/** @type {any} */
const binding = require('./native.js')

// Methods of images that take their arguments in more than one way, or live on JavaScript's own
// timers. `this` is an object of the addon's.

/** @param {unknown} value @returns {value is string | null | undefined} */
const isPath = (value) => typeof value === 'string'

/**
 * `image.save(path, options)` resolves when the file is there; `image.save(options)` is a stream.
 * @this {any}
 * @param {any} [path]
 * @param {any} [options]
 */
function save(path, options) {
  return isPath(path) ? this._save(path, options) : this._save(null, path ?? options)
}

/**
 * The same for several images: `images.save(names, path, options)`.
 * @this {any}
 * @param {string | string[]} names
 * @param {any} [path]
 * @param {any} [options]
 */
function saveMany(names, path, options) {
  return isPath(path) ? this._save(names, path, options) : this._save(names, null, path ?? options)
}

/**
 * `images.clean(options)`, again and again, until it is stopped. The timer does not keep the process
 * alive; one sweep ends before the next begins.
 * @this {any}
 * @param {any} options
 */
function gc(options) {
  // Checked here and now, and not at the first sweep.
  const pause = binding.gcPause(options)
  const { every: _, onSweep, onError, signal, ...cleaning } = options
  const stopping = new AbortController()
  const stop = () => {
    stopping.abort()
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }

  const sweep = async () => {
    try {
      const swept = this.clean({ ...cleaning, signal: stopping.signal })
      running = swept
      const cleaned = await swept
      await onSweep?.(cleaned)
    } catch (error) {
      // A sweep that failed is no reason to give up: the engine may be back for the next.
      if (stopping.signal.aborted) return
      if (onError) await onError(error)
      else process.emitWarning(/** @type {Error} */ (error))
    }
  }
  /** @type {Promise<unknown>} the sweep that is under way, without who is told of it */
  let running = Promise.resolve()
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const next = () => {
    if (stopping.signal.aborted) return
    // What `onError` throws has nowhere else to go.
    timer = setTimeout(
      () =>
        sweep()
          .catch((error) => process.emitWarning(error))
          .then(next),
      pause,
    )
    timer.unref()
  }
  if (signal?.aborted) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  next()
  return {
    /** Ends it; a sweep under way is broken off. It may be called within `onSweep` and `onError`. */
    async stop() {
      stop()
      await running.catch(() => {})
    },
    [Symbol.asyncDispose]() {
      return this.stop()
    },
  }
}

module.exports = { gc, save, saveMany }
