// Engines that do not mean well, or what speaks for them: nothing that they say makes us keep without bounds.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import Docker from 'dockerode'
import { Modem } from 'dokeres/modem'
import { Dokeres } from '../index.js'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { tar } from './helpers/tar.mjs'

const MIB = 2 ** 20
const ID = 'a'.repeat(64)

/** @type {Awaited<ReturnType<typeof fakeEngine>>} */
let fake
/** @type {any} */
let dokeres
/** Answers what is asked next. @type {import('node:http').RequestListener} */
let answer
let started = 0

before(async () => {
  fake = await fakeEngine((request, response) => answer(request, response))
  dokeres = new Dokeres(fake.socketPath)
})

beforeEach(() => {
  started = process.memoryUsage.rss()
})

after(() => fake.close())

/** @param {number} most what may have been kept */
function keptAtMost(most) {
  const grown = process.memoryUsage.rss() - started
  assert.ok(grown < most, `${Math.round(grown / MIB)} MiB more`)
}

/**
 * Sends the same again and again, until nobody takes it any more.
 * @param {import('node:http').ServerResponse} response @param {Buffer} piece
 */
function endless(response, piece) {
  const more = () => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}

/** Whoever was sending is cut off, and what is asked next is answered. */
async function goesOn() {
  for (let tries = 0; fake.openSockets() > 1; tries++) {
    assert.ok(tries < 100, 'the connection is still open')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  answer = (_, response) => response.end('{"Containers":0}')
  await dokeres.info()
}

test('a reply without an end', async () => {
  answer = (_, response) => endless(response, Buffer.alloc(MIB, ' '))
  for (const call of [() => dokeres.info(), () => dokeres.request({ path: '/x' })]) {
    await assert.rejects(call(), (error) => {
      assert.equal(error.code, 'MAX_BUFFER')
      assert.match(error.message, /larger than 256 MiB/)
      return true
    })
  }
  await goesOn()
})

test('the same by dokeres/modem', async () => {
  answer = (_, response) => endless(response, Buffer.alloc(MIB, ' '))
  const docker = new Docker({ modem: new Modem({ socketPath: fake.socketPath }) })
  await assert.rejects(docker.info(), { code: 'MAX_BUFFER' })
  await goesOn()
})

test('a reply that says of itself that it is too large is not waited for', async () => {
  answer = (_, response) => {
    response.setHeader('content-length', 2 ** 40)
    response.write('{')
  }
  await assert.rejects(dokeres.info(), { code: 'MAX_BUFFER' })
  keptAtMost(32 * MIB)
  await goesOn()
})

test('a refusal without an end', async () => {
  for (const call of [() => dokeres.info(), () => dokeres.containers.start(ID)]) {
    answer = (_, response) => {
      response.statusCode = 500
      endless(response, Buffer.alloc(MIB, 'no '))
    }
    await assert.rejects(call(), (error) => {
      assert.equal(error.code, 'SERVER_ERROR')
      assert.ok(error.message.length < 5000, String(error.message.length))
      return true
    })
  }
  keptAtMost(64 * MIB)
  await goesOn()
})

test('a line without an end: of events, of stats, of a pull, of a build', async () => {
  const calls = [
    async () => {
      for await (const _ of dokeres.events()) assert.fail('there is no event')
    },
    () => dokeres.images.pull('busybox'),
    () => dokeres.images.push('localhost:1/x'),
    () => dokeres.image({ context: { Dockerfile: 'FROM scratch' }, builder: 'classic' }).build(),
  ]
  for (const call of calls) {
    answer = (request, response) => {
      if (/_ping|version|info/.test(String(request.url))) return response.end('{}')
      endless(response, Buffer.alloc(MIB, 'x'))
    }
    await assert.rejects(call(), (error) => {
      // What a pull, a push or a build was doing is told first.
      assert.equal((error.cause ?? error).code, 'MAX_BUFFER')
      return true
    })
  }
  keptAtMost(192 * MIB)
  await goesOn()
})

test('one record with a line of a build after the other takes its time, not its square', async () => {
  const text = JSON.stringify({ stream: 'x\n'.repeat(5e5) })
  answer = (request, response) => {
    if (/_ping|version|info/.test(String(request.url))) return response.end('{}')
    response.end(`${text}\n{"errorDetail":{"message":"enough"}}\n`)
  }
  const began = performance.now()
  const image = dokeres.image({ context: { Dockerfile: 'FROM scratch' }, builder: 'classic' })
  await assert.rejects(image.build(), { code: 'BUILD_FAILED' })
  assert.ok(performance.now() - began < 20_000)
})

test('a file for memory that is too large for it', async () => {
  const stat = { name: 'src', size: 0, mode: 0o644, mtime: '', linkTarget: '' }
  const archive = tar([{ name: 'src', size: 2 ** 31 }])
  answer = (request, response) => {
    if (request.url?.includes('/json')) return response.end('{"Id":"1","Name":"/n","Config":{}}')
    const described = Buffer.from(JSON.stringify(stat)).toString('base64')
    response.setHeader('x-docker-container-path-stat', described)
    return request.method === 'HEAD' ? response.end() : endless(response, archive)
  }
  const container = await dokeres.container('n')
  await assert.rejects(container.readFile('/src'), (error) => {
    assert.equal(error.code, 'MAX_BUFFER')
    assert.match(error.message, /copyFrom/)
    return true
  })
  keptAtMost(64 * MIB)
  await goesOn()
})

test('a head without an end, and one of a hundred thousand lines', async () => {
  for (const piece of ['x'.repeat(MIB), `${'a: b\r\n'.repeat(100_000)}`]) {
    answer = (request) => {
      const { socket } = request
      socket.write('HTTP/1.1 200 OK\r\nx: ')
      const more = () => {
        while (!socket.destroyed && socket.write(piece));
      }
      socket.on('drain', more)
      more()
    }
    await assert.rejects(dokeres.info(), { code: /PROTOCOL_ERROR|ENGINE_UNREACHABLE/ })
  }
  keptAtMost(64 * MIB)
  await goesOn()
})

test('frames that claim four gigabytes are passed on as they come', async () => {
  const header = Buffer.from([1, 0, 0, 0, 255, 255, 255, 255])
  answer = (request, response) => {
    if (request.url?.includes('/json')) return response.end('{"Id":"1","Name":"/n","Config":{}}')
    response.write(header)
    response.write('some')
  }
  const container = await dokeres.container('n')
  for await (const chunk of container.logs({ follow: true })) {
    assert.equal(String(chunk.data), 'some')
    break
  }
  keptAtMost(64 * MIB)
})

test('output without an end, taken by lines or as one text', async () => {
  const frame = Buffer.alloc(8 + MIB, 'x')
  Buffer.from([1, 0, 0, 0, 0, 0x10, 0, 0]).copy(frame)
  const begin = async () => {
    answer = (request, response) => {
      if (request.url?.includes('/json')) return response.end('{"Id":"1","Name":"/n","Config":{}}')
      endless(response, frame)
    }
    return (await dokeres.container('n')).logs({ follow: true })
  }
  const byLine = async () => {
    for await (const _ of (await begin()).lines()) assert.fail('no line ends')
  }
  const taken = [
    byLine,
    async () => (await begin()).text(),
    async () => (await begin()).collect({ maxBuffer: 5 * MIB }),
  ]
  for (const take of taken) {
    await assert.rejects(take, { name: 'DokeresError', code: 'MAX_BUFFER' })
    keptAtMost(256 * MIB)
    await goesOn()
  }
  for (const [options, path] of [
    [{ maxBuffer: -1 }, 'maxBuffer'],
    [{ maxBuffer: '1m' }, 'maxBuffer'],
    [{ maximum: 1 }, 'maximum'],
  ]) {
    const stream = await begin()
    await assert.rejects(stream.text(options), { code: 'INVALID_OPTION', path })
    await stream.close()
  }
})

test('JSON that is long or full of digits is read as any other, and quickly', async () => {
  const large = '"n":12345678901234567890'
  for (const [body, expected] of [
    [`{${large},"s":"${'x'.repeat(30e6)}"}`, 12345678901234567890n],
    [`{${large},"s":"${'\\n'.repeat(10e6)}"}`, 12345678901234567890n],
    [`{"n":${'9'.repeat(10e6)}}`, Infinity],
  ]) {
    answer = (_, response) => response.end(body)
    const began = performance.now()
    assert.equal((await dokeres.info()).n, expected)
    assert.ok(performance.now() - began < 5000)
  }
})
