// task(): the whole output and the exit code, always, and then no container.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, afterEach, test } from 'node:test'
import { Dokeres, DokeresError } from '../index.js'
import { assertNothingLeft, label, listByLabel, uniqueName } from './helpers/engine.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'task' }
const task = (command, options) => image.task(command, { labels, ...options })
const sh = (script, options) => task(['sh', '-c', script], options)

afterEach(() => assertNothingLeft(`${label}=task`))
after(() => assertNothingLeft(`${label}=task`))

test('resolves to all there is to know', async () => {
  const result = await sh('echo out; echo err >&2')
  const { exitCode, signal, oomKilled, stdout, stderr, output, container } = result
  assert.deepEqual(
    { exitCode, signal, oomKilled, stdout, stderr },
    {
      exitCode: 0,
      signal: null,
      oomKilled: false,
      stdout: 'out\n',
      stderr: 'err\n',
    },
  )
  assert.equal(output.length, 8)
  assert.match(container.id, /^[0-9a-f]{64}$/)
  assert.ok(container.name)
  assert.ok(Date.parse(result.finishedAt) > 0 && Date.parse(result.startedAt) > 0)
  assert.ok(result.durationMs >= 0 && result.durationMs < 60_000)
})

test('200 tasks, 16 at a time: none lost, none truncated, none left', async () => {
  let next = 0
  const worker = async () => {
    while (next < 200) {
      const n = next++
      const result = await sh(`echo out ${n}; echo err ${n} >&2; exit ${n % 3}`, {
        remove: true,
        reject: false,
      })
      assert.deepEqual(
        [result.stdout, result.stderr, result.exitCode],
        [`out ${n}\n`, `err ${n}\n`, n % 3],
      )
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
})

test('50 MB on both streams, byte for byte', async () => {
  const script = '(yes outoutout | head -c 50000000) & (yes errerrerr | head -c 50000000) >&2; wait'
  const result = await sh(script, { encoding: 'buffer' })
  assert.ok(result.stdout.equals(Buffer.from('outoutout\n'.repeat(5e6))))
  assert.ok(result.stderr.equals(Buffer.from('errerrerr\n'.repeat(5e6))))
  assert.equal(result.output.length, 1e8)
})

test('exit code not 0: EXIT_CODE with the whole result, unless reject is false', async () => {
  await assert.rejects(sh('echo out; echo why >&2; exit 3'), (error) => {
    assert.ok(error instanceof DokeresError)
    assert.deepEqual(
      [error.code, error.exitCode, error.stdout, error.stderr],
      ['EXIT_CODE', 3, 'out\n', 'why\n'],
    )
    assert.equal(error.output.length, 8)
    assert.ok(
      error.logs.includes('why') && error.container.id && error.startedAt && error.finishedAt,
    )
    assert.match(error.stack, /task\.test\.mjs/)
    return true
  })
  const { exitCode } = await sh('exit 3', { reject: false })
  assert.equal(exitCode, 3)
  const { signal } = await sh('kill -9 $$', { reject: false })
  assert.ok(signal === null || signal === 'SIGKILL')
})

test('out of memory is told', async () => {
  const result = await sh('tail /dev/zero', { memory: '16m', reject: false })
  assert.notEqual(result.exitCode, 0)
  assert.equal(typeof result.oomKilled, 'boolean')
})

test('timeout stops the container and rejects TIMEOUT', async () => {
  await assert.rejects(
    sh('trap "exit 0" TERM; echo begun; while :; do sleep 0.1; done', { timeout: '1s' }),
    (error) => {
      assert.equal(error.code, 'TIMEOUT')
      assert.deepEqual(error.logs, ['begun'])
      return true
    },
  )
})

test('a missing command: EXECUTABLE_NOT_FOUND', async () => {
  for (const command of ['nosuchcommand', ['/no/such/file'], ['/etc/passwd']]) {
    await assert.rejects(task(command), { code: 'EXECUTABLE_NOT_FOUND' })
  }
})

test('a user that the image does not have: BAD_REQUEST', async () => {
  for (const user of ['nobody-here', '0:nobody-here']) {
    const message = /nobody-here: no matching entries in .* file; check `user`$/
    await assert.rejects(task('true', { user }), { code: 'BAD_REQUEST', message })
  }
})

test('abort, at any moment, leaves nothing behind when it rejects', async () => {
  for (const delay of [0, 3, 10, 30, 60, 100, 200, 400]) {
    const controller = new AbortController()
    const reason = new Error(`after ${delay}`)
    setTimeout(() => controller.abort(reason), delay)
    await assert.rejects(
      task('sleep 60', { signal: controller.signal }),
      (error) => error === reason,
    )
    assert.deepEqual(await listByLabel(`${label}=task`), [], `after ${delay} ms`)
  }
})

test('stdin: text, bytes, a stream; more than is read, and less', async () => {
  assert.equal((await task('wc -c', { stdin: 'x'.repeat(1e6) })).stdout, '1000000\n')
  assert.equal((await task('cat', { stdin: Buffer.from('bytes') })).stdout, 'bytes')
  assert.equal((await task('cat', { stdin: Readable.from(['a', Buffer.from('b')]) })).stdout, 'ab')
  assert.equal((await task('head -c 3', { stdin: 'x'.repeat(1e7) })).stdout, 'xxx')
  assert.equal((await task('true', { stdin: '' })).exitCode, 0)
  assert.equal((await task('cat')).stdout, '', 'no stdin: at its end')
  const failing = new Readable({
    read() {
      this.destroy(new RangeError('no more'))
    },
  })
  await assert.rejects(task('cat', { stdin: failing }), RangeError)
})

test('callbacks get the output, set the pace, and reject with what they throw', async () => {
  const pieces = { out: [], err: [] }
  await sh('echo o; echo e >&2', {
    onStdout: async (data) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      pieces.out.push(data)
    },
    onStderr: (data) => pieces.err.push(data),
  })
  assert.equal(Buffer.concat(pieces.out).toString(), 'o\n')
  assert.equal(Buffer.concat(pieces.err).toString(), 'e\n')
  for (const onStdout of [
    () => {
      throw new RangeError('sync')
    },
    () => Promise.reject(new RangeError('async')),
  ]) {
    await assert.rejects(sh('echo o; sleep 60', { onStdout }), RangeError)
  }
})

test('maxBuffer: MAX_BUFFER, and the container goes', async () => {
  await assert.rejects(sh('yes', { maxBuffer: 100_000 }), { code: 'MAX_BUFFER' })
})

test('characters cut anywhere are put together; a terminal is one stream', async () => {
  const text = '“héllo” 日本語 🐳\n'
  const { stdout } = await sh(`for i in $(seq 2000); do printf '%s\\n' '${text.trim()}'; done`)
  assert.equal(stdout, text.repeat(2000))
  const tty = await sh('echo out; echo err >&2', { tty: true })
  assert.deepEqual([tty.stdout, tty.stderr], ['out\r\nerr\r\n', ''])
})

test('keep keeps it; a text is split as a shell would, without a shell', async () => {
  const { container } = await task('echo "two words" $HOME', { keep: true })
  const kept = await dokeres.container(container.id)
  assert.equal(await kept.logs().text(), 'two words $HOME\n')
  await kept.remove()
  await assert.rejects(task('echo "open'), { code: 'INVALID_OPTION', path: 'command' })
})

test('a container that is taken over is not removed', async () => {
  const name = uniqueName('lent')
  const lent = image.container(name, { labels }, ['sh', '-c', 'echo here'])
  await lent.create()
  try {
    const { container, stdout } = await task('true', { name, ifExists: 'reuse' })
    assert.deepEqual([container.id, stdout], [lent.id, 'here\n'])
    assert.equal((await lent.inspect()).State.Status, 'exited')
  } finally {
    await lent.remove({ force: true })
  }
})

test('tasks share nothing: many of one image object at once', async () => {
  const results = await Promise.all([1, 2, 3, 4].map((n) => sh(`echo ${n}`)))
  assert.deepEqual(
    results.map(({ stdout }) => stdout),
    ['1\n', '2\n', '3\n', '4\n'],
  )
})
