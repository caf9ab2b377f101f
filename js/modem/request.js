'use strict'

const { createReadStream } = require('node:fs')
const { resolve } = require('node:path')
const { stringify } = require('node:querystring')
const { Readable } = require('node:stream')

/**
 * A query string as docker-modem writes it: objects as JSON, lists as repeated names.
 * @param {Record<string, any>} options
 */
function buildQuerystring(options) {
  /** @type {Record<string, any>} */
  const flat = {}
  for (const [name, value] of Object.entries(options)) {
    const isObject = value && typeof value === 'object' && !Array.isArray(value)
    flat[name] = isObject ? JSON.stringify(value) : value
  }
  return stringify(flat)
}

/**
 * What `dial` was given, as a request. The caller's objects stay as they are.
 * @param {import('./modem.js').Modem} modem
 * @param {any} dialled
 * @returns {{ request: any, data: any }}
 */
function requestOf(modem, dialled) {
  const options = sendable(dialled.options)
  /** @type {Record<string, any>} */
  const headers = { ...modem.headers, ...dialled.headers }
  const { authconfig, registryconfig } = dialled
  if (authconfig) {
    headers['X-Registry-Auth'] =
      authconfig.key || authconfig.base64 || urlSafe(base64(JSON.stringify(authconfig)))
  }
  if (registryconfig) {
    headers['X-Registry-Config'] = registryconfig.base64 || base64(JSON.stringify(registryconfig))
  }
  const { data, type } = bodyOf(dialled, options)
  // It may fail before it is read: whoever reads it is told, and until then it is no crash.
  if (typeof data?.on === 'function') data.on('error', () => {})
  if (type) headers['Content-Type'] = dialled.headers?.['Content-Type'] ?? type
  const request = {
    path: target(modem, dialled.path, options),
    method: dialled.method ?? 'GET',
    headers,
    signal: dialled.abortSignal,
  }
  return { request, data }
}

/** Without what is not for the engine's eyes. @param {any} options */
function sendable(options) {
  if (!options || typeof options !== 'object' || Array.isArray(options)) return options
  const { authconfig: _credentials, abortSignal: _signal, ...rest } = options
  return rest
}

/** @param {import('./modem.js').Modem} modem @param {string} path @param {any} options */
function target(modem, path, options) {
  const prefix = (modem.pathPrefix ?? '').replace(/\/+$/, '')
  const version = modem.version ? `/${modem.version}` : ''
  let whole = `${prefix}${version}${path}`
  if (path.includes('?')) {
    const query = options && Object.keys(options).length > 0 ? options._query || options : {}
    whole += buildQuerystring(query)
    if (whole.endsWith('?')) whole = whole.slice(0, -1)
  }
  return escaped(whole)
}

/** What may not stand in a request line as it is: a name with a space in it, say. @param {string} path */
function escaped(path) {
  return path.replace(/[^\x21-\x7e]|["<>\\^`{|}#]/gu, (character) =>
    Buffer.from(character).toString('hex').replace(/../g, '%$&'),
  )
}

/** @param {any} dialled @param {any} options @returns {{ data?: any, type?: string }} */
function bodyOf(dialled, options) {
  const { file } = dialled
  if (file) return { data: bytes(file), type: 'application/tar' }
  if (!options || dialled.method !== 'POST') return {}
  const text = JSON.stringify(options._body || options)
  if (!dialled.allowEmpty && (text === '{}' || text === '""')) return {}
  return { data: Buffer.from(text), type: 'application/json' }
}

/** @param {any} file */
function bytes(file) {
  if (typeof file === 'string') return createReadStream(resolve(file))
  if (Buffer.isBuffer(file)) return file
  if (ArrayBuffer.isView(file)) return Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  // Streams of old, which can be piped and not iterated over.
  const isOld = typeof file.pipe === 'function' && !file[Symbol.asyncIterator]
  return isOld ? new Readable().wrap(file) : file
}

/** @param {string} text */
function base64(text) {
  return Buffer.from(text).toString('base64')
}

/** @param {string} text */
function urlSafe(text) {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

module.exports = { requestOf, buildQuerystring }
