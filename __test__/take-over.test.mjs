// `new Dokeres(dockerode)`: all that a modem says of the way to its engine, or an error.
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { createServer } from 'node:net'
import { test } from 'node:test'
import Docker from 'dockerode'
import TheirModem from 'docker-modem'
import { Dokeres } from 'dokeres'
import { Containers, Images, createDocker } from 'dokeres/dockops'
import { Modem } from 'dokeres/modem'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { startSshd } from './helpers/sshd.mjs'

/** @param {any} options */
const theirs = (options) => new Dokeres(new Docker(options))

/** @param {(socketPath: string, seen: import('node:http').IncomingMessage[]) => Promise<void>} work */
async function withEngine(work, delay = 0) {
  /** @type {import('node:http').IncomingMessage[]} */
  const seen = []
  const engine = await fakeEngine((request, response) => {
    seen.push(request)
    response.setHeader('Content-Type', 'application/json')
    setTimeout(() => response.end('{"Version":"1"}'), delay).unref()
  })
  try {
    await work(engine.socketPath, seen)
  } finally {
    await engine.close()
  }
}

test('headers, a version and a prefix go with every request', async () => {
  await withEngine(async (socketPath, seen) => {
    const headers = { 'X-Tenant': 'seven' }
    const options = { socketPath, headers, version: 'v1.43', pathPrefix: '/behind/' }
    const dokeres = theirs(options)
    await dokeres.version()
    await dokeres.request({ path: '/info', headers: { 'X-Tenant': 'other' } })
    await dokeres.request({ path: '/v1.42/info' })
    await dokeres.request({ path: '/volumes?a=b' })
    assert.deepEqual(
      seen.map((request) => [request.url, request.headers['x-tenant']]),
      [
        ['/behind/v1.43/version', 'seven'],
        ['/behind/v1.43/info', 'other'],
        ['/behind/v1.42/info', 'seven'],
        ['/behind/v1.43/volumes?a=b', 'seven'],
      ],
    )
    // dockerode over our own connection has both as well, and no version twice.
    await dokeres.docker.version()
    assert.equal(seen.at(-1)?.url, '/behind/v1.43/version')
    assert.deepEqual(headers, { 'X-Tenant': 'seven' })
  })
})

test('a version that is older than what our calls need is not theirs', async () => {
  await withEngine(async (socketPath, seen) => {
    for (const version of ['v1.25', '1.40', '1.41']) {
      await theirs({ socketPath, version }).version()
    }
    assert.deepEqual(
      seen.map(({ url }) => url),
      ['/version', '/version', '/v1.41/version'],
    )
  })
})

test('its time limits', async () => {
  await withEngine(async (socketPath) => {
    await assert.rejects(theirs({ socketPath, timeout: 100 }).version(), { code: 'TIMEOUT' })
  }, 5000)
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (silent.address())
    const place = { host: '127.0.0.1', port, protocol: 'https' }
    const began = performance.now()
    await assert.rejects(theirs({ ...place, connectionTimeout: 200 }).version())
    assert.ok(performance.now() - began < 3000)
  } finally {
    silent.close()
  }
})

test('ssh: the user, the port and what ssh is told', async () => {
  const place = { protocol: 'ssh', host: 'engine.example', port: 2222, username: 'me' }
  assert.equal(theirs(place).name, 'ssh://me@engine.example:2222')
  const sshd = await startSshd()
  try {
    const sshOptions = { configFile: sshd.configFile, identityFile: sshd.identityFile }
    const docker = new Docker({
      ...{ protocol: 'ssh', host: '127.0.0.1', port: sshd.port, username: sshd.user },
      sshOptions: { ...sshOptions, readyTimeout: 5000 },
    })
    assert.equal((await new Dokeres(docker).ping()).osType, 'linux')
    assert.ok(Array.isArray(await new Containers(docker).listAll()))
  } finally {
    await sshd.stop()
  }
})

