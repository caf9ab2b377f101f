// images.clean, gc and prune: what may go goes, and never anything that is in use.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Dokeres } from '../index.js'
import { pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { containerEvent, imageEvent, imageStore, listed } from './helpers/image-store.mjs'
import { loadOld } from './helpers/image-tar.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
const index = fileURLToPath(new URL('../index.js', import.meta.url))
const dokeres = new Dokeres()
const { images } = dokeres
const made = new Set()
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-clean-'))
})

// A gc does not keep the process, and a test that waits for one has to.
const alive = setInterval(() => {}, 1000)

after(async () => {
  clearInterval(alive)
  for (const name of made) await removeImage(name)
  await rm(folder, { recursive: true, force: true })
})

/** An image, and its label: nobody else's images are touched. */
async function old(image) {
  const id = await loadOld(image)
  for (const name of [id, ...(image.tags ?? [])]) made.add(name)
  return id
}

function own(prefix) {
  const [name, label] = [uniqueName(prefix), uniqueName('own')]
  return { name, label, labels: { [label]: '' }, filters: { label } }
}

const ids = (list) => list.map(({ id }) => id).sort()
const exists = (name) => dokeres.image(name).exists()
const isInvalid = (path) => (error) => {
  assert.equal(error.code, 'INVALID_OPTION', error.stack)
  assert.equal(error.path, path)
  return true
}

test('clean: something has to say what may go', async () => {
  const nothing = [undefined, null, {}, { dryRun: true }, { filters: {} }, { filters: null }]
  for (const options of nothing) await assert.rejects(images.clean(options), isInvalid('olderThan'))
  for (const filters of [{ label: [] }, { label: null }, { label: {}, dangling: [] }]) {
    await assert.rejects(images.clean({ filters }), isInvalid('olderThan'))
  }
  for (const olderThan of ['soon', '10', -1, Number.NaN, {}, true]) {
    await assert.rejects(images.clean({ olderThan }), isInvalid('olderThan'))
  }
  await assert.rejects(images.clean({ unusedFor: '1 year' }), isInvalid('unusedFor'))
  await assert.rejects(images.clean({ olderThan: '1d', force: true }), isInvalid('force'))
  await assert.rejects(images.clean({ olderThan: '1d', dryRun: 1 }), isInvalid('dryRun'))
  await assert.rejects(images.clean({ olderThan: '1d', memory: 5 }), isInvalid('memory'))
  await assert.rejects(images.clean({ filters: { nonsense: true } }), { code: 'BAD_REQUEST' })
})

test('olderThan goes by the build; a dry run tells the same and removes nothing', async () => {
  const { name, labels, filters } = own('aged')
  const day = 86_400_000
  const ago = (days) => new Date(Date.now() - days * day).toISOString()
  const ten = await old({ tags: [`${name}:10`, `${name}:ten`], labels, created: ago(10) })
  const nameless = await old({ labels, created: ago(20) })
  const two = await old({ tags: [`${name}:2`], labels, created: ago(2) })
  const dry = await images.clean({ olderThan: '9d', filters, dryRun: true })
  assert.equal(dry.dryRun, true)
  assert.deepEqual(ids(dry.removed), [ten, nameless].sort())
  for (const id of [ten, nameless, two]) assert.equal(await exists(id), true)
  const cleaned = await images.clean({ olderThan: 9 * day, filters })
  assert.deepEqual(cleaned, { ...dry, dryRun: false })
  assert.deepEqual(cleaned.removed.find(({ id }) => id === nameless).tags, [])
  const { tags, size } = cleaned.removed.find(({ id }) => id === ten)
  assert.deepEqual(tags.sort(), [`${name}:10`, `${name}:ten`])
  assert.ok(size > 0)
  assert.equal(cleaned.reclaimed, 2 * size)
  assert.deepEqual(cleaned.failed, [])
  for (const id of [ten, nameless]) assert.equal(await exists(id), false)
  assert.equal(await exists(two), true)
  const again = await images.clean({ olderThan: '9d', filters })
  assert.deepEqual(again, { removed: [], failed: [], reclaimed: 0, dryRun: false })
})

