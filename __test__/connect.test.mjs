// Every way to an engine, and what is said where there is none.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'
import { startSshd } from './helpers/sshd.mjs'
import { startTcpProxy, startTlsEngine } from './helpers/tls-engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const SOCKET = process.env.DOCKER_HOST.replace('unix://', '')
const VARIABLES = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'HOME',
  'XDG_RUNTIME_DIR',
]
const labels = { [label]: 'connect' }
let folder, proxy, tls

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-connect-'))
  proxy = await startTcpProxy(SOCKET)
  tls = await startTlsEngine()
})

after(async () => {
  await proxy?.stop()
  await tls?.stop()
  await rm(folder, { recursive: true, force: true })
  await assertNothingLeft(`${label}=connect`)
})

/** A `Dokeres` made under another environment; it keeps what it read then. */
function under(environment, target) {
  const saved = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]))
  for (const name of VARIABLES) if (name !== 'HOME') delete process.env[name]
  Object.assign(process.env, environment)
  try {
    return new Dokeres(target)
  } finally {
    for (const [name, value] of Object.entries(saved)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** Whatever the transport: plain calls, both directions at once, and a long one. */
async function works(dokeres) {
  assert.equal((await dokeres.ping()).osType, 'linux')
  const image = dokeres.image(BASE)
  const { stdout } = await image.task('wc -c', { labels, stdin: 'x'.repeat(200_000) })
  assert.equal(stdout, '200000\n')
  const container = await image.run(null, { labels }, ['sh', '-c', 'echo up; sleep 60'])
  assert.equal(await container.waitLog('up'), 'up')
  assert.equal((await container.exec('cat', '/etc/passwd')).exitCode, 0)
  await container.remove({ force: true })
  return dokeres.endpoint
}

const docker = (host, name = 'docker') => ({
  Name: name,
  Metadata: {},
  Endpoints: { docker: { Host: host } },
})

async function contexts(current, entries) {
  const config = await mkdtemp(join(folder, 'config-'))
  if (current)
    await writeFile(join(config, 'config.json'), JSON.stringify({ currentContext: current }))
  for (const { name, host, files, skip } of entries) {
    const id = createHash('sha256').update(name).digest('hex')
    const meta = docker(host, name)
    if (skip) meta.Endpoints.docker.SkipTLSVerify = true
    await mkdir(join(config, 'contexts/meta', id), { recursive: true })
    await writeFile(join(config, 'contexts/meta', id, 'meta.json'), JSON.stringify(meta))
    for (const [file, source] of Object.entries(files ?? {})) {
      await mkdir(join(config, 'contexts/tls', id, 'docker'), { recursive: true })
      await cp(source, join(config, 'contexts/tls', id, 'docker', file))
    }
  }
  return config
}

const material = () => ({ 'ca.pem': tls.ca, 'cert.pem': tls.cert, 'key.pem': tls.key })

test('unix://, a path, socketPath, and DOCKER_HOST', async () => {
  for (const target of [
    SOCKET,
    `unix://${SOCKET}`,
    { socketPath: SOCKET },
    { host: `unix://${SOCKET}` },
  ]) {
    assert.equal(new Dokeres(target).name, `unix://${SOCKET}`)
    await new Dokeres(target).ping()
  }
  const { url, source, tried } = await works(under({ DOCKER_HOST: `unix://${SOCKET}` }))
  assert.equal(url, `unix://${SOCKET}`)
  assert.match(source, /DOCKER_HOST/)
  assert.equal(tried.at(-1).url, url)
})

test('tcp://', async () => {
  const { url } = await works(under({ DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}` }))
  assert.equal(url, `tcp://127.0.0.1:${proxy.port}`)
  await new Dokeres({ host: '127.0.0.1', port: proxy.port }).ping()
  await new Dokeres({ host: 'localhost', port: proxy.port, protocol: 'http' }).ping()
})

test('TLS with client certificates, from files and from memory', async () => {
  const { ca, cert, key, port } = tls
  const url = `tcp://127.0.0.1:${port}`
  assert.equal((await new Dokeres({ host: url, ca, cert, key }).ping()).osType, 'linux')
  const [caPem, certPem, keyPem] = await Promise.all([ca, cert, key].map((path) => readFile(path)))
  await new Dokeres({ host: url, ca: caPem, cert: certPem, key: keyPem }).ping()
  await new Dokeres({
    host: '127.0.0.1',
    port,
    ca: String(caPem),
    cert: String(certPem),
    key: String(keyPem),
  }).info()
  await new Dokeres({ host: `https://localhost:${port}`, cert, key, tlsVerify: false }).ping()
  const folderOf = await mkdtemp(join(folder, 'certs-'))
  for (const [name, source] of Object.entries(material())) await cp(source, join(folderOf, name))
  await under({ DOCKER_HOST: url, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folderOf }).ping()
})

test('TLS that is wrong says what is', async () => {
  const { ca, cert, key, port, foreign } = tls
  const url = `https://127.0.0.1:${port}`
  const rejected = async (options, pattern) => {
    await assert.rejects(new Dokeres({ host: url, ...options }).ping(), (error) => {
      assert.equal(error.code, 'TLS_ERROR', error.message)
      assert.match(error.message, pattern)
      return true
    })
  }
  await rejected({ ca: foreign.ca, cert, key }, /certificate/i)
  await rejected({ ca, cert: foreign.cert, key: foreign.key }, /certificate/i)
  await rejected({ ca }, /certificate/i)
  await rejected({ ca, cert }, /key/i)
  await rejected(
    { ca: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----', cert, key },
    /./,
  )
  await rejected({ ca: '/no/such/ca.pem', cert, key }, /no\/such\/ca\.pem/)
  const plain = new Dokeres({ host: `https://127.0.0.1:${proxy.port}`, tlsVerify: false })
  await assert.rejects(plain.ping(), { code: 'TLS_ERROR' })
  const unaware = under({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })
  await assert.rejects(unaware.ping(), { code: 'TLS_ERROR', message: /DOCKER_TLS_VERIFY/ })
})

test('a socket that may not be opened: PERMISSION_DENIED, and what to do', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can be somebody else')
  const socket = join(folder, 'closed.sock')
  const server = createServer().listen(socket)
  await new Promise((resolve) => server.once('listening', resolve))
  await chmod(socket, 0o600)
  await chmod(folder, 0o755)
  // Somebody else, from here on: permissions are of this process, its threads included.
  process.seteuid('nobody')
  try {
    await assert.rejects(new Dokeres(socket).ping(), (error) => {
      assert.equal(error.code, 'PERMISSION_DENIED')
      assert.match(error.message, /docker.*group/)
      return true
    })
  } finally {
    process.seteuid(0)
    server.close()
  }
})

test('a context with TLS material: current, by DOCKER_CONTEXT, by option', async () => {
  const host = `tcp://127.0.0.1:${tls.port}`
  const config = await contexts('secure', [
    { name: 'secure', host, files: material() },
    { name: 'plain', host: `unix://${SOCKET}` },
    { name: 'lenient', host, files: { 'cert.pem': tls.cert, 'key.pem': tls.key }, skip: true },
  ])
  const current = under({ DOCKER_CONFIG: config })
  assert.equal((await current.ping()).osType, 'linux')
  assert.match(current.endpoint.source, /secure/)
  const named = under({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'plain' })
  assert.equal((await named.ping()).osType, 'linux')
  assert.equal(named.endpoint.url, `unix://${SOCKET}`)
  await under({ DOCKER_CONFIG: config }, { context: 'lenient' }).ping()
  const ahead = under({ DOCKER_CONFIG: config, DOCKER_HOST: `unix://${SOCKET}` })
  assert.equal(ahead.endpoint.url, `unix://${SOCKET}`, 'DOCKER_HOST goes before a context')
  await assert.rejects(under({ DOCKER_CONFIG: config }, { context: 'nosuch' }).ping(), (error) => {
    assert.deepEqual([error.code, error.path], ['INVALID_OPTION', 'context'])
    assert.match(error.message, /nosuch.*(plain|secure)/)
    return true
  })
})

test('ssh to a local sshd', async () => {
  const sshd = await startSshd()
  try {
    const sshOptions = { configFile: sshd.configFile, identityFile: sshd.identityFile }
    const dokeres = new Dokeres({ host: `ssh://${sshd.user}@127.0.0.1:${sshd.port}`, sshOptions })
    await works(dokeres)
    const foreign = new Dokeres({
      host: `ssh://${sshd.user}@127.0.0.1:${sshd.port}`,
      sshOptions: {
        configFile: sshd.configFile,
        options: ['PubkeyAuthentication=no', 'BatchMode=yes'],
      },
    })
    await assert.rejects(foreign.ping(), (error) => {
      assert.equal(error.code, 'ENGINE_UNREACHABLE')
      assert.match(error.message, /[Pp]ermission denied/)
      return true
    })
  } finally {
    await sshd.stop()
  }
})

test('wrong ones say what was tried, why it was chosen, and what to do', async () => {
  const missing = join(folder, 'nobody.sock')
  const server = createServer().listen(0)
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  for (const url of [`unix://${missing}`, `tcp://127.0.0.1:${port}`]) {
    await assert.rejects(under({ DOCKER_HOST: url }).ping(), (error) => {
      assert.equal(error.code, 'ENGINE_UNREACHABLE')
      assert.match(error.message, /DOCKER_HOST/)
      assert.ok(error.message.includes(url.replace('tcp://', '')))
      assert.equal(error.endpoint.url, url)
      assert.ok(error.endpoint.tried.length > 0)
      return true
    })
  }
  const refused = { 'gopher://x': /gopher/, 'tcp://': /host/i, 'tcp://h:99999': /port/i }
  for (const [url, pattern] of Object.entries(refused)) {
    for (const make of [() => under({ DOCKER_HOST: url }), () => new Dokeres(url)]) {
      await assert.rejects(
        async () => make().ping(),
        (error) => {
          assert.equal(error.code, 'INVALID_OPTION')
          assert.match(error.message, pattern)
          return true
        },
      )
    }
  }
})

test('where no engine is found: what was tried is there to look at', async () => {
  const nowhere = under({ HOME: folder, XDG_RUNTIME_DIR: folder })
  const { url, source, tried } = nowhere.endpoint
  if (url !== null) return assert.match(source, /socket/) // this machine has one of its own
  assert.deepEqual([nowhere.name, source], ['', null])
  assert.ok(tried.some((place) => place.url.endsWith('/var/run/docker.sock') && place.error))
  await assert.rejects(nowhere.ping(), { code: 'ENGINE_UNREACHABLE', message: /DOCKER_HOST/ })
})

test('an engine that does not answer in time: TIMEOUT; one that cannot be reached in time', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address()
  try {
    const dokeres = new Dokeres({ host: `tcp://127.0.0.1:${port}`, timeout: 200 })
    await assert.rejects(dokeres.version(), { code: 'TIMEOUT' })
  } finally {
    silent.close()
  }
})

test('a dockerode object gives its address', async () => {
  const dockerode = { modem: { socketPath: SOCKET, protocol: 'http', host: undefined } }
  assert.equal(new Dokeres(dockerode).name, `unix://${SOCKET}`)
  const remote = { modem: { host: '127.0.0.1', port: String(proxy.port), protocol: 'http' } }
  assert.equal((await new Dokeres(remote).ping()).osType, 'linux')
})

test('request: JSON in, JSON out, anything the engine offers', async () => {
  const dokeres = new Dokeres()
  assert.equal(await dokeres.request({ path: '/_ping' }), 'OK')
  const { ApiVersion } = await dokeres.request({ method: 'get', path: '/version' })
  assert.equal(ApiVersion, (await dokeres.version()).ApiVersion)
  const filters = { reference: [BASE] }
  const images = await dokeres.request({ path: '/images/json', query: { filters } })
  assert.equal(images.length, 1)
  const { Name } = await dokeres.request({
    method: 'POST',
    path: '/volumes/create',
    body: { Labels: { a: 'b' } },
  })
  assert.equal(await dokeres.request({ method: 'DELETE', path: `/volumes/${Name}` }), undefined)
  await assert.rejects(dokeres.request({ path: `/volumes/${Name}` }), {
    code: 'VOLUME_NOT_FOUND',
    statusCode: 404,
  })
  await assert.rejects(dokeres.request({ path: 'no-slash' }), {
    code: 'INVALID_OPTION',
    path: 'path',
  })
})
