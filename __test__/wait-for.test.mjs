// `waitFor`: what a container says and becomes; and what becomes of it meanwhile.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fails, waiting } from './helpers/waiting.mjs'

const { image, labels, made, saying } = waiting('wait-for')
const init = true

test('log: a text, a RegExp with its captures, on either stream', async () => {
  const container = await saying(
    'printf "pass"; sleep 0.3; echo "word: s3cret"; echo "up on 5432" >&2; sleep 300',
  )
  const { log } = await container.waitFor({ log: /password: (?<password>\w+)\n/g })
  assert.equal(log[0], 'password: s3cret\n')
  assert.equal(log.groups.password, 's3cret')
  assert.deepEqual(await container.waitFor({ log: 'up on', running: true, timeout: '5s' }), {
    running: true,
    log: 'up on',
  })
  const [first, second] = await container.waitFor([{ log: /on (\d+)/ }, { log: 'word' }])
  assert.equal(first.log[1], '5432')
  assert.deepEqual(second, { log: 'word' })
})

test('log: what an earlier run wrote says nothing of this one', async () => {
  const container = await saying(
    'echo "begun $(cat /proc/sys/kernel/random/uuid)"; sleep 0.6; echo "ready"; sleep 300',
  )
  const first = (await container.waitFor({ log: /begun (\S+)\n/ })).log[1]
  await container.waitFor({ log: 'ready' })
  await container.restart({ timeout: 0 })
  const restarted = Date.now()
  await container.waitFor({ log: 'ready' })
  assert.ok(Date.now() - restarted > 200)
  const second = (await container.waitFor({ log: /begun (\S+)\n/ })).log[1]
  assert.notEqual(first, second)
  // All of it, where that is asked for.
  const all = await container.waitFor({ log: /begun (\S+)\n/, since: 0 })
  assert.equal(all.log[1], first)
})

test('healthy, and what has no healthcheck', async () => {
  const healthcheck = { test: 'test -e /tmp/ready', interval: '250ms', retries: 1 }
  const container = await saying('sleep 0.8; touch /tmp/ready; sleep 300', { healthcheck })
  assert.deepEqual(await container.waitFor({ healthy: true, timeout: '20s' }), { healthy: true })
  const none = await saying('sleep 300')
  const error = await fails(none.waitFor({ healthy: true }))
  assert.equal(error.code, 'BAD_REQUEST')
  assert.match(error.message, /has no healthcheck/)
  const ill = await saying('sleep 300', {
    healthcheck: { test: 'echo no luck; exit 1', interval: '100ms', retries: 1 },
  })
  const late = await fails(ill.waitFor({ healthy: true, timeout: 1500 }))
  assert.equal(late.code, 'TIMEOUT')
  assert.match(late.message, /healthy \(unhealthy: no luck\)/)
})

test('exec and exit', async () => {
  const container = await saying('sleep 0.6; touch /tmp/ready; sleep 0.6; exit 4')
  const { exec } = await container.waitFor({ exec: ['sh', '-c', 'test -e /tmp/ready && echo it'] })
  assert.deepEqual(exec, { exitCode: 0, stdout: 'it\n', stderr: '' })
  assert.deepEqual(await container.waitFor({ exit: 4 }), { exit: { code: 4, oomKilled: false } })
  assert.deepEqual(await container.waitFor({ exit: true }), { exit: { code: 4, oomKilled: false } })
  const other = await fails(container.waitFor({ exit: 0 }))
  assert.equal(other.code, 'CONTAINER_EXITED')
  assert.equal(other.exitCode, 4)
  const none = await fails((await saying('sleep 300')).waitFor({ exec: 'nosuchprogram' }))
  assert.equal(none.code, 'EXECUTABLE_NOT_FOUND')
})

test('a container that dies: at once, with its state and its last lines', async () => {
  const conditions = [
    { log: 'never' },
    { log: /never/ },
    { port: 80 },
    { http: { port: 80, path: '/' } },
    { healthy: true },
    { exec: 'false' },
    { any: [{ log: 'never' }, { port: 80 }] },
    [{ running: true }, { port: 80 }],
  ]
  const healthcheck = { test: 'false', interval: '10s' }
  for (const remove of [false, true]) {
    const script = 'echo one; echo two >&2; sleep 1.2; echo "cannot go on"; exit 9'
    const container = await saying(script, { remove, healthcheck, mapped: { 80: true } })
    const errors = await Promise.all(conditions.map((wanted) => fails(container.waitFor(wanted))))
    for (const [index, error] of errors.entries()) {
      const what = `${JSON.stringify(conditions[index])}, remove: ${remove}: ${error.message}`
      assert.equal(error.code, 'CONTAINER_EXITED', what)
      assert.equal(error.exitCode, 9, what)
      assert.equal(error.container.id, container.id)
      assert.equal(error.container.exitCode, 9, what)
      assert.equal(error.container.oomKilled, false)
      if (!remove) assert.equal(error.container.state, 'exited')
      assert.deepEqual(error.logs.toSorted(), ['cannot go on', 'one', 'two'], what)
      assert.match(error.message, /ended \(exit code 9\) before .*; its last line: /, what)
    }
  }
})