test('filters alone: by label, by reference, without a name', async () => {
  const { name, label, labels, filters } = own('filtered')
  const named = await old({ tags: [`${name}:1`, `${name}-too:1`], labels })
  const nameless = await old({ labels })
  const dangling = await images.clean({ filters: { ...filters, dangling: true } })
  assert.deepEqual(ids(dangling.removed), [nameless])
  // A name that fits goes; the image stays for the other.
  const partly = { filters: { reference: `${name}:*` } }
  const expected = { id: named, tags: [`${name}:1`] }
  for (const dryRun of [true, false]) {
    const { removed, reclaimed } = await images.clean({ ...partly, dryRun })
    assert.deepEqual([removed.length, reclaimed], [1, 0])
    assert.deepEqual({ id: removed[0].id, tags: removed[0].tags }, expected)
  }
  assert.deepEqual((await images.inspect(named)).RepoTags, [`${name}-too:1`])
  const rest = await images.clean({ filters: { label: [label] } })
  assert.deepEqual(ids(rest.removed), [named])
  assert.equal(await exists(named), false)
})

test('images that containers are made of stay, running or not', async () => {
  const { name, labels, filters } = own('used')
  const running = await old({ tags: [`${name}:running`, `${name}:too`], labels, base: BASE })
  const stopped = await old({ tags: [`${name}:stopped`], labels, base: BASE })
  const untagged = await old({ tags: [`${name}:moved`], labels, base: BASE })
  const first = await dokeres.image(`${name}:running`).run(null, {}, 'sleep 60')
  const second = await dokeres.image(`${name}:stopped`).container(null, {}, 'true').create()
  const third = await dokeres.image(`${name}:moved`).container(null, {}, 'true').create()
  const free = await old({ tags: [`${name}:moved`], labels, base: BASE })
  for (const dryRun of [true, false]) {
    const { removed, failed } = await images.clean({ olderThan: '1d', filters, dryRun })
    assert.deepEqual([ids(removed), failed], [[free], []])
  }
  for (const id of [running, stopped, untagged]) assert.equal(await exists(id), true)
  assert.equal((await images.inspect(running)).RepoTags.length, 2)
  await Promise.all([first, second, third].map((container) => container.remove({ force: true })))
  const { removed } = await images.clean({ olderThan: '1d', filters })
  assert.deepEqual(ids(removed), [running, stopped, untagged].sort())
})

test('what others are built on stays, and is told of; with them it goes', async () => {
  const { name, labels, filters } = own('parent')
  const parent = await old({ tags: [`${name}:parent`, `${name}:alias`], labels })
  const Dockerfile = `FROM ${name}:parent\nLABEL a=1\nLABEL b=2\n`
  const child = { name: `${name}-child:1`, context: { Dockerfile }, builder: 'classic' }
  const { imageId } = await images.build(child)
  made.add(`${name}-child:1`)
  for (const dryRun of [true, false]) {
    const { removed, failed, reclaimed } = await images.clean({ olderThan: '1d', filters, dryRun })
    assert.deepEqual([removed, reclaimed], [[], 0])
    const [{ id, tags, error }] = failed
    assert.equal(id, parent)
    assert.deepEqual(tags.sort(), [`${name}:alias`, `${name}:parent`])
    assert.deepEqual([error.code, error.image], ['IMAGE_IN_USE', parent])
    assert.match(error.message, /built on it/)
  }
  assert.equal((await images.inspect(parent)).RepoTags.length, 2)
  for (const dryRun of [true, false]) {
    const { removed, failed } = await images.clean({ filters, dryRun })
    assert.deepEqual(failed, [])
    assert.deepEqual(
      removed.map(({ id }) => id),
      [imageId, parent],
    )
  }
  assert.equal(await exists(parent), false)
})

test('by its digest alone, in two repositories', async () => {
  const { name, labels, filters } = own('digests')
  const repositories = [`${REGISTRY}/${name}-a`, `${REGISTRY}/${name}-b`]
  const id = await old({ tags: repositories.map((own) => `${own}:1`), labels })
  for (const repository of repositories) {
    const { digest } = await images.push(`${repository}:1`)
    await images.pull(`${repository}@${digest}`)
  }
  for (const repository of repositories) {
    // Its digest goes with the last tag: pulled again by that, it has no other name.
    const { RepoDigests } = await images.inspect(id)
    await images.remove(`${repository}:1`)
    const digest = RepoDigests.find((digest) => digest.startsWith(`${repository}@`))
    await images.pull(digest)
  }
  assert.equal((await images.inspect(id)).RepoDigests.length, 2)
  const { removed, failed } = await images.clean({ olderThan: '1d', filters })
  assert.deepEqual([ids(removed), failed], [[id], []])
  assert.equal(await exists(id), false)
})

