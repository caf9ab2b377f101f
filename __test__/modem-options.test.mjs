// What a modem is made of, what its helpers make of streams, and replies that no engine gives on purpose.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Agent } from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import Docker from 'dockerode'
import TheirModem from 'docker-modem'
import * as module from 'dokeres/modem'
import { fakeEngine } from './helpers/fake-engine.mjs'

const { Modem } = module
const require = createRequire(import.meta.url)

/** @param {any} modem @param {any} options */
function dial(modem, options) {
  return new Promise((resolve, reject) => {
    modem.dial({ statusCodes: { 200: true }, method: 'GET', ...options }, (error, reply) =>
      error ? reject(error) : resolve(reply),
    )
  })
}

/** @template T @param {Record<string, string>} variables @param {() => T} work @returns {T} */
function withEnvironment(variables, work) {
  const before = { ...process.env }
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('DOCKER_')) delete process.env[name]
  }
  Object.assign(process.env, variables)
  try {
    return work()
  } finally {
    process.env = before
  }
}

/** @param {import('node:http').RequestListener} handler @param {(modem: any, engine: any) => Promise<void>} work */
async function withEngine(handler, work) {
  const engine = await fakeEngine(handler)
  try {
    await work(new Modem({ socketPath: engine.socketPath }), engine)
  } finally {
    await engine.close()
  }
}

test('require and import give the same, and no more than Modem', () => {
  assert.deepEqual(Object.keys(module), ['Modem'])
  assert.equal(require('dokeres/modem').Modem, Modem)
})

test('the environment, as docker-modem reads it', () => {
  const fields = ['host', 'port', 'protocol', 'socketPath', 'pathPrefix', 'username', 'timeout']
  const places = [
    { DOCKER_HOST: 'unix:///a/socket' },
    { DOCKER_HOST: 'tcp://engine.example:2375', DOCKER_CLIENT_TIMEOUT: '1500' },
    { DOCKER_HOST: 'tcp://engine.example:2376' },
    { DOCKER_HOST: 'engine.example:2375', DOCKER_PATH_PREFIX: '/behind' },
    { DOCKER_HOST: 'tcp://engine.example:1', DOCKER_TLS_VERIFY: '1' },
    { DOCKER_HOST: 'ssh://me@engine.example:22' },
  ]
  for (const place of places) {
    const [theirs, ours] = withEnvironment(place, () => [new TheirModem(), new Modem()])
    for (const field of fields) {
      if (field === 'pathPrefix' && !theirs.host) continue
      const expected = theirs[field] === '' ? undefined : theirs[field]
      assert.equal(ours[field], expected, `${field} of ${JSON.stringify(place)}`)
    }
  }
  const wrong = { code: 'INVALID_OPTION', path: 'DOCKER_HOST' }
  assert.throws(() => withEnvironment({ DOCKER_HOST: 'tcp://:' }, () => new Modem()), wrong)
})

test('what cannot be done is told at once', () => {
  class Tunnel extends Agent {}
  const wrong = /** @type {[any, string, string][]} */ ([
    [{ sockets: 1 }, 'INVALID_OPTION', 'sockets'],
    [{ timeout: 'soon' }, 'INVALID_OPTION', 'timeout'],
    [{ protocol: 'gopher', host: 'a' }, 'INVALID_OPTION', 'protocol'],
    [{ agent: new Tunnel() }, 'NOT_SUPPORTED', 'agent'],
    [{ checkServerIdentity: () => undefined }, 'NOT_SUPPORTED', 'checkServerIdentity'],
    [
      { protocol: 'ssh', host: 'a', sshOptions: { privateKey: 'x' } },
      'NOT_SUPPORTED',
      'sshOptions.privateKey',
    ],
    [{ protocol: 'ssh', host: 'a', password: 'x' }, 'NOT_SUPPORTED', 'password'],
  ])
  for (const [options, code, path] of wrong) {
    const before = { ...options }
    assert.throws(() => new Modem(options), { name: 'DokeresError', code, path })
    assert.deepEqual(options, before)
  }
  new Modem({ protocol: 'ssh', host: 'a', sshOptions: { agent: '/a', agentForward: true } })
  // dockerode passes on what it is given, this of its older versions included.
  new Modem({ socketPath: '/a', promises: true })
})

