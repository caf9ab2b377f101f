// Every method of dockerode's, over docker-modem and over ours: the same requests reach the engine, and
// the same comes of its replies. A method that is not called here fails the last test.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import Docker from 'dockerode'
import { Modem } from 'dokeres/modem'
import { ELSEWHERE, MAKERS, calls, objects } from './helpers/dockerode-calls.mjs'

/** @typedef {import('./helpers/dockerode-calls.mjs').Call} Call */

/** @type {string} */
let folder
/** @type {string} */
let file
/** @type {string} */
let socketPath
/** @type {import('node:http').Server} */
let server
/** What has been asked since it was last looked at. @type {any[]} */
let asked = []
/** @type {{ status: number, body: string }} */
let answer = { status: 200, body: '' }

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-modem-'))
  socketPath = join(folder, 'docker.sock')
  file = join(folder, 'file.tar')
  await writeFile(file, 'a file by its path')
  server = createServer((request, response) => {
    note(request).then(() => {
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(answer.status === 204 ? undefined : answer.body)
    })
  })
  server.on('upgrade', (request, socket, head) => {
    const length = Number(request.headers['content-length'] ?? 0)
    const chunks = [head]
    const reply = () => {
      if (Buffer.concat(chunks).length < length) return
      const body = Buffer.concat(chunks).toString()
      asked.push({ ...outline(request), upgrade: request.headers.upgrade, body })
      socket.off('data', more)
      socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello')
    }
    const more = (/** @type {Buffer} */ chunk) => {
      chunks.push(chunk)
      reply()
    }
    socket.on('data', more).on('error', () => {})
    reply()
  })
  await new Promise((resolve) => server.listen(socketPath, () => resolve(undefined)))
})

after(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

/** @param {import('node:http').IncomingMessage} request */
async function note(request) {
  let body = ''
  for await (const chunk of request) body += chunk
  asked.push({ ...outline(request), body })
}

/** What of a request means something. @param {import('node:http').IncomingMessage} request */
function outline({ method, url, headers }) {
  const names = ['content-type', 'x-registry-auth', 'x-registry-config', 'x-own']
  // The engine reads base64url; docker-modem writes it in one of the two only.
  const safe = (/** @type {any} */ text) => text?.replaceAll('+', '-').replaceAll('/', '_')
  const values = names.map((name, index) => (index === 2 ? safe(headers[name]) : headers[name]))
  return { method, url, headers: values }
}

/** @param {any} modem @param {Call} call */
async function outcome(modem, call) {
  asked = []
  let result
  try {
    result = { value: await shown(await call(new Docker({ modem }), file)) }
  } catch (error) {
    const { message, statusCode, reason, json } = /** @type {any} */ (error)
    assert.equal(typeof statusCode, 'number', message)
    result = { message, statusCode, reason, json }
  }
  return { asked, result }
}

/** A result as what can be compared. @param {any} value @returns {Promise<any>} */
async function shown(value) {
  if (typeof value?.pipe === 'function') {
    let text = ''
    for await (const chunk of value) text += chunk
    return { stream: text }
  }
  if (Buffer.isBuffer(value)) return { buffer: value.toString() }
  if (value?.modem) return { class: value.constructor?.name, id: value.id ?? value.name }
  return value
}

const answers = [
  { status: 200, body: '{"Id":"made","message":"well"}\n' },
  { status: 201, body: '{"Id":"made","message":"well"}' },
  { status: 204, body: '' },
  { status: 404, body: '{"message":"it is not there"}' },
  { status: 418, body: 'no JSON at all' },
  { status: 500, body: '' },
]

for (const [name, variants] of Object.entries(calls)) {
  test(`${name}: as over docker-modem`, async () => {
    const options = { socketPath, headers: { 'X-Own': 'own' } }
    const theirs = new Docker(options).modem
    const ours = new Modem(options)
    for (const reply of answers) {
      answer = reply
      for (const call of variants) {
        const expected = await outcome(theirs, call)
        const found = await outcome(ours, call)
        assert.ok(expected.asked.length > 0, 'nothing was asked')
        // A stream's error has its JSON, which docker-modem keeps for itself.
        if (expected.result.json === null) delete found.result.json
        if (expected.result.json === null) delete expected.result.json
        if (Buffer.isBuffer(expected.result.json)) delete found.result.message
        if (Buffer.isBuffer(expected.result.json)) delete expected.result.message
        assert.deepEqual(found, expected, `${reply.status}`)
      }
    }
  })
}

test('no method of dockerode’s is left out', () => {
  const docker = new Docker({ modem: new Modem({ socketPath }) })
  const kinds = { Docker: docker }
  for (const kind of Object.keys(objects)) kinds[kind] = docker[`get${kind}`]('x')
  const methods = Object.entries(kinds).flatMap(([kind, object]) => {
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(object))
    return names.filter((name) => name !== 'constructor').map((name) => `${kind}.${name}`)
  })
  const called = [...Object.keys(calls), ...MAKERS, ...ELSEWHERE]
  assert.ok(methods.length > 100)
  assert.deepEqual(
    methods.filter((name) => !called.includes(name)),
    [],
  )
})
