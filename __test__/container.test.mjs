// A container's life: lifecycle, exec, logs, attach, waitLog.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'container' }
const sleeper = () => image.run(null, { labels }, 'sleep 300')
const saying = (script, options) => image.run(null, { labels, ...options }, ['sh', '-c', script])
let shared

before(async () => {
  shared = await sleeper()
})

after(async () => {
  await shared.remove({ force: true })
  await assertNothingLeft(`${label}=container`)
})

test('the lifecycle is idempotent', async () => {
  const container = image.container(uniqueName('life'), { labels }, 'sleep 300')
  for (const property of ['id', 'shortId', 'warnings']) {
    assert.throws(() => container[property], { code: 'NO_CONTAINER' })
  }
  await assert.rejects(container.inspect(), { code: 'NO_CONTAINER' })
  assert.equal(await container.create(), container)
  await assert.rejects(container.create(), { code: 'CONTAINER_ALREADY_CREATED' })
  assert.equal(await container.isRunning, false)
  assert.equal(await container.ip, null)
  await container.start()
  assert.equal(await container.start(), container)
  assert.equal(await container.isRunning, true)
  await container.pause()
  await container.pause()
  await container.unpause()
  await container.unpause()
  const renamed = uniqueName('renamed')
  await container.rename(renamed)
  assert.equal(container.name, renamed)
  await assert.rejects(container.remove(), (error) => {
    assert.equal(error.code, 'CONFLICT')
    assert.match(error.message, /force: true/)
    return true
  })
  await container.restart({ timeout: 0 })
  assert.equal(await container.stop({ timeout: 0 }), container)
  await container.stop()
  await container.kill()
  await container.kill({ signal: 'SIGTERM' })
  const { id } = container
  assert.equal(await container.remove(), container)
  await container.remove()
  await assert.rejects(dokeres.container(id), { code: 'CONTAINER_NOT_FOUND' })
  await container.start()
  assert.notEqual(container.id, id)
  await container.remove({ force: true })
})

test('kill sends the signal that is named', async () => {
  const container = await saying(
    'trap "echo got it; exit 7" USR1; echo ready; while :; do sleep 0.1; done',
  )
  await container.waitLog('ready')
  await container.kill({ signal: 'SIGUSR1' })
  assert.deepEqual(await container.wait(), { code: 7, error: null })
  await container.remove()
})

