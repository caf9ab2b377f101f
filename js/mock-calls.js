'use strict'

const { failure, json, NOTHING } = require('./mock-reply.js')

/**
 * @typedef {import('./mock-container.js').MockContainer} MockContainer
 * @typedef {import('./mock-reply.js').Reply} Reply
 */

const EMPTY_TAR = Buffer.alloc(1024)

/** @type {Record<string, (container: MockContainer, query: Record<string, string>, body: any) => Reply>} */
const CONTAINER = {
  'POST start': (container) => (container.start() ? NOTHING : { status: 304 }),
  'POST stop': (container) => (container.exit(0) ? NOTHING : { status: 304 }),
  'POST kill': (container) =>
    container.exit(137) ? NOTHING : failure(409, `Container ${container.id} is not running`),
  'POST restart'(container) {
    container.exit(0)
    container.start()
    return NOTHING
  },
  'POST pause': (container) => turned(container, 'running', 'paused'),
  'POST unpause': (container) => turned(container, 'paused', 'running'),
  'POST rename'(container, { name }) {
    container.name = name
    return NOTHING
  },
  'POST update': () => json({ Warnings: null }),
  'POST resize': () => ({ status: 200 }),
  'POST wait': () => ({ status: 200 }),
  'POST attach': () => ({ status: 200 }),
  'GET logs': () => ({ status: 200 }),
  'GET top'(container) {
    const Processes = [['1', container.command.join(' ')]]
    return json({ Titles: ['PID', 'CMD'], Processes })
  },
  'GET changes': () => json([]),
  'GET stats': () => json({ read: new Date().toISOString(), cpu_stats: {}, memory_stats: {} }),
  'GET export': () => ({ body: EMPTY_TAR }),
  'PUT archive': () => ({ status: 200 }),
  'GET archive': (container, { path }) =>
    isMount(container, path) ? { body: EMPTY_TAR } : missing(container, { path }),
  'HEAD archive'(container, { path }) {
    // A folder, as far as who wants to put something there is concerned.
    if (path !== '/' && !isMount(container, path)) return missing(container, { path })
    const stat = {
      name:
        path
          .split('/')
          .filter((word) => word && word !== '.')
          .pop() ?? '/',
      size: 4096,
      mode: 0x800001ed,
      mtime: container.created,
      linkTarget: '',
    }
    const text = Buffer.from(JSON.stringify(stat)).toString('base64')
    return { status: 200, headers: { 'X-Docker-Container-Path-Stat': text } }
  },
  'DELETE ': removal,
}

/** Where a volume is mounted there is a folder, with nothing in it. @param {MockContainer} container @param {string} path */
function isMount({ host }, path) {
  const wanted = path.replace(/\/\.?$/, '')
  return (host.Mounts ?? []).some((/** @type {any} */ { Target }) => Target === wanted)
}

/** @param {MockContainer} container @param {Record<string, string>} query @returns {Reply} */
function missing(container, { path }) {
  return failure(404, `Could not find the file ${path} in container ${container.id}`)
}

/** @param {MockContainer} container @param {string} from @param {string} to @returns {Reply} */
function turned(container, from, to) {
  if (container.state.Status !== from)
    return failure(409, `Container ${container.id} is not ${from}`)
  container.state.Status = to
  return NOTHING
}

/** @param {MockContainer} container @param {Record<string, string>} query @returns {Reply} */
function removal(container, { force }) {
  if (container.running && !['1', 'true'].includes(force)) {
    const advice = 'Stop the container before attempting removal or force remove'
    return failure(409, `You cannot remove a running container ${container.id}. ${advice}`)
  }
  container.remove()
  return NOTHING
}

const VERSION = { Version: '28.0.0', ApiVersion: '1.48', MinAPIVersion: '1.24', Os: 'linux' }

/** @type {Record<string, () => Reply>} */
const SYSTEM = {
  'GET /_ping': () => ({
    body: 'OK',
    headers: { 'Api-Version': VERSION.ApiVersion, Ostype: 'linux', 'Builder-Version': '1' },
  }),
  'GET /version': () => json(VERSION),
  'GET /info': () =>
    json({ ID: 'mock', Name: 'mock', OSType: 'linux', ServerVersion: VERSION.Version }),
  'GET /events': () => ({ status: 200 }),
  'GET /plugins': () => json([]),
  'POST /auth': () => json({ Status: 'Login Succeeded', IdentityToken: '' }),
  'POST /build/prune': () => json({ CachesDeleted: [], SpaceReclaimed: 0 }),
}

module.exports = { CONTAINER, SYSTEM }