test('unusedFor: pulled, loaded, tagged, built, made a container of: kept, until the time is over', async () => {
  const { name, labels, filters } = own('recent')
  const remote = `${REGISTRY}/${name}`
  const [tagged, contained, ran, untouched, pulled] = await Promise.all([
    old({ tags: [`${name}:tagged`], labels }),
    old({ tags: [`${name}:contained`], labels, base: BASE }),
    old({ tags: [`${name}:ran`], labels, base: BASE }),
    old({ tags: [`${name}:untouched`], labels }),
    old({ tags: [`${remote}:1`], labels }),
  ])
  for (const tag of ['1', '2']) await pushToRegistry(`${remote}:1`, `${remote}:${tag}`)
  await images.removeGroup(remote)
  const running = await dokeres.image(`${name}:ran`).run(null, {}, 'sleep 60')
  await sleep(4100)
  const [built, loaded] = await Promise.all([
    images.build({
      name: `${name}:built`,
      context: { Dockerfile: 'FROM scratch\nLABEL x=1\n' },
      labels,
    }),
    old({ tags: [`${name}:loaded`], labels }),
    images.pull(remote, { allTags: true }),
    images.tag(`${name}:tagged`, `${name}:tagged-again`),
    dokeres.image(`${name}:contained`).task('true'),
    running.remove({ force: true }),
  ])
  const options = { unusedFor: '3s', filters }
  // Each time another one, that remembers nothing.
  const first = await new Dokeres().images.clean(options)
  assert.deepEqual([ids(first.removed), first.failed], [[untouched], []])
  await sleep(4100)
  const dry = await new Dokeres().images.clean({ ...options, dryRun: true })
  const all = [tagged, contained, ran, pulled, built.imageId, loaded].sort()
  assert.deepEqual(ids(dry.removed), all)
  const second = await new Dokeres().images.clean(options)
  assert.deepEqual([ids(second.removed), second.failed], [all, []])
})

// The following on a scripted engine, whose clock and history are told.

async function withStore(given, work) {
  const store = await imageStore(given)
  try {
    await work(store, new Dokeres(store.socketPath).images)
  } finally {
    await store.close()
  }
}

test('the engine is asked for its events up to its own present, to the nanosecond', async () => {
  await withStore({ images: [listed(1, ['x:1'])] }, async ({ state }, images) => {
    await images.clean({ unusedFor: '1h', dryRun: true })
    assert.deepEqual(state.did, ['events until 1000000000.500000000'])
  })
})

test('uses are recognised by whatever name people write', async () => {
  const now = 1e9
  const digest = `sha256:${'d'.repeat(64)}`
  const uses = [
    containerEvent(now - 5, 'create', 'x'),
    containerEvent(now - 5, 'create', 'docker.io/library/x:latest'),
    containerEvent(now - 5, 'start', '111111111111'),
    containerEvent(now - 5, 'die', `sha256:${'1'.repeat(64)}`),
    containerEvent(now - 5, 'destroy', '1'.repeat(64)),
    containerEvent(now - 5, 'create', `x@${digest}`),
    containerEvent(now - 5, 'create', `docker.io/library/x:old@${digest}`),
    imageEvent(now - 5, 'pull', 'x:latest'),
    imageEvent(now - 5, 'pull', 'x'),
    imageEvent(now - 5, 'tag', `sha256:${'1'.repeat(64)}`),
    { status: 'pull', id: 'x:latest', Type: 'image', Action: 'pull', time: now - 5 },
  ]
  const image = { ...listed(1, ['x:latest']), RepoDigests: [`x@${digest}`] }
  const other = listed(2, ['y:latest'])
  for (const use of uses) {
    const events = [imageEvent(1000, 'untag', 'long ago'), use]
    await withStore({ now, events, images: [image, other] }, async (_, images) => {
      const { removed } = await images.clean({ unusedFor: '1h', dryRun: true })
      assert.deepEqual(ids(removed), [other.Id], JSON.stringify(use))
    })
  }
  const noUse = [imageEvent(now - 5, 'untag', image.Id), containerEvent(now - 5, 'create', 'z')]
  const events = [imageEvent(1000, 'untag', 'long ago'), ...noUse]
  await withStore({ now, events, images: [image, other] }, async (_, images) => {
    const { removed } = await images.clean({ unusedFor: '1h', dryRun: true })
    assert.deepEqual(ids(removed), [image.Id, other.Id])
  })
})

