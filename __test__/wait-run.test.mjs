// `waitFor` and `startRetries` as options of run, start and task; `waitLog`, which is made of it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../index.js'
import { countEvents, label, listByLabel } from './helpers/engine.mjs'
import { fails, waiting } from './helpers/waiting.mjs'

const dokeres = new Dokeres()
const { image, labels, made, running, saying } = waiting('wait-run')
const init = true

test('waitFor of run, start and container()', async () => {
  const waitFor = { log: /ready (\d)/, timeout: '10s' }
  const script = ['sh', '-c', 'sleep 0.5; echo ready 5; sleep 300']
  const container = await running(image, script, { waitFor })
  assert.match((await container.logs().collect()).output, /ready/)
  assert.deepEqual(container.options.waitFor, { log: '/ready (\\d)/', timeout: '10s' })

  const later = image.container(null, { labels, init, waitFor: [{ exec: 'test -e /tmp/x' }] }, [
    ...['sh', '-c', 'sleep 0.5; touch /tmp/x; sleep 300'],
  ])
  made.push(later)
  await later.start()
  assert.equal((await later.exec('test', '-e', '/tmp/x')).exitCode, 0)

  const before = await listByLabel(`${label}=wait-run`)
  const options = { labels, init, waitFor: { log: 'never', timeout: 400 } }
  const late = await fails(image.run(null, options, script))
  assert.equal(late.code, 'TIMEOUT')
  const dead = { labels, waitFor: { port: 80 }, startRetries: 3 }
  for (const remove of [false, true]) {
    const error = await fails(
      image.run(null, { ...dead, remove }, ['sh', '-c', 'echo no; sleep 0.3; exit 3']),
    )
    assert.equal(error.code, 'CONTAINER_EXITED')
    assert.equal(error.exitCode, 3)
    assert.deepEqual(error.logs, ['no'])
    const atOnce = await fails(image.run(null, { ...dead, remove }, 'false'))
    assert.equal(atOnce.code, 'CONTAINER_EXITED')
    assert.equal(atOnce.exitCode, 1)
  }
  assert.deepEqual(await listByLabel(`${label}=wait-run`), before, 'what was not ready is left')
  assert.throws(() => image.container(null, { waitFor: { prot: 1 } }), {
    code: 'INVALID_OPTION',
    path: 'waitFor.prot',
  })
})

test('waitFor, startRetries and remove: false of a task', async () => {
  const words = (script) => ['sh', '-c', script]
  const { stdout } = await image.task(words('echo ready; sleep 0.3; echo done'), {
    labels,
    waitFor: { log: /ready/ },
  })
  assert.equal(stdout, 'ready\ndone\n')
  const late = { labels, init, waitFor: { log: 'never', timeout: 300 } }
  assert.equal((await fails(image.task('sleep 60', late))).code, 'TIMEOUT')
  const ended = await fails(image.task('echo over', { labels, waitFor: { log: 'never' } }))
  assert.equal(ended.code, 'CONTAINER_EXITED')
  assert.deepEqual(ended.logs, ['over'])

  const { container } = await image.task('true', { labels, remove: false })
  const kept = await dokeres.container(container.id)
  await kept.remove()
  const gone = await image.task('true', { labels, remove: true })
  await assert.rejects(dokeres.container(gone.container.id), { code: 'CONTAINER_NOT_FOUND' })

  const taken = createServer().listen(0, '0.0.0.0')
  await once(taken, 'listening')
  const since = Date.now() / 1000
  const mapped = { 80: taken.address().port }
  const retried = { [label]: 'wait-run-retries' }
  const error = await fails(
    image.task('true', { labels: retried, mapped, startRetries: 2 }),
    20_000,
  )
  assert.equal(error.code, 'PORT_IN_USE')
  const filters = { event: ['create', 'destroy'], label: [`${label}=wait-run-retries`] }
  const events = await countEvents({ since, filters })
  assert.deepEqual(
    events.map(({ Action }) => Action),
    ['create', 'destroy', 'create', 'destroy', 'create', 'destroy'],
  )
  taken.close()
})

test('waitLog: a last line without an end counts; a filter is asked of each line once', async () => {
  const script = 'echo begin; printf listen; sleep 0.2; echo ing; sleep 0.2; printf "> "; sleep 0.2'
  const container = await image.run({ command: ['sh', '-c', script], labels })
  const seen = []
  const filter = (line) => seen.push(line)
  assert.equal(await container.waitLog('> ', filter), '> ')
  assert.deepEqual(seen.slice(0, 2), ['begin', 'listening'])
  await container.remove({ force: true })
})

test('waitLog: a filter’s error comes back; thenDetach: false goes on telling it', async () => {
  const container = await saying('echo one; echo ready; sleep 2.5; echo two; sleep 300')
  const thrown = new Error('mine')
  await assert.rejects(
    container.waitLog('x', () => {
      throw thrown
    }),
    (error) => error === thrown,
  )
  const lines = []
  const keep = (line) => lines.push(line) > 0
  assert.equal(await container.waitLog('ready', keep, false), 'ready')
  for (let tries = 0; tries < 80 && !lines.includes('two'); tries++) await sleep(50)
  assert.deepEqual([lines[0], lines.at(-1)], ['one', 'two'])
})
