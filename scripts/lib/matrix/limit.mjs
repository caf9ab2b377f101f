// Loaded before a test file: a test that hangs fails by itself, and what comes after it is run all the same.
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

/** The slowest that is well takes a minute, on a busy machine two. */
const LIMIT = Number(process.env.DOKERES_MATRIX_LIMIT ?? 180_000)

// The runner takes this for the file that a test is of; the reporter goes by the name.
const file = basename(process.argv[1] ?? '', '.test.mjs')

/** @type {any} */
const tests = createRequire(import.meta.url)('node:test')
const { test } = tests
tests.test = Object.assign(
  (/** @type {string} */ name, /** @type {any} */ options, /** @type {any} */ run) =>
    typeof options === 'function'
      ? test(`${file}: ${name}`, { timeout: LIMIT }, options)
      : test(`${file}: ${name}`, { timeout: LIMIT, ...options }, run),
  test,
)
syncBuiltinESMExports()
