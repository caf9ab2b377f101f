// run(): every option reaches the container, and nothing is left where it fails.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { Dokeres, DokeresContainer, LineTransformStream } from 'dokeres'
import { assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const dokeres = new Dokeres()
const image = dokeres.image(BASE)
const labels = { [label]: 'run' }
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-run-'))
})

after(async () => {
  await rm(folder, { recursive: true, force: true })
  await assertNothingLeft(`${label}=run`)
})

/** Runs a container that is removed when `use` is done with it. */
async function using(name, options, command, use) {
  const container = await image.run(name, { labels, ...options }, command)
  try {
    return await use(container)
  } finally {
    await container.remove({ force: true, volumes: true })
  }
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

test('name, env, cwd, user, command and entrypoint are applied', async () => {
  const name = uniqueName('named')
  const options = { env: { A: 'one', B: 2 }, cwd: '/tmp', user: 0, hostname: 'here' }
  await using(
    name,
    options,
    ['sh', '-c', 'echo "$A $B $(pwd) $(hostname)"; sleep 60'],
    async (container) => {
      assert.ok(container instanceof DokeresContainer)
      assert.equal(container.name, name)
      assert.equal(await container.isRunning, true)
      assert.equal(container.id.length, 64)
      assert.equal(container.shortId, container.id.slice(0, 8))
      assert.deepEqual(container.warnings, [])
      assert.match(await container.ip, /^\d+\.\d+\.\d+\.\d+$/)
      assert.equal(container.image.name, BASE)
      assert.deepEqual(container.options.env, { A: 'one', B: 2 })
      assert.deepEqual(container.command, ['sh', '-c', 'echo "$A $B $(pwd) $(hostname)"; sleep 60'])
      assert.equal(await container.waitLog('here'), 'here')
      assert.equal((await container.logs().text()).trim(), 'one 2 /tmp here')
      assert.equal((await container.inspect()).Name, `/${name}`)
      assert.match(inspect(container), new RegExp(`${name}.*${container.shortId}`))
    },
  )
  const { stdout } = await image.task(null, { labels, entrypoint: ['echo', 'from the entrypoint'] })
  assert.equal(stdout, 'from the entrypoint\n')
})

test('readonly and writable binds, and volumes by name', async () => {
  await writeFile(join(folder, 'in.txt'), 'source')
  const volume = uniqueName('volume')
  const script =
    'cat /src/in.txt > /dist/out.txt; echo x > /src/no || echo refused; echo v > /data/v'
  const result = await image.task(['sh', '-c', script], {
    labels,
    readonly: { [folder]: '/src' },
    writable: { [folder]: '/dist', [volume]: '/data' },
  })
  assert.equal(result.stdout, 'refused\n')
  assert.equal(await readFile(join(folder, 'out.txt'), 'utf8'), 'source')
  await dokeres.request({ method: 'DELETE', path: `/volumes/${volume}` })
})

test('a missing bind source: BIND_SOURCE_MISSING, nothing made; createPaths makes it', async () => {
  const missing = join(folder, 'missing')
  for (const kind of ['readonly', 'writable']) {
    await assert.rejects(image.run(null, { labels, [kind]: { [missing]: '/x' } }), (error) => {
      assert.equal(error.code, 'BIND_SOURCE_MISSING')
      assert.match(error.message, /missing/)
      assert.match(error.message, /createPaths: true/)
      return true
    })
  }
  await image.task('true', { labels, writable: { [missing]: '/x' }, createPaths: true })
  await rm(missing, { recursive: true })
})

test('mapped: a fixed port, a free one, both with addresses', async () => {
  const fixed = await freePort()
  const mapped = { '80/tcp': fixed, 81: true, 82: '127.0.0.1:0' }
  await using(null, { mapped, exposed: ['90/udp'] }, 'httpd -f -p 80', async (container) => {
    const { Ports } = (await container.inspect()).NetworkSettings
    assert.equal(Ports['80/tcp'][0].HostPort, String(fixed))
    assert.ok(Number(Ports['81/tcp'][0].HostPort) > 0)
    assert.equal(Ports['82/tcp'][0].HostIp, '127.0.0.1')
    assert.ok('90/udp' in Ports)
  })
})

test('a port that is taken: PORT_IN_USE, and the container is not left', async () => {
  const port = await freePort()
  await using(null, { mapped: { 80: port } }, 'sleep 60', async () => {
    const name = uniqueName('second')
    const second = image.run(name, { labels, mapped: { 80: port } }, 'sleep 60')
    await assert.rejects(second, { code: 'PORT_IN_USE' })
    await assert.rejects(dokeres.container(name), { code: 'CONTAINER_NOT_FOUND' })
  })
})

test('extra is merged deeply: it adds to the binds and never wipes them', async () => {
  const extra = {
    StopSignal: 'SIGINT',
    HostConfig: { Mounts: [{ Type: 'tmpfs', Target: '/more' }], PidsLimit: 50 },
  }
  const options = { readonly: { [folder]: '/src' }, memory: '64m', cpus: 0.5, extra }
  await using(null, options, 'sleep 60', async (container) => {
    const { HostConfig, Config } = await container.inspect()
    assert.deepEqual(HostConfig.Mounts.map(({ Target }) => Target).sort(), ['/more', '/src'])
    assert.deepEqual([HostConfig.Memory, HostConfig.NanoCpus], [64 * 2 ** 20, 5e8])
    assert.deepEqual([HostConfig.PidsLimit, Config.StopSignal], [50, 'SIGINT'])
  })
  assert.deepEqual(
    Object.keys(extra.HostConfig),
    ['Mounts', 'PidsLimit'],
    'the caller’s own is as it was',
  )
})

test('the other options reach the engine', async () => {
  const options = {
    init: true,
    capAdd: ['NET_ADMIN'],
    capDrop: ['MKNOD'],
    ulimits: { nofile: 99, core: { soft: 0, hard: 1 } },
    tmpfs: ['/scratch'],
    shmSize: '32m',
    extraHosts: { somewhere: '10.1.2.3' },
    restart: 'on-failure:2',
    healthcheck: { test: 'true', interval: '5s', retries: 2 },
    tty: true,
    stdin: true,
    privileged: false,
  }
  await using(null, options, 'sleep 60', async (container) => {
    const { HostConfig, Config } = await container.inspect()
    assert.equal(HostConfig.Init, true)
    assert.deepEqual([HostConfig.CapAdd, HostConfig.CapDrop], [['NET_ADMIN'], ['MKNOD']])
    assert.equal(HostConfig.Ulimits.find(({ Name }) => Name === 'nofile').Hard, 99)
    assert.deepEqual(HostConfig.Tmpfs, { '/scratch': '' })
    assert.equal(HostConfig.ShmSize, 32 * 2 ** 20)
    assert.deepEqual(HostConfig.ExtraHosts, ['somewhere:10.1.2.3'])
    assert.deepEqual(HostConfig.RestartPolicy, { Name: 'on-failure', MaximumRetryCount: 2 })
    assert.deepEqual(Config.Healthcheck, { Test: ['CMD-SHELL', 'true'], Interval: 5e9, Retries: 2 })
    assert.deepEqual([Config.Tty, Config.OpenStdin], [true, true])
  })
})

test('a name in use: NAME_CONFLICT; ifExists reuses or replaces', async () => {
  const name = uniqueName('taken')
  await using(name, {}, 'sleep 60', async (first) => {
    await assert.rejects(image.run(name, { labels }, 'sleep 60'), (error) => {
      assert.equal(error.code, 'NAME_CONFLICT')
      assert.match(error.message, /ifExists/)
      return true
    })
    const reused = await image.run(name, { labels, ifExists: 'reuse' }, 'sleep 60')
    assert.equal(reused.id, first.id)
    const replaced = await image.run(name, { labels, ifExists: 'replace' }, 'sleep 60')
    assert.notEqual(replaced.id, first.id)
    assert.equal((await dokeres.container(name)).id, replaced.id)
    await replaced.remove({ force: true })
  })
})

test('one object with everything in it does as well', async () => {
  const name = uniqueName('object')
  const chunks = []
  const outputStream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      setTimeout(done, 5)
    },
  })
  const finished = new Promise((resolve) => outputStream.on('finish', resolve))
  const container = await image.run({
    name,
    labels,
    outputStream,
    command: ['-c', 'echo one; sleep 0.3; echo two >&2'],
    entrypoint: 'sh',
  })
  await finished
  assert.equal(Buffer.concat(chunks).toString(), 'one\ntwo\n')
  assert.equal(container.name, name)
  assert.deepEqual(await container.wait(), { code: 0, error: null })
  await container.remove()
})

