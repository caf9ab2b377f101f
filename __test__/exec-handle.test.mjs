// Commands that are left to themselves, and how a command's processes are ended.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { api, assertNothingLeft, label, removeImage, uniqueName } from './helpers/engine.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'exec-handle' }
const scratch = uniqueName('dokeres-no-shell')
let shared

before(async () => {
  shared = await image.run(null, { labels, init: true }, 'sleep 300')
})

after(async () => {
  await shared.remove({ force: true })
  await assertNothingLeft(`${label}=exec-handle`)
  await removeImage(scratch)
})

/** The processes of a container, as the engine's host sees them. */
async function processes(container = shared) {
  const { json } = await api('GET', `/containers/${container.id}/top?ps_args=-eo+pid,args`)
  return json.Processes.map((columns) => columns.at(-1)).join('\n')
}

const until = async (condition) => {
  for (let tries = 0; !(await condition()); tries++) {
    assert.ok(tries < 100, 'it does not come true')
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

test('a detached command resolves at once, to a handle that is waited on', async () => {
  const begun = Date.now()
  const command = await shared.exec(['sh', '-c', 'sleep 1.5; exit $CODE'], {
    detach: true,
    env: { CODE: 7 },
  })
  assert.ok(Date.now() - begun < 1400)
  assert.match(command.id, /^[0-9a-f]{64}$/)
  const seen = await command.inspect()
  assert.deepEqual([seen.ID, seen.Running], [command.id, true])
  await assert.rejects(command.wait({ timeout: 50 }), { code: 'TIMEOUT' })
  const reason = new Error('enough')
  await assert.rejects(command.wait({ signal: AbortSignal.abort(reason) }), (e) => e === reason)
  assert.deepEqual(await command.wait(), { exitCode: 7 })
  assert.deepEqual(await command.wait(), { exitCode: 7 })
  assert.equal((await command.inspect()).ExitCode, 7)
  await command.kill()
})

test('kill ends it and what it started; other signals reach it', async () => {
  const command = await shared.exec(['sh', '-c', 'sleep 7771 & sleep 7772'], { detach: true })
  await until(async () => /7771[^]*7772|7772[^]*7771/.test(await processes()))
  await command.kill()
  assert.deepEqual(await command.wait(), { exitCode: 137 })
  assert.doesNotMatch(await processes(), /777/)

  const script = 'trap "exit 5" USR1; touch /trapped; while :; do sleep 0.05; done'
  const trapping = await shared.exec(['sh', '-c', script], { detach: true })
  await until(async () => (await shared.exec('ls', '/trapped')).exitCode === 0)
  await trapping.kill('SIGUSR1')
  assert.deepEqual(await trapping.wait({ timeout: '5s' }), { exitCode: 5 })
  await assert.rejects(trapping.kill('SIGNOPE'), { code: 'INVALID_OPTION', path: 'signal' })
})

test('kill at once reaches it as well, however long the engine takes to start it', async () => {
  const started = Array.from({ length: 16 }, async () => {
    const stream = shared.execStream(['sleep', '7773'])
    try {
      await stream.kill()
      assert.deepEqual(await stream.wait(), { exitCode: 137 })
    } finally {
      await stream.close()
    }
  })
  const outcomes = await Promise.allSettled(started)
  const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  assert.deepEqual(failed, [])
})

test('kill reaches a command of another user', async () => {
  const command = await shared.exec('sleep 7773', { detach: true, user: '1000' })
  await command.kill('SIGTERM')
  assert.deepEqual(await command.wait({ timeout: '5s' }), { exitCode: 143 })
})

test('to kill a command, the image’s shell is given no more than the command had', async () => {
  const container = await image.run(null, { labels }, ['sleep', '300'])
  try {
    // A shell that does not mean well, and tells what it is given.
    const script =
      '#!/bin/busybox sh\n/bin/busybox grep -E "^(Uid|CapEff)" /proc/self/status >> /told\nexit 3\n'
    await container.writeFile('/told', '', { mode: 0o666 })
    await container.exec(['rm', '/bin/sh'])
    await container.writeFile('/bin/sh', script, { mode: 0o755 })
    const command = await container.exec(['sleep', '7780'], { detach: true, user: '1000' })
    // It says that there was nobody to kill.
    await assert.rejects(command.kill(), { code: 'NOT_SUPPORTED' })
    const told = String(await container.readFile('/told'))
    assert.deepEqual(
      [told.match(/Uid:\s+(\d+)/)?.[1], told.match(/CapEff:\s+(\w+)/)?.[1]],
      ['1000', '0000000000000000'],
    )
  } finally {
    await container.remove({ force: true })
  }
})

test('disposing of the handle ends the command', async () => {
  const command = await shared.exec('sleep 7774', { detach: true })
  await command[Symbol.asyncDispose]()
  await command[Symbol.asyncDispose]()
  assert.equal((await command.wait()).exitCode, 137)
})

test('a detached command refuses what it could not honour', async () => {
  const refused = { code: 'NOT_SUPPORTED' }
  for (const more of [
    { timeout: 1 },
    { maxBuffer: 1 },
    { reject: true },
    { encoding: 'buffer' },
    { stdin: 'x' },
    { onStdout() {} },
  ]) {
    const [path] = Object.keys(more)
    const attempt = shared.exec(['true'], { detach: true, ...more })
    await assert.rejects(attempt, { ...refused, path })
  }
  await assert.rejects(shared.exec(['nosuchprogram'], { detach: true }), {
    code: 'EXECUTABLE_NOT_FOUND',
  })
})

test('a container that ends takes its commands along: wait rejects, it does not hang', async () => {
  const container = await image.run(null, { labels, init: true }, 'sleep 300')
  const command = await container.exec('sleep 300', { detach: true })
  const waiting = command.wait().then(
    ({ exitCode }) => exitCode,
    (error) => error.code,
  )
  await container.kill()
  assert.ok([137, 'CONTAINER_EXITED'].includes(await waiting))
  await container.remove()
  await assert.rejects(command.wait(), { code: 'CONTAINER_EXITED' })
  await command.kill()
})

test('an abort ends the process inside before the promise rejects', async () => {
  const controller = new AbortController()
  const reason = new Error('no longer')
  const work = shared.exec(['sh', '-c', 'sleep 7775 & sleep 7776'], { signal: controller.signal })
  work.catch(() => {})
  await until(async () => /7776/.test(await processes()))
  controller.abort(reason)
  await assert.rejects(work, (error) => error === reason)
  assert.doesNotMatch(await processes(), /777/)
})

test('an abort right at the start leaves nothing running', async () => {
  for (const delay of [0, 5, 15, 40, 80]) {
    const work = shared.exec(['sleep', '7777'], { signal: AbortSignal.timeout(delay) })
    await assert.rejects(work, { name: 'TimeoutError' })
    assert.doesNotMatch(await processes(), /7777/, `after ${delay} ms`)
  }
})

test('so do a timeout, a callback that throws and output over maxBuffer', async () => {
  const yes = ['sh', '-c', 'while :; do echo 7778; sleep 0.01; done']
  await assert.rejects(shared.exec(yes, { timeout: 200, user: '1000' }), { code: 'TIMEOUT' })
  const oops = new Error('oops')
  const throwing = () => {
    throw oops
  }
  await assert.rejects(shared.exec(yes, { onStdout: throwing }), (error) => error === oops)
  await assert.rejects(shared.exec(yes, { maxBuffer: 10 }), { code: 'MAX_BUFFER' })
  assert.doesNotMatch(await processes(), /7778/)
})

test('without a shell in the image, an engine on this machine is helped from outside', async () => {
  const Dockerfile = `FROM ${process.env.DOKERES_TEST_BASE} AS base\nFROM scratch\nCOPY --from=base /bin/busybox /sleep\n`
  const bare = dokeres.image({ name: scratch, context: { Dockerfile }, pullPolicy: 'build' })
  const container = await bare.run(null, { labels }, ['/sleep', '300'])
  await assert.rejects(container.exec(['/sleep', '7779'], { timeout: 300 }), { code: 'TIMEOUT' })
  const command = await container.exec(['/sleep', '7779'], { detach: true })
  await command.kill('SIGTERM')
  assert.deepEqual(await command.wait(), { exitCode: 143 })
  assert.doesNotMatch(await processes(container), /7779/)
  await container.remove({ force: true })
})

test('execStream: input, output, terminal and end', async () => {
  const cat = shared.execStream(['sh', '-c', 'cat; echo done >&2; exit 3'])
  await cat.write('typed\n')
  await cat.end()
  assert.deepEqual(await cat.collect(), {
    stdout: 'typed\n',
    stderr: 'done\n',
    output: 'typed\ndone\n',
  })
  assert.deepEqual(await cat.wait(), { exitCode: 3 })

  const size = { cols: 91, rows: 33 }
  const terminal = shared.execStream(['sh', '-c', 'read x; stty size; read y; stty size'], {
    tty: true,
    size,
  })
  await terminal.write('\n')
  let seen = ''
  for await (const { stream, data } of terminal) {
    assert.equal(stream, 'console')
    seen += data
    if (seen.endsWith('33 91\r\n')) {
      await terminal.resize({ cols: 100, rows: 44 })
      await terminal.write('\n')
    }
  }
  assert.match(seen, /44 100\r\n/)
  assert.throws(() => shared.execStream([]), { code: 'INVALID_OPTION', path: 'command' })
  assert.throws(() => shared.execStream(['ls'], { stdout: true }), { code: 'INVALID_OPTION' })
})

test('execStream: closing leaves the command, kill and abort end it', async () => {
  const stream = shared.execStream(['sh', '-c', 'echo up; sleep 7780'])
  for await (const _ of stream) break
  assert.match(await processes(), /7780/)
  await stream.kill()
  assert.equal((await stream.wait()).exitCode, 137)

  const controller = new AbortController()
  const reason = new Error('stop')
  const aborted = shared.execStream(['sh', '-c', 'echo up; sleep 7781'], {
    signal: controller.signal,
  })
  const reading = aborted.forEach(() => controller.abort(reason))
  await assert.rejects(reading, (error) => error === reason)
  assert.doesNotMatch(await processes(), /778/)
})
