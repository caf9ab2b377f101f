// ensure(): present, else pulled, else built; once, however many ask.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Dokeres, DokeresError } from '../index.js'
import { api, countEvents, pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
const engines = Array.from({ length: 5 }, () => new Dokeres())
const [dokeres] = engines
const made = new Set()
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-ensure-'))
})

after(async () => {
  for (const name of made) await removeImage(name)
  await rm(folder, { recursive: true, force: true })
})

/** A name that is nowhere yet; its image is removed when the tests are over. */
function fresh(prefix = 'ensure') {
  const name = `${REGISTRY}/${uniqueName(prefix)}:1`
  made.add(name)
  return name
}

async function dockerfile(...lines) {
  const path = join(folder, `${uniqueName('Dockerfile')}`)
  await writeFile(path, [`FROM ${BASE}`, ...lines, ''].join('\n'))
  return path
}

/** An image that the registry has and the engine has not. */
async function remoteOnly(prefix) {
  const name = fresh(prefix)
  await pushToRegistry(BASE, name)
  await removeImage(name)
  return name
}

/** What the engine did meanwhile. */
async function during(work, filters) {
  const since = (Date.now() + 1) / 1000
  await work()
  return countEvents({ since, filters })
}

test('500 parallel calls on 500 objects of 5 engines: one pull', async () => {
  const name = await remoteOnly('pull-once')
  const pulls = await during(
    () => Promise.all(Array.from({ length: 500 }, (_, n) => engines[n % 5].image(name).ensure())),
    { type: ['image'], event: ['pull'] },
  )
  assert.equal(pulls.filter((event) => event.Actor.ID.includes(name.split(':1')[0])).length, 1)
  assert.equal(await dokeres.image(name).exists(), true)
})

test('500 parallel calls on 500 objects of 5 engines: one build; once removed, built again', async () => {
  const name = fresh('build-once')
  const file = await dockerfile(`RUN echo ${uniqueName('layer')} > /made`)
  const all = () =>
    Promise.all(Array.from({ length: 500 }, (_, n) => engines[n % 5].image(name, file).ensure()))
  const ours = (events) =>
    events.filter((event) => event.Type === 'image' && event.Actor.Attributes.name === name)
  const tags = { type: ['image'], event: ['tag'] }
  assert.equal(ours(await during(all, tags)).length, 1, 'built once')
  assert.equal(ours(await during(all, tags)).length, 0, 'there already')
  await removeImage(name)
  assert.equal(ours(await during(all, tags)).length, 1, 'removed, so built again')
})

test('there in the registry: pulled, though there is a Dockerfile', async () => {
  const name = await remoteOnly('prefer-pull')
  const image = dokeres.image(name, await dockerfile('RUN false'))
  assert.equal(await image.ensure(), image)
})

test('a failure reaches all who asked, and is not remembered', async () => {
  const name = fresh('fails')
  const file = await dockerfile('RUN exit 9')
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => engines[n % 5].image(name, file).ensure()),
  )
  for (const { status, reason } of outcomes) {
    assert.equal(status, 'rejected')
    assert.ok(reason instanceof DokeresError)
    assert.deepEqual([reason.code, reason.exitCode], ['BUILD_FAILED', 9])
  }
  await writeFile(file, `FROM ${BASE}\nRUN true\n`)
  await dokeres.image(name, file).ensure()
})

test('missing in both, no Dockerfile: IMAGE_UNAVAILABLE, with the pull as its cause', async () => {
  const name = fresh('nowhere')
  await assert.rejects(dokeres.image(name).ensure(), (error) => {
    assert.equal(error.code, 'IMAGE_UNAVAILABLE')
    assert.deepEqual([error.cause.code, error.cause.reason], ['PULL_FAILED', 'not-found'])
    assert.ok(error.cause instanceof DokeresError)
    assert.equal(error.image, name)
    return true
  })
})

test('an engine that is down, or fails to inspect, is not taken for a missing image', async () => {
  const down = new Dokeres({ socketPath: join(folder, 'nobody.sock') })
  await assert.rejects(down.image('x', await dockerfile()).ensure(), { code: 'ENGINE_UNREACHABLE' })
  const fake = await fakeEngine((request, response) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end('{"message":"the store is broken"}')
  })
  try {
    const broken = new Dokeres(fake.socketPath)
    await assert.rejects(broken.image('x', await dockerfile()).ensure(), (error) => {
      assert.deepEqual([error.code, error.statusCode], ['SERVER_ERROR', 500])
      assert.match(error.message, /the store is broken/)
      return true
    })
    await assert.rejects(broken.image('x').exists(), { code: 'SERVER_ERROR' })
    assert.ok(
      fake.requests.every(({ method }) => method === 'GET'),
      'nothing pulled, nothing built',
    )
  } finally {
    await fake.close()
  }
})