test('outputStream through a LineTransformStream', async () => {
  const lines = new LineTransformStream((line) => (line === 'b' ? null : `> ${line}`))
  const container = await image.run(null, { labels }, ['printf', 'a\nb\nc'], null, lines)
  let text = ''
  for await (const chunk of lines) text += chunk
  assert.equal(text, '> a\n> c\n')
  await container.wait()
  await container.remove()
})

test('remove: gone when it ends, and its exit code is known all the same', async () => {
  const container = await image.run(null, { labels, remove: true }, ['sh', '-c', 'exit 5'])
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.deepEqual(await container.wait(), { code: 5, error: null })
  await assert.rejects(container.inspect(), { code: 'CONTAINER_NOT_FOUND' })
})

test('startRetries: as many more attempts, each a container of its own, none left', async () => {
  let creates = 0
  const real = process.env.DOCKER_HOST.replace('unix://', '')
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url.startsWith('/containers/create')) {
      creates++
      response.writeHead(201).end(`{"Id":"${String(creates).repeat(64)}","Warnings":[]}`)
    } else if (request.url.includes('/start')) {
      if (creates < 3) response.writeHead(500).end('{"message":"not yet"}')
      else response.writeHead(204).end()
    } else if (request.method === 'DELETE') response.writeHead(204).end()
    else response.writeHead(200).end('{"Id":"sha256:1"}')
  })
  assert.ok(real)
  try {
    const container = await new Dokeres(fake.socketPath).image('x').run('n', { startRetries: 2 })
    assert.equal(creates, 3)
    assert.equal(container.id, '3'.repeat(64))
    assert.equal(fake.requests.filter(({ method }) => method === 'DELETE').length, 2)
    creates = -9
    const failing = new Dokeres(fake.socketPath).image('x').run('n', { startRetries: 1 })
    await assert.rejects(failing, { code: 'SERVER_ERROR', message: /not yet/ })
    assert.equal(creates, -7)
  } finally {
    await fake.close()
  }
})

test(
  'await using removes it',
  { skip: Symbol.asyncDispose ? false : 'no Symbol.asyncDispose' },
  async () => {
    const container = await image.run(null, { labels }, 'sleep 60')
    const { id } = container
    await container[Symbol.asyncDispose]()
    await assert.rejects(dokeres.container(id), { code: 'CONTAINER_NOT_FOUND' })
    await image.container()[Symbol.asyncDispose]()
  },
)

test('an aborted run leaves no container', async () => {
  const reason = new Error('enough')
  await assert.rejects(
    image.run(null, { labels, signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  )
  for (const delay of [1, 5, 20, 50, 100]) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), delay)
    const run = image.run(uniqueName('aborted'), { labels, signal: controller.signal }, 'sleep 60')
    const container = await run.catch((error) => assert.equal(error, reason))
    await container?.remove({ force: true })
  }
  await assertNothingLeft(`${label}=run`)
})
