// The whole engine API: the table of its operations, the types of its JSON, and that JSON itself.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Dokeres } from '../index.js'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { METHODS } from '../scripts/lib/api/methods.mjs'
import { definition, mistakes } from '../scripts/lib/api/table.mjs'

const require = createRequire(import.meta.url)
/** @type {Record<string, any>} */
const library = require('dokeres')
/** @type {{ parse(text: string): any }} */
const json = require('../js/json.js')

/** @param {string} script */
const check = (script) =>
  spawnSync(process.execPath, [script, '--check'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  })

test('the definition has all its operations, each once', async () => {
  const { version, operations } = await definition()
  assert.equal(version, '1.53')
  assert.equal(operations.length, 107)
  assert.equal(new Set(operations.map(({ id }) => id)).size, operations.length)
  assert.equal(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size, 107)
})

test('every operation is reached, by a method that is there', async () => {
  assert.deepEqual(await mistakes(library), [])
})

test('a method that is gone, and an operation that nobody thought of, are told of', async () => {
  const rest = { ...library, DokeresImage: undefined }
  assert.ok((await mistakes(rest)).includes('image.push: there is no such method'))
  const { ContainerList, ...others } = METHODS
  try {
    delete METHODS.ContainerList
    METHODS.ContainerFly = 'containers.fly'
    assert.deepEqual(await mistakes(library), [
      'ContainerList: no way to it is told',
      'ContainerFly: there is no such operation',
      'containers.fly: there is no such method',
    ])
  } finally {
    delete METHODS.ContainerFly
    Object.assign(METHODS, { ContainerList, ...others })
  }
})

test('the table is as it would be written', () => {
  const { status, stderr } = check('scripts/api-table.mjs')
  assert.equal(status, 0, stderr)
})

test('the types are as they would be written', (context) => {
  if (spawnSync('cargo', ['--version']).status !== 0) return context.skip('there is no cargo')
  const { status, stderr } = check('scripts/api-types.mjs')
  assert.equal(status, 0, stderr)
})

test('whole numbers beyond 2^53 are bigint, and nothing else is', () => {
  /** @type {[string, unknown][]} */
  const cases = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['1.2345678901234567890', 1.2345678901234567],
    ['1234567890123456789e3', Number('1234567890123456789e3')],
    ['0.00000000000000000001', 1e-20],
    ['"18446744073709551615"', '18446744073709551615'],
    ['"a \\"18446744073709551615\\" b"', 'a "18446744073709551615" b'],
    ['"\\\\",18446744073709551615', undefined],
  ]
  for (const [text, value] of cases) {
    if (value === undefined)
      assert.deepEqual(json.parse(`[${text}]`), ['\\', 18446744073709551615n])
    else assert.deepEqual(json.parse(`{"a":[${text}]}`), { a: [value] }, text)
  }
  assert.throws(() => json.parse('{"a": 18446744073709551615'), SyntaxError)
  const strange = '{"a":"\\u0000n12345678901234567890"}'
  assert.deepEqual(json.parse(strange), JSON.parse(strange))
})

test('replies come whole: fields that nobody knows, and numbers as they are', async () => {
  const text = '{"ID":"x","Later":{"Deep":[18446744073709551615,1.5]},"NCPU":2}'
  const engine = await fakeEngine((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  const dokeres = new Dokeres(engine.socketPath)
  const whole = { ID: 'x', Later: { Deep: [18446744073709551615n, 1.5] }, NCPU: 2 }
  assert.deepEqual(await dokeres.info(), whole)
  assert.deepEqual(await dokeres.request({ path: '/any' }), whole)
  await engine.close()
})

test('what an engine cannot foresee is refused, and not ignored', async () => {
  const dokeres = new Dokeres('/nowhere/docker.sock')
  await assert.rejects(dokeres.pruneBuild(/** @type {any} */ ({ dryRun: true })), {
    code: 'INVALID_OPTION',
    path: 'dryRun',
  })
})

test('what takes the connection over is reached through the modem: websockets, sessions, gRPC', async () => {
  const dokeres = new Dokeres()
  /** @param {string} method @param {string} path @param {Record<string, string>} headers */
  const taken = (method, path, headers) =>
    new Promise((resolve, reject) =>
      dokeres.modem.dial(
        { method, path, headers, hijack: true, openStdin: true, statusCodes: { 101: true } },
        (/** @type {unknown} */ error, /** @type {any} */ reply) =>
          error ? reject(error) : resolve(reply),
      ),
    )
  const h2c = { Upgrade: 'h2c', Connection: 'Upgrade' }
  const session = {
    ...h2c,
    'X-Docker-Expose-Session-Uuid': 'aaaaaaaaaaaaaaaaaaaaaaaaa',
    'X-Docker-Expose-Session-Name': 'dokeres-test',
    'X-Docker-Expose-Session-Sharedkey': '',
  }
  for (const [path, headers] of /** @type {const} */ ([
    ['/session', session],
    ['/grpc', h2c],
  ])) {
    const connection = await taken('POST', path, headers)
    // HTTP/2's settings come first, from the engine where it serves.
    if (path === '/grpc') {
      connection.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      connection.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
      const [data] = await once(connection, 'data')
      assert.equal(data[3], 4, 'a frame of settings')
    }
    connection.destroy()
  }

  const container = await dokeres
    .image(process.env.DOKERES_TEST_BASE)
    .run(null, { tty: true, stdin: true }, 'cat')
  try {
    const socket = await taken(
      'GET',
      `/containers/${container.id}/attach/ws?stream=1&stdin=1&stdout=1`,
      {
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        Origin: 'http://localhost',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
        'Sec-WebSocket-Version': '13',
      },
    )
    // A text of three bytes, masked with nothing.
    socket.write(Buffer.from([0x81, 0x83, 0, 0, 0, 0, ...Buffer.from('hi\n')]))
    const [data] = await once(socket, 'data')
    assert.match(data.toString('latin1'), /hi\r\n/)
    socket.destroy()
  } finally {
    await container.remove({ force: true })
  }
})