test("one caller's abort does not disturb the others", async () => {
  const name = fresh('abort-one')
  const file = await dockerfile(`RUN sleep 1; echo ${uniqueName('layer')}`)
  const reason = new Error('changed my mind')
  const controller = new AbortController()
  const leaving = dokeres.image(name, file).ensure({ signal: controller.signal })
  const staying = engines[1].image(name, file).ensure()
  setTimeout(() => controller.abort(reason), 300)
  await assert.rejects(leaving, (error) => error === reason)
  await staying
  assert.equal(await dokeres.image(name).exists(), true)
})

test("all callers' abort stops the engine's work and leaves nothing", async () => {
  const name = fresh('abort-all')
  const mark = uniqueName('sleep')
  const file = await dockerfile(`RUN echo ${mark}; sleep 30`)
  const controller = new AbortController()
  // The classic builder's containers are among the engine's own, where an outsider sees them.
  const calls = engines.map((engine) =>
    engine
      .image({ name, dockerfile: file, builder: 'classic' })
      .ensure({ signal: controller.signal }),
  )
  const builders = async () => {
    const { json } = await api('GET', '/containers/json?all=1')
    return json.filter((container) => container.Command.includes(mark))
  }
  for (let tries = 0; (await builders()).length === 0; tries++) {
    assert.ok(tries < 100, 'the build has begun')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  controller.abort()
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.reason?.name, 'AbortError')
  }
  for (let tries = 0; (await builders()).length > 0; tries++) {
    assert.ok(tries < 100, 'the builder is gone')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.equal(await dokeres.image(name).exists(), false)
})

test('policies: always pulls, never does not, build does not pull, newer asks first', async () => {
  const name = await remoteOnly('policy')
  const of = (pullPolicy, dockerfile) => dokeres.image({ name, pullPolicy, dockerfile })
  await assert.rejects(of('never').ensure(), { code: 'IMAGE_UNAVAILABLE' })
  await assert.rejects(of('build').ensure(), { code: 'IMAGE_UNAVAILABLE' })
  const pulls = { type: ['image'], event: ['pull'] }
  const ours = (events) =>
    events.filter(({ Actor }) => Actor.Attributes.name?.startsWith(name.slice(0, -2)))
  assert.equal(ours(await during(() => of('always').ensure(), pulls)).length, 1)
  assert.equal(ours(await during(() => of('always').ensure(), pulls)).length, 1)
  assert.equal(ours(await during(() => of('newer').ensure(), pulls)).length, 0)
  const { id } = await dokeres
    .image(BASE)
    .pull()
    .catch(() => ({})) // not in a registry: no matter
  assert.equal(id, undefined)
  await removeImage(name)
  const built = await dockerfile(`LABEL by=dockerfile`)
  await of('build', built).ensure()
  assert.equal((await dokeres.image(name).inspect()).Config.Labels.by, 'dockerfile')
  assert.equal(
    ours(await during(() => of('newer').ensure(), pulls)).length,
    1,
    'the registry has another',
  )
})

test('an image without a name is built, and runs', async () => {
  const image = dokeres.image(null, await dockerfile(`RUN echo ${uniqueName('n')} > /unnamed`))
  const { stdout } = await image.task('cat /unnamed')
  assert.match(stdout, /^n/)
  const { imageId } = await image.build()
  assert.match(imageId, /^sha256:/)
  made.add(imageId)
})

test('progress is told, the last of it always; what a callback throws rejects', async () => {
  const name = fresh('progress')
  const file = await dockerfile(`RUN echo ${uniqueName('a')}`, `RUN echo ${uniqueName('b')}`)
  const seen = []
  await dokeres.image(name, file).ensure({ onProgress: (progress) => seen.push(progress) })
  const last = seen.at(-1)
  assert.equal(last.phase, 'build')
  assert.deepEqual([last.current, last.total, last.percent], [3, 3, 100])
  await removeImage(name)
  const oops = new RangeError('not like this')
  const throwing = () => {
    throw oops
  }
  await assert.rejects(
    dokeres.image(name, file).ensure({ onProgress: throwing }),
    (error) => error === oops,
  )
})
