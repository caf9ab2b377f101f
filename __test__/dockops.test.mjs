// dokeres/dockops: every method both ways, its events in dockops' order, and what is put right.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { PassThrough, Readable, Stream } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, afterEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Dockerode from 'dockerode'
import { Dokeres, DokeresContainer, DokeresError } from 'dokeres'
import { Containers, Images, createDocker, logEvents, portBindings } from 'dokeres/dockops'
import {
  api,
  assertNothingLeft,
  label,
  removeByLabel,
  removeImage,
  uniqueName,
} from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { tar } from './helpers/tar.mjs'

const HOST = process.env.DOCKER_HOST ?? ''
const BASE = process.env.DOKERES_TEST_BASE
const LEVELS = ['error', 'warn', 'info', 'verbose', 'debug', 'silly']
const Labels = { [label]: 'dockops' }
const own = { label: [`${label}=dockops`] }

const group = `dokeres-test/${uniqueName('dockops')}`
const other = `localhost:5000/${group}`
const [uno, dos] = [`${group}:uno`, `${group}:dos`]

/** A tar with a Dockerfile in it. @param {string} rest */
const context = (rest) => tar([{ name: 'Dockerfile', content: `FROM ${BASE}\n${rest}\n` }])
const page = 'RUN mkdir /www && echo Hello World > /www/index.html\nCMD httpd -f -p 1337 -h /www'

const docker = createDocker(HOST)
await docker.images.build({ name: uno, context: context(`${page}\nLABEL group=${group}`) })
await docker.image(uno).tag(`${other}:tres`)

after(async () => {
  for (const name of [uno, dos, `${other}:tres`]) await removeImage(name)
  await assertNothingLeft(`${label}=dockops`)
})

afterEach(() => removeByLabel(`${label}=dockops`))

