// dokeres.swarm: begun, changed, left; its keys, nodes, secrets and configs.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../index.js'
import { api } from '../scripts/lib/engine/api.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { ownEngine } from './helpers/own-engine.mjs'

/** @type {Awaited<ReturnType<typeof ownEngine>>} */
let engine
/** @type {Dokeres} */
let dokeres
const here = { listenAddr: '127.0.0.1:0', advertiseAddr: '127.0.0.1' }

/** As the engine tells it. @param {string} path @returns {Promise<any>} */
const told = async (path) => (await api(engine.host, 'GET', path)).json

before(async () => {
  engine = await ownEngine()
  dokeres = new Dokeres(engine.host)
})

after(() => engine.close())

async function freeAddress() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}

test('an engine that is in no swarm says what to do', async () => {
  const { swarm } = dokeres
  for (const ask of [
    () => swarm.inspect(),
    () => swarm.joinTokens(),
    () => swarm.services.list(),
    () => swarm.nodes.list(),
    () => swarm.secrets.create('a', 'b'),
    () => swarm.services.create('a', { image: 'b' }),
    () => dokeres.networks.create('a', { driver: 'overlay' }),
  ]) {
    await assert.rejects(ask(), (/** @type {any} */ error) => {
      assert.equal(error.name, 'DokeresError')
      assert.match(error.message, /not a swarm manager; .*`swarm\.init\(\)`.*`swarm\.join\(\)`/)
      assert.deepEqual([error.code, error.reason], ['NOT_SUPPORTED', 'not-a-manager'])
      return true
    })
  }
  await assert.rejects(swarm.nodes.inspect('self'), { code: 'NOT_SUPPORTED' })
  await assert.rejects(swarm.leave(), { code: 'CONFLICT', reason: 'not-in-a-swarm' })
})

test('what is wrong is told before anything is sent', async () => {
  const { swarm } = new Dokeres('/nowhere.sock')
  const { services, nodes, secrets, configs, tasks } = swarm
  /** @type {any} */
  const not = (/** @type {string} */ path) => ({ code: 'INVALID_OPTION', path })
  const bad = /** @type {any} */ ({ labels: { a: {} }, force: 'yes', replicas: -1 })
  for (const [call, path] of /** @type {[() => Promise<any>, string][]} */ ([
    [() => swarm.init(/** @type {any} */ ({ listen: 'x' })), 'listen'],
    [() => swarm.init(/** @type {any} */ ({ version: 1 })), 'version'],
    [() => swarm.join(/** @type {any} */ ({ token: 't' })), 'remoteAddrs'],
    [() => swarm.join(/** @type {any} */ ({ remoteAddrs: '10.0.0.1' })), 'token'],
    [() => swarm.leave({ force: bad.force }), 'force'],
    [() => swarm.update(/** @type {any} */ ({ autoLock: true })), 'autoLock'],
    [() => services.create('a', /** @type {any} */ ({})), 'image'],
    [() => services.create('a', { image: 'b', replicas: bad.replicas }), 'replicas'],
    [() => services.create('a', { image: 'b', mode: 'global', replicas: 2 }), 'replicas'],
    [() => services.create('a', { image: 'b', mapped: { 80: '1.2.3.4:80' } }), 'mapped.80'],
    [() => services.create('a/b', { image: 'b' }), 'name'],
    [() => services.update('a', /** @type {any} */ ({ name: 'b' })), 'name'],
    [() => services.update('a', { env: bad.labels }), 'env.a'],
    [() => services.update('a', { resolveImage: true }), 'resolveImage'],
    [() => services.scale('a', bad.replicas), 'replicas'],
    [() => services.inspect('../swarm'), 'name'],
    [() => nodes.update('a', { labels: bad.labels }), 'labels.a'],
    [() => nodes.update('a', { role: bad.force }), 'role'],
    [() => secrets.create('a'), 'data'],
    [() => secrets.create('a', bad.labels), 'data'],
    [() => configs.create('a', 'b', /** @type {any} */ ({ driver: 'c' })), 'driver'],
    [() => tasks.inspect(''), 'id'],
  ])) {
    await assert.rejects(call(), (/** @type {any} */ error) => {
      assert.deepEqual([error.code, error.path], ['INVALID_OPTION', path])
      return true
    })
  }
  assert.throws(() => services.logs('a', { tail: 'some' }), not('tail'))
  assert.throws(() => services.logs('a', { stdout: false, stderr: false }), not('stdout'))
  assert.throws(() => services.logs('a', /** @type {any} */ ({ until: 1 })), not('until'))
  const aborted = AbortSignal.abort(new Error('no more'))
  await assert.rejects(services.list({ signal: aborted }), { message: 'no more' })
})

