'use strict'

const http = require('node:http')
const https = require('node:https')
const { DokeresError } = require('../error.js')

/**
 * docker-modem's own options, and of this package's those that fit. dockerode passes its `promises`
 * on, which once chose them; it gives them to whoever has no callback.
 */
const KNOWN = new Set(
  `host socketPath port protocol pathPrefix username password version key cert ca timeout
  connectionTimeout checkServerIdentity agent agentForward headers sshOptions Promise promises
  context tlsVerify maxConnections`.split(/\s+/),
)

/**
 * @param {string} path @param {string} why
 * @param {'INVALID_OPTION' | 'NOT_SUPPORTED'} [code]
 */
function unfit(path, why, code = 'INVALID_OPTION') {
  return new DokeresError({ code, path, message: `${path}: ${why}` })
}

/**
 * The fields of a modem: the options, and what the environment says where they say no address.
 * @param {Record<string, any>} given
 * @returns {Record<string, any>}
 */
function settle(given) {
  for (const name of Object.keys(given)) {
    if (!KNOWN.has(name)) throw unfit(name, 'there is no such option')
  }
  for (const name of ['timeout', 'connectionTimeout']) {
    const value = given[name]
    if (value != null && !(typeof value === 'number' && value >= 0)) {
      throw unfit(name, 'expected a number of milliseconds')
    }
  }
  const isNamed = given.host != null || given.socketPath != null || given.context != null
  const fields = { ...(isNamed ? {} : environment()), ...present(given) }
  fields.headers ??= {}
  fields.pathPrefix ??= '/'
  fields.sshOptions = { ...given.sshOptions }
  const hasTls = fields.key && fields.cert && fields.ca
  const scheme = /^(\w+):\/\//.exec(fields.host ?? '')?.[1]
  fields.protocol ??= scheme && scheme !== 'tcp' ? scheme : hasTls ? 'https' : 'http'
  if (!['http', 'https', 'ssh', 'tcp'].includes(fields.protocol)) {
    throw unfit('protocol', `\`${fields.protocol}\` is not one of http, https, ssh`)
  }
  if (fields.checkServerIdentity) {
    const why = 'the certificate is checked by the native side; give the authority by ca'
    throw unfit('checkServerIdentity', why, 'NOT_SUPPORTED')
  }
  return fields
}

/** @param {Record<string, any>} options */
function present(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))
}

/** What `DOCKER_HOST` and its companions say; the certificates are read when it connects. */
function environment() {
  const { DOCKER_HOST: host, DOCKER_TLS_VERIFY, DOCKER_PATH_PREFIX } = process.env
  const timeout = Number.parseInt(process.env.DOCKER_CLIENT_TIMEOUT ?? '', 10)
  if (!host) return {}
  const socket = /^(?:unix|npipe):\/\/(.*)$/.exec(host) ?? (/^[/\\]/.test(host) ? ['', host] : null)
  if (socket) return present({ socketPath: socket[1] || null })
  let url
  try {
    url = new URL(host.includes('//') ? host : `tcp://${host}`)
  } catch {
    const why = `\`${host}\` is no address; it should be something like tcp://localhost:1234`
    throw unfit('DOCKER_HOST', why)
  }
  const isSsh = url.protocol === 'ssh:'
  const isTls = DOCKER_TLS_VERIFY || url.port === '2376' || url.protocol === 'https:'
  return present({
    host: url.hostname,
    port: url.port || null,
    protocol: isSsh ? 'ssh' : isTls ? 'https' : 'http',
    username: (isSsh && decodeURIComponent(url.username)) || null,
    pathPrefix: DOCKER_PATH_PREFIX || null,
    timeout: timeout > 0 ? timeout : null,
  })
}

/**
 * A modem's fields as `new Dokeres(…)` takes them.
 * @param {Record<string, any>} fields @param {string} [socketPath]
 */
function target(fields, socketPath) {
  const { ca, cert, key, tlsVerify, context } = fields
  const options = {
    ...(fields.host ? { host: address(fields) } : socketPath ? { socketPath } : { context }),
    ...agents(fields.agent),
    ...present({ ca, cert, key, tlsVerify }),
    connectTimeout: fields.connectionTimeout || undefined,
    maxConnections: fields.maxConnections,
  }
  const ssh = fields.protocol === 'ssh' ? sshOptions(fields) : undefined
  return present({ ...options, sshOptions: ssh })
}

/** @param {Record<string, any>} fields */
function address({ host, port, protocol, username, sshOptions: ssh }) {
  if (/^(?:[/\\]|unix:|npipe:)/.test(host)) return host
  const name = host.replace(/^\w+:\/\//, '').replace(/\/.*$/, '')
  const isNumber = /^[^[]*:.*:/.test(name)
  const isPorted = !isNumber && /:\d+$/.test(name)
  const at = port ?? (protocol === 'ssh' ? ssh?.port : undefined)
  const user = protocol === 'ssh' ? (username ?? ssh?.username) : undefined
  const behind = at != null && at !== '' && !isPorted ? `:${at}` : ''
  const before = user && !name.includes('@') ? `${encodeURIComponent(user)}@` : ''
  return `${protocol}://${before}${isNumber ? `[${name}]` : name}${behind}`
}

/**
 * Node's own agents say how many connections there may be, and a TLS one with what; others do the
 * connecting themselves, which here is the native side's.
 * @param {any} agent
 */
function agents(agent) {
  if (!agent) return {}
  if (![http.Agent.prototype, https.Agent.prototype].includes(Object.getPrototypeOf(agent))) {
    const why =
      'connections are made by the native side, which has no use for an agent of one’s own'
    throw unfit('agent', why, 'NOT_SUPPORTED')
  }
  const { ca, cert, key, rejectUnauthorized } = agent.options ?? {}
  const most = Number.isFinite(agent.maxSockets) ? agent.maxSockets : undefined
  const tlsVerify = rejectUnauthorized === false ? false : undefined
  return present({ ca, cert, key, tlsVerify, maxConnections: most })
}

const OURS = ['identityFile', 'configFile', 'knownHosts', 'options']

/** ssh2's options as the system's `ssh` takes them. @param {Record<string, any>} fields */
function sshOptions({ sshOptions: given, agentForward, password }) {
  if (password) throw unfit('password', 'ssh logs in by keys and agents', 'NOT_SUPPORTED')
  /** @type {Record<string, any>} */
  const found = {}
  const extra = [...(given.options ?? [])]
  for (const [name, value] of Object.entries(present({ agentForward, ...given }))) {
    if (OURS.includes(name)) found[name] = value
    else if (name === 'agent') extra.push(`IdentityAgent=${value}`)
    else if (name === 'agentForward') extra.push(`ForwardAgent=${value ? 'yes' : 'no'}`)
    else if (name === 'readyTimeout') extra.push(`ConnectTimeout=${Math.ceil(value / 1000)}`)
    else if (name === 'keepaliveInterval') {
      extra.push(`ServerAliveInterval=${Math.ceil(value / 1000)}`)
    } else if (!['host', 'port', 'username'].includes(name)) {
      const why =
        'the system’s ssh is used; say it in ~/.ssh/config, or by identityFile and options'
      throw unfit(`sshOptions.${name}`, why, 'NOT_SUPPORTED')
    }
  }
  return extra.length > 0 ? { ...found, options: extra } : found
}

module.exports = { present, settle, target, unfit }