test('a history that does not reach back counts from when an image was first seen', async () => {
  const [now, images] = [1e9, [listed(1, ['x:1'])]]
  await withStore({ now, images }, async ({ state }, images) => {
    const removed = async (seconds) => {
      state.now = now + seconds
      // So much happens that the engine has forgotten what was before.
      state.events = [imageEvent(state.now - 1, 'untag', 'other')]
      return (await images.clean({ unusedFor: '1h', dryRun: true })).removed.length
    }
    for (const seconds of [0, 1800, 3600]) assert.equal(await removed(seconds), 0)
    assert.equal(await removed(3601), 1)
  })
})

test('a history that reaches back counts, and so does one that has been followed since', async () => {
  const [now, images] = [1e9, [listed(1, ['x:1'])]]
  await withStore({ now, images }, async ({ state }, images) => {
    const removed = async (seconds, ...events) => {
      state.now = now + seconds
      state.events = events.map((time) => imageEvent(now + time, 'untag', 'other'))
      return (await images.clean({ unusedFor: '1h', dryRun: true })).removed.length
    }
    assert.equal(await removed(0, -60), 0)
    // What was just before the oldest one, within its second, may be forgotten.
    assert.equal(await removed(3540, -10), 0)
    assert.equal(await removed(3541, 3000), 1)
  })
})

test('an engine that was restarted has forgotten: what has come since is kept', async () => {
  const now = 1e9
  const first = [imageEvent(now - 9999, 'untag', 'long ago')]
  await withStore({ now, images: [listed(1, ['x:1'])], events: first }, async (store, images) => {
    const clean = () => images.clean({ unusedFor: '1h', dryRun: true })
    assert.deepEqual(ids((await clean()).removed), [listed(1, []).Id])
    // Another is pulled, the engine restarts, and nothing has happened since.
    store.state.now += 100
    store.state.events = []
    store.state.images = [listed(1, ['x:1']), listed(2, ['pulled:1'])]
    const cleaned = await clean()
    assert.ok(!ids(cleaned.removed).includes(listed(2, []).Id), JSON.stringify(cleaned))
    store.state.now += 3601
    store.state.events = [imageEvent(store.state.now - 1, 'untag', 'x')]
    assert.ok(ids((await clean()).removed).includes(listed(2, []).Id))
  })
})

test('a tagging that the engine remembers counts', async () => {
  const now = 1e9
  const events = [imageEvent(1000, 'untag', 'long ago')]
  const tagged = (ago) => new Date((now - ago) * 1000).toISOString()
  const [recently, long, never] = [10, 9999].map(tagged).concat('0001-01-01T00:00:00Z')
  const images = [
    { ...listed(1, ['x:1']), tagged: recently },
    { ...listed(2, ['x:2']), tagged: long },
    { ...listed(3, ['x:3']), tagged: never },
  ]
  await withStore({ now, events, images }, async (_, images) => {
    const { removed } = await images.clean({ unusedFor: '1h', dryRun: true })
    assert.deepEqual(ids(removed), [listed(2, []).Id, listed(3, []).Id])
  })
})

test('a memory file outlives the process, and a broken one is told of', async () => {
  const now = 1e9
  const memory = join(folder, 'memory.json')
  const script = `
    const { Dokeres } = require(${JSON.stringify(index)})
    const [socket, memory] = process.argv.slice(1)
    const { images } = new Dokeres(socket)
    images.clean({ unusedFor: '1h', dryRun: true, memory: memory || undefined })
      .then(({ removed }) => console.log(removed.length))`
  await withStore({ now, images: [listed(1, ['x:1'])] }, async ({ state, socketPath }, images) => {
    const child = async (...args) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '-e',
        script,
        socketPath,
        ...args,
      ])
      return stdout.trim()
    }
    assert.equal(await child(memory), '0')
    assert.ok(JSON.parse(await readFile(memory, 'utf8')).firstSeen)
    state.now += 3601
    assert.equal(await child(), '0')
    assert.equal(await child(memory), '1')
    assert.deepEqual(await readdir(folder), ['memory.json'])
    const clean = (path) => images.clean({ unusedFor: '1h', memory: path, dryRun: true })
    await writeFile(memory, '')
    assert.equal((await clean(memory)).removed.length, 0)
    for (const broken of ['{', '[1]', '{"firstSeen": 5}']) {
      await writeFile(memory, broken)
      await assert.rejects(clean(memory), isInvalid('memory'))
      assert.equal(await readFile(memory, 'utf8'), broken)
    }
    await assert.rejects(clean(join(folder, 'no', 'folder')), isInvalid('memory'))
    await rm(memory)
  })
})

