// What users of @hackbg/dokeres 4 and @hackbg/dock 2 wrote goes on, without an engine here.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** @type {Record<string, any>} */
const dokeres = createRequire(import.meta.url)('dokeres')
const { Docker, Dokeres, DokeresContainer, DokeresError, DokeresImage, Engine, Errors } = dokeres
const { LineTransformStream, follow, waitUntilLogsSay } = dokeres
const { mockDockerode, mockDockerodeContainer, mockStream, socketPath } = dokeres

const index = fileURLToPath(new URL('../index.js', import.meta.url))

/** @param {import('dokeres').MockHandler} [handler] */
function mocked(handler) {
  const mock = Dokeres.mock(handler)
  after(() => mock.close())
  return mock
}

test('every name is there', () => {
  for (const name of [
    'Dokeres',
    'DokeresImage',
    'DokeresContainer',
    'Engine',
    'Image',
    'Container',
  ])
    assert.equal(typeof dokeres[name], 'function', name)
  assert.equal(Engine.Image, DokeresImage)
  assert.equal(Engine.Container, DokeresContainer)
  assert.equal(Engine.LineTransformStream, LineTransformStream)
  assert.equal(Docker.Engine, Dokeres)
  assert.equal(Docker.Image, DokeresImage)
  assert.equal(Docker.Container, DokeresContainer)
  for (const name of ['follow', 'mockDockerode', 'mockDockerodeContainer', 'mockStream'])
    assert.equal(Docker[name], dokeres[name], name)
  assert.equal(Docker.defaultSocketPath, socketPath)
  assert.equal(dokeres.defaultSocketPath, socketPath)
})

test('new Image and new Container are image() and container()', async () => {
  const mock = mocked()
  const image = new DokeresImage(mock, 'app', './Dockerfile', ['a'])
  assert.ok(image instanceof DokeresImage)
  assert.deepEqual([image.name, image.dockerfile, image.extraFiles], ['app', './Dockerfile', ['a']])
  assert.equal((await image.check()).name, 'app')
  const container = new DokeresContainer(image, 'web', { env: { A: 1 } }, 'make all', null)
  assert.ok(container instanceof DokeresContainer)
  assert.deepEqual([container.name, container.command], ['web', ['make', 'all']])
  assert.throws(() => container.id, { code: 'NO_CONTAINER' })
  await container.start()
  assert.equal(await container.isRunning, true)
  assert.throws(() => new DokeresImage(mock, null), { code: 'NO_NAME_NOR_DOCKERFILE' })
  const wrong = /** @type {any} */ (null)
  assert.throws(() => new DokeresImage(wrong, 'a'), { code: 'INVALID_OPTION', path: 'dokeres' })
  assert.throws(() => new DokeresContainer(wrong), { code: 'INVALID_OPTION', path: 'image' })
})

test('Container.create and Container.run', async () => {
  const mock = mocked()
  const image = mock.image('app')
  const created = await DokeresContainer.create(image, 'one', { cwd: '/x' }, ['make'])
  assert.equal((await created.inspect()).State.Status, 'created')
  assert.equal(created.name, 'one')
  const output = new PassThrough()
  const run = await DokeresContainer.run(image, 'two', {}, 'make', null, output)
  assert.equal(await run.isRunning, true)
  await run.stop()
  output.resume()
  const wrong = /** @type {any} */ ({})
  await assert.rejects(DokeresContainer.run(wrong), { code: 'INVALID_OPTION', path: 'image' })
  await assert.rejects(DokeresContainer.create(wrong), { code: 'INVALID_OPTION', path: 'image' })
})

test('the mocked engine does what the tests of the original asked of it', async () => {
  const engine = Engine.mock()
  after(() => engine.close())
  const image = engine.image('test', 'Dockerfile')
  await image.ensure()
  await image.check()
  await image.pull()
  const container = await image.run()
  assert.equal(container.image.name, image.name)
  assert.ok(container.id && container.shortId)
  assert.deepEqual(container.warnings, [])
  assert.ok(await container.ip)
  assert.deepEqual(
    await container.exec('ls'),
    Object.assign(['', ''], { ...(await container.exec('ls')) }),
  )
  await container.wait()
  assert.match(await container.export('repo', 'tag'), /^sha256:/)
})

