// pull() and build(): finished when they resolve, and never resolved where they failed.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { countEvents, pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { deleteBlob } from './helpers/registry.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
const dokeres = new Dokeres()
const made = new Set()
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-build-'))
})

after(async () => {
  for (const name of made) await removeImage(name)
  await rm(folder, { recursive: true, force: true })
})

function fresh(prefix) {
  const name = `${REGISTRY}/${uniqueName(prefix)}:1`
  made.add(name)
  return name
}

async function context(files) {
  const root = join(folder, uniqueName('context'))
  await mkdir(root)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

test('pull tells what it did: downloaded, then up to date', async () => {
  const name = fresh('pull')
  await pushToRegistry(BASE, name)
  await removeImage(name)
  const phases = []
  const first = await dokeres.image(name).pull({ onProgress: ({ phase }) => phases.push(phase) })
  assert.equal(first.status, 'downloaded')
  assert.match(first.id, /^sha256:[0-9a-f]{64}$/)
  assert.match(first.digest, /^sha256:[0-9a-f]{64}$/)
  assert.equal(phases.at(-1), 'pull')
  const again = await dokeres.image(name).pull()
  assert.deepEqual(again, { ...first, status: 'up-to-date' })
})

test('a pull of what is not there: PULL_FAILED, not-found', async () => {
  const name = fresh('absent')
  await assert.rejects(dokeres.image(name).pull(), (error) => {
    assert.deepEqual([error.code, error.reason, error.image], ['PULL_FAILED', 'not-found', name])
    return true
  })
  await assert.rejects(dokeres.image(null, 'Dockerfile').pull(), { code: 'NO_NAME' })
})

test('a registry that nobody answers for: PULL_FAILED, network', async () => {
  const pull = dokeres.image('127.0.0.1:9/nobody/there').pull()
  await assert.rejects(pull, { code: 'PULL_FAILED', reason: 'network' })
})

test('a layer that the registry has lost: the pull fails midway, and the image is not there', async () => {
  const name = fresh('lost-layer')
  const file = join(
    await context({ Dockerfile: `FROM ${BASE}\nRUN echo ${uniqueName('x')} > /x\n` }),
    'Dockerfile',
  )
  // BuildKit's cache would keep the layers, and there would be nothing to pull.
  await dokeres.image({ name, dockerfile: file, builder: 'classic' }).build()
  await pushToRegistry(name, name)
  await removeImage(name)
  await deleteBlob(name, 1)
  await assert.rejects(dokeres.image(name).pull(), (error) => {
    assert.equal(error.code, 'PULL_FAILED')
    assert.ok(error.reason)
    return true
  })
  assert.equal(await dokeres.image(name).exists(), false)
})

test('an error line in a 200 stream rejects, with or without detail; so does a stream cut short', async () => {
  const replies = [
    '{"status":"Pulling"}\r\n{"error":"only the error"}\r\n',
    '{"status":"Pulling"}\n{"errorDetail":{"message":"toomanyrequests: slow down"},"error":"x"}\n',
    '{"status":"Pulling"}\n',
  ]
  const fake = await fakeEngine((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(replies.shift())
  })
  try {
    const image = new Dokeres(fake.socketPath).image('registry.test/x')
    await assert.rejects(image.pull(), {
      code: 'PULL_FAILED',
      reason: 'network',
      message: /only the error/,
    })
    await assert.rejects(image.pull(), { code: 'PULL_FAILED', reason: 'rate-limited' })
    await assert.rejects(image.pull(), { code: 'PULL_FAILED', reason: 'network' })
  } finally {
    await fake.close()
  }
})

test('RUN false: BUILD_FAILED with step, instruction, exit code and log', async () => {
  const root = await context({
    // Not what an earlier run has left in the builder's cache.
    Dockerfile: `FROM ${BASE}\nRUN echo ${uniqueName('n')}\nRUN echo before\nRUN echo why >&2; exit 42\nRUN echo after\n`,
  })
  await assert.rejects(dokeres.image(fresh('false'), join(root, 'Dockerfile')).build(), (error) => {
    assert.equal(error.code, 'BUILD_FAILED')
    assert.equal(error.step, '4/5')
    assert.match(error.instruction, /^RUN echo why/)
    assert.equal(error.exitCode, 42)
    assert.ok(error.log.includes('before') && error.log.includes('why'))
    assert.ok(!error.log.includes('after'))
    return true
  })
})

test('a Dockerfile that is not there, or cannot be read as one', async () => {
  const image = (path) => dokeres.image(fresh('bad'), path)
  await assert.rejects(image(join(folder, 'none', 'Dockerfile')).build(), { code: 'BUILD_FAILED' })
  const root = await context({ Dockerfile: 'NOT A DOCKERFILE\n' })
  await assert.rejects(image(join(root, 'Dockerfile')).build(), { code: 'BUILD_FAILED' })
  await assert.rejects(dokeres.image('x').build(), { code: 'NO_DOCKERFILE' })
})

test("the context is the Dockerfile's folder, less what .dockerignore leaves out", async () => {
  const root = await context({
    Dockerfile: `FROM ${BASE}\nCOPY . /context\nRUN cd /context && find . -type f | sort > /files\n`,
    '.dockerignore': 'secret\n**/*.log\n!keep.log\n',
    secret: 's',
    'a.txt': 'a',
    'sub/b.log': 'b',
    'keep.log': 'k',
    'sub/c': 'c',
  })
  await symlink('a.txt', join(root, 'link'))
  const image = dokeres.image(fresh('ignore'), join(root, 'Dockerfile'))
  const result = await image.build()
  assert.deepEqual(result.tags, [image.name])
  const { stdout } = await image.task('cat /files')
  assert.deepEqual(stdout.trim().split('\n'), [
    './.dockerignore',
    './Dockerfile',
    './a.txt',
    './keep.log',
    './sub/c',
  ])
  assert.equal((await image.build()).cached, true)
})

test('with extraFiles the context is the Dockerfile and those', async () => {
  const root = await context({
    Dockerfile: `FROM ${BASE}\nCOPY . /context\nRUN cd /context && find . -type f | sort > /files\n`,
    wanted: 'w',
    unwanted: 'u',
    'folder/inside': 'i',
  })
  const image = dokeres.image(fresh('extra'), join(root, 'Dockerfile'), ['wanted', 'folder'])
  assert.deepEqual(image.extraFiles, ['wanted', 'folder'])
  const { stdout } = await image.task('cat /files')
  assert.deepEqual(stdout.trim().split('\n'), ['./Dockerfile', './folder/inside', './wanted'])
})

test('build options reach the builder: args, labels, target, tags, context elsewhere', async () => {
  const root = await context({ data: 'in the context' })
  const files = await context({
    'My.Dockerfile': `FROM ${BASE} AS first\nARG WHO\nCOPY data /data\nRUN echo "$WHO" > /who\nFROM ${BASE} AS second\n`,
  })
  const [name, other] = [fresh('options'), fresh('other')]
  const image = dokeres.image({
    name,
    dockerfile: join(files, 'My.Dockerfile'),
    context: root,
    buildArgs: { WHO: 'you' },
    labels: { purpose: 'test', number: 7 },
    target: 'first',
    tags: [other],
  })
  await image.ensure({ signal: new AbortController().signal })
  assert.equal((await image.task('cat /who /data')).stdout, 'you\nin the context')
  const inspected = await dokeres.image(other).inspect()
  assert.deepEqual([inspected.Config.Labels.purpose, inspected.Config.Labels.number], ['test', '7'])
  await image.build({ buildArgs: { WHO: 'me' }, noCache: true })
  assert.equal((await image.task('cat /who')).stdout, 'me\n')
})

test('what no builder can do at once is refused, not ignored', () => {
  const secrets = { a: { value: 'x' } }
  const refused = [
    [{ secrets, builder: 'classic' }, 'secrets'],
    [{ ssh: '/agent.sock', builder: 'classic' }, 'ssh'],
    [{ secrets, memory: '1g' }, 'memory'],
    [{ builder: 'buildkit', cpuShares: 2 }, 'cpuShares'],
  ]
  for (const [options, path] of refused) {
    assert.throws(() => dokeres.image({ name: 'x', dockerfile: 'y', ...options }), {
      code: 'NOT_SUPPORTED',
      path,
    })
  }
})

test('an engine without BuildKit says so where only that would do', async () => {
  const fake = await fakeEngine((request, response) => {
    response.writeHead(200, { 'api-version': '1.41', 'libpod-api-version': '4.3.1' })
    response.end()
  })
  try {
    const engine = new Dokeres(fake.socketPath)
    const secrets = { a: { value: 'x' } }
    const build = (options) =>
      engine.image({ name: 'x', dockerfile: 'FROM x\n', ...options }).build()
    await assert.rejects(build({ secrets }), { code: 'NOT_SUPPORTED', path: 'secrets' })
    await assert.rejects(build({ builder: 'buildkit' }), { code: 'NOT_SUPPORTED', path: 'builder' })
  } finally {
    await fake.close()
  }
})

test('forceRebuild builds although it is there', async () => {
  const root = await context({ Dockerfile: `FROM ${BASE}\nLABEL n=${uniqueName('n')}\n` })
  const name = fresh('force')
  await dokeres.image(name, join(root, 'Dockerfile')).ensure()
  const since = (Date.now() + 1) / 1000
  await dokeres.image({ name, dockerfile: join(root, 'Dockerfile'), forceRebuild: true }).ensure()
  const tags = await countEvents({ since, filters: { type: ['image'], event: ['tag'] } })
  assert.ok(tags.some(({ Actor }) => Actor.Attributes.name === name))
})

test('tag and remove; what is in use says so', async () => {
  const [name, other] = [fresh('tagged'), fresh('tagged-too')]
  const root = await context({ Dockerfile: `FROM ${BASE}\nLABEL n=${uniqueName('n')}\n` })
  const image = dokeres.image(name, join(root, 'Dockerfile'))
  await image.ensure()
  assert.equal(await image.tag(other), image)
  await dokeres.image(other).check()
  const container = await image.container(null, {}, 'true').create()
  await dokeres.image(other).remove()
  await assert.rejects(image.remove(), { code: 'IMAGE_IN_USE' })
  await container.remove()
  await image.remove()
  await image.remove()
  await assert.rejects(image.check(), { code: 'IMAGE_NOT_FOUND', image: name })
})
