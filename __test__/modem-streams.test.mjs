// The modem's streams, on an engine: stdin, half-close, back-pressure, aborts, and 500 MB in bounded memory.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { Modem } from 'dokeres/modem'
import { assertNothingLeft, label } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { tarOf as tar } from './helpers/tar.mjs'

const marked = `${label}=modem-streams`
const Labels = { [label]: 'modem-streams' }
const Image = process.env.DOKERES_TEST_BASE ?? ''
const docker = new Docker({ modem: new Modem() })
/** @type {any} */
let container

before(async () => {
  container = await docker.createContainer({ Image, Cmd: ['sleep', '600'], Labels })
  await container.start()
})

after(async () => {
  await container.remove({ force: true })
  await assertNothingLeft(marked)
})

/** @param {any} stream */
function split(stream) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  docker.modem.demuxStream(stream, stdout, stderr)
  stream.on('end', () => {
    stdout.end()
    stderr.end()
  })
  return [stdout, stderr]
}

test('32 execs at a time, each with its stdin', async () => {
  const AttachStreams = { AttachStdin: true, AttachStdout: true, AttachStderr: true }
  const one = async (/** @type {number} */ index) => {
    const exec = await container.exec({ Cmd: ['sh', '-c', 'cat; echo done >&2'], ...AttachStreams })
    const stream = await exec.start({ hijack: true, stdin: true })
    const [stdout, stderr] = split(stream)
    const input = `${index}:`.repeat(20_000)
    stream.write(input.slice(0, 1000))
    stream.end(input.slice(1000))
    const [out, err] = await Promise.all([text(stdout), text(stderr)])
    assert.equal(err, 'done\n')
    assert.equal(out, input)
    assert.equal((await exec.inspect()).ExitCode, 0)
  }
  await Promise.all(Array.from({ length: 32 }, (_, index) => one(index)))
})

test('a hijacked attach: both directions, half-closed', async () => {
  const options = { OpenStdin: true, StdinOnce: true, AttachStdin: true }
  const Cmd = ['sh', '-c', 'sort; echo sorted >&2']
  const own = await docker.createContainer({ Image, Cmd, Labels, ...options })
  try {
    const attach = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true }
    const stream = await own.attach(attach)
    assert.equal(stream.statusCode, 101)
    assert.ok(stream instanceof Socket, 'programs look whether it is a socket')
    const outputs = split(stream).map((sink) => text(sink))
    await own.start()
    stream.write('b\na\n')
    stream.end('c\n')
    assert.deepEqual(await Promise.all(outputs), ['a\nb\nc\n', 'sorted\n'])
    await finished(stream)
    assert.equal((await own.wait()).StatusCode, 0)
  } finally {
    await own.remove({ force: true })
  }
})

test('stdin without hijack gets there as well', async () => {
  const exec = await container.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true })
  const stream = await exec.start({ stdin: true })
  assert.ok(!(stream instanceof Socket))
  const [stdout] = split(stream)
  stream.end('said')
  assert.equal(await text(stdout), 'said')
})

test('a terminal’s output has no frames', async () => {
  for (const said of ['hi', 'more than a header is long']) {
    const exec = await container.exec({ Cmd: ['printf', said], AttachStdout: true, Tty: true })
    const [stdout] = split(await exec.start({ hijack: true, Tty: true }))
    assert.equal(await text(stdout), said)
  }
})

test('a reader who pauses pauses the engine', async () => {
  const exec = await container.exec({ Cmd: ['yes'], AttachStdout: true })
  const stream = await exec.start({ hijack: true })
  const slow = new PassThrough()
  docker.modem.demuxStream(stream, slow, new PassThrough())
  slow.once('data', () => slow.pause())
  await once(slow, 'pause')
  await sleep(500)
  assert.ok(slow.readableLength + stream.readableLength < 8 << 20)
  assert.ok(stream.isPaused())
  slow.resume()
  await once(slow, 'data')
  stream.destroy()
  await once(stream, 'close')
})

test('an aborted pull: before its head, and after', async () => {
  /** @type {any[]} */
  const closed = []
  const engine = await fakeEngine((request, response) => {
    response.on('close', () => closed.push(request.url))
    if (request.url?.includes('silent')) return
    response.writeHead(200)
    response.write('{"status":"Pulling"}\n')
  })
  try {
    const own = new Docker({ modem: new Modem({ socketPath: engine.socketPath }) })
    const early = new AbortController()
    const pulling = own.pull('silent', { abortSignal: early.signal })
    setTimeout(() => early.abort(new Error('enough')), 50)
    await assert.rejects(pulling, (error) => {
      const { name, code, cause } = /** @type {any} */ (error)
      assert.deepEqual([name, code, cause.message], ['AbortError', 'ABORT_ERR', 'enough'])
      return true
    })
    const late = new AbortController()
    const stream = await own.pull('a', { abortSignal: late.signal })
    const progress = new Promise((resolve) => {
      own.modem.followProgress(
        stream,
        (error, output) => resolve({ error, output }),
        () => late.abort(),
      )
    })
    const { error, output } = await progress
    // Within a reply Node calls it a connection reset.
    const { name, code, message } = error
    assert.deepEqual([name, code, message], ['AbortError', 'ECONNRESET', 'aborted'])
    assert.deepEqual(output, [{ status: 'Pulling' }])
    // Where nobody listens for it, it is no exception.
    const quiet = new AbortController()
    const unheard = await own.pull('a', { abortSignal: quiet.signal })
    unheard.resume()
    quiet.abort()
    await once(unheard, 'close')
    for (let tries = 0; closed.length < 3 && tries < 100; tries++) await sleep(20)
    assert.equal(closed.length, 3)
    const never = new AbortController()
    never.abort()
    await assert.rejects(own.info({ abortSignal: never.signal }), { name: 'AbortError' })
  } finally {
    await engine.close()
  }
})

test('an error line of a build or a pull is an error', async () => {
  const follow = (/** @type {any} */ stream) =>
    new Promise((resolve) => {
      docker.modem.followProgress(stream, (error, output) => resolve({ error, output }))
    })
  const context = tar({ Dockerfile: `FROM ${Image}\nRUN exit 5\n` })
  const { error, output } = await follow(
    await docker.buildImage(context, { rm: true, forcerm: true }),
  )
  assert.match(error.message, /returned a non-zero code: 5/)
  assert.equal(error.code, 'SERVER_ERROR')
  assert.equal(output.at(-1).errorDetail.code, 5)
  const missing = `${process.env.DOKERES_TEST_REGISTRY}/there-is-no-such-image`
  await assert.rejects(docker.pull(missing), { statusCode: 404 })
})

test('500 MB out and in: every byte, in bounded memory', async (t) => {
  const child = fileURLToPath(new URL('helpers/modem-memory.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, marked])
  const { grown, seconds, right } = JSON.parse(stdout)
  t.diagnostic(`${grown} MiB more, ${seconds} s`)
  assert.ok(right, 'not the same bytes')
  assert.ok(grown < 96, `${grown} MiB more`)
})