test('new Engine(mockDockerode()) works, and tells of its calls', async () => {
  const paths = []
  const dockerode = mockDockerode(({ path }) => void paths.push(path))
  const engine = new Engine(dockerode)
  const container = await engine.image('app').run('web')
  assert.equal(await container.isRunning, true)
  assert.deepEqual(paths.slice(0, 2), ['/images/app:latest/json', '/containers/create'])
  assert.equal(await dockerode.getImage('x').inspect(), undefined)
  const [{ StatusCode }] = await dockerode.run('app', ['x'])
  assert.equal(StatusCode, 0)
  await new Promise((resolve) => dockerode.pull('app', resolve))
})

test('follow tells of each message, however it is cut', async () => {
  const text = '{"status":"a"}\r\n{"status":"ä"}\n\n{"status":"c"}'
  const bytes = Buffer.from(text)
  const seen = []
  const stream = Readable.from(
    [...bytes].map((byte) => Buffer.of(byte)),
    { objectMode: false },
  )
  await follow(null, stream, ({ status }) => void seen.push(status))
  assert.deepEqual(seen, ['a', 'ä', 'c'])
  await follow(null, null, () => assert.fail())
  await follow(mockDockerode(), mockStream(), () => assert.fail())
})

test('follow rejects what failed, and what its callback throws', async () => {
  const failing = () => Readable.from([Buffer.from('{"error":"no such image"}\n')])
  const seen = []
  await assert.rejects(
    follow(null, failing(), (event) => void seen.push(event)),
    { code: 'SERVER_ERROR', message: /no such image/ },
  )
  assert.deepEqual(seen, [{ error: 'no such image' }])
  const mine = new Error('mine')
  const throwing = () => {
    throw mine
  }
  const stream = failing()
  await assert.rejects(follow(null, stream, throwing), mine)
  assert.ok(stream.destroyed)
})

test('waitUntilLogsSay: ours, dockerode’s, and a mock’s', async () => {
  const says = { stream: ['begin\nlisten', 'ing on 80\n'] }
  const mock = mocked(({ path }) => (path.endsWith('/logs') ? says : null))
  const container = await mock.image('app').run('web')
  const lines = []
  await waitUntilLogsSay(container, 'listening on 80', true, 0, (line) => lines.push(line))
  assert.deepEqual(lines, ['begin', 'listening on 80'])

  // What dockerode's container is: an id, and a modem that knows where the engine is.
  const modem = { socketPath: mock.name.replace('unix://', '') }
  const theirs = { id: container.id, modem, logs: () => assert.fail() }
  await waitUntilLogsSay(theirs, 'listening on 80')

  const stream = new PassThrough()
  const fake = mockDockerodeContainer(() => [null, stream])
  const said = waitUntilLogsSay(fake, 'listening on 80', true, 0.05)
  const began = performance.now()
  stream.write('begin\nlisten')
  stream.write('ing on 80')
  await said
  assert.ok(performance.now() - began >= 45)
  assert.ok(stream.destroyed)
})

test('waitUntilLogsSay ends with the match, though the container goes on', async () => {
  const state = { open: true }
  const mock = mocked(({ path }) => {
    if (!path.endsWith('/logs')) return undefined
    return {
      stream: (async function* () {
        yield 'ready\n'
        while (state.open) {
          await new Promise((resolve) => setTimeout(resolve, 5))
          yield 'x'.repeat(100)
        }
      })(),
    }
  })
  const container = await mock.image('app').run()
  await waitUntilLogsSay(container, 'ready')
  const lines = []
  await waitUntilLogsSay(container, 'ready', false, 0, (line) => lines.push(line))
  assert.deepEqual(lines, ['ready'])
  state.open = false
})

