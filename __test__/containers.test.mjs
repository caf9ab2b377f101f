// dokeres.containers: lists, groups, batches, and getting rid of what is in the way.
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { Dokeres, DokeresContainer, DokeresError } from '../index.js'
import {
  api,
  assertNothingLeft,
  label,
  removeByLabel,
  removeImage,
  uniqueName,
} from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const dokeres = new Dokeres()
const { containers } = dokeres
const labels = { [label]: 'containers' }
const own = { label: [`${label}=containers`] }

/** Repositories of this file's own, so that what others make is in no group of it. */
const group = `dokeres-test/${uniqueName('group')}`
const [one, two] = [`${group}:1`, `${group}:2`]
const images = [one, two, `localhost:5000/${group}:1`, `${group}/sub:1`]
/** An image of its own, too: one that was made by its id is of every group that its image is in. */
const dockerfile = `FROM ${BASE}\nLABEL group=${group}\n`
const { imageId: made } = await dokeres.image({ dockerfile, tags: images }).build()

after(async () => {
  for (const name of images) await removeImage(name)
  await assertNothingLeft(`${label}=containers`)
})

// Most of these look at all that there are.
afterEach(() => removeByLabel(`${label}=containers`))

/** @param {string} image @param {object} [options] */
const sleeping = (image, options) =>
  containers.run({ image, labels, command: 'sleep 300', stopTimeout: 0, ...options })
const ids = (/** @type {any[]} */ list) => list.map(({ Id, id }) => Id ?? id).sort()
const mine = async () => ids(await containers.listAll({ filters: own }))

test('create, run and the calls by id', async () => {
  const name = uniqueName('by-id')
  const container = await containers.create({ image: one, name, labels, command: 'sleep 300' })
  assert.ok(container instanceof DokeresContainer)
  assert.equal(await container.isRunning, false)
  await containers.start(name)
  await containers.start(container.id)
  assert.equal(await container.isRunning, true)
  const { Pid } = (await container.inspect()).State
  await containers.restart(name, { timeout: 0 })
  assert.notEqual((await container.inspect()).State.Pid, Pid)
  await containers.kill(name, { signal: 'SIGKILL' })
  await container.wait({ timeout: 5000 })
  await containers.kill(name)
  await containers.stop(name)
  assert.equal((await container.inspect()).State.ExitCode, 137)
  await containers.remove(name)
  await containers.remove(name)
  for (const method of ['start', 'stop', 'restart', 'kill']) {
    await assert.rejects(containers[method](name), { code: 'CONTAINER_NOT_FOUND' }, method)
  }
  for (const [id, code] of [
    ['', 'INVALID_OPTION'],
    [undefined, 'INVALID_OPTION'],
    ['../images/json', 'INVALID_OPTION'],
  ]) {
    await assert.rejects(containers.stop(id), { code, path: 'id' })
  }
  await assert.rejects(containers.stop('x', { force: true }), { path: 'force' })
  await assert.rejects(containers.create({ labels }), { code: 'INVALID_OPTION', path: 'image' })
  await assert.rejects(containers.run({ image: one, mapped: { x: 1 } }), { path: 'mapped.x' })
})

test('lists by state, by group and by image', async () => {
  const running = await sleeping(one)
  const paused = await sleeping(two)
  await paused.pause()
  const created = await containers.create({ image: one, labels })
  const ended = await containers.run({ image: images[2], labels, command: 'true' })
  await ended.wait()
  const sub = await containers.create({ image: images[3], labels })
  const all = [running, paused, created, ended, sub]
  const filters = own
  assert.deepEqual(await mine(), ids(all))
  assert.deepEqual(ids(await containers.list({ filters })), ids([running, paused]))
  assert.deepEqual(ids(await containers.list({ all: true, filters })), ids(all))
  assert.deepEqual(ids(await containers.listRunning({ filters })), ids([running, paused]))
  assert.deepEqual(ids(await containers.listStopped({ filters })), ids([created, ended, sub]))
  assert.deepEqual(ids(await containers.listGroup(group)), ids([running, paused, created]))
  assert.deepEqual(ids(await containers.listGroup(`${group}:2`)), ids([running, paused, created]))
  assert.deepEqual(ids(await containers.listGroupRunning(group)), ids([running, paused]))
  assert.deepEqual(ids(await containers.listGroup(`localhost:5000/${group}`)), ids([ended]))
  assert.deepEqual(ids(await containers.listImage(one)), ids([running, created]))
  assert.deepEqual(await containers.listImage(group), [])
  const { Id } = await dokeres.images.inspect(made)
  assert.deepEqual(ids(await containers.listImage(Id, { filters })), ids(all))
  assert.deepEqual(ids(await containers.listImage(Id.slice(7, 19), { filters })), ids(all))
  const [newest] = await containers.listGroup(group, { limit: 1 })
  assert.equal(newest.Id, created.id)
  const sized = await containers.listGroup(group, { size: true })
  assert.ok(sized.every(({ SizeRootFs }) => SizeRootFs > 0))
  // Every field of the engine's is there.
  const { json } = await api('GET', '/containers/json?all=1')
  const theirs = json.find((/** @type {any} */ { Id }) => Id === running.id)
  const listed = (await containers.listAll()).find(({ Id }) => Id === running.id)
  assert.deepEqual({ ...listed, Status: '' }, { ...theirs, Status: '' })
  await assert.rejects(containers.listGroup('Not A Name'), { code: 'INVALID_REFERENCE' })
  const status = { filters: { status: 'exited' } }
  await assert.rejects(containers.listRunning(status), { path: 'filters.status' })
  assert.equal(
    (await containers.list({ all: true, filters: { ...own, status: 'paused' } })).length,
    1,
  )
  await Promise.all(all.map((container) => container.remove({ force: true })))
})

