// container.checkpoints, and start({ checkpoint }): an experiment of engines, with CRIU beneath it. Where
// there is none (CRIU knows few kernels) it is the refusal that is tested, and the requests on a fake one.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { ownEngine } from './helpers/own-engine.mjs'

const image = process.env.DOKERES_TEST_BASE ?? ''
const labels = { [label]: 'checkpoints' }
const options = { image, labels, command: 'sleep 300', stopTimeout: 0 }

after(() => assertNothingLeft(`${label}=checkpoints`))

test('an engine without experiments says what is to be done', async () => {
  const container = await new Dokeres().containers.run(options)
  const { checkpoints } = container
  const refused = { code: 'NOT_SUPPORTED', statusCode: 501, message: /daemon\.json.*criu/ }
  await assert.rejects(checkpoints.create('one'), refused)
  await assert.rejects(checkpoints.list(), refused)
  await assert.rejects(checkpoints.remove('one'), refused)
  await container.stop()
  await assert.rejects(container.start({ checkpoint: 'one' }), {
    code: /NOT_SUPPORTED|BAD_REQUEST/,
    container: { id: container.id },
  })
  assert.equal(await container.isRunning, false)
  await container.remove({ force: true })
})

test('an experimental one does it, or says that it wants CRIU', async () => {
  const engine = await ownEngine('--experimental')
  try {
    const container = await new Dokeres(engine.host).containers.run({
      ...options,
      image: engine.image,
    })
    const { checkpoints } = container
    assert.deepEqual(await checkpoints.list(), [])
    await assert.rejects(checkpoints.remove('none'), { code: 'NOT_FOUND' })
    const outcome = await checkpoints.create('one', { exit: true }).then(
      () => undefined,
      (error) => error,
    )
    if (outcome) {
      assert.equal(outcome.code, 'NOT_SUPPORTED', outcome.message)
      assert.match(outcome.message, /criu check/)
    } else {
      assert.deepEqual(await checkpoints.list(), [{ Name: 'one' }])
      await assert.rejects(checkpoints.create('one'), { code: 'NAME_CONFLICT' })
      await container.start({ checkpoint: 'one' })
      assert.equal(await container.isRunning, true)
      await checkpoints.remove('one')
      assert.deepEqual(await checkpoints.list(), [])
    }
    await container.stop()
    await assert.rejects(container.start({ checkpoint: 'none' }), {
      code: /NOT_FOUND|NOT_SUPPORTED/,
    })
  } finally {
    await engine.close()
  }
})

test('what is asked of the engine', async () => {
  /** @type {[string, string, any][]} */
  const asked = []
  const engine = await fakeEngine((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const { method = '', url = '' } = request
      if (url.includes('checkpoint')) asked.push([method, url, body && JSON.parse(body)])
      if (method === 'GET' && url.includes('/checkpoints')) response.end('[{"Name":"one"}]')
      else if (method === 'GET') response.end(INSPECTED)
      else response.writeHead(204).end()
    })
  })
  const container = await new Dokeres(engine.socketPath).container('a'.repeat(64))
  const { checkpoints } = container
  await checkpoints.create('one', { exit: true, dir: '/var/points' })
  await checkpoints.create('two')
  assert.deepEqual(await checkpoints.list({ dir: '/var/points' }), [{ Name: 'one' }])
  await checkpoints.remove('one', { dir: '/var/points' })
  assert.equal(
    await container.start({ checkpoint: 'one', checkpointDir: '/var/points' }),
    container,
  )
  const at = `/containers/${'a'.repeat(64)}`
  assert.deepEqual(asked, [
    [
      'POST',
      `${at}/checkpoints`,
      { CheckpointID: 'one', Exit: true, CheckpointDir: '/var/points' },
    ],
    ['POST', `${at}/checkpoints`, { CheckpointID: 'two', Exit: false }],
    ['GET', `${at}/checkpoints?dir=%2Fvar%2Fpoints`, ''],
    ['DELETE', `${at}/checkpoints/one?dir=%2Fvar%2Fpoints`, ''],
    ['POST', `${at}/start?checkpoint=one&checkpoint-dir=%2Fvar%2Fpoints`, ''],
  ])
  await engine.close()
})

const INSPECTED = JSON.stringify({
  Id: 'a'.repeat(64),
  Name: '/one',
  Image: '',
  State: { Status: 'running', Running: true },
  Config: { Image: 'one', Tty: false },
  HostConfig: {},
  NetworkSettings: { Ports: {}, Networks: {} },
})

test('options are checked before anything is sent', async () => {
  const container = new Dokeres('/nowhere/docker.sock').image('one').container('one')
  const { checkpoints } = container
  await assert.rejects(checkpoints.create('../one'), { code: 'INVALID_OPTION', path: 'name' })
  await assert.rejects(checkpoints.remove(''), { code: 'INVALID_OPTION', path: 'name' })
  const unknown = /** @type {any} */ ({ leave: true })
  await assert.rejects(checkpoints.create('one', unknown), { path: 'leave' })
  await assert.rejects(checkpoints.list(unknown), { path: 'leave' })
  await assert.rejects(container.start(unknown), { code: 'INVALID_OPTION', path: 'leave' })
  await assert.rejects(container.start({ checkpoint: 'a/b' }), { path: 'checkpoint' })
  await assert.rejects(container.start({ checkpointDir: '/x' }), { path: 'checkpointDir' })
  await assert.rejects(checkpoints.list(), { code: 'NO_CONTAINER' })
  await assert.rejects(container.start({ checkpoint: 'one' }), { code: 'NO_CONTAINER' })
})