test('refused midway: its names are put back, and it is told of', async () => {
  const store = { images: [listed(1, ['x:1', 'x:2', 'x:3']), listed(2, ['y:1'])] }
  store.refused = { 'x:3': 409 }
  await withStore(store, async ({ state }, images) => {
    const { removed, failed, reclaimed } = await images.clean({ olderThan: '1h' })
    assert.deepEqual([ids(removed), reclaimed], [[listed(2, []).Id], 10])
    assert.deepEqual([failed[0].tags, failed[0].error.code], [['x:1', 'x:2', 'x:3'], 'CONFLICT'])
    const { Id } = listed(1, [])
    assert.deepEqual(state.did, [
      ...['remove x:1', 'remove x:2', 'remove x:3'],
      ...[`tag ${Id} x:1`, `tag ${Id} x:2`, 'remove y:1'],
    ])
  })
})

test('an abort comes between two images, never within one', async () => {
  const images = [listed(1, ['x:1', 'x:2']), listed(2, ['y:1'])]
  const [controller, reason] = [new AbortController(), new Error('enough')]
  const removing = async (name) => {
    if (name !== 'x:1') return
    controller.abort(reason)
    await sleep(200)
  }
  await withStore({ images, removing }, async ({ state }, images) => {
    const clean = images.clean({ olderThan: '1h', signal: controller.signal })
    await assert.rejects(clean, reason)
    assert.deepEqual(state.did, ['remove x:1', 'remove x:2'])
    await sleep(100)
    assert.equal(state.did.length, 2)
    await assert.rejects(
      images.clean({ olderThan: '1h', signal: AbortSignal.abort(reason) }),
      reason,
    )
  })
})

test('one that is gone already is no failure; an engine that goes away is', async () => {
  const images = [listed(1, ['x:1']), listed(2, ['y:1'])]
  await withStore({ images, refused: { 'x:1': 404 } }, async (store, images) => {
    const cleaned = await images.clean({ olderThan: '1h' })
    assert.deepEqual([cleaned.removed.length, cleaned.failed], [2, []])
    store.state.dead = true
    store.state.images = [listed(1, ['x:1'])]
    await assert.rejects(images.clean({ olderThan: '1h' }), { code: 'ENGINE_UNREACHABLE' })
  })
})

test('gc sweeps again and again, until it is stopped, even from within', async () => {
  const { name, labels, filters } = own('gc')
  const swept = []
  let ended
  const end = new Promise((resolve) => (ended = resolve))
  const gc = images.gc({
    every: 50,
    olderThan: '1d',
    filters,
    async onSweep(result) {
      swept.push(ids(result.removed))
      if (swept.length === 1) await old({ tags: [`${name}:1`], labels })
      if (swept.length < 3) return
      await gc.stop()
      ended()
    },
  })
  await end
  assert.equal(swept.flat().length, 1)
  await sleep(200)
  assert.equal(swept.length, 3)
  await gc.stop()
})

test('gc: a signal ends it, and so does leaving its scope', async () => {
  const { filters } = own('gc-signal')
  const controller = new AbortController()
  let sweeps = 0
  const options = { every: 30, filters, dryRun: true, onSweep: () => sweeps++ }
  await new Promise((resolve) => {
    images.gc({ ...options, onSweep: () => resolve(sweeps++), signal: controller.signal })
  })
  controller.abort()
  await sleep(50)
  const until = sweeps
  const gc = images.gc(options)
  await gc[Symbol.asyncDispose]()
  images.gc({ ...options, signal: AbortSignal.abort() })
  await sleep(150)
  assert.equal(sweeps, until)
})