test('a container stays in its group when its image’s name has moved on', async () => {
  const moving = `dokeres-test/${uniqueName('moving')}`
  await dokeres.images.tag(made, `${moving}:1`)
  const container = await sleeping(`${moving}:1`)
  await removeImage(`${moving}:1`)
  assert.deepEqual(ids(await containers.listGroup(moving)), [container.id])
  assert.deepEqual(ids(await containers.listImage(`${moving}:1`)), [container.id])
  assert.deepEqual(await containers.stopRemoveGroup(moving), [container.id])
})

test('activePorts: which container has which port of the host', async () => {
  const mapped = { 80: '127.0.0.1:0', '81/udp': true }
  const container = await sleeping(one, { mapped, exposed: ['90'] })
  const { Ports } = (await container.inspect()).NetworkSettings
  const published = [Ports['80/tcp'], Ports['81/udp']].map(([{ HostPort }]) => Number(HostPort))
  const ports = await containers.activePorts({ filters: own })
  // tcp and udp may have the same number.
  assert.deepEqual([...ports.keys()].sort(), [...new Set(published)].sort())
  for (const port of published) assert.equal(ports.get(port).Id, container.id)
  await container.remove({ force: true })
  assert.equal((await containers.activePorts({ filters: own })).size, 0)
})

test('stops and removes by group and by image', async () => {
  const ones = await Promise.all([sleeping(one), sleeping(one)])
  const twos = await Promise.all([sleeping(two), sleeping(two)])
  const other = await sleeping(images[2])
  assert.deepEqual((await containers.stopImage(one, { timeout: 0 })).sort(), ids(ones))
  assert.deepEqual(ids(await containers.listGroupRunning(group)), ids(twos))
  // Those that do not run have nothing to be stopped.
  assert.deepEqual((await containers.stopGroup(group)).sort(), ids(twos))
  assert.deepEqual((await containers.removeImage(two)).sort(), ids(twos))
  await ones[0].start()
  assert.deepEqual((await containers.stopRemoveGroup(group)).sort(), ids(ones))
  assert.deepEqual(await containers.listGroup(group), [])
  assert.deepEqual(await containers.removeGroup(group), [])
  assert.equal(await other.isRunning, true)
  assert.deepEqual(await containers.removeGroup(`localhost:5000/${group}`, { force: true }), [
    other.id,
  ])
  const last = await sleeping(one)
  assert.deepEqual(await containers.stopRemoveImage(one), [last.id])
  await assert.rejects(containers.stopGroup(''), { code: 'INVALID_REFERENCE' })
  await assert.rejects(containers.stopGroup(group, { force: true }), { path: 'force' })
})

test('one that fails stops no other, and is told', async () => {
  const running = await sleeping(one)
  const stopped = await Promise.all([1, 2, 3].map(() => containers.create({ image: one, labels })))
  await assert.rejects(containers.removeGroup(group), (error) => {
    assert.ok(error instanceof DokeresError)
    assert.equal(error.code, 'PARTIAL_FAILURE')
    assert.match(error.message, /1 of 4 containers could not be removed/)
    assert.equal(error.cause.code, 'CONFLICT')
    const results = /** @type {any[]} */ (error.results)
    assert.deepEqual(results.map(({ target }) => target).sort(), ids([running, ...stopped]))
    const failed = results.filter(({ ok }) => !ok)
    assert.deepEqual(
      failed.map(({ target }) => target),
      [running.id],
    )
    assert.equal(failed[0].error.code, 'CONFLICT')
    assert.match(failed[0].error.message, /force: true/)
    return true
  })
  assert.deepEqual(await mine(), [running.id])
  assert.deepEqual(await containers.removeGroup(group, { force: true }), [running.id])
})

test('removeStopped removes what does not run, and nothing else', async () => {
  const running = await sleeping(one)
  const created = await containers.create({ image: one, labels })
  const ended = await containers.run({ image: one, labels, command: 'false' })
  await ended.wait()
  assert.deepEqual((await containers.removeStopped({ filters: own })).sort(), ids([created, ended]))
  assert.deepEqual(await mine(), [running.id])
  await running.remove({ force: true })
})

