// What happens at an engine: parsed, resumed after a restart of the engine, handled by kind.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Dokeres, DokeresError } from '../index.js'
import { cuttable } from './helpers/cuttable.mjs'
import { api, assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { ownEngine } from './helpers/own-engine.mjs'

const dokeres = new Dokeres()
const base = process.env.DOKERES_TEST_BASE
const image = dokeres.image(base)
const labels = { [label]: 'events' }
const filters = { label: `${label}=events` }

after(() => assertNothingLeft(`${label}=events`))

test('events are parsed, every field, and filtered; it listens before it is read', async () => {
  const events = dokeres.events({ filters: { ...filters, event: ['create', 'die', 'destroy'] } })
  await events._open()
  const container = await image.run(uniqueName('ev'), { labels }, ['sh', '-c', 'exit 3'])
  const { id } = container
  await container.wait()
  await container.remove()
  const seen = []
  for await (const event of events) {
    seen.push(event)
    if (event.Action === 'destroy') break
  }
  assert.deepEqual(
    seen.map((event) => event.Action),
    ['create', 'die', 'destroy'],
  )
  const [, died] = seen
  assert.equal(died.Type, 'container')
  assert.equal(died.Actor.ID, id)
  assert.equal(died.Actor.Attributes.exitCode, '3')
  assert.equal(died.Actor.Attributes.name, container.name)
  assert.equal(typeof died.timeNano, 'bigint')
  assert.ok(died.timeNano > died.time * 1e9 && died.scope === 'local')
})

test('since and until: of the past, to its end', async () => {
  const since = new Date()
  const container = await image.run(null, { labels }, 'true')
  await container.wait()
  await container.remove()
  const until = new Date()
  const seen = []
  for await (const event of dokeres.events({ since, until, filters })) seen.push(event.Action)
  assert.deepEqual(seen, ['create', 'start', 'die', 'destroy'])
})

/** @param {any} options */
async function told(options) {
  const events = []
  for await (const event of dokeres.events(options)) events.push(event)
  return events
}

test('`until` as a Date is a whole millisecond: what happened in it is told', async () => {
  const container = await image.container(uniqueName('until'), { labels }, 'true').create()
  await container.remove()
  const filters = { container: container.name, event: 'destroy' }
  const [destroyed] = await told({ filters, since: '1m', until: '0s' })
  const moment = new Date(Number(destroyed.timeNano / 1_000_000n))
  for (const until of [moment, moment.toISOString()]) {
    assert.equal((await told({ filters, since: '1m', until })).length, 1)
  }
})

test("a container's own events", async () => {
  const container = await image.container(null, { labels }, 'sleep 300').create()
  const other = await image.container(null, { labels }, 'sleep 300').create()
  const { id } = container
  const events = container.events({ event: ['start', 'die'] })
  await events._open()
  await Promise.all([container.start(), other.start()])
  await Promise.all([container.remove({ force: true }), other.remove({ force: true })])
  const seen = []
  for await (const event of events) {
    seen.push(`${event.Action} ${event.Actor.ID === id}`)
    if (event.Action === 'die') break
  }
  assert.deepEqual(seen, ['start true', 'die true'])
  assert.throws(() => container.events('die'), { code: 'INVALID_OPTION', path: 'filters' })
})

test('handlers by kind: one after the other; what they throw is told; stop waits for them', async () => {
  const calls = []
  const errors = []
  let atWork = 0
  const subscription = dokeres.on(
    {
      'container:die': async (event) => {
        atWork += 1
        assert.equal(atWork, 1)
        await new Promise((resolve) => setTimeout(resolve, 30))
        atWork -= 1
        calls.push(`die ${event.Actor.Attributes.exitCode}`)
      },
      'container:*': ({ Action }) => void calls.push(Action),
      'container:exec_create': ({ Action }) => void calls.push(`! ${Action.trim()}`),
      'container:destroy': () => {
        throw new Error('no more')
      },
      'image:*': () => void calls.push('an image'),
    },
    { filters, onError: (error) => errors.push(error.message) },
  )
  await subscription.ready
  const container = await image.run(null, { labels }, 'sleep 300')
  await container.exec('true')
  await container.kill()
  await container.wait()
  await container.remove()
  while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  await subscription.stop()
  assert.deepEqual(errors, ['no more'])
  const wanted = ['create', 'start', '! exec_create: true', 'kill', 'die', 'die 137', 'destroy']
  for (const call of wanted) assert.equal(calls.filter((one) => one === call).length, 1, `${calls}`)
  assert.ok(!calls.includes('an image'))
  for (const [handlers, path] of [
    [{}, 'handlers'],
    [{ die: () => {} }, 'handlers.die'],
    [{ 'container:die': 1 }, 'handlers.container:die'],
  ]) {
    assert.throws(() => dokeres.on(handlers), { code: 'INVALID_OPTION', path })
  }
})

test('an engine that cannot be reached is told of at once, and so are options', async () => {
  const nowhere = new Dokeres('/nowhere/docker.sock')
  await assert.rejects(nowhere.events().collect(), { code: 'ENGINE_UNREACHABLE' })
  const told = []
  const subscription = nowhere.on({ '*': () => {} }, { onError: (error) => told.push(error.code) })
  await assert.rejects(subscription.ready, { code: 'ENGINE_UNREACHABLE' })
  await subscription.stop()
  assert.deepEqual(told, ['ENGINE_UNREACHABLE'])
  // The engine would tell of everything.
  await assert.rejects(dokeres.events({ filters: { contaner: 'web' } }).collect(), {
    code: 'INVALID_OPTION',
    path: 'filters.contaner',
  })
  await assert.rejects(dokeres.events({ since: 'yesterday' }).collect(), { path: 'since' })
  assert.throws(() => dokeres.events({ untill: 1 }), DokeresError)
})

test('an abort ends it, also while it waits for an engine to come back', async () => {
  const reason = new Error('enough')
  const stop = new AbortController()
  let isThere = true
  const engine = await fakeEngine((request, response) => {
    if (!isThere) return void request.socket.destroy()
    response.write(
      `${JSON.stringify({ Type: 'container', Action: 'start', Actor: {}, timeNano: 5 })}\n`,
    )
    return undefined
  })
  const events = new Dokeres(engine.socketPath).events({ signal: stop.signal })
  const seen = []
  const reading = (async () => {
    for await (const event of events) {
      seen.push(event.Action)
      isThere = false
      setTimeout(() => stop.abort(reason), 300)
      await engine.close()
    }
  })()
  await assert.rejects(reading, reason)
  assert.deepEqual(seen, ['start'])
})

test('a connection that is cut: what happened meanwhile comes, each once', async () => {
  const proxy = await cuttable()
  try {
    const far = new Dokeres(proxy.path)
    const events = far.events({ filters: { ...filters, event: ['create'] } })
    await events._open()
    const made = []
    const make = async () => {
      const name = uniqueName('cut')
      const body = { Image: base, Labels: labels, Cmd: ['true'] }
      const { json } = await api('POST', `/containers/create?name=${name}`, body)
      made.push(json.Id)
    }
    // Before anything came: it goes on from where it was opened.
    proxy.cut()
    await make()
    proxy.mend()
    const seen = []
    const reading = (async () => {
      for await (const event of events) {
        seen.push(event.Actor.ID)
        if (seen.length === 12) return
      }
    })()
    for (let round = 0; round < 5; round++) {
      await make()
      proxy.cut()
      await make()
      proxy.mend()
      await new Promise((resolve) => setTimeout(resolve, 20 * round))
    }
    await make()
    await reading
    assert.deepEqual(seen, made)
    for (const id of made) await api('DELETE', `/containers/${id}`)
  } finally {
    proxy.close()
  }
})

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
  test(`the engine is restarted after ${signal}: nothing lost, nothing twice`, async () => {
    const engine = await ownEngine()
    try {
      const own = new Dokeres(engine.host)
      const ownImage = own.image(engine.image)
      const seen = []
      const filters = { type: 'container', event: ['create', 'start', 'die'] }
      const events = own.events({ filters })
      await events._open()
      const reading = (async () => {
        for await (const event of events) {
          seen.push(`${event.Action} ${event.Actor.Attributes.name}`)
          if (event.Actor.Attributes.name === 'last') return
        }
      })()
      await (await ownImage.run('one', {}, 'true')).wait()
      await ownImage.run('two', { restart: 'always', init: true }, 'sleep 300')
      while (seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 10))
      await engine.stop(signal)
      await new Promise((resolve) => setTimeout(resolve, 300))
      await engine.start()
      // At once: it may not be connected yet.
      await ownImage.container('three', {}, 'true').create()
      await ownImage.container('last', {}, 'true').create()
      await reading
      const before = ['create one', 'start one', 'die one', 'create two', 'start two']
      assert.deepEqual(seen.slice(0, 5), before)
      const later = seen.slice(5)
      assert.deepEqual(
        later.filter((event) => !event.endsWith('two')),
        ['create three', 'create last'],
      )
      // An engine that goes may tell of a container's end, or not; the next one starts it once.
      for (const event of ['start two', 'die two']) {
        assert.ok(later.filter((one) => one === event).length <= 1, `${later}`)
      }
    } finally {
      await engine.close()
    }
  })
}
