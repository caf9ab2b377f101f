// `Dokeres.mock()`: a user's own unit tests, without an engine.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Dokeres, DokeresImage, Engine } from 'dokeres'

// What makes an engine is not to be found by any of this.
const environment = { ...process.env }
before(() => {
  process.env.DOCKER_HOST = 'tcp://127.0.0.1:1'
})
after(() => {
  process.env.DOCKER_HOST = environment.DOCKER_HOST
})

/** Closed when all is over. @param {import('dokeres').MockHandler} [handler] */
function mocked(handler) {
  const mock = Dokeres.mock(handler)
  after(() => mock[Symbol.asyncDispose]())
  return mock
}

const root = new URL('..', import.meta.url)

/** The calls, without what is different each time. */
const shown = (mock) =>
  mock.calls.map(({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f]{64}/g, 'ID')}`)

/** @param {string} script */
async function inProcess(script, env = {}) {
  const source = `const { Dokeres } = require('dokeres'); ${script}`
  const options = { cwd: root, timeout: 20_000, env: { ...process.env, ...env } }
  return (await promisify(execFile)(process.execPath, ['-e', source], options)).stdout
}

test('it is a Dokeres, without an engine and without I/O before the first call', async () => {
  const mock = Dokeres.mock()
  assert.ok(mock instanceof Dokeres)
  assert.deepEqual(mock.calls, [])
  assert.ok((await mock.ping()).apiVersion)
  assert.equal((await mock.version()).Os, 'linux')
  assert.equal((await mock.info()).OSType, 'linux')
  assert.deepEqual(shown(mock), ['GET /_ping', 'GET /version', 'GET /info'])
  assert.ok(Engine.mock() instanceof Engine)
  class Mine extends Dokeres {}
  assert.ok(Mine.mock() instanceof Mine)
  await mock.close()
})

test('images: all of their methods', async () => {
  const mock = mocked()
  const image = mock.image('registry.example:5000/team/app:1', './Dockerfile')
  assert.equal(await image.ensure(), image)
  assert.equal(await image.check(), image)
  assert.equal(await image.exists(), true)
  assert.deepEqual((await image.inspect()).RepoTags, ['registry.example:5000/team/app:1'])
  assert.deepEqual(await image.history(), [])
  assert.equal((await image.pull()).status, 'up-to-date')
  assert.match((await image.push()).digest, /^sha256:/)
  const built = await mock.image({ name: 'b', context: { Dockerfile: 'FROM scratch' } }).build()
  assert.match(built.imageId, /^sha256:/)
  await image.tag('other:2')
  assert.equal((await image.save().collect()).output.length, 1024)
  await image.remove()
  assert.deepEqual(await mock.images.list(), [])
  assert.deepEqual(await mock.images.search('x'), [])
})

test('task: order of the calls, what was asked for, and nothing left', async () => {
  const mock = mocked()
  const result = await mock.image('app').task(['make', 'all'], { env: { A: 1 } })
  assert.deepEqual([result.exitCode, result.stdout, result.stderr], [0, '', ''])
  assert.deepEqual(shown(mock), [
    'GET /images/app:latest/json',
    'POST /containers/create',
    'POST /containers/ID/attach',
    'POST /containers/ID/wait',
    'POST /containers/ID/start',
    'GET /containers/ID/json',
    'DELETE /containers/ID',
  ])
  const { body } = mock.calls[1]
  assert.deepEqual([body.Image, body.Cmd, body.Env], ['app', ['make', 'all'], ['A=1']])
  assert.deepEqual(await mock.containers.listAll(), [])
})

test('task: scripted output and exit code', async () => {
  const mock = mocked(({ path }) => {
    if (path.endsWith('/attach')) return { stream: ['out\n', { stderr: 'oh\n' }, { stdout: '2' }] }
    if (path.endsWith('/wait')) return { json: { StatusCode: 3 } }
  })
  await assert.rejects(mock.image('app').task('make'), {
    code: 'EXIT_CODE',
    exitCode: 3,
    stdout: 'out\n2',
    stderr: 'oh\n',
    output: 'out\noh\n2',
  })
  const { exitCode, container } = await mock.image('app').task('make', { reject: false })
  assert.equal(exitCode, 3)
  assert.match(container.id, /^[0-9a-f]{64}$/)
})

test('run: a container runs until it is stopped, or somebody waits for its end', async () => {
  const mock = mocked()
  const image = mock.image('app')
  const web = await image.run('web', { mapped: { '80/tcp': 8080, '90/tcp': '127.0.0.1:0' } })
  assert.equal(await web.isRunning, true)
  assert.equal((await web.inspect()).State.Status, 'running')
  assert.deepEqual(await web.port(80), { host: '127.0.0.1', port: 8080 })
  assert.ok((await web.port(90)).port > 0)
  assert.equal((await web.top()).Processes.length, 1)
  assert.equal((await mock.containers.activePorts()).get(8080).Names[0], '/web')
  await assert.rejects(image.run('web'), { code: 'NAME_CONFLICT' })
  await web.pause()
  assert.equal((await web.inspect()).State.Paused, true)
  await web.unpause()
  await web.restart()
  await web.rename('www')
  assert.equal((await mock.containers.listRunning())[0].Names[0], '/www')
  await web.stop()
  assert.equal(await web.isRunning, false)
  await web.start()
  assert.deepEqual(await web.wait(), { code: 0, error: null })
  assert.equal(await web.isRunning, false)
  await web.remove()
  await assert.rejects(web.inspect(), { code: 'NO_CONTAINER' })
  await assert.rejects(mock.container('www'), { code: 'CONTAINER_NOT_FOUND' })
})

test('run: one that removes itself ends by itself', async () => {
  const mock = mocked(({ path }) => {
    if (path.endsWith('/wait')) return { json: { StatusCode: 7 } }
  })
  const build = await mock.image('app').run('build', { remove: true }, 'make')
  assert.equal((await build.wait()).code, 7)
  assert.deepEqual(await mock.containers.listAll(), [])
})

test('run: output goes to a stream', async () => {
  const mock = mocked(({ path }) => {
    if (path.endsWith('/attach')) return { stream: ['one\n', 'two\n'] }
  })
  const output = new PassThrough()
  const container = await mock.image('app').run(null, {}, 'x', null, output)
  assert.equal((await output.toArray()).join(''), 'one\ntwo\n')
  await container.remove({ force: true })
})

test('a container that is taken for granted is there, unless the script says otherwise', async () => {
  const mock = mocked(({ method, path, container }) => {
    if (path === '/containers/gone/json') return { status: 404 }
    if (method === 'GET' && container?.name === 'db' && path.endsWith('/json')) {
      return { json: { State: { Health: { Status: 'healthy' } } } }
    }
    if (method === 'GET' && path.startsWith('/images/none')) return { status: 404 }
  })
  const db = await mock.container('db')
  assert.equal(db.name, 'db')
  assert.equal(await db.isRunning, true)
  await db.waitFor({ healthy: true, timeout: '5s' })
  await assert.rejects(mock.container('gone'), { code: 'CONTAINER_NOT_FOUND', statusCode: 404 })
  assert.equal(await mock.image('none').exists(), false)
  await assert.rejects(mock.image('none').check(), { code: 'IMAGE_NOT_FOUND' })
})

test('exec: nothing by default, scripted by its command', async () => {
  const mock = mocked(({ path, command, container }) => {
    if (!path.startsWith('/exec/') || command?.[0] !== 'ls') return undefined
    if (path.endsWith('/start')) {
      return { stream: [{ stdout: `of ${container?.name}\n` }, { stderr: 'oh' }] }
    }
    if (path.endsWith('/json')) return { json: { ExitCode: 2 } }
  })
  const container = await mock.image('app').run('web')
  assert.equal((await container.exec('true')).exitCode, 0)
  const [stdout, stderr] = await container.exec('ls', '/x')
  assert.deepEqual([stdout, stderr], ['of web\n', 'oh'])
  const result = await container.exec(['ls'], {})
  assert.equal(result.exitCode, 2)
  await container.stop()
  await assert.rejects(container.exec('true'), { code: 'CONFLICT' })
})

test('what is written to a program is there to be read, and answered', async () => {
  const mock = mocked(({ path, stdin }) => {
    if (!path.endsWith('/attach')) return undefined
    return {
      stream: (async function* () {
        for await (const chunk of stdin ?? []) yield String(chunk).toUpperCase()
      })(),
    }
  })
  const { stdout } = await mock.image('app').task('cat', { stdin: ['some ', 'words'] })
  assert.equal(stdout, 'SOME WORDS')
  const big = 'x'.repeat(3_000_000)
  assert.equal((await mock.image('app').task('cat', { stdin: big })).stdout.length, big.length)
  const plain = mocked()
  assert.equal((await plain.image('app').task('cat', { stdin: big })).exitCode, 0)
})

test('logs: as they are, followed, by line, with times, and waited for', async () => {
  const mock = mocked(({ path }) => {
    if (!path.endsWith('/logs')) return undefined
    return { stream: ['first\nlisten', 'ing on 80\n', { stderr: 'oh\n' }] }
  })
  const container = await mock.image('app').run()
  assert.equal((await container.logs().collect()).stderr, 'oh\n')
  const lines = []
  for await (const line of container.logs({ follow: true }).lines()) lines.push(line)
  assert.deepEqual(lines, ['first', 'listening on 80', 'oh'])
  assert.match(await container.logs({ timestamps: true }).text(), /^\d{4}-\S+Z first\n/)
  const [, port] = await container.waitLog(/on (\d+)\n/)
  assert.equal(port, '80')
  assert.equal(await container.isRunning, true)
})

test('logs that are followed end with their container', async () => {
  const mock = mocked()
  const container = await mock.image('app').run()
  assert.equal(await container.logs().text(), '')
  const followed = container.logs({ follow: true }).text()
  await container.waitFor({ running: true })
  await container.stop()
  assert.equal(await followed, '')
})

test('events of what is done, and a wait that fails when the container ends', async () => {
  const mock = mocked()
  const seen = []
  const following = mock.events({ filters: { event: ['start', 'die'] } }).forEach((event) => {
    seen.push(`${event.Action} ${event.Actor.Attributes.name}`)
    return seen.length < 2
  })
  while (!mock.calls.some(({ path }) => path === '/events')) await mock.ping()
  const container = await mock.image('app').run('web')
  const never = container.waitLog('never', { timeout: '10s' })
  await Promise.all([
    assert.rejects(never, { code: 'CONTAINER_EXITED' }),
    new Promise((resolve) => setTimeout(resolve, 100)).then(() => container.kill()),
  ])
  await following
  assert.deepEqual(seen, ['start web', 'die web'])
})

test('a handler may wait, fail, break off, and see what was sent', async () => {
  const mock = mocked(async ({ method, path, query, body, headers }) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (path === '/echo')
      return { json: { method, query, body, agent: headers.host !== undefined } }
    if (path === '/fails') throw new Error('on purpose')
    if (path === '/wrong') return /** @type {any} */ ({ statsu: 1 })
    if (path === '/says') return { status: 409, json: { message: 'it is in the way' } }
    if (path === '/text') return { body: 'plain', headers: { 'Content-Type': 'text/plain' } }
    if (path === '/events') {
      return {
        stream: (function* () {
          yield { Type: 'container', Action: 'start', Actor: { ID: 'a', Attributes: {} } }
          throw new Error('broken off')
        })(),
      }
    }
  })
  const asked = {
    method: 'POST',
    path: '/echo',
    query: { filters: { a: ['b'] } },
    body: { x: [1] },
  }
  const echo = { method: 'POST', query: { filters: '{"a":["b"]}' }, body: { x: [1] }, agent: true }
  assert.deepEqual(await mock.request(asked), echo)
  assert.equal(await mock.request({ path: '/text' }), 'plain')
  const failure = {
    code: 'SERVER_ERROR',
    message: /handler failed on GET \/fails: Error: on purpose/,
  }
  await assert.rejects(mock.request({ path: '/fails' }), failure)
  await assert.rejects(mock.request({ path: '/wrong' }), { message: /`statsu` is none of status/ })
  const conflict = { code: 'CONFLICT', statusCode: 409, message: /it is in the way/ }
  await assert.rejects(mock.request({ path: '/says' }), conflict)
  await assert.rejects(mock.request({ path: '/unknown' }), { code: 'NOT_SUPPORTED' })
  const seen = []
  await assert.rejects(
    mock.events({ reconnect: false }).forEach((event) => seen.push(event.Action)),
    { code: 'STREAM_TRUNCATED' },
  )
  assert.deepEqual(seen, ['start'])
})

test('pulls and builds that are scripted fail as an engine’s do', async () => {
  const mock = mocked(({ method, path }) => {
    if (method === 'GET' && path.startsWith('/images/')) return { status: 404 }
    if (path === '/images/create') return { stream: [{ error: 'manifest unknown' }] }
    if (path === '/build') {
      const error = "The command '/bin/sh -c false' returned a non-zero code: 1"
      return { stream: [{ stream: 'Step 2/2 : RUN false\n' }, { error }] }
    }
  })
  const unavailable = { code: 'IMAGE_UNAVAILABLE', reason: 'not-found' }
  await assert.rejects(mock.image('app').ensure(), unavailable)
  const image = mock.image({ name: 'b', context: { Dockerfile: 'FROM a\nRUN false' } })
  await assert.rejects(image.build(), { code: 'BUILD_FAILED', exitCode: 1, step: '2/2' })
})

test('an abort reaches it; many calls at once do not mix', async () => {
  const mock = mocked(({ path }) => {
    if (path.startsWith('/n/')) return { json: { path } }
    if (path === '/slow') return new Promise(() => {})
  })
  const numbers = Array.from({ length: 100 }, (_, index) => `/n/${index}`)
  const replies = await Promise.all(numbers.map((path) => mock.request({ path })))
  assert.deepEqual(
    replies.map(({ path }) => path),
    numbers,
  )
  const signal = AbortSignal.timeout(50)
  await assert.rejects(mock.request({ path: '/slow', signal }), { name: 'TimeoutError' })
})

test('mocks have nothing to do with each other', async () => {
  const scripted = (id) => Dokeres.mock(({ path }) => (path === '/info' ? { json: { id } } : null))
  const mocks = [scripted(1), scripted(2)]
  const infos = await Promise.all(mocks.map((mock) => mock.info()))
  assert.deepEqual(infos, [{ id: 1 }, { id: 2 }])
  await mocks[0].image('app').run('web')
  assert.equal((await mocks[0].containers.listAll()).length, 1)
  assert.equal((await mocks[1].containers.listAll()).length, 0)
  await Promise.all(mocks.map((mock) => mock.close()))
})

test('a handler is a function', () => {
  assert.throws(() => Dokeres.mock(/** @type {any} */ ({})), {
    code: 'INVALID_OPTION',
    path: 'handler',
  })
  assert.equal(new DokeresImage(Dokeres.mock(), 'a').name, 'a')
})

test('closed, it answers no more, and its socket is gone', async () => {
  const mock = Dokeres.mock()
  await mock.ping()
  const path = mock.name.replace('unix://', '')
  assert.equal(existsSync(path), process.platform !== 'win32')
  await mock.close()
  await mock.close()
  assert.equal(existsSync(dirname(path)), false)
  await assert.rejects(mock.ping(), { code: 'ENGINE_UNREACHABLE' })
})

test('it keeps no process, and leaves nothing when that ends', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'mock-'))
  const work = `
    const mock = Dokeres.mock()
    mock.image('a').run('web').then(async (web) => {
      web.logs({ follow: true }).unref().text().catch(() => {})
      console.log(await web.isRunning)
    })`
  try {
    assert.equal(await inProcess(work, { TMPDIR: temporary }), 'true\n')
    assert.deepEqual(readdirSync(temporary), [])
    const exits = `Dokeres.mock().ping().then(() => process.exit(0))`
    await inProcess(exits, { TMPDIR: temporary })
    assert.deepEqual(readdirSync(temporary), [])
    const long = join(temporary, 'x'.repeat(100))
    mkdirSync(long)
    const { length } = await inProcess(`Dokeres.mock().ping().then(console.log)`, { TMPDIR: long })
    assert.ok(length > 0)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
})

test('what a killed process left is taken away by a later one', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'mock-'))
  const env = { ...process.env, TMPDIR: temporary }
  try {
    await writeFile(
      join(temporary, 'killed.cjs'),
      `const { Dokeres } = require(${JSON.stringify(join(new URL(root).pathname, 'index.js'))})
       Dokeres.mock().ping().then(() => console.log('up')); setInterval(() => {}, 1000)`,
    )
    const child = spawn(process.execPath, [join(temporary, 'killed.cjs')], { env })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    const left = () => readdirSync(temporary).filter((name) => name.startsWith('dokeres-mock-'))
    assert.equal(left().length, 1)
    const anHourAgo = Date.now() / 1000 - 3600
    utimesSync(join(temporary, left()[0]), anHourAgo, anHourAgo)
    const later = `Dokeres.mock().ping().then(() => setTimeout(() => {}, 300))`
    await inProcess(later, { TMPDIR: temporary })
    assert.deepEqual(left(), [])
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
})