test('a swarm begins, and goes by what it is told', async () => {
  const { swarm } = dokeres
  const id = await swarm.init({ ...here, taskHistoryLimit: 2, labels: { own: true } })
  assert.equal((await told('/info')).Swarm.NodeID, id)
  const known = await told('/swarm')
  assert.deepEqual(await swarm.inspect(), known)
  assert.equal(known.Spec.Orchestration.TaskHistoryRetentionLimit, 2)
  assert.deepEqual(known.Spec.Labels, { own: 'true' })
  await assert.rejects(swarm.init(here), { code: 'CONFLICT', reason: 'in-a-swarm' })
  const join = { remoteAddrs: '127.0.0.1:1', token: known.JoinTokens.Worker }
  await assert.rejects(swarm.join(join), { code: 'CONFLICT', reason: 'in-a-swarm' })

  await swarm.update({ certExpiry: '48h', extra: { Raft: { SnapshotInterval: 5000 } } })
  const { Spec } = await told('/swarm')
  assert.equal(Spec.CAConfig.NodeCertExpiry, 48 * 3600e9)
  assert.equal(Spec.Raft.SnapshotInterval, 5000)
  assert.equal(Spec.Orchestration.TaskHistoryRetentionLimit, 2)
  await assert.rejects(swarm.update({ labels: {}, version: 1 }), {
    code: 'CONFLICT',
    reason: 'out-of-sequence',
  })
})

test('join tokens, and new ones', async () => {
  const { swarm } = dokeres
  const before = await swarm.joinTokens()
  assert.deepEqual(before, (await told('/swarm')).JoinTokens)
  const worker = await swarm.rotateJoinTokens({ manager: false })
  assert.notEqual(worker.Worker, before.Worker)
  assert.equal(worker.Manager, before.Manager)
  const both = await swarm.rotateJoinTokens()
  assert.notEqual(both.Worker, worker.Worker)
  assert.notEqual(both.Manager, worker.Manager)
  assert.deepEqual(both, (await told('/swarm')).JoinTokens)
})

test('changes at the same time all come about', async () => {
  const { nodes, configs } = dokeres.swarm
  const changes = [1, 2, 3, 4, 5, 6].map((count) => nodes.update('self', { labels: { count } }))
  await Promise.all(changes)
  await configs.create('counted', 'x')
  const updates = ['a', 'b', 'c', 'd'].map((by) => configs.update('counted', { labels: { by } }))
  await Promise.all(updates)
  assert.match((await told('/configs/counted')).Spec.Labels.by, /^[a-d]$/)
  await configs.remove('counted')
})

test('nodes', async () => {
  const { nodes } = dokeres.swarm
  const list = await nodes.list({ filters: { role: 'manager' } })
  assert.deepEqual(list, await told('/nodes'))
  assert.deepEqual(await nodes.list({ filters: { role: 'worker' } }), [])
  const [{ ID, Description }] = list
  assert.equal((await nodes.inspect(Description.Hostname)).ID, ID)
  const look = async () => (await told(`/nodes/${ID}`)).Spec
  await nodes.update(ID, { labels: { disk: 'fast' } })
  await nodes.drain('self')
  assert.deepEqual(await look(), {
    Labels: { disk: 'fast' },
    Role: 'manager',
    Availability: 'drain',
  })
  assert.deepEqual((await nodes.inspect('self')).Spec, await look())
  await nodes.pause(ID)
  assert.equal((await look()).Availability, 'pause')
  await nodes.activate(ID)
  assert.equal((await look()).Availability, 'active')
  await nodes.promote(ID)
  await assert.rejects(nodes.demote(ID), { code: 'CONFLICT', reason: 'manager' })
  await assert.rejects(nodes.remove(ID), { code: 'CONFLICT', reason: 'manager' })
  await assert.rejects(nodes.inspect('nobody'), { code: 'NOT_FOUND', statusCode: 404 })
  await nodes.remove('nobody', { force: true })
})

