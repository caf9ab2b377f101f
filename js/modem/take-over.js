'use strict'

const { sharedBy } = require('./modem.js')
const { present, target, unfit } = require('./options.js')

/** Older than what every call of ours needs: those are made without a version. */
const OLDEST = 41

/**
 * How to reach the engine of a dockerode instance: one of our own where its modem goes through that,
 * else options. What cannot be taken over is an error, and not left out.
 * @param {{ modem?: any }} dockerode
 */
function takeOver({ modem }) {
  if (modem == null) return {}
  if (typeof modem !== 'object')
    throw unfit('modem', 'expected a modem, as a dockerode instance has')
  const dokeres = sharedBy(modem)
  if (dokeres) return dokeres
  if (modem.checkServerIdentity) {
    const why = 'the certificate is checked by the native side; give the authority by ca'
    throw unfit('modem.checkServerIdentity', why, 'NOT_SUPPORTED')
  }
  const { timeout, headers } = modem
  return present({
    ...within(() => target(fieldsOf(modem), socketOf(modem))),
    timeout: timeout > 0 ? timeout : undefined,
    headers: headers && Object.keys(headers).length > 0 ? headers : undefined,
    pathPrefix: prefixOf(modem.pathPrefix),
    version: versionOf(modem.version),
  })
}

/** What does not fit says whose it is. @template T @param {() => T} work */
function within(work) {
  try {
    return work()
  } catch (error) {
    const { code, path, message } = /** @type {any} */ (error)
    if (path === undefined || path.startsWith('modem.')) throw error
    throw unfit(`modem.${path}`, message.replace(`${path}: `, ''), code)
  }
}

/** @param {any} modem */
function fieldsOf(modem) {
  const { host, port, protocol, username, password, ca, cert, key, agent } = modem
  const { connectionTimeout, context, tlsVerify, maxConnections } = modem
  const given = /^(\w+):\/\//.exec(host ?? '')?.[1]
  // docker-modem takes `http` where nobody has said anything.
  const said = given && !['tcp', 'http'].includes(given) ? given : protocol
  const fields = { host, port, username, password, ca, cert, key, agent }
  return {
    ...fields,
    ...{ connectionTimeout, context, tlsVerify, maxConnections },
    protocol: said ?? (key && cert && ca ? 'https' : 'http'),
    sshOptions: modem.sshOptions ?? {},
  }
}

/** @param {any} modem @returns {string | undefined} */
function socketOf({ host, socketPath }) {
  if (host || socketPath == null) return undefined
  if (typeof socketPath !== 'function') return String(socketPath)
  // docker-modem's own, which looks for the default socket: so do we.
  if (socketPath.name === 'findDefaultUnixSocket') return undefined
  const path = socketPath()
  if (typeof path === 'string') return path
  // It is not waited for; whatever becomes of it is nobody's.
  Promise.resolve(path).catch(() => {})
  const why = 'it is found out later; give the path itself, or use dockerode over dokeres/modem'
  throw unfit('modem.socketPath', why, 'NOT_SUPPORTED')
}

/** @param {unknown} prefix */
function prefixOf(prefix) {
  const text = String(prefix ?? '').replace(/\/+$/, '')
  if (text === '') return undefined
  if (!/^\/[\w.~%!$&'()*+,;=:@/-]*$/.test(text)) {
    throw unfit('modem.pathPrefix', `\`${text}\` is no beginning of a path`)
  }
  return text
}

/** @param {unknown} version */
function versionOf(version) {
  if (version == null || version === '') return undefined
  const [, major, minor] = /^v?(\d+)\.(\d+)$/.exec(String(version)) ?? []
  if (!major) throw unfit('modem.version', `\`${version}\` is no version; it should be like v1.41`)
  return Number(major) === 1 && Number(minor) < OLDEST ? undefined : `/v${major}.${minor}`
}

module.exports = { takeOver }