test('gc: wrong options throw at once', () => {
  const gc = (options) => () => images.gc(options)
  assert.throws(gc({ olderThan: '1d' }), isInvalid('every'))
  assert.throws(gc({ every: '1h' }), isInvalid('olderThan'))
  assert.throws(gc({ every: 0, olderThan: '1d' }), isInvalid('every'))
  assert.throws(gc({ every: '30d', olderThan: '1d' }), isInvalid('every'))
  assert.throws(gc({ every: 'often', olderThan: '1d' }), isInvalid('every'))
  assert.throws(gc({ every: '1h', olderThan: 'old' }), isInvalid('olderThan'))
  assert.throws(gc({ every: '1h', olderThan: '1d', force: true }), isInvalid('force'))
  assert.throws(gc({ every: '1h', olderThan: '1d', onSweep: 1 }), isInvalid('onSweep'))
  assert.throws(gc({ every: '1h', olderThan: '1d', onError: {} }), isInvalid('onError'))
  assert.throws(gc({ every: '1h', olderThan: '1d', signal: {} }), isInvalid('signal'))
  assert.throws(gc({ every: '1h', olderThan: '1d', signal: 5 }), isInvalid('signal'))
  for (const nothing of [undefined, null]) assert.throws(gc(nothing), { code: 'INVALID_OPTION' })
  assert.throws(gc('1h'), isInvalid(''))
})

test('gc: an engine that is not there is told of each time, and given another chance', async () => {
  const { images } = new Dokeres(join(folder, 'none.sock'))
  const errors = []
  const gc = images.gc({ every: 20, olderThan: '1d', onError: (error) => errors.push(error) })
  while (errors.length < 3) await sleep(10)
  await gc.stop()
  assert.ok(errors.every(({ code }) => code === 'ENGINE_UNREACHABLE'))
  // Without a callback it is a warning; so is what a callback throws.
  const thrower = () => {
    throw new Error('mine')
  }
  for (const [onError, expected] of [
    [undefined, { code: 'ENGINE_UNREACHABLE' }],
    [thrower, { message: 'mine' }],
  ]) {
    const warned = once(process, 'warning')
    const gc = images.gc({ every: 20, olderThan: '1d', onError })
    const [warning] = await warned
    await gc.stop()
    for (const [key, value] of Object.entries(expected)) assert.equal(warning[key], value)
  }
})

test('gc does not keep the process', async () => {
  const script = `
    const { Dokeres } = require(${JSON.stringify(index)})
    const { images } = new Dokeres()
    const options = { olderThan: '1d', filters: { label: 'none-such' }, dryRun: true }
    images.gc({ ...options, every: '1h' })
    let swept = false
    images.gc({ ...options, every: 30, onSweep() { swept = true } })
    setTimeout(() => console.log(swept), 1000)`
  const begun = Date.now()
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script])
  assert.equal(stdout, 'true\n')
  assert.ok(Date.now() - begun < 5000)
})

test('prune: without a name, or all; a dry run tells what goes', async () => {
  const { name, labels, filters } = own('pruned')
  const named = await old({ tags: [`${name}:1`, `${name}:2`], labels })
  const used = await old({ tags: [`${name}:used`], labels, base: BASE })
  const nameless = await old({ labels })
  const container = await dokeres.image(`${name}:used`).container(null, {}, 'true').create()
  const deleted = ({ ImagesDeleted }) => {
    const of = (kind) => (ImagesDeleted ?? []).flatMap((record) => record[kind] ?? []).sort()
    return {
      deleted: of('Deleted').filter((id) => [named, used, nameless].includes(id)),
      untagged: of('Untagged'),
    }
  }
  const compare = async (options, expected) => {
    const dry = await images.prune({ ...options, dryRun: true })
    for (const id of expected) assert.equal(await exists(id), true)
    const real = await images.prune(options)
    assert.deepEqual(deleted(dry), deleted(real))
    assert.deepEqual(deleted(real).deleted, expected.sort())
    assert.ok(dry.SpaceReclaimed >= real.SpaceReclaimed)
    for (const id of expected) assert.equal(await exists(id), false)
  }
  await compare({ filters }, [nameless])
  await compare({ filters: { ...filters, dangling: [true] } }, [])
  await compare({ filters: { ...filters, dangling: { false: true } } }, [named])
  await container.remove()
  await compare({ filters: { ...filters, dangling: false } }, [used])
})

test('prune: wrong options, and what a dry run cannot foresee', async () => {
  await assert.rejects(images.prune({ all: true }), isInvalid('all'))
  await assert.rejects(images.prune({ filters: 5 }), isInvalid('filters'))
  await assert.rejects(images.prune({ filters: { nonsense: 1 } }), { code: 'BAD_REQUEST' })
  for (const name of ['until', 'label!', 'reference']) {
    const dry = images.prune({ filters: { [name]: 'x' }, dryRun: true })
    await assert.rejects(dry, { code: 'NOT_SUPPORTED', path: `filters.${name}` })
  }
})