test('secrets and configs', async () => {
  const { secrets, configs } = dokeres.swarm
  const bytes = Buffer.from([0, 255, 10, 128])
  const { ID } = await configs.create('bytes', bytes, { labels: { a: 1 } })
  const known = await told(`/configs/${ID}`)
  assert.deepEqual(await configs.inspect('bytes'), known)
  assert.deepEqual(Buffer.from(known.Spec.Data, 'base64'), bytes)
  await configs.create({ name: 'text', data: 'grüße', templating: 'golang' })
  const text = await told('/configs/text')
  assert.equal(Buffer.from(text.Spec.Data, 'base64').toString(), 'grüße')
  assert.equal(text.Spec.Templating.Name, 'golang')
  await secrets.create('text', 'hush', { labels: { a: 1 } })
  assert.deepEqual(await secrets.list(), await told('/secrets'))

  for (const [kind, all] of /** @type {[string, any][]} */ (Object.entries({ secrets, configs }))) {
    await all.update('text', { labels: { b: 2 } })
    assert.deepEqual((await told(`/${kind}/text`)).Spec.Labels, { b: '2' })
    assert.equal((await all.list({ filters: { label: 'b=2' } })).length, 1)
    await assert.rejects(all.create('text', 'x'), (/** @type {any} */ error) => {
      assert.equal(error.code, 'NAME_CONFLICT')
      return /already exists; remove it, or take another name/.test(error.message)
    })
    await assert.rejects(all.create('large', Buffer.alloc(2e6)), { code: 'BAD_REQUEST' })
    await all.remove('text')
    await assert.rejects(all.inspect('text'), { code: 'NOT_FOUND' })
    await assert.rejects(all.remove('text'), { code: 'NOT_FOUND' })
    await all.remove('text', { force: true })
  }
  await configs.remove('bytes')
})

test('an abandoned create leaves nothing', async () => {
  const { secrets } = dokeres.swarm
  const controller = new AbortController()
  const made = secrets.create('abandoned', 'x', { signal: controller.signal })
  setTimeout(() => controller.abort(new Error('left')), 1)
  const outcome = await made.catch((error) => error)
  if (outcome instanceof Error) {
    assert.equal(outcome.message, 'left')
    assert.deepEqual(await told('/secrets'), [])
  } else {
    // The engine was quicker.
    await secrets.remove('abandoned')
  }
})

test('a locked manager wants its key after a restart', async () => {
  const { swarm } = dokeres
  assert.deepEqual(await swarm.unlockKey(), { UnlockKey: '' })
  await assert.rejects(swarm.unlockKey({ rotate: true }), { code: 'CONFLICT' })
  await assert.rejects(swarm.unlock('SWMKEY-1-x'), { code: 'CONFLICT', reason: 'not-locked' })
  await swarm.update({ autolock: true })
  const first = await swarm.unlockKey()
  const { UnlockKey } = await swarm.unlockKey({ rotate: true })
  assert.match(UnlockKey, /^SWMKEY-1-/)
  assert.notEqual(first.UnlockKey, UnlockKey)
  await engine.stop('SIGTERM')
  await engine.start()
  await assert.rejects(swarm.nodes.list(), (/** @type {any} */ error) => {
    assert.deepEqual([error.code, error.reason], ['CONFLICT', 'locked'])
    return /`swarm\.unlock\(\)`/.test(error.message)
  })
  await assert.rejects(swarm.unlock('SWMKEY-1-wrong'), (/** @type {any} */ error) => {
    assert.equal(error.code, 'BAD_REQUEST')
    return !error.message.includes('wrong')
  })
  await swarm.unlock(UnlockKey)
  assert.equal((await swarm.nodes.list()).length, 1)
})

