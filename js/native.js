'use strict'

const { readFileSync } = require('node:fs')

// Finds the addon of this platform: the one that was built here, else the package that npm chose. Not
// the loader that napi generates: compiling that took longer than all else that this package loads, and
// where nothing is found it cannot say what to do.

/** Whether the C library is musl, as on Alpine: what is linked against one does not load with another. */
function isMusl() {
  try {
    return readFileSync('/usr/bin/ldd', 'latin1').includes('musl')
  } catch {
    /** @type {any} */
    const { report } = process
    // Without this it asks for the names of all that the process is connected with.
    const before = report.excludeNetwork
    report.excludeNetwork = true
    const { header } = report.getReport()
    report.excludeNetwork = before
    return !header.glibcVersionRuntime
  }
}

/** This platform, as packages name it. */
function platform() {
  const { arch, platform: system } = process
  if (system === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`
  return system === 'win32' ? `win32-${arch}-msvc` : `${system}-${arch}`
}

/** @param {string} where */
function attempt(where) {
  try {
    return { addon: require(where) }
  } catch (error) {
    // What is there and does not load says something else, whoever looks for it (yarn has words of its own).
    const isMissing = /** @type {any} */ (error).code === 'MODULE_NOT_FOUND'
    return { failure: isMissing ? undefined : error }
  }
}

function load() {
  const given = process.env.NAPI_RS_NATIVE_LIBRARY_PATH
  if (given) return require(given)
  const name = platform()
  const local = attempt(`../dokeres.${name}.node`)
  if (local.addon) return local.addon
  const installed = attempt(`dokeres-${name}`)
  if (installed.addon) return installed.addon
  throw unavailable(name, local.failure ?? installed.failure)
}

/** @param {string} name @param {any} cause what was there, and did not load */
function unavailable(name, cause) {
  /** @type {any} */
  const own = require('../package.json')
  const known = Object.keys(own.optionalDependencies ?? {})
  const message = cause
    ? `the addon for ${name} does not load: ${cause.message}`
    : known.length === 0 || known.includes(`dokeres-${name}`)
      ? `the package dokeres-${name} is not installed. It is an optional dependency: install again ` +
        'without --omit=optional or --no-optional; where node_modules or a lock file came from another ' +
        'platform, remove both first'
      : `there is no addon for ${name}, only for ${known.map((of) => of.slice(8)).join(', ')}`
  return Object.assign(new Error(`dokeres: ${message}`, { cause }), { code: 'NOT_SUPPORTED' })
}

module.exports = load()