test('any: the first that holds; all: in their order; times of their own', async () => {
  const container = await saying('sleep 0.4; echo "ready 7"; sleep 300')
  const { any, log } = await container.waitFor({
    any: [{ port: 81 }, { log: /ready (\d)/ }, { exit: true }],
  })
  assert.equal(any, 1)
  assert.equal(log[1], '7')
  const nested = await container.waitFor({
    any: [
      { log: 'never', timeout: 100 },
      [{ running: true }, { all: [{ log: 'ready' }, { running: true }] }],
    ],
    timeout: 5000,
  })
  assert.deepEqual(nested, {
    any: 1,
    all: [{ running: true }, [{ log: 'ready' }, { running: true }]],
  })
  const late = await fails(
    container.waitFor([{ running: true }, { log: 'never' }, { exit: 0 }], { timeout: 300 }),
  )
  assert.equal(late.code, 'TIMEOUT')
  assert.match(late.message, /within 300 ms: (log "never"; exit 0|exit 0; log "never")/)
  assert.deepEqual(late.logs, ['ready 7'])
  assert.equal(late.container.state, 'running')
  const both = await fails(
    container.waitFor({
      any: [
        { log: 'first', timeout: 80 },
        { log: 'other', timeout: 100 },
      ],
    }),
  )
  assert.match(both.message, /within 80 ms: .*log "first"/)
})

test('one that is only created is waited for from its start', async () => {
  const container = image.container(null, { labels, init }, ['sh', '-c', 'echo up; sleep 300'])
  await assert.rejects(container.waitFor({ running: true }), { code: 'NO_CONTAINER' })
  made.push(await container.create())
  const waiting = Promise.all([
    container.waitFor({ running: true }),
    container.waitFor({ log: 'up' }),
    container.waitLog('up'),
  ])
  await sleep(300)
  await container.start()
  assert.deepEqual(await waiting, [{ running: true }, { log: 'up' }, 'up'])
})

test('what is wrong is said before anything is sent', async () => {
  const container = await saying('sleep 300')
  const wrong = [
    ['running', { running: false }],
    ['prot', { prot: 80 }],
    ['log', { log: 5 }],
    ['log', { log: '' }],
    ['[1].log', [{ running: true }, { log: {} }]],
    ['any[0].port', { any: [{ port: 'http' }] }],
    ['port', { port: 70_000 }],
    ['http.status', { http: { status: 99 } }],
    ['http.stat', { http: { stat: 200 } }],
    ['http.tls.cert', { http: { tls: { cert: 'x' } } }],
    ['http', { http: 'health' }],
    ['exec', { exec: [] }],
    ['exit', { exit: false }],
    ['since', { running: true, since: 5 }],
    ['timeout', { running: true, timeout: 'soon' }],
    ['any', { any: [] }],
    ['any', { any: [{ running: true }], log: 'x' }],
    ['', []],
    ['', {}],
    ['', 'ready'],
    ['', undefined],
  ]
  for (const [path, wanted] of wrong) {
    const error = await fails(container.waitFor(wanted))
    assert.equal(error.code, 'INVALID_OPTION', JSON.stringify(wanted))
    assert.equal(error.path, path, JSON.stringify(wanted))
  }
  await assert.rejects(container.waitFor({ running: true }, { timeuot: 1 }), { path: 'timeuot' })
  await assert.rejects(container.waitLog('x', { timeuot: 1 }), { path: 'timeuot' })
  await assert.rejects(container.waitLog(5), { code: 'INVALID_OPTION', path: 'expected' })
  const given = { log: /x/, signal: AbortSignal.timeout(200) }
  await assert.rejects(container.waitFor(given), { name: 'TimeoutError' })
  assert.deepEqual(Object.keys(given), ['log', 'signal'])
  const reason = new Error('enough')
  const aborted = { signal: AbortSignal.abort(reason) }
  await assert.rejects(container.waitFor([{ running: true }], aborted), (e) => e === reason)
})

test('nothing is left of a waiting: no connection, and the process ends', async () => {
  const container = await saying('echo ready; sleep 300', { remove: true })
  const root = JSON.stringify(new URL('../index.js', import.meta.url).pathname)
  const script = `
    const { readlinkSync, readdirSync } = require('node:fs')
    const { Dokeres } = require(${root})
    const sockets = () => readdirSync('/proc/self/fd').filter((fd) => {
      try { return readlinkSync('/proc/self/fd/' + fd).startsWith('socket:') } catch {}
    }).length
    const main = async () => {
      const container = await new Dokeres().container('${container.id}')
      await container.waitFor({ log: /ready/ })
      await new Promise((resolve) => setTimeout(resolve, 100))
      const before = sockets()
      for (let count = 0; count < 20; count++) {
        await container.waitFor([{ log: /ready/ }, { running: true }, { exec: 'true' }])
        await container.waitFor({ log: 'never', timeout: 30 }).catch(() => {})
      }
      await new Promise((resolve) => setTimeout(resolve, 300))
      console.log(sockets() - before)
    }
    main()`
  const told = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 30_000 })
  // Of forty waits; the pool may keep a few.
  assert.ok(Number(told) <= 4, `${told} sockets more`)
})