test('a host with its port, an agent, headers, a version and a prefix', async () => {
  /** @type {any[]} */
  const asked = []
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers['x-own'], request.headers['x-more']])
    response.end('{}')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  try {
    const agent = new Agent({ keepAlive: true, maxSockets: 2 })
    const headers = { 'X-Own': 'own' }
    for (const host of ['127.0.0.1', 'http://127.0.0.1']) {
      const modem = new Modem({ host, port, agent, headers, version: 'v1.41', pathPrefix: '/p/' })
      const options = { path: '/info?', options: { a: [1, 2], abortSignal: null } }
      await dial(modem, { ...options, headers: { 'X-More': 'more' } })
    }
    // What is changed later counts, as with docker-modem.
    const modem = new Modem({ socketPath: '/nowhere' })
    Object.assign(modem, { socketPath: undefined, host: '127.0.0.1', port })
    await dial(modem, { path: '/a b?x=1' })
    await dial(new Modem({ socketPath: '/x', host: '127.0.0.1', port: String(port) }), {
      path: '/',
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
  const prefixed = ['/p/v1.41/info?a=1&a=2', 'own', 'more']
  assert.deepEqual(asked.slice(0, 2), [prefixed, prefixed])
  const paths = asked.slice(2).map(([path]) => path)
  assert.deepEqual(paths, ['/a%20b?x=1', '/'])
})

test('a socket’s path that is found by a function', async () => {
  await withEngine(
    (_, response) => response.end('"yes"'),
    async (_, { socketPath }) => {
      const modem = new Modem({ socketPath: async () => socketPath })
      assert.equal(await dial(modem, { path: '/' }), 'yes')
      assert.equal(await modem.getSocketPath(), socketPath)
    },
  )
})

test('the caller’s options stay as they are', async () => {
  await withEngine(
    (_, response) => response.end('{}'),
    async (modem) => {
      const { signal } = new AbortController()
      const options = { a: 1, authconfig: { username: 'u' }, abortSignal: signal }
      const request = { path: '/a?', method: 'POST', options, statusCodes: { 200: true } }
      const before = { ...request, options: { ...options } }
      await dial(modem, request)
      assert.deepEqual(request, before)
    },
  )
})

test('time limits: no reply, and one that stops', async () => {
  await withEngine(
    (request, response) => {
      if (request.url === '/slow') response.writeHead(200).write('{')
    },
    async (_, { socketPath }) => {
      const modem = new Modem({ socketPath, timeout: 100 })
      await assert.rejects(dial(modem, { path: '/containers/a/wait' }), { code: 'TIMEOUT' })
      await assert.rejects(dial(modem, { path: '/slow' }), { code: 'TIMEOUT' })
    },
  )
  const gone = new Docker({ modem: new Modem({ socketPath: '/nowhere.sock' }) })
  await assert.rejects(gone.ping(), { code: 'ENGINE_UNREACHABLE' })
})

test('redirects are followed, and not for ever', async () => {
  await withEngine(
    (request, response) => {
      const { url } = request
      if (url === '/there') response.end('{"method":"GET"}')
      else response.writeHead(301, { location: url === '/a' ? '/there' : '/again' }).end()
    },
    async (modem) => {
      assert.deepEqual(await dial(modem, { path: '/a', method: 'POST' }), { method: 'GET' })
      await assert.rejects(dial(modem, { path: '/again' }), { code: 'PROTOCOL_ERROR' })
    },
  )
})

test('a reply that is cut short is an error, of a stream and of all else', async () => {
  await withEngine(
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setTimeout(() => response.destroy(), 50)
    },
    async (modem) => {
      await assert.rejects(dial(modem, { path: '/' }), { code: 'STREAM_TRUNCATED' })
      const stream = await dial(modem, { path: '/', isStream: true })
      await assert.rejects(text(stream), { code: 'STREAM_TRUNCATED' })
    },
  )
})

test('a body that fails is the caller’s own error', async () => {
  await withEngine(
    (_, response) => setTimeout(() => response.end('{}'), 1000).unref(),
    async (modem) => {
      const broken = new Readable({
        read() {
          this.destroy(new RangeError('mine'))
        },
      })
      const put = { path: '/', method: 'PUT' }
      await assert.rejects(dial(modem, { ...put, file: broken }), { name: 'RangeError' })
      await assert.rejects(dial(modem, { ...put, file: '/nowhere.tar' }), { code: 'ENOENT' })
      // Also where it fails before anybody reads it, or nobody ever does.
      const found = new Promise((resolve) => setTimeout(resolve, 100, '/nowhere.sock'))
      const late = new Modem({ socketPath: () => /** @type {Promise<string>} */ (found) })
      const unreachable = { code: 'ENGINE_UNREACHABLE' }
      await assert.rejects(dial(late, { ...put, file: '/nowhere.tar' }), unreachable)
      await assert.rejects(dial(modem, { ...put, file: 5 }), { code: 'INVALID_OPTION' })
    },
  )
})

test('what a callback throws is an exception of the program', async () => {
  await withEngine(
    (_, response) => response.end('{}'),
    async (modem) => {
      const own = new Error('thrown by a callback')
      const listeners = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      const thrown = once(process, 'uncaughtException')
      modem.dial({ path: '/', method: 'GET', statusCodes: { 200: true } }, () => {
        throw own
      })
      assert.equal((await thrown)[0], own)
      for (const listener of listeners) process.on('uncaughtException', listener)
    },
  )
})

test('a query string is docker-modem’s', () => {
  const options = { a: { b: ['ü'] }, c: [1, 'd e'], f: null, g: true, h: undefined, i: '&=' }
  const theirs = new TheirModem().buildQuerystring(options)
  assert.equal(new Modem().buildQuerystring(options), theirs)
})