test('it ends with its last manager', async () => {
  const { swarm } = dokeres
  await assert.rejects(swarm.leave(), (/** @type {any} */ error) => {
    assert.deepEqual([error.code, error.reason], ['CONFLICT', 'manager'])
    return /`force: true`/.test(error.message)
  })
  await swarm.leave({ force: true })
  assert.equal((await told('/info')).Swarm.LocalNodeState, 'inactive')
})

test('a swarm that somebody stopped waiting for is left again', async () => {
  const { swarm } = dokeres
  const controller = new AbortController()
  const begun = swarm.init({ ...here, signal: controller.signal })
  setTimeout(() => controller.abort(new Error('left')), 50)
  await assert.rejects(begun, { message: 'left' })
  assert.equal((await told('/info')).Swarm.LocalNodeState, 'inactive')
})

test('a second engine joins, as a worker, becomes a manager, and leaves', async () => {
  const first = dokeres.swarm
  const other = await ownEngine()
  try {
    const second = new Dokeres(other.host)
    const { swarm } = second
    const [remoteAddrs, own] = await Promise.all([freeAddress(), freeAddress()])
    const listening = { listenAddr: own, advertiseAddr: own }
    await first.init({ listenAddr: remoteAddrs, advertiseAddr: remoteAddrs })
    const { Worker: token } = await first.joinTokens()
    const wrong = { remoteAddrs, token: 'SWMTKN-1-sesame', ...listening }
    await assert.rejects(swarm.join(wrong), (/** @type {any} */ error) => {
      assert.deepEqual([error.code, error.reason], ['BAD_REQUEST', 'token'])
      return !error.message.includes('sesame')
    })
    await swarm.join({ remoteAddrs, token, ...listening })
    const id = /** @type {any} */ (await second.info()).Swarm.NodeID
    assert.equal((await first.nodes.inspect(id)).Spec.Role, 'worker')
    assert.equal((await first.nodes.list({ filters: { role: 'worker' } })).length, 1)
    await assert.rejects(swarm.nodes.list(), (/** @type {any} */ error) => {
      assert.deepEqual([error.code, error.reason], ['NOT_SUPPORTED', 'not-a-manager'])
      return /nodes\.promote\(\)/.test(error.message)
    })
    await assert.rejects(first.nodes.remove(id), { code: 'CONFLICT', reason: 'in-use' })

    await first.nodes.promote(id)
    for (let tries = 0; ; tries++) {
      const { ManagerStatus } = await first.nodes.inspect(id)
      if (ManagerStatus?.Reachability === 'reachable') break
      assert.ok(tries < 200, 'it became a manager')
      await sleep(50)
    }
    await first.nodes.demote(id)
    assert.equal((await first.nodes.inspect(id)).Spec.Role, 'worker')
    await swarm.leave({ force: true })
    assert.equal(/** @type {any} */ (await second.info()).Swarm.LocalNodeState, 'inactive')
    await first.nodes.remove(id, { force: true })
    assert.equal((await first.nodes.list()).length, 1)
    await first.leave({ force: true })
  } finally {
    await other.close()
  }
})

test('a change goes on until it is nobody else’s turn, but not for ever', async () => {
  let posts = 0
  const fake = await fakeEngine((request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify({ ID: 'n', Version: { Index: posts + 7 }, Spec: { More: 1 } }))
      return
    }
    assert.equal(request.url, `/nodes/n/update?version=${posts + 7}`)
    response.statusCode = 500
    posts++
    response.end(
      JSON.stringify({ message: 'rpc error: code = Unknown desc = update out of sequence' }),
    )
  })
  try {
    const { nodes } = new Dokeres(fake.socketPath).swarm
    await assert.rejects(nodes.drain('n'), { code: 'CONFLICT', reason: 'out-of-sequence' })
    assert.ok(posts > 5 && posts < 100, `${posts} times`)
  } finally {
    await fake.close()
  }
})