test('addresses in all of their forms', () => {
  const places = /** @type {[any, string][]} */ ([
    [{ socketPath: '/a/b.sock' }, 'unix:///a/b.sock'],
    [{ host: '10.0.0.2', port: 2375 }, 'http://10.0.0.2:2375'],
    [{ host: 'http://10.0.0.2', port: 2375 }, 'http://10.0.0.2:2375'],
    [{ host: 'https://10.0.0.2', port: 2376 }, 'https://10.0.0.2:2376'],
    [{ host: 'tcp://10.0.0.2:1234' }, 'http://10.0.0.2:1234'],
    [{ host: '::1', port: 2375 }, 'http://[::1]:2375'],
    [{ host: '10.0.0.2', port: 1, agent: new Agent({ maxSockets: 2 }) }, 'http://10.0.0.2:1'],
  ])
  for (const [options, url] of places) {
    const { name } = theirs(options)
    assert.equal(name, new Dokeres(url).name, JSON.stringify(options))
  }
})

test('what cannot be taken over is told at once', () => {
  class Tunnel extends Agent {}
  const ssh = { protocol: 'ssh', host: 'a' }
  const wrong = /** @type {[any, string, string][]} */ ([
    [{ host: 'a', agent: new Tunnel() }, 'NOT_SUPPORTED', 'agent'],
    [{ host: 'a', checkServerIdentity: () => undefined }, 'NOT_SUPPORTED', 'checkServerIdentity'],
    [{ ...ssh, sshOptions: { privateKey: 'x' } }, 'NOT_SUPPORTED', 'sshOptions.privateKey'],
    [{ ...ssh, password: 'x' }, 'NOT_SUPPORTED', 'password'],
    [{ socketPath: async () => '/a' }, 'NOT_SUPPORTED', 'socketPath'],
    [{ socketPath: '/a', version: 'latest' }, 'INVALID_OPTION', 'version'],
    [{ socketPath: '/a', pathPrefix: '/a b' }, 'INVALID_OPTION', 'pathPrefix'],
  ])
  for (const [options, code, name] of wrong) {
    const expected = { name: 'DokeresError', code, path: `modem.${name}` }
    assert.throws(() => theirs(options), expected, name)
    assert.throws(() => new Containers(new Docker(options)), expected, name)
    assert.throws(() => new Images(/** @type {any} */ (new Docker(options))), expected, name)
  }
  const strange = /** @type {any} */ ({ modem: 'x' })
  assert.throws(() => new Dokeres(strange), { code: 'INVALID_OPTION', path: 'modem' })
})

test('a socket’s path that a function gives', () => {
  assert.equal(theirs({ socketPath: () => '/a/b.sock' }).name, 'unix:///a/b.sock')
  // docker-modem's own looks for the default, and so do we.
  const { DOCKER_HOST } = process.env
  delete process.env.DOCKER_HOST
  try {
    assert.equal(typeof new TheirModem().socketPath, 'function')
    theirs({})
  } finally {
    process.env.DOCKER_HOST = DOCKER_HOST
  }
})

test('over a modem of ours it is the same connection', async () => {
  await withEngine(async (socketPath, seen) => {
    const dokeres = new Dokeres({ socketPath, headers: { 'X-Tenant': 'seven' } })
    const again = new Dokeres(dokeres.docker)
    await again.version()
    assert.equal(seen.at(-1)?.headers['x-tenant'], 'seven')
    const containers = new Containers(dokeres.docker)
    await containers.listAll().catch(() => {})
    assert.equal(seen.at(-1)?.headers['x-tenant'], 'seven')
    // One of its own is described by its fields.
    const own = new Modem({ socketPath, headers: { 'X-Tenant': 'own' }, version: 'v1.44' })
    await new Dokeres({ modem: own }).version()
    assert.equal(seen.at(-1)?.headers['x-tenant'], 'own')
    assert.equal(seen.at(-1)?.url, '/v1.44/version')
    assert.equal(createDocker({ modem: own }).name, `unix://${socketPath}`)
  })
})