/** Without the colours. @param {unknown} word */
// oxlint-disable-next-line no-control-regex
const plain = (word) => (typeof word === 'string' ? word.replace(/\u001B\[\d+m/g, '') : word)

/** @param {EventEmitter} emitter @returns {any[][]} what it has emitted, level by level */
function record(emitter) {
  /** @type {any[][]} */
  const events = []
  for (const level of LEVELS) {
    emitter.on(level, (...words) => events.push([level, ...words.map(plain)]))
  }
  return events
}

/** Calls with a callback. @param {(callback: any) => unknown} call @returns {Promise<any>} */
const back = (call) =>
  new Promise((resolve, reject) => {
    const returned = call((/** @type {any} */ error, /** @type {any} */ ...results) => {
      if (error) reject(error)
      else if (results.length > 1) reject(new Error('one result at most'))
      else resolve(results[0])
    })
    assert.equal(returned, undefined)
  })

/** @param {string} Image @param {object} [more] */
const sleeping = (Image, more) => ({
  Image,
  Labels,
  Cmd: ['sleep', '300'],
  StopSignal: 'SIGKILL',
  ...more,
})

function collection() {
  const containers = new Containers(docker)
  return { containers, events: record(containers) }
}

const ids = (/** @type {any[]} */ list) => list.map(({ Id, id }) => Id ?? id).sort()

test('the exports, and with or without new', () => {
  const required = createRequire(import.meta.url)('dokeres/dockops')
  assert.deepEqual(Object.keys(required).sort(), [
    'Containers',
    'Images',
    'createDocker',
    'logEvents',
    'portBindings',
  ])
  assert.equal(required.Containers, Containers)
  for (const Class of [Containers, Images]) {
    for (const made of [new Class(docker), Class(docker)]) {
      assert.ok(made instanceof Class)
      assert.ok(made instanceof EventEmitter)
      assert.equal(made.docker, docker)
    }
  }
  const { timeToStop, timeToCreate } = new Containers(docker)
  assert.deepEqual([timeToStop, timeToCreate], [0, 0])
})

test('createDocker takes an address, also as dockops’ README writes it', () => {
  assert.ok(createDocker() instanceof Dokeres)
  assert.equal(createDocker().name, 'unix:///var/run/docker.sock')
  assert.equal(createDocker(null).name, 'unix:///var/run/docker.sock')
  assert.equal(createDocker({ dockerhost: 'unix:///a.sock' }).name, 'unix:///a.sock')
  assert.match(createDocker('tcp://127.0.0.1:4243').name, /127\.0\.0\.1:4243/)
  assert.match(createDocker('http://[::1]:4243').name, /\[::1\]:4243/)
  for (const strange of ['nonsense', 'ftp://host:1', 'tcp:', 7]) {
    assert.throws(() => createDocker(/** @type {any} */ (strange)), {
      name: 'DokeresError',
      code: 'INVALID_OPTION',
      path: 'dockerhost',
      message: /^Cannot parse dockerhost /,
    })
  }
  assert.equal(new Containers('unix:///a.sock').docker.name, 'unix:///a.sock')
  assert.throws(() => new Images(/** @type {any} */ ({ what: 1 })), { code: 'INVALID_OPTION' })
})

test('portBindings and deserializeImageName', () => {
  assert.deepEqual(portBindings(80), { '80/tcp': [{ HostPort: '0' }] })
  assert.deepEqual(portBindings(80, 8080), { '80/tcp': [{ HostPort: '8080' }] })
  assert.deepEqual(portBindings('53/udp'), { '53/udp': [{ HostPort: '0' }] })
  const names = {
    'group:tag': { group: 'group', tag: 'tag' },
    'localhost:5000/a/b:1': { group: 'localhost:5000/a/b', tag: '1' },
    [`a:1@sha256:${'0'.repeat(64)}`]: { group: 'a', tag: '1' },
    [`a@sha256:${'0'.repeat(64)}`]: null,
    [`sha256:${'0'.repeat(64)}`]: null,
    'localhost:5000/a': null,
    a: null,
    '': null,
  }
  for (const [name, expected] of Object.entries(names)) {
    assert.deepEqual(Images.deserializeImageName(name), expected, name)
    assert.deepEqual(new Images(docker).deserializeImageName(name), expected, name)
  }
  assert.equal(Images.deserializeImageName(null), null)
})

test('the example of dockops’ README, at other addresses', async () => {
  const images = new Images(createDocker(/** @type {any} */ ({ dockerhost: HOST })))
  const containers = new Containers(images.docker)
  const built = record(images)
  const [first, second] = [`${group}/first:uno`, `${group}/second:uno`]
  for (const name of [first, second]) {
    const stream = Readable.from([context(`${page}\nLABEL name=${name}`)])
    await back((done) => images.build(stream, name, done))
  }
  assert.deepEqual(built.at(-1), ['info', 'images', 'built', second])
  const started = []
  for (const Image of [first, second]) {
    const PortBindings = portBindings(1337)
    const create = { Image, Labels, ExposedPorts: PortBindings, StopSignal: 'SIGKILL' }
    started.push(await back((done) => containers.run({ create, start: { PortBindings } }, done)))
  }
  const running = await back((done) => containers.listRunning(done))
  const [one, two] = started.map(({ id }) => running.find((/** @type {any} */ c) => c.Id === id))
  assert.deepEqual([one.Image, two.Image], [first, second])
  await back((done) => containers.stopRemoveGroup(`${group}/first`, done))
  assert.deepEqual(await containers.listGroup(`${group}/first`), [])
  const left = await back((done) => containers.listRunning(done))
  assert.ok(ids(left).includes(two.Id) && !ids(left).includes(one.Id))
  const port = two.Ports[0].PublicPort
  assert.equal((await containers.activePorts())[port]?.Id, two.Id)
  assert.equal((await back((done) => containers.activePorts(done)))[port].Id, two.Id)
  await docker.container(two.Id).then((container) => container.waitFor({ port: 1337 }))
  const [response] = await once(request({ port }).end(), 'response')
  assert.equal(response.statusCode, 200)
  assert.equal(await new Response(Readable.toWeb(response)).text(), 'Hello World\n')
  await containers.stopRemoveGroup(`${group}/second`)
  for (const name of ['first', 'second']) await images.removeGroup(`${group}/${name}`)
})

test('create, start, stop, remove, both ways and with events', async () => {
  const { containers, events } = collection()
  for (const way of ['callback', 'promise']) {
    const isBack = way === 'callback'
    const name = uniqueName('one')
    const create = sleeping(uno, { name })
    const made = await (isBack
      ? back((done) => containers.create(create, done))
      : containers.create(create))
    assert.ok(made instanceof DokeresContainer)
    assert.match(events.shift()?.join(' ') ?? '', /^verbose creating \{\n? *Image: /)
    assert.match(events.shift()?.join(' ') ?? '', /^verbose created \{\n? *Image: /)
    const { id } = made
    if (isBack) await back((done) => containers.start(id, {}, done))
    else await containers.start(id)
    assert.equal(await made.isRunning, true)
    assert.deepEqual(events.shift(), ['verbose', 'starting', isBack ? '{}' : 'undefined'])
    assert.match(events.shift()?.join(' ') ?? '', /^verbose started \{\n? *id: '[0-9a-f]{64}'/)
    await (isBack ? back((done) => containers.stop(id, done)) : containers.stop(id))
    await (isBack ? back((done) => containers.remove(id, done)) : containers.remove(id, {}))
    assert.deepEqual(events.splice(0), [
      ['debug', 'containers', 'stopping', id],
      ['info', 'containers', 'stopped', id],
      ['verbose', 'containers', 'removing', id],
      ['info', 'containers', 'removed', id],
    ])
    const again = await (isBack
      ? back((done) => containers.run({ create }, done))
      : containers.run({ create }))
    events.splice(0)
    await (isBack
      ? back((done) => containers.stopRemove(again.id, done))
      : containers.stopRemove(again.id, { volumes: true }))
    assert.deepEqual(events.splice(0), [
      ['verbose', 'containers', 'removing', again.id],
      ['info', 'containers', 'removed', again.id],
    ])
    assert.equal((await api('GET', `/containers/${name}/json`)).status, 404)
  }
  const missing = { code: 'IMAGE_NOT_FOUND', statusCode: 404 }
  await assert.rejects(containers.create(sleeping(`${group}:none`)), missing)
  const { Id } = await docker.image(uno).inspect()
  for (const Image of [Id, Id.slice(7), Id.slice(7, 19)]) {
    const made = await containers.create(sleeping(Image))
    const config = (await made.inspect()).Config
    assert.deepEqual([config.Image, config.Cmd], [Image, ['sleep', '300']])
    await made.remove()
  }
  const start = { PortBindings: portBindings(80) }
  const detachKeys = { create: sleeping(uno), start: { detachKeys: 'a' } }
  await assert.rejects(containers.run(detachKeys), { path: 'start.detachKeys' })
  const unsupported = { code: 'NOT_SUPPORTED', path: 'opts.PortBindings' }
  await assert.rejects(containers.start('any', start), unsupported)
  await assert.rejects(
    back((done) => containers.start('any', start, done)),
    unsupported,
  )
})

test('run counts its retries, and keeps the error', async () => {
  const { containers, events } = collection()
  const create = sleeping(uno, { Cmd: ['/no/such/program'] })
  for (const startRetries of [undefined, 0, 2]) {
    const failure = {
      name: 'DokeresError',
      code: 'EXECUTABLE_NOT_FOUND',
      message: /^Exceeded max retries trying to start container: .*\/no\/such\/program/,
    }
    const error = await containers.run({ create, startRetries }).catch((error) => error)
    assert.throws(() => {
      throw error
    }, failure)
    assert.equal(error.cause.code, 'EXECUTABLE_NOT_FOUND')
    const told = events.splice(0).map(([level, text]) => `${level} ${text.split(' ')[0]}`)
    const attempt = ['creating', 'created'].map((word) => `verbose ${word}`)
    const clean = ['verbose stopping', 'info stopped', 'verbose removing', 'info removed']
    const once = [...attempt, 'warn failed', ...clean]
    assert.deepEqual(told, Array.from({ length: 1 + (startRetries ?? 0) }, () => once).flat())
  }
  await assert.rejects(
    back((done) => containers.run({ create }, done)),
    DokeresError,
  )
  await assertNothingLeft(`${label}=dockops`)
  const wrong = { path: 'startRetrys', code: 'INVALID_OPTION' }
  await assert.rejects(containers.run(/** @type {any} */ ({ create, startRetrys: 1 })), wrong)
  await assert.rejects(containers.run({ create, startRetries: -1 }), { path: 'startRetries' })
})

test('clean gets rid of a container, both ways', async () => {
  const { containers, events } = collection()
  for (const way of ['callback', 'promise']) {
    const { id } = await containers.run({ create: sleeping(uno) })
    events.splice(0)
    if (way === 'callback') await back((done) => containers.clean(id, done))
    else await containers.clean(id)
    assert.deepEqual(
      events.splice(0).map((words) => words.join(' ').replace(/\s+/g, ' ')),
      [
        `verbose stopping ${id}`,
        `info stopped { id: '${id}', attempts: 1 }`,
        `verbose removing ${id}`,
        `info removed ${id}`,
      ],
    )
  }
  await containers.clean('dokeres-no-such-container')
})

test('clean tells of a container that will not go', async () => {
  const engine = await fakeEngine((_, response) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end('{"message":"it will not"}')
  })
  const containers = new Containers(`unix://${engine.socketPath}`)
  const events = record(containers)
  const refused = { code: 'SERVER_ERROR', message: /it will not/ }
  await assert.rejects(
    back((done) => containers.clean('stubborn', done)),
    refused,
  )
  const attempt = ['verbose stopping', 'verbose killing', 'verbose removing']
  assert.deepEqual(
    events.map(([level, text]) => `${level} ${text.split(' ')[0]}`),
    [...Array.from({ length: 5 }, () => attempt).flat(), 'warn exceeded'],
  )
  await engine.close()
})

test('lists, both ways', async () => {
  const { containers, events } = collection()
  const running = await containers.run({ create: sleeping(uno) })
  const created = await containers.create(sleeping(`${other}:tres`))
  const ended = await containers.run({ create: sleeping(uno, { Cmd: ['true'] }) })
  await ended.wait()
  events.splice(0)
  const all = [running.id, created.id, ended.id].sort()
  /** @type {[string, any[], string[]][]} */
  const lists = [
    ['list', [], [running.id]],
    ['list', [true], all],
    ['_list', [true], all],
    ['listAll', [], all],
    ['listRunning', [], [running.id]],
    ['listStopped', [], [created.id, ended.id].sort()],
    ['listGroup', [group], [running.id, ended.id].sort()],
    ['listGroup', [other], [created.id]],
    ['listGroupRunning', [group], [running.id]],
    ['listImage', [uno], [running.id, ended.id].sort()],
  ]
  for (const [method, args, expected] of lists) {
    const mine = (/** @type {any[]} */ list) => ids(list).filter((id) => all.includes(id))
    assert.deepEqual(mine(await containers[method](...args)), expected, method)
    assert.deepEqual(
      mine(await back((done) => containers[method](...args, done))),
      expected,
      method,
    )
  }
  assert.deepEqual(ids(await containers.listAll({ filters: own })), all)
  assert.deepEqual(events, [])

  const gone = await containers.removeStopped({ filters: own })
  assert.deepEqual(ids(gone), [created.id, ended.id].sort())
  assert.deepEqual(events.splice(0), [
    ['info', 'containers', 'removing all stopped containers'],
    ...gone.flatMap(({ Id }) => [
      ['verbose', 'containers', 'removing', Id],
      ['info', 'containers', 'removed', Id],
    ]),
  ])
  await containers.clean(running.id)
  assert.deepEqual(await back((done) => containers.removeStopped({ filters: own }, done)), [])
})

test('groups and images, both ways and with events', async () => {
  const { containers, events } = collection()
  const run = async (newest = {}) => {
    await containers.run({ create: sleeping(uno) })
    await containers.run({ create: sleeping(uno, newest) })
    events.splice(0)
    return (await containers.listGroup(group)).map(({ Id }) => Id)
  }
  for (const way of ['callback', 'promise']) {
    /** @param {string} method @param {string} about */
    const call = (method, about) =>
      way === 'callback'
        ? back((done) => containers[method](about, done))
        : containers[method](about)
    /** Events as told, with what shows a container left out. */
    const told = () => events.splice(0).filter((words) => !words[3]?.startsWith('{'))

    // The newest is listed first, and takes longest to stop.
    const several = await run({ StopSignal: 'SIGCONT', StopTimeout: 1 })
    const each = (/** @type {string[][]} */ ...templates) =>
      several.flatMap((id) => templates.map((words) => [...words, id]))
    const stop = [
      ['debug', 'containers', 'stopping'],
      ['info', 'containers', 'stopped'],
    ]
    const remove = [
      ['verbose', 'containers', 'removing'],
      ['info', 'containers', 'removed'],
    ]
    assert.equal(await call('stopGroup', group), undefined)
    const shown = events.filter((words) => words[3]?.startsWith('{'))
    assert.deepEqual(
      shown.map(([level, , verb, text]) => [level, verb, /Id: '(\w+)'/.exec(text)?.[1]]),
      several.map((id) => ['debug', 'stopping', id]),
    )
    const stopping = ['info', 'containers', 'stopping containers of group', group]
    assert.deepEqual(told(), [stopping, ...each(...stop)])
    await call('stopGroup', group)
    const nothing = 'no running containers found for group %s, not stopping any'
    assert.deepEqual(told(), [stopping, ['debug', 'containers', nothing, group]])
    await call('removeGroup', group)
    const removing = ['info', 'containers', 'removing containers of group', group]
    assert.deepEqual(told(), [removing, ...each(...remove)])
    await call('removeGroup', group)
    const none = 'no containers found for group %s, not removing any'
    assert.deepEqual(told(), [removing, ['debug', 'containers', none, group]])

    several.splice(0, 2, ...(await run()))
    await call('stopImage', uno)
    assert.deepEqual(told(), [
      ['info', 'containers', 'stopping containers of image', uno],
      ...each(...stop),
    ])
    await call('removeImage', uno)
    assert.deepEqual(told(), [
      ['info', 'containers', 'removing containers of image', uno],
      ...each(...remove),
    ])
    several.splice(0, 2, ...(await run()))
    await call('stopRemoveImage', uno)
    assert.deepEqual(told(), [
      ['info', 'containers', 'stopping and removing containers of image', uno],
      ...each(...remove),
    ])
    several.splice(0, 2, ...(await run()))
    await call('stopRemoveGroup', group)
    assert.deepEqual(told(), [stopping, ...each(...stop), removing, ...each(...remove)])
    assert.deepEqual(await containers.listGroup(group), [])
  }
})

test('what can be done is done, and the rest told', async () => {
  const { containers } = collection()
  const running = await containers.run({ create: sleeping(uno) })
  const created = await containers.create(sleeping(uno))
  const error = await containers.removeGroup(group).catch((error) => error)
  assert.equal(error.code, 'PARTIAL_FAILURE')
  assert.match(error.message, /^1 of 2 could not be removed; the first: /)
  assert.equal(error.cause.code, 'CONFLICT')
  assert.deepEqual(
    error.results.map(({ target, ok, error }) => [target, ok, error?.code]),
    [
      [created.id, true, undefined],
      [running.id, false, 'CONFLICT'],
    ],
  )
  const wrong = { code: 'INVALID_OPTION', path: 'timout' }
  await assert.rejects(containers.stopGroup(group, /** @type {any} */ ({ timout: 1 })), wrong)
  await assert.rejects(containers.stopGroup(group, { concurrency: 0 }), { path: 'concurrency' })
  const reason = new Error('not any more')
  const signal = AbortSignal.abort(reason)
  await assert.rejects(containers.stopGroup(group, { signal }), reason)
  await assert.rejects(containers.run({ create: sleeping(uno) }, { signal }), reason)
  await containers.removeGroup(group, { force: true })

  // Aborted between creation and start: nothing half-made is left.
  const midway = new AbortController()
  containers.on('verbose', (word) => word === 'created' && midway.abort(reason))
  const aborted = containers.run({ create: sleeping(uno) }, { signal: midway.signal })
  await assert.rejects(aborted, reason)
  assert.deepEqual(await containers.listGroup(group), [])
})

test('build tells what is built, both ways', async () => {
  const images = new Images(docker)
  const events = record(images)
  for (const [method, isBack] of /** @type {const} */ ([
    ['build', true],
    ['build', false],
    ['buildStream', true],
    ['buildStream', false],
  ])) {
    const stream = new PassThrough()
    if (isBack) stream.end(context('RUN echo from the step'))
    else stream.end(context('RUN echo from the step\nLABEL again=1'))
    if (isBack) await back((done) => images[method](stream, dos, done))
    else await images[method](stream, dos, { noCache: true })
    const [first] = events
    if (method === 'build') {
      assert.deepEqual(first, ['debug', 'images', 'building', dos])
      const read = events.findIndex((words) => words[2] === 'processed tar for')
      assert.deepEqual(events[read], ['debug', 'images', 'processed tar for', dos])
    }
    const step = events.findIndex((words) => /^Step 1\/[23] : FROM/.test(words[2]))
    assert.deepEqual(events[step]?.slice(0, 2), ['debug', 'images'])
    if (!isBack) assert.deepEqual(events.filter((words) => words[2] === 'from the step').length, 1)
    assert.deepEqual(events.at(-1), ['info', 'images', 'built', dos])
    for (const name of ['entry', 'info', 'debug']) assert.equal(stream.listenerCount(name), 0)
    events.splice(0)
  }
})

test('a build that fails says so', async () => {
  const images = new Images(docker)
  const events = record(images)
  const failure = { code: 'BUILD_FAILED', exitCode: 3, instruction: 'RUN exit 3' }
  const bad = () => Readable.from([context('RUN exit 3')])
  await assert.rejects(
    back((done) => images.build(bad(), dos, done)),
    failure,
  )
  await assert.rejects(images.buildStream(bad(), dos), failure)
  assert.ok(!events.some((words) => words[2] === 'built'))
  const broken = new Readable({
    read() {
      this.destroy(new Error('the disk is gone'))
    },
  })
  await assert.rejects(images.build(broken, dos), /the disk is gone/)
})

test('streams of old, and what dockerify tells', async () => {
  const images = new Images(docker)
  const events = record(images)
  const old = Object.assign(new Stream(), { readable: true, pause() {}, resume() {} })
  const building = images.build(/** @type {any} */ (old), dos)
  old.emit('entry', { path: 'Dockerfile' })
  old.emit('overriding-dockerfile', {})
  old.emit('existing-dockerfile', {})
  old.emit('info', 'dockerify', 'something')
  old.emit('debug', 'dockerify', 'else')
  old.emit('data', context('LABEL old=1'))
  old.emit('end')
  await building
  assert.deepEqual(events.slice(0, 7), [
    ['debug', 'images', 'building', dos],
    ['silly', 'images', 'processing', "{ path: 'Dockerfile' }"],
    ['debug', 'images', 'overriding existing dockerfile'],
    [
      'debug',
      'images',
      'using dockerfile found inside the tarball instead of the one provided, use opts.override:true to change that',
    ],
    ['info', 'dockerify', 'something'],
    ['debug', 'dockerify', 'else'],
    ['debug', 'images', 'processed tar for', dos],
  ])
  assert.equal(old.listenerCount('entry'), 0)
})

test('images: list, listGroup, removeGroup, both ways', async () => {
  const images = new Images(docker)
  const events = record(images)
  const mine = `${group}/removed`
  const [first, second, elsewhere] = [`${mine}:1`, `${mine}:2`, `localhost:5000/${mine}:1`]
  for (const way of ['callback', 'promise']) {
    const isBack = way === 'callback'
    await docker.images.build({ name: first, context: context(`LABEL way=${way}`) })
    await docker.image(first).tag(second)
    await docker.image(first).tag(elsewhere)
    const list = await (isBack ? back((done) => images.list(done)) : images.list())
    const image = list.find(({ RepoTags }) => RepoTags?.includes(first))
    const found = await (isBack
      ? back((done) => images.listGroup(mine, done))
      : images.listGroup(mine))
    assert.deepEqual(ids(found), [image.Id])
    const remove = () =>
      isBack ? back((done) => images.removeGroup(mine, done)) : images.removeGroup(mine)
    assert.equal(await remove(), undefined)
    const [removing, removed, ...rest] = events.splice(0)
    assert.deepEqual(removing?.slice(0, 3), ['debug', 'images', 'removing'])
    assert.deepEqual(removed?.slice(0, 3), ['info', 'images', 'removed'])
    assert.match(removed?.[3], /name: \[[^]*\],\s+id: 'sha256:/)
    assert.deepEqual(rest, [])
    await remove()
    const none = 'no images found for group %s, not removing any'
    assert.deepEqual(events.splice(0), [['debug', 'images', none, mine]])
    // The name in the other group has kept it.
    assert.equal(await docker.image(elsewhere).exists(), true)
    await images.removeGroup(`localhost:5000/${mine}`)
    events.splice(0)
  }
})

test('images without names are no stumbling block', async () => {
  const Id = `sha256:${'1'.repeat(64)}`
  const list = [null, [], ['<none>:<none>'], ['a:1']].map((RepoTags) => ({ Id, RepoTags }))
  const engine = await fakeEngine((request, response) => {
    const asked = request.url?.includes('/images/json')
    response.setHeader('content-type', 'application/json').setHeader('api-version', '1.41')
    response.end(JSON.stringify(asked ? list : []))
  })
  const images = new Images(`unix://${engine.socketPath}`)
  assert.deepEqual(
    (await images.listGroup('a')).map(({ RepoTags }) => RepoTags),
    [['a:1']],
  )
  await engine.close()
})

test('with a dockerode instance: its containers come back', async () => {
  const dockerode = new Dockerode({ socketPath: HOST.replace('unix://', '') })
  const containers = new Containers(dockerode)
  assert.equal(containers.docker, dockerode)
  const container = await back((done) => containers.run({ create: sleeping(uno) }, done))
  assert.ok(container instanceof Dockerode.Container)
  const state = await back((done) => void container.inspect(done))
  assert.equal(state.State.Running, true)
  await containers.clean(container.id)
})

test('what createDocker gives has dockerode’s methods, where there is a dockerode', async () => {
  // No method of dockerode's is left out, but for those that are nobody's business.
  const theirs = Object.getOwnPropertyNames(Dockerode.prototype)
  const inner = ['constructor', 'runCallback', 'runPromise']
  const made = /** @type {any} */ (createDocker(HOST))
  const missing = theirs.filter((name) => !inner.includes(name) && typeof made[name] !== 'function')
  assert.deepEqual(missing, [])
  const { id } = await new Containers(made).create(sleeping(uno))
  const container = made.getContainer(id)
  assert.ok(container instanceof Dockerode.Container)
  assert.equal((await back((done) => void container.inspect(done))).Id, id)
  const all = await back((done) => void made.listContainers({ all: true }, done))
  assert.ok(ids(all).includes(id))
  assert.equal(
    (await back((done) => void made.version(done))).Version,
    (await made.version()).Version,
  )
  assert.equal((await back((done) => void made.ping(done))).toString(), 'OK')
  assert.equal((await back((done) => void made.info(done))).ID, (await made.info()).ID)
  // As dockops' own containers do it with a dockerode instance: over the same connection.
  const over = new Containers(made.docker)
  assert.ok((await over.create(sleeping(uno))) instanceof Dockerode.Container)
  for (const { Id } of await over.listGroup(group)) await over.clean(Id)
})

test('with ours: containers whose methods take callbacks, as dockerode’s', async () => {
  const { containers } = collection()
  const container = await containers.run({ create: sleeping(uno) })
  const state = await back((done) => container.inspect(done))
  assert.deepEqual([state.Id, state.State.Running], [container.id, true])
  assert.equal((await container.inspect()).Id, container.id)
  assert.ok((await back((done) => container.top({ ps_args: '-o pid' }, done))).Processes.length)
  await back((done) => container.update({ Memory: 64 << 20, MemorySwap: 64 << 20 }, done))
  assert.equal((await container.inspect()).HostConfig.Memory, 64 << 20)
  const repo = `${group}/committed`
  const { Id } = await back((done) => container.commit({ repo, tag: 'once' }, done))
  assert.equal((await docker.image(`${repo}:once`).inspect()).Id, Id)
  await docker.image(`${repo}:once`).remove()
  assert.equal(await back((done) => container.stop({ t: 0 }, done)), undefined)
  assert.equal((await back((done) => container.wait(done))).StatusCode, 137)
  await back((done) => container.start(done))
  await back((done) => container.kill({ signal: 'SIGKILL' }, done))
  const name = uniqueName('renamed')
  await back((done) => container.rename({ name }, done))
  // What gives streams is dockerode's own, where there is one.
  const command = { Cmd: ['echo', 'said'], AttachStdout: true }
  await back((done) => container.start(done))
  const exec = await back((done) => container.exec(command, done))
  assert.match(await text(await exec.start({})), /said/)
  const log = await back((done) => container.logs({ stdout: true, follow: true }, done))
  assert.ok(log instanceof Stream)
  log.destroy()
  await back((done) => container.kill(done))
  await back((done) => container.remove({ force: 1, v: true }, done))
  assert.equal((await api('GET', `/containers/${name}/json`)).status, 404)
})

test('pauses are for whoever wants them', async () => {
  const { containers } = collection()
  containers.timeToCreate = 300
  const began = performance.now()
  const { id } = await containers.create(sleeping(uno))
  assert.ok(performance.now() - began >= 299)
  await containers.remove(id)
})

test('logEvents writes what npmlog wrote', async () => {
  const script = `
    const { logEvents } = require('dokeres/dockops')
    for (const level of [undefined, 'warn', 'silly', 'silent']) {
      const events = new (require('node:events'))()
      logEvents(events, level)
      console.error('-', level)
      for (const level of ['error', 'warn', 'info', 'verbose', 'debug', 'silly']) {
        events.emit(level, 'images', 'of %s', level, 7)
      }
      events.emit('warn', 'alone')
      events.emit('info', 'x', 'two\\nlines')
    }`
  const { stderr } = await node('-e', script)
  const [most, few, all, none] = [
    'ERR! images of error 7\nWARN images of warn 7\ninfo images of info 7\nverb images of verbose 7\nverb images of debug 7\nWARN alone \ninfo x two\ninfo x lines\n',
    'ERR! images of error 7\nWARN images of warn 7\nWARN alone \n',
    'ERR! images of error 7\nWARN images of warn 7\ninfo images of info 7\nverb images of verbose 7\nverb images of debug 7\nsill images of silly 7\nWARN alone \ninfo x two\ninfo x lines\n',
    '',
  ]
  assert.equal(stderr, `- undefined\n${most}- warn\n${few}- silly\n${all}- silent\n${none}`)
  assert.throws(() => logEvents(new EventEmitter(), /** @type {any} */ ('loud')), {
    code: 'INVALID_OPTION',
    path: 'level',
  })
})

test('what a callback or a listener throws is no rejection', async () => {
  for (const script of [
    "c.listRunning(() => { throw new Error('thrown here') })",
    "c.on('debug', () => { throw new Error('thrown here') }); c.stop('x').catch(() => {})",
  ]) {
    const child = `
      const c = new (require('dokeres/dockops').Containers)(process.env.DOCKER_HOST)
      process.on('uncaughtException', (error, origin) => {
        console.log(error.message, origin)
        process.exit(3)
      })
      ${script}`
    const failed = await node('-e', child).catch((error) => error)
    assert.equal(failed.code, 3)
    assert.equal(failed.stdout, 'thrown here uncaughtException\n')
  }
})

/** @param {string[]} args */
function node(...args) {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  return promisify(execFile)(process.execPath, args, { cwd, timeout: 20_000 })
}
