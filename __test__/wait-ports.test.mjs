// `waitFor` from outside: ports of images without a shell, HTTP, TLS.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { api, uniqueName } from './helpers/engine.mjs'
import { fails, waiting } from './helpers/waiting.mjs'

const dokeres = new Dokeres()
const node = dokeres.image(process.env.DOKERES_TEST_NODE)
const { running } = waiting('wait-ports')
const bare = uniqueName('dokeres-test-bare')
const folder = mkdtempSync(join(tmpdir(), 'dokeres-wait-'))

/** One program, and no shell. */
const scratch = dokeres.image({
  name: bare,
  context: {
    Dockerfile: `FROM ${process.env.DOKERES_TEST_BASE} AS base
FROM scratch
COPY --from=base /bin/busybox /busybox
`,
  },
  builder: 'classic',
})

before(() => scratch.build())

// Once the containers have gone.
after(async () => {
  await api('DELETE', `/images/${bare}?force=1`)
  rmSync(folder, { recursive: true })
})

const serve = 'echo begun; /busybox sleep 0.7; exec /busybox httpd -f -p 8080 -h /'
const server = ['/busybox', 'sh', '-c', serve]

test('port: an image without a shell, published or not', async () => {
  const published = await running(scratch, server, { mapped: { 8080: '127.0.0.1:0' } })
  const begun = Date.now()
  const { port } = await published.waitFor({ port: 8080, timeout: 10_000 })
  assert.ok(Date.now() - begun > 300, 'the engine’s proxy is no program that listens')
  assert.equal(port.via, 'published')
  assert.equal((await fetch(`http://${port.host}:${port.port}/none`)).status, 404)

  const inner = await running(scratch, server)
  const direct = await inner.waitFor({ port: '8080/tcp', timeout: 10_000 })
  assert.deepEqual(direct.port, { host: await inner.ip, port: 8080, via: 'direct' })

  // Where nobody ever listens, the proxy that does is not mistaken for somebody.
  const silent = await running(scratch, ['/busybox', 'sleep', '300'], { mapped: { 80: true } })
  const error = await fails(silent.waitFor({ port: 80, timeout: 900 }))
  assert.equal(error.code, 'TIMEOUT')
  assert.match(error.message, /port 80\/tcp \(127\.0\.0\.1:\d+: closed at once\)/)
  assert.equal(error.container.state, 'running')
  assert.deepEqual(error.logs, [])

  const cutOff = await running(scratch, server, { network: 'none' })
  const cannot = await fails(cutOff.waitFor({ port: 8080, timeout: 5000 }))
  assert.equal(cannot.code, 'NOT_SUPPORTED')
  assert.match(cannot.message, /mapped: \{ '8080\/tcp': true \}/)
})

test('port: where only the container can tell, it is asked', async () => {
  const script = `setTimeout(() => {
    require('node:http').createServer().listen(8080)
    require('node:dgram').createSocket('udp4').bind(5353)
  }, 400)`
  const container = await running(node, ['node', '-e', script], { network: 'none' })
  const inside = { host: null, via: 'inside' }
  assert.deepEqual(
    await container.waitFor([
      { port: 8080, timeout: 9000 },
      { port: '5353/udp', timeout: 9000 },
    ]),
    [{ port: { ...inside, port: 8080 } }, { port: { ...inside, port: 5353 } }],
  )
  const { code, message } = await fails(container.waitFor({ port: 9, timeout: 500 }))
  assert.equal(code, 'TIMEOUT')
  assert.match(message, /port 9\/tcp \(nobody listens in the container\)/)
})

const nodeServer = (body) => `
  let count = 0
  const answer = (request, response) => {
    count++
    ${body}
  }
  const { CERT: cert, KEY: key } = process.env
  const http = cert ? require('node:https').createServer({ cert, key }, answer)
    : require('node:http').createServer(answer)
  setTimeout(() => http.listen(3000), 400)`

const serving = (body, options) => running(node, ['node', '-e', nodeServer(body)], options)

test('http: status, body, headers, method', async () => {
  const container = await serving(
    `const { method, url, headers } = request
     if (url === '/moved') response.writeHead(302, { location: '/' })
     else if (url === '/secret') response.statusCode = headers.token === 'x' ? 204 : 401
     else if (count < 3) response.statusCode = 503
     response.end(method === 'HEAD' ? '' : method + ' version 1.2.' + count)`,
    { mapped: { 3000: '127.0.0.1:0' } },
  )
  const { http } = await container.waitFor({
    http: { path: '/health?full=1', body: /version (\d+)/ },
    timeout: '20s',
  })
  assert.equal(http.status, 200)
  assert.equal(http.match[1], '1')
  assert.match(http.body, /^GET version 1\.2\.\d+$/)
  assert.match(http.url, /^http:\/\/127\.0\.0\.1:\d+\/health\?full=1$/)
  assert.equal(http.headers['content-length'], String(http.body.length))

  const met = (wanted) => container.waitFor({ http: wanted, timeout: 5000 })
  assert.equal((await met('/moved')).http.status, 302)
  const secret = { path: '/secret', status: [204], headers: { token: 'x' }, port: 3000 }
  assert.equal((await met(secret)).http.status, 204)
  assert.equal((await met({ path: '/secret', status: 401 })).http.status, 401)
  assert.equal((await met({ method: 'head' })).http.body, '')
  assert.equal((await met(http.url)).http.status, 200)

  const refused = await fails(container.waitFor({ http: '/secret', timeout: 400 }))
  assert.equal(refused.code, 'TIMEOUT')
  assert.match(refused.message, /http \/secret \(status 401\)/)
  const other = await fails(container.waitFor({ http: { body: 'version 2' }, timeout: 400 }))
  assert.match(other.message, /status 200, without "version 2" in the body/)
})

test('http by TLS: verified, by an authority of its own or not at all', async () => {
  const path = (name) => join(folder, name)
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE']
  for (const name of ['own', 'other']) {
    const files = ['-keyout', path(`${name}-key.pem`), '-out', path(`${name}.pem`)]
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync('openssl', ['req', '-x509', '-days', '2', ...ec, ...subject, ...leaf, ...files], {
      stdio: 'ignore',
    })
  }
  const pem = (name) => readFileSync(path(name), 'utf8')
  const container = await serving(`response.end('hello')`, {
    mapped: { 3000: '127.0.0.1:0' },
    env: { CERT: pem('own.pem'), KEY: pem('own-key.pem') },
  })
  const over = (tls) => ({ http: { tls, body: 'hello' } })
  for (const tls of [
    { ca: pem('own.pem') },
    { ca: path('own.pem') },
    { insecure: true },
    { insecure: true, ca: pem('other.pem') },
  ]) {
    const { http } = await container.waitFor({ ...over(tls), timeout: 15_000 })
    assert.equal(http.status, 200)
    assert.match(http.url, /^https:/)
  }
  for (const tls of [true, { ca: pem('other.pem') }]) {
    const error = await fails(container.waitFor({ ...over(tls), timeout: 500 }))
    assert.equal(error.code, 'TIMEOUT')
    assert.match(error.message, /http \/ \(.*certificate/i)
  }
  const missing = await fails(container.waitFor(over({ ca: path('none.pem') })))
  assert.equal(missing.code, 'TLS_ERROR')
})