test('at most `concurrency` at once', async () => {
  const listed = Array.from({ length: 30 }, (_, n) => ({
    Id: `c${n}`,
    Image: 'app:1',
    State: 'exited',
  }))
  let [now, most] = [0, 0]
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url?.includes('/containers/json')) return response.end(JSON.stringify(listed))
    most = Math.max(most, ++now)
    setTimeout(() => {
      now--
      response.writeHead(204).end()
    }, 20)
  })
  try {
    const faked = new Dokeres(fake.socketPath)
    const done = await faked.containers.removeGroup('app')
    // In the order of the list, whichever was done first.
    assert.deepEqual(
      done,
      listed.map(({ Id }) => Id),
    )
    assert.equal(most, 8)
    most = 0
    await faked.containers.removeGroup('app', { concurrency: 3 })
    assert.equal(most, 3)
    for (const concurrency of [0, -1, 1.5]) {
      await assert.rejects(faked.containers.removeGroup('app', { concurrency }), {
        code: 'INVALID_OPTION',
        path: 'concurrency',
      })
    }
    const abort = new AbortController()
    const aborted = faked.containers.removeGroup('app', { signal: abort.signal })
    setTimeout(() => abort.abort(new Error('enough')), 30)
    await assert.rejects(aborted, { message: 'enough' })
    const seen = fake.requests.length
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal(fake.requests.length, seen)
  } finally {
    await fake.close()
  }
})

test('clean gets rid of a container, whatever state it is in', async () => {
  const stubborn = await containers.run({
    image: one,
    labels,
    command: ['sh', '-c', 'trap "" TERM INT; while :; do sleep 0.1; done'],
  })
  const paused = await sleeping(one)
  await paused.pause()
  const restarting = await containers.run({
    image: one,
    labels,
    restart: 'always',
    command: 'false',
  })
  const created = await containers.create({ image: one, labels })
  const removing = await sleeping(one, { remove: true })
  const all = [stubborn, paused, restarting, created, removing]
  await Promise.all(all.map(({ id }) => containers.clean(id, { timeout: 1 })))
  assert.deepEqual(await mine(), [])
  await containers.clean(created.id)
  const twice = await sleeping(one)
  await Promise.all([1, 2, 3].map(() => containers.clean(twice.id)))
  assert.deepEqual(await mine(), [])
})

test('clean tries again, and tells the last refusal', async () => {
  let refusals = 2
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'DELETE' && refusals-- > 0) {
      return response.writeHead(500).end('{"message":"device or resource busy"}')
    }
    response.writeHead(204).end()
  })
  try {
    const faked = new Dokeres(fake.socketPath)
    await faked.containers.clean('x')
    refusals = 100
    await assert.rejects(faked.containers.clean('x'), (error) => {
      assert.ok(error instanceof DokeresError)
      assert.equal(error.code, 'SERVER_ERROR')
      assert.match(error.message, /resource busy.*given up after 5 attempts/)
      return true
    })
    assert.equal(refusals, 95)
  } finally {
    await fake.close()
  }
  await assert.rejects(new Dokeres('/nowhere.sock').containers.clean('x'), {
    code: 'ENGINE_UNREACHABLE',
  })
})

test('stopRemove lets the program end; one that is gone is removed', async () => {
  const volume = { volumes: ['/data'] }
  const container = await sleeping(one, { ...volume, stopTimeout: 5 })
  const { Name } = (await container.inspect()).Mounts[0]
  await containers.stopRemove(container.id, { timeout: 0, volumes: true })
  assert.equal((await api('GET', `/volumes/${Name}`)).status, 404)
  await containers.stopRemove(container.id)
  await containers.stopRemove((await sleeping(one, { remove: true })).id, { timeout: 0 })
  assert.deepEqual(await mine(), [])
})

test('prune: the dry run tells what the real one does', async () => {
  const marked = { ...labels, [`${label}.prune`]: 'yes' }
  const write = ['sh', '-c', 'head -c 100000 /dev/zero > /zeros']
  const running = await containers.run({ image: one, labels: marked, command: 'sleep 300' })
  const kept = await containers.create({ image: one, labels: { ...marked, keep: '1' } })
  const goes = [
    await containers.create({ image: one, labels: marked }),
    await containers.run({ image: one, labels: marked, command: write }),
  ]
  await goes[1].wait()
  const filters = { label: [`${label}.prune=yes`], 'label!': 'keep' }
  const young = await containers.prune({ filters: { ...filters, until: '1h' }, dryRun: true })
  assert.deepEqual(young, { ContainersDeleted: [], SpaceReclaimed: 0 })
  const would = await containers.prune({ filters, dryRun: true })
  assert.deepEqual([...(would.ContainersDeleted ?? [])].sort(), ids(goes))
  assert.ok(would.SpaceReclaimed >= 100_000)
  assert.equal((await mine()).length, 4)
  const did = await containers.prune({ filters })
  assert.deepEqual([...(did.ContainersDeleted ?? [])].sort(), ids(goes))
  assert.equal(did.SpaceReclaimed, would.SpaceReclaimed)
  assert.deepEqual(await mine(), ids([running, kept]))
  await assert.rejects(containers.prune({ filters: { status: 'exited' }, dryRun: true }), {
    code: 'INVALID_OPTION',
    path: 'filters.status',
  })
  for (const container of [running, kept]) await container.remove({ force: true })
})