test('waitUntilLogsSay lets go of a log that says no more', async () => {
  const script = `
    const { Dokeres, waitUntilLogsSay } = require(${JSON.stringify(index)})
    async function* once() {
      yield 'ready\\n'
      await new Promise(() => {})
    }
    const mock = Dokeres.mock(({ path }) => path.endsWith('/logs') ? { stream: once() } : null)
    mock.image('app').run()
      .then((container) => waitUntilLogsSay(container, 'ready'))
      .then(() => console.log('ready'))`
  const ended = promisify(execFile)(process.execPath, ['-e', script], { timeout: 10_000 })
  assert.equal((await ended).stdout, 'ready\n')
})

test('waitUntilLogsSay rejects where the log ends without it, or cannot be had', async () => {
  const ended = { code: 'CONTAINER_EXITED' }
  await assert.rejects(waitUntilLogsSay(mockDockerodeContainer(), 'never'), ended)
  const failing = mockDockerodeContainer(() => [new Error('no logs'), null])
  await assert.rejects(waitUntilLogsSay(failing, 'never'), /no logs/)
})

test('without detaching the stream flows on, and the filter is told', async () => {
  const stream = new PassThrough()
  const lines = []
  const said = Docker.waitStream(stream, /ready/g, false, (line) => lines.push(line))
  stream.write('ready\n')
  await said
  stream.end('more\n')
  await new Promise((resolve) => stream.once('close', resolve))
  assert.deepEqual(lines, ['ready', 'more'])
})

test('Errors: the names of the original are our codes', async () => {
  const error = await Promise.resolve()
    .then(() => mocked().image(null))
    .catch((thrown) => thrown)
  assert.ok(error instanceof Errors.NoNameNorDockerfile)
  assert.ok(error instanceof Errors)
  assert.ok(!(error instanceof Errors.PullFailed))
  assert.ok(!(new Error('other') instanceof Errors))
  const made = new Errors.PullFailed('Pulling x failed.')
  assert.ok(made instanceof DokeresError && made instanceof Errors.PullFailed)
  assert.deepEqual([made.code, made.message], ['PULL_FAILED', 'Pulling x failed.'])
  const names =
    'NoNameNorDockerfile NoDockerfile NoContainer ContainerAlreadyCreated NoName NoImage'
  for (const name of names.split(' ')) assert.ok(new Errors[name]().code, name)
})

test('LineTransformStream: a function, and an encoding', async () => {
  const stream = new LineTransformStream((line) => `> ${line}`, 'latin1')
  stream.end(Buffer.from('\xe4\nb', 'latin1'))
  assert.equal(String(await stream.toArray().then(Buffer.concat)), '> ä\n> b\n')
})

test('socketPath follows DOCKER_HOST, a socket’s as its path', async () => {
  const script = `console.log(require(${JSON.stringify(index)}).socketPath)`
  const told = async (/** @type {string} */ host) => {
    const env = { ...process.env, DOCKER_HOST: host }
    return (await promisify(execFile)(process.execPath, ['-e', script], { env })).stdout.trim()
  }
  assert.equal(await told('unix:///a/b.sock'), '/a/b.sock')
  assert.equal(await told('tcp://example:1'), 'tcp://example:1')
  const usual = process.platform === 'win32' ? '//./pipe/docker_engine' : '/var/run/docker.sock'
  assert.equal(await told(''), usual)
})

test('Docker is the user’s dockerode, where there is one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dokeres-original-'))
  try {
    const script = `
      const { Docker } = require(${JSON.stringify(index)})
      try {
        const docker = new Docker({ socketPath: '/x' })
        console.log(docker.options.socketPath, docker instanceof Docker, Docker.Docker.name)
      } catch (error) { console.log(error.code, error.message) }`
    const run = async () =>
      (await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder })).stdout.trim()
    const isHere = (() => {
      try {
        return createRequire(index).resolve('dockerode') !== ''
      } catch {
        return false
      }
    })()
    if (!isHere) assert.match(await run(), /^NOT_SUPPORTED .*npm install dockerode/)
    const home = join(folder, 'node_modules', 'dockerode')
    await mkdir(home, { recursive: true })
    const source = `module.exports = class Theirs {
      constructor(options) { this.options = options; this.modem = {} }
      getContainer() {}
    }`
    await writeFile(join(home, 'index.js'), source)
    if (!isHere) assert.equal(await run(), '/x true Theirs')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