test('wait: its timeout leaves the container alone; conditions', async () => {
  await assert.rejects(shared.wait({ timeout: 200 }), { code: 'TIMEOUT' })
  assert.equal(await shared.isRunning, true)
  const container = image.container(null, { labels }, ['sh', '-c', 'exit 3'])
  await container.create()
  const next = container.wait({ condition: 'next-exit' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await container.start()
  assert.equal((await next).code, 3)
  const removed = container.wait({ condition: 'removed' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await container.remove()
  assert.equal((await removed).code, 3)
  await assert.rejects(shared.wait({ condition: 'someday' }), {
    code: 'INVALID_OPTION',
    path: 'condition',
  })
})

test('dokeres.container gives an existing one, by id or name', async () => {
  for (const handle of [shared.id, shared.shortId, shared.name ?? shared.id]) {
    const found = await dokeres.container(handle)
    assert.equal(found.id, shared.id)
    assert.deepEqual(found.command, ['sleep', '300'])
  }
  await assert.rejects(dokeres.container('nosuchcontainer'), (error) => {
    assert.deepEqual([error.code, error.statusCode], ['CONTAINER_NOT_FOUND', 404])
    return true
  })
})

test('exec gives [stdout, stderr] with exitCode; words, or a list and options', async () => {
  const [stdout, stderr] = await shared.exec('sh', '-c', 'echo out; echo err >&2')
  assert.deepEqual([stdout, stderr], ['out\n', 'err\n'])
  const result = await shared.exec(['sh', '-c', 'echo $A $(pwd); exit 4'], {
    env: { A: 'x' },
    cwd: '/tmp',
  })
  assert.deepEqual([result.stdout, result.stderr, result.exitCode], ['x /tmp\n', '', 4])
  assert.equal((await shared.exec('echo one two')).stdout, 'one two\n')
  assert.equal((await shared.exec(['wc', '-c'], { stdin: 'x'.repeat(300_000) })).stdout, '300000\n')
  assert.equal((await shared.exec(['id', '-u'], { user: '1000' })).stdout, '1000\n')
  const { stdout: bytes } = await shared.exec(['printf', '\\377'], { encoding: 'buffer' })
  assert.deepEqual([...bytes], [255])
})

test('exec rejects where it should', async () => {
  await assert.rejects(shared.exec('nosuchcommand'), { code: 'EXECUTABLE_NOT_FOUND' })
  for (const wrong of [{ cwd: '/nowhere' }, { user: 'nobody-here' }]) {
    const message = new RegExp(`check \`${Object.keys(wrong)[0]}\`$`)
    await assert.rejects(shared.exec(['true'], wrong), { code: 'BAD_REQUEST', message })
  }
  await assert.rejects(
    shared.exec(['sh', '-c', 'echo e >&2; exit 2'], { reject: true }),
    (error) => {
      assert.deepEqual([error.code, error.exitCode, error.stderr], ['EXIT_CODE', 2, 'e\n'])
      return true
    },
  )
  await assert.rejects(shared.exec([]), { code: 'INVALID_OPTION', path: 'command' })
  await assert.rejects(shared.exec(['ls'], { shell: true }), {
    code: 'INVALID_OPTION',
    path: 'shell',
  })
})

test('exec timeout ends the process inside', async () => {
  const mark = '12345'
  await assert.rejects(shared.exec(['sleep', mark], { timeout: 300 }), { code: 'TIMEOUT' })
  assert.doesNotMatch((await shared.exec('ps')).stdout, new RegExp(mark))
})

test('logs: both streams, one of them, the last lines, times', async () => {
  const container = await saying('echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three')
  await container.wait()
  const chunks = []
  for await (const chunk of container.logs()) chunks.push(chunk)
  assert.ok(
    chunks.every(
      ({ stream, data }) => ['stdout', 'stderr'].includes(stream) && Buffer.isBuffer(data),
    ),
  )
  assert.deepEqual(await container.logs().collect(), {
    stdout: 'one\nthree\n',
    stderr: 'two\n',
    output: chunks.map(({ data }) => data).join(''),
  })
  assert.equal(await container.logs({ stderr: false }).text(), 'one\nthree\n')
  assert.equal(await container.logs({ tail: 1 }).text(), 'three\n')
  assert.match(
    await container.logs({ timestamps: true, tail: 1 }).text(),
    /^\d{4}-\d\d-\d\dT.*Z three\n$/,
  )
  assert.equal(await container.logs({ since: new Date(Date.now() + 60_000) }).text(), '')
  assert.equal(
    await container
      .logs({ since: '1h', until: new Date() })
      .text()
      .then((text) => text.length),
    14,
  )
  const lines = []
  for await (const line of container.logs({ stderr: false }).lines()) lines.push(line)
  assert.deepEqual(lines, ['one', 'three'])
  assert.throws(() => container.logs({ tails: 1 }), { code: 'INVALID_OPTION', path: 'tails' })
  await container.remove()
})

test('lines() puts a line together however long it is, and of each stream its own', async () => {
  const script =
    'head -c 4000000 /dev/zero | tr "\\0" x; echo; printf "a\\r\\nlast"; echo -n err >&2'
  const container = await saying(script)
  await container.wait()
  const lines = []
  for await (const line of container.logs({ follow: true }).lines()) lines.push(line)
  assert.deepEqual(lines.slice(1), ['a', 'last', 'err'])
  assert.equal(lines[0].length, 4_000_000)
  await container.remove()
})

test('a followed stream stops: break, false, close, a throw; each closes its connection', async () => {
  const container = await saying('while :; do echo tick; sleep 0.05; done')
  for await (const { data } of container.logs({ follow: true })) {
    assert.match(data.toString(), /tick/)
    break
  }
  let seen = 0
  await container.logs({ follow: true }).forEach(async () => ++seen < 3)
  assert.equal(seen, 3)
  const oops = new Error('oops')
  const throwing = container.logs({ follow: true }).forEach(() => {
    throw oops
  })
  await assert.rejects(throwing, (error) => error === oops)
  const stream = container.logs({ follow: true })
  setTimeout(() => stream.close(), 200)
  for await (const _ of stream);
  const reason = new Error('enough')
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 200)
  const aborted = container.logs({ follow: true, signal: controller.signal }).text()
  await assert.rejects(aborted, (error) => error === reason)
  const never = container.logs({ follow: true, signal: AbortSignal.abort(reason) }).text()
  await assert.rejects(never, (error) => error === reason)
  const readable = container.logs({ follow: true }).readable()
  for await (const { stream: name } of readable) {
    assert.equal(name, 'stdout')
    break
  }
  assert.ok(readable.destroyed)
  await container.remove({ force: true })
})

test('closing a stream closes its socket', async () => {
  const fake = await fakeEngine((request, response) => {
    if (request.url.endsWith('/json')) {
      response.setHeader('content-type', 'application/json')
      return response.end('{"Id":"1","Name":"/n","Config":{"Tty":true}}')
    }
    response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' })
    response.write('hello')
  })
  try {
    const container = await new Dokeres(fake.socketPath).container('n')
    const stream = container.logs({ follow: true })
    for await (const chunk of stream) {
      assert.deepEqual([chunk.stream, chunk.data.toString()], ['console', 'hello'])
      break
    }
    const closed = async (most = 1) => {
      for (let tries = 0; fake.openSockets() > most; tries++) {
        assert.ok(tries < 50, 'the stream’s socket is closed; one idle one may stay')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    await closed()
    // As a Readable, while it waits for more.
    const readable = container.logs({ follow: true }).readable()
    await new Promise((resolve) => readable.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const open = fake.openSockets()
    readable.destroy()
    await closed(open - 1)
  } finally {
    await fake.close()
  }
})

test('a stream that the engine cuts short is no quiet success', async () => {
  const fake = await fakeEngine((request, response) => {
    if (request.url.endsWith('/json')) {
      response.setHeader('content-type', 'application/json')
      return response.end('{"Id":"1","Name":"/n","Config":{"Tty":false}}')
    }
    response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' })
    response.write(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 104, 105]))
    setTimeout(() => request.socket.destroy(), 20)
  })
  try {
    const container = await new Dokeres(fake.socketPath).container('n')
    await assert.rejects(container.logs().collect(), { code: 'STREAM_TRUNCATED' })
  } finally {
    await fake.close()
  }
})

test('a terminal is known from the engine: a prompt comes at once, bytes 0, 1, 2 do no harm', async () => {
  const script = "printf '\\001\\000\\002$ '; sleep 300"
  const container = image.container(null, { labels, tty: true, stdin: true }, ['sh', '-c', script])
  await container.create()
  const stream = container.attach()
  await container.start()
  let seen = Buffer.alloc(0)
  for await (const { stream: name, data } of stream) {
    assert.equal(name, 'console')
    seen = Buffer.concat([seen, data])
    if (seen.length === 5) break
  }
  assert.deepEqual([...seen], [1, 0, 2, 36, 32])
  await container.remove({ force: true })
})

test('attach before start misses nothing; stdin is half-closed', async () => {
  const container = image.container(
    null,
    {
      labels,
      stdin: true,
      extra: { AttachStdin: true, StdinOnce: true },
    },
    ['sh', '-c', 'echo begun; cat; echo ended'],
  )
  await container.create()
  const stream = container.attach({ stdin: true })
  await container.start()
  await stream.write('typed\n')
  await stream.write(Buffer.from('more\n'))
  await stream.end()
  assert.equal(await stream.text(), 'begun\ntyped\nmore\nended\n')
  await container.remove()
})

test('waitLog finds text split over two writes, and over streams that interleave', async () => {
  const container = await saying(
    'printf "server is re"; sleep 0.3; echo noise >&2; sleep 0.3; echo ady on 8080; sleep 300',
  )
  assert.equal(await container.waitLog('is ready'), 'is ready')
  const match = await container.waitLog(/ready on (?<port>\d+)/g, { timeout: 5000 })
  assert.equal(match.groups.port, '8080')
  assert.equal(await container.waitLog('ready', (line) => line.startsWith('server')), 'ready')
  await assert.rejects(container.waitLog('never', { timeout: 300 }), { code: 'TIMEOUT' })
  await assert.rejects(container.waitLog('x', { signal: AbortSignal.timeout(100) }), {
    name: 'TimeoutError',
  })
  await container.remove({ force: true })
})

test('waitLog rejects CONTAINER_EXITED as soon as the container ends without it', async () => {
  const container = await saying('echo almost; sleep 0.5; exit 6')
  const begun = Date.now()
  await assert.rejects(container.waitLog('there'), (error) => {
    assert.equal(error.code, 'CONTAINER_EXITED')
    assert.equal(error.container.exitCode, 6)
    assert.deepEqual(error.logs, ['almost'])
    return true
  })
  assert.ok(Date.now() - begun < 5000)
  await container.remove()
})
