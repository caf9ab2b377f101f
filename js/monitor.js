'use strict'

const { invalid } = require('./error.js')

/**
 * `dokeres.logs(containers, options)`: containers, their ids or names, or filters.
 * @this {any}
 * @param {any} [containers]
 * @param {any} [options]
 */
function logs(containers, options) {
  const targets = Array.isArray(containers)
    ? containers.map((target) => (typeof target === 'string' ? target : target?.id))
    : containers
  return this._logs(targets, options)
}

/**
 * Calls handlers as events come: `dokeres.on({ 'container:die': (event) => … })`.
 * @this {any}
 * @param {Record<string, (event: any) => unknown>} handlers
 * @param {any} [options]
 */
function on(handlers, options) {
  const { onError, ...rest } = options ?? {}
  const listening = Object.entries(handlers ?? {})
  for (const [key, handler] of listening) check(key, handler)
  if (listening.length === 0) throw invalid('handlers', 'expected at least one handler')
  if (onError !== undefined && onError !== null && typeof onError !== 'function') {
    throw invalid('onError', 'expected a function')
  }
  const stream = this.events({ ...rest, filters: narrowed(listening, rest.filters) })

  /** @param {unknown} error */
  const failed = (error) => {
    if (onError) return onError(error)
    process.emitWarning(/** @type {Error} */ (error))
    return undefined
  }
  const ready = stream._open()
  const listen = async () => {
    try {
      // Whoever does not wait for it is told by `onError` where it fails.
      await ready
      for await (const event of stream) {
        for (const [key, handler] of listening) {
          if (!fits(key, event)) continue
          try {
            await handler(event)
          } catch (error) {
            // One event that could not be handled is no reason to miss the next.
            await failed(error)
          }
        }
      }
    } catch (error) {
      if (!rest.signal?.aborted) await failed(error)
    }
  }
  const done = listen()
  return {
    /** Resolves once the engine has been told to tell: from then on nothing is missed. */
    ready,
    /** Ends it, and waits for the handler that may be at work. */
    async stop() {
      await stream.close()
      await done
    },
    unref() {
      stream.unref()
      return this
    },
    [Symbol.asyncDispose]() {
      return this.stop()
    },
  }
}

/** @param {string} key @param {unknown} handler */
function check(key, handler) {
  if (!/^(\*|[a-z]+:.+)$/.test(key)) {
    throw invalid(`handlers.${key}`, "expected a key like 'container:die', 'image:*' or '*'")
  }
  if (typeof handler !== 'function') throw invalid(`handlers.${key}`, 'expected a function')
}

/** @param {string} key @param {{ Type: string, Action: string }} event */
function fits(key, event) {
  if (key === '*') return true
  const cut = key.indexOf(':')
  const action = key.slice(cut + 1)
  if (key.slice(0, cut) !== event.Type) return false
  // Some actions say more behind a colon: `health_status: healthy`, `exec_create: ls`.
  return action === '*' || action === event.Action || event.Action.startsWith(`${action}:`)
}

/**
 * The engine need not tell what nobody listens to.
 * @param {[string, unknown][]} listening @param {any} filters
 */
function narrowed(listening, filters) {
  const keys = listening.map(([key]) => key)
  if (filters?.type || keys.includes('*')) return filters
  return { ...filters, type: [...new Set(keys.map((key) => key.slice(0, key.indexOf(':'))))] }
}

module.exports = { logs, on }
