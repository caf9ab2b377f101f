// Bad input is told before anything is sent, with its path; good input is left as it was.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readFile } from 'node:fs/promises'
import {
  Container,
  Dokeres,
  DokeresContainer,
  DokeresError,
  DokeresImage,
  Engine,
  Image,
} from '../index.js'
import { fakeEngine } from './helpers/fake-engine.mjs'

let fake, dokeres, image

before(async () => {
  fake = await fakeEngine((_request, response) => response.writeHead(418).end())
  dokeres = new Dokeres(fake.socketPath)
  image = dokeres.image('some/image')
})

after(() => fake.close())

const invalid = (path) => (error) => {
  assert.ok(error instanceof DokeresError)
  assert.deepEqual([error.code, error.path], ['INVALID_OPTION', path], error.message)
  assert.match(error.stack, /options\.test\.mjs/, 'the caller is in the stack')
  return true
}

test('a name that is nearly right: the one that was meant', async () => {
  for (const [options, meant] of /** @type {const} */ ([
    [{ readOnly: {} }, 'readonly'],
    [{ enviroment: {} }, undefined],
    [{ capadd: [] }, 'capAdd'],
    [{ memmory: '64m' }, 'memory'],
    [{ healthcheck: { retry: 1 } }, undefined],
    [{ healthcheck: { startperiod: 1 } }, 'startPeriod'],
  ])) {
    await assert.rejects(image.run(null, options), ({ code, message }) => {
      assert.equal(code, 'INVALID_OPTION')
      if (meant)
        assert.ok(message.endsWith(`: there is no such option; did you mean \`${meant}\`?`))
      else assert.match(message, /expected one of/)
      return true
    })
  }
})

test('promise methods reject, and nothing is sent', async () => {
  const wrong = [
    [() => image.run(null, { nonsense: 1 }), 'nonsense'],
    [() => image.run(null, { env: ['A=1'] }), 'env'],
    [() => image.run(null, { env: { A: () => 1 } }), 'env.A'],
    [() => image.run(null, { env: { A: Symbol('x') } }), 'env.A'],
    [() => image.run(null, { mapped: { 80: 'abc' } }), 'mapped.80'],
    [() => image.run(null, { mapped: { '80/xyz': 1 } }), 'mapped.80/xyz'],
    [() => image.run(null, { mapped: { 80: 70000 } }), 'mapped.80'],
    [() => image.run(null, { exposed: ['http'] }), 'exposed[0]'],
    [() => image.run(null, { writable: { '/a': 'relative' } }), 'writable./a'],
    [() => image.run(null, { memory: 'plenty' }), 'memory'],
    [() => image.run(null, { cpus: NaN }), 'cpus'],
    [() => image.run(null, { cpus: -1 }), 'cpus'],
    [() => image.run(null, { restart: 'sometimes' }), 'restart'],
    [() => image.run(null, { remove: 'yes' }), 'remove'],
    [() => image.run(null, { healthcheck: { retry: 1 } }), 'healthcheck.retry'],
    [() => image.run(null, { signal: {} }), 'signal'],
    [() => image.run('bad name'), 'name'],
    [() => image.run(7), 'name'],
    [() => image.run(null, {}, { not: 'a command' }), 'command'],
    [() => image.run(null, {}, null, null, 'no stream'), 'outputStream'],
    [() => image.task('x', { stdin: 7 }), 'stdin'],
    [() => image.task('x', { onStdout: 'no function' }), 'onStdout'],
    [() => image.task('x', { timeout: 'soon' }), 'timeout'],
    [() => image.task('x', { encoding: 'latin1' }), 'encoding'],
    [() => image.ensure({ onProgress: 1 }), 'onProgress'],
    [() => image.ensure({ progress: 'loud' }), 'progress'],
    [() => image.ensure({ quiet: true }), 'quiet'],
    [() => image.pull({ auth: { user: 'x' } }), 'auth.user'],
    [() => image.exists({ really: 1 }), 'really'],
    [() => dokeres.ping({ loud: 1 }), 'loud'],
    [() => dokeres.container(''), 'id'],
    [() => dokeres.request({ path: '/x', method: 'A B' }), 'method'],
  ]
  for (const [call, path] of wrong) {
    const promise = call()
    assert.ok(promise instanceof Promise, 'it rejects, it does not throw')
    await assert.rejects(promise, invalid(path))
  }
  assert.equal(fake.requests.length, 0)
})

test('synchronous ones throw', () => {
  const wrong = [
    [() => new Dokeres({ sockets: 1 }), 'sockets'],
    [() => new Dokeres({ port: 2375 }), 'port'],
    [() => new Dokeres({ host: 'x', protocol: 'gopher' }), 'protocol'],
    [() => new Dokeres({ host: 'x', ca: 7 }), 'ca'],
    [() => new Dokeres({ headers: { 'bad header': 1 } }), 'headers.bad header'],
    [() => new Dokeres({ maxConnections: 0 }), 'maxConnections'],
    [() => dokeres.image({ name: 'x', buildArg: {} }), 'buildArg'],
    [() => dokeres.image({ name: 'x', pullPolicy: 'maybe' }), 'pullPolicy'],
    [() => dokeres.image({ name: 'x', tags: ['UPPER'] }), 'tags[0]'],
    [() => dokeres.image(7), 'name'],
    [() => image.container('n', { nope: 1 }), 'nope'],
    [() => image.container(null, { mapped: { 0: 1 } }), 'mapped.0'],
  ]
  for (const [call, path] of wrong) assert.throws(call, invalid(path))
  for (const nothing of [[], [null], [null, null, ['x']], [{}], [{ tags: [] }]]) {
    assert.throws(() => dokeres.image(...nothing), { code: 'NO_NAME_NOR_DOCKERFILE' })
  }
  for (const name of ['UPPER', 'a:b:c', '', 'a//b', '-x', 'x@sha256:1']) {
    assert.throws(() => dokeres.image(name), { code: 'INVALID_REFERENCE' }, name)
  }
})

test('null and absent are the same; the caller’s objects stay as they are; getters give them back', async () => {
  const options = Object.freeze({
    env: Object.freeze({ A: null, B: undefined, C: 'c' }),
    remove: null,
    memory: undefined,
    signal: null,
  })
  const container = image.container(null, options, null, null)
  assert.deepEqual(container.options, { env: { C: 'c' } })
  assert.deepEqual([container.name, container.command, container.entrypoint], [null, null, null])
  assert.ok(container instanceof DokeresContainer)
  assert.deepEqual([image.name, image.dockerfile, image.extraFiles], ['some/image', null, []])
  assert.deepEqual([Engine, Image, Container], [Dokeres, DokeresImage, DokeresContainer])
  assert.equal(fake.requests.length, 0)
})

test('an engine’s status has its code, the request its context', async () => {
  await assert.rejects(image.inspect(), {
    code: 'SERVER_ERROR',
    statusCode: 418,
    image: 'some/image',
  })
})

test('the codes of the types are those of the core', async () => {
  const header = await readFile(new URL('../header.d.ts', import.meta.url), 'utf8')
  const core = await readFile(new URL('../src/engine/error/code.rs', import.meta.url), 'utf8')
  const union = header.slice(
    header.indexOf('type DokeresErrorCode'),
    header.indexOf('\n\n', header.indexOf('type DokeresErrorCode')),
  )
  const codes = (text) => [...text.matchAll(/["']([A-Z_]{4,})["']/g)].map(([, code]) => code).sort()
  assert.deepEqual(
    codes(union),
    codes(core.slice(core.indexOf('codes! {'), core.indexOf('impl Serialize for Code'))),
  )
})
