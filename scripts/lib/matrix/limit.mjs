// Loaded before a test file: a test that hangs fails by itself, and what comes after it is run all the same.
import { createRequire, syncBuiltinESMExports } from 'node:module'

/** The slowest that is well takes a minute, on a busy machine two. */
const LIMIT = Number(process.env.DOKERES_MATRIX_LIMIT ?? 150_000)

/** @type {any} */
const tests = createRequire(import.meta.url)('node:test')
const { test } = tests
tests.test = Object.assign(
  (/** @type {string} */ name, /** @type {any} */ options, /** @type {any} */ run) =>
    typeof options === 'function'
      ? test(name, { timeout: LIMIT }, options)
      : test(name, { timeout: LIMIT, ...options }, run),
  test,
)
syncBuiltinESMExports()
