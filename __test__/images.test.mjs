// dokeres.images: lists, groups, names, and images as tars.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Dokeres } from '../index.js'
import { api, pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { imageTar, loadOld } from './helpers/image-tar.mjs'
import { tarOf as tar, untar } from './helpers/tar.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
const dokeres = new Dokeres()
const { images } = dokeres
const made = new Set()
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-images-'))
})

after(async () => {
  for (const name of made) await removeImage(name)
  await rm(folder, { recursive: true, force: true })
})

/** A repository's name, and whatever has it is removed at the end. */
function fresh(prefix, ...tags) {
  const name = uniqueName(prefix)
  for (const tag of ['latest', '1', '2', '3', ...tags]) made.add(`${name}:${tag}`)
  return name
}

async function load(image) {
  const id = await loadOld(image)
  made.add(id)
  return id
}

const exists = (name) => dokeres.image(name).exists()
const isInvalid = (path) => (error) => {
  assert.equal(error.code, 'INVALID_OPTION', error.stack)
  assert.equal(error.path, path)
  return true
}

test('list: all fields of the engine, by filters, intermediate ones with all', async () => {
  const [name, label] = [fresh('listed'), uniqueName('label')]
  const id = await load({ tags: [`${name}:1`], labels: { [label]: 'a=b', second: '' } })
  const nameless = await load({ labels: { [label]: 'c' } })
  const [listed] = await images.list({ filters: { reference: `${name}:*` } })
  const { json } = await api('GET', '/images/json')
  assert.deepEqual(
    listed,
    json.find(({ Id }) => Id === id),
  )
  const ids = async (filters) => {
    const found = await images.list({ filters })
    return found.map(({ Id }) => Id).sort()
  }
  const both = [id, nameless].sort()
  assert.deepEqual(await ids({ label }), both)
  assert.deepEqual(await ids({ label: [label] }), both)
  assert.deepEqual(await ids({ label: { [label]: true } }), both)
  assert.deepEqual(await ids({ label: `${label}=a=b` }), [id])
  assert.deepEqual(await ids({ label, dangling: true }), [nameless])
  assert.deepEqual(await ids({ label, dangling: [false] }), [id])
  assert.deepEqual(await ids({ label, reference: null }), both)
  const child = await images.build({
    name: fresh('child'),
    context: { Dockerfile: `FROM ${name}:1\nLABEL one=1\nLABEL two=2\n` },
    builder: 'classic',
  })
  const has = (list) => list.some(({ ParentId }) => ParentId === id)
  assert.equal(has(await images.list()), false)
  assert.equal(has(await images.list({ all: true, digests: true, sharedSize: true })), true)
  await images.remove(child.imageId)
})

test('list: wrong options say which', async () => {
  await assert.rejects(images.list({ al: true }), isInvalid('al'))
  await assert.rejects(images.list({ all: 'yes' }), isInvalid('all'))
  await assert.rejects(images.list({ filters: 'label' }), isInvalid('filters'))
  await assert.rejects(images.list('all'), isInvalid(''))
  await assert.rejects(images.list({ filters: { nonsense: 1 } }), { code: 'BAD_REQUEST' })
})

test('listGroup: one repository, whatever the tag, and no other with the same beginning', async () => {
  const name = fresh('group')
  const [first, second] = [`${REGISTRY}/${name}`, `${REGISTRY}/${name}-two`]
  for (const own of [first, second]) made.add(`${own}:1`).add(`${own}:2`)
  const one = await load({ tags: [`${first}:1`, `${first}:2`, `${name}:1`] })
  const two = await load({ tags: [`${second}:1`] })
  const nameless = await load({})
  const ids = async (group) => (await images.listGroup(group)).map(({ Id }) => Id)
  assert.deepEqual(await ids(first), [one])
  assert.deepEqual(await ids(`${first}:any`), [one])
  assert.deepEqual(await ids(second), [two])
  assert.deepEqual(await ids(name), [one])
  assert.deepEqual(await ids(`docker.io/library/${name}`), [one])
  assert.deepEqual(await ids(uniqueName('none')), [])
  const [listed] = await images.listGroup(name)
  assert.deepEqual(listed.RepoTags.sort(), [`${first}:1`, `${first}:2`, `${name}:1`].sort())
  assert.ok(!(await ids(name)).includes(nameless))
  for (const bad of ['Group', '', `sha256:${'0'.repeat(64)}`]) {
    await assert.rejects(images.listGroup(bad), { code: 'INVALID_REFERENCE' })
  }
  await assert.rejects(images.listGroup(), isInvalid('group'))
  await assert.rejects(images.listGroup(5), isInvalid('group'))
  await assert.rejects(images.listGroup(name, { all: true }), isInvalid('all'))
})

test('an image that is there by its digest alone is of its group, and leaves it by it', async () => {
  const [name, elsewhere] = [`${REGISTRY}/${fresh('digest')}`, fresh('elsewhere')]
  await load({ tags: [`${name}:1`] })
  const { digest, id } = await pushed(`${name}:1`)
  await removeImage(`${name}:1`)
  await images.pull(`${name}@${digest}`)
  await images.tag(`${name}@${digest}`, `${elsewhere}:1`)
  const [listed] = await images.listGroup(name)
  assert.deepEqual([listed.Id, listed.RepoDigests], [id, [`${name}@${digest}`]])
  assert.deepEqual(await images.removeGroup(name), [`${name}@${digest}`])
  assert.deepEqual(await images.listGroup(name), [])
  assert.equal(await exists(`${elsewhere}:1`), true)
})

async function pushed(name) {
  const { digest } = await images.push(name)
  const { Id } = await images.inspect(name)
  return { digest, id: Id }
}

test('null for RepoTags and RepoDigests, as engines have it', async () => {
  const listed = [
    { Id: `sha256:${'1'.repeat(64)}`, RepoTags: null, RepoDigests: null, Created: 1, Size: 5 },
    { Id: `sha256:${'2'.repeat(64)}`, RepoTags: null, RepoDigests: ['a/b@sha256:12'] },
    { Id: `sha256:${'3'.repeat(64)}`, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] },
    { Id: `sha256:${'4'.repeat(64)}` },
  ]
  const fake = await fakeEngine((request, response) => {
    const json = request.url.startsWith('/images/json') ? listed : []
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(json))
  })
  try {
    const { images } = new Dokeres(fake.socketPath)
    assert.deepEqual(await images.list(), listed)
    assert.deepEqual(await images.listGroup('a/b'), [listed[1]])
    assert.deepEqual(await images.listGroup('none'), [])
    const cleaned = await images.clean({ olderThan: '1d', dryRun: true })
    assert.deepEqual(
      cleaned.removed.map(({ id, tags }) => [id, tags]),
      listed.map(({ Id }) => [Id, []]),
    )
    const { ImagesDeleted } = await images.prune({ dryRun: true })
    assert.equal(ImagesDeleted.length, 4)
  } finally {
    await fake.close()
  }
})

test('removeGroup: all tags, and what has another name keeps that', async () => {
  const [name, other] = [fresh('gone'), fresh('kept')]
  const one = await load({ tags: [`${name}:1`, `${name}:2`, `${other}:1`] })
  const two = await load({ tags: [`${name}:3`] })
  const removed = await images.removeGroup(`${name}:1`)
  assert.deepEqual(removed.sort(), [`${name}:1`, `${name}:2`, `${name}:3`])
  const { RepoTags } = await images.inspect(one)
  assert.deepEqual(RepoTags, [`${other}:1`])
  assert.equal(await exists(two), false)
  assert.deepEqual(await images.removeGroup(name), [])
  await assert.rejects(images.removeGroup(name, { concurrency: 0 }), isInvalid('concurrency'))
  await assert.rejects(images.removeGroup(name, { forced: true }), isInvalid('forced'))
})

test('removeGroup: built on one another, many at once', async () => {
  const name = uniqueName('tower')
  const id = await load({ tags: [`${name}:0`] })
  for (let n = 1; n <= 6; n++) {
    const Dockerfile = `FROM ${name}:${n - 1}\nLABEL floor=${n}\n`
    await images.build({ name: `${name}:${n}`, context: { Dockerfile }, builder: 'classic' })
    await images.tag(`${name}:${n}`, `${name}:again-${n}`)
  }
  assert.equal((await images.removeGroup(name)).length, 13)
  assert.equal(await exists(id), false)
})

test('removeGroup: one that is in use is told of, and stops nothing', async () => {
  const name = fresh('used', 'a', 'b', 'c', 'd')
  const used = await load({ tags: [`${name}:b`] })
  for (const tag of ['a', 'c', 'd']) await load({ tags: [`${name}:${tag}`] })
  const container = await dokeres.image(`${name}:b`).container().create()
  await assert.rejects(images.removeGroup(name, { concurrency: 2 }), (error) => {
    assert.equal(error.code, 'PARTIAL_FAILURE')
    const { results } = error
    assert.equal(results.length, 4)
    const failed = results.filter(({ ok }) => !ok)
    assert.deepEqual([failed.length, failed[0].target], [1, `${name}:b`])
    assert.equal(failed[0].error.code, 'IMAGE_IN_USE')
    assert.equal(error.cause.code, 'IMAGE_IN_USE')
    return true
  })
  const left = await images.listGroup(name)
  assert.deepEqual(
    left.map(({ Id }) => Id),
    [used],
  )
  assert.deepEqual(await images.removeGroup(name, { force: true }), [`${name}:b`])
  await container.remove()
})

test('inspect, history, tag and remove by name', async () => {
  const [name, other] = [fresh('single'), fresh('single-too')]
  const id = await load({ tags: [`${name}:1`] })
  assert.equal((await images.inspect(`${name}:1`)).Id, id)
  assert.equal((await images.inspect(id)).Id, id)
  // As the docker CLI shows it.
  const short = id.slice(7, 19)
  assert.equal((await images.inspect(short)).Id, id)
  assert.equal(await dokeres.image(short).exists(), true)
  // Less of it is a name.
  assert.equal(await dokeres.image(id.slice(7, 15)).exists(), false)
  await assert.rejects(images.remove(id.slice(7, 15)), { code: 'IMAGE_NOT_FOUND' })
  const [entry] = await images.history(`${name}:1`)
  assert.deepEqual([entry.Id, entry.Created, entry.Tags], [id, 1577836800, [`${name}:1`]])
  assert.equal(await images.tag(`${name}:1`, `docker.io/library/${other}`), undefined)
  assert.equal(await exists(`${other}:latest`), true)
  assert.deepEqual(await images.remove(other), [{ Untagged: `${other}:latest` }])
  await assert.rejects(images.tag(`${name}:1`, 'Bad Name'), { code: 'INVALID_REFERENCE' })
  await images.tag(id, `${other}:2`)
  await assert.rejects(images.remove(id), (error) => {
    assert.ok(['CONFLICT', 'IMAGE_IN_USE'].includes(error.code), error.code)
    return true
  })
  const removed = await images.remove(id, { force: true, noPrune: true })
  assert.ok(removed.some(({ Deleted }) => Deleted === id))
  for (const call of ['inspect', 'history', 'remove']) {
    await assert.rejects(images[call](`${name}:1`), { code: 'IMAGE_NOT_FOUND', image: `${name}:1` })
    await assert.rejects(images[call](), isInvalid('name'))
    await assert.rejects(images[call]('a b'), { code: 'INVALID_REFERENCE' })
    await assert.rejects(images[call](name, { sudo: 1 }), isInvalid('sudo'))
  }
  await assert.rejects(images.tag(`${name}:1`, 'x'), { code: 'IMAGE_NOT_FOUND' })
  await assert.rejects(images.tag('x'), isInvalid('reference'))
})

test('parseReference takes names apart', () => {
  const digest = `sha256:${'ab'.repeat(32)}`
  const cases = {
    node: ['docker.io', 'library/node', 'node', 'latest', null, 'node:latest'],
    'docker.io/node:20': ['docker.io', 'library/node', 'node', '20', null, 'node:20'],
    'index.docker.io/library/node': ['docker.io', 'library/node', 'node', 'latest', null],
    'me/x:v1': ['docker.io', 'me/x', 'me/x', 'v1', null, 'me/x:v1'],
    'localhost:5000/team/app': ['localhost:5000', 'team/app', 'localhost:5000/team/app', 'latest'],
    'localhost/a': ['localhost', 'a', 'localhost/a', 'latest', null],
    '[::1]:5000/a:1': ['[::1]:5000', 'a', '[::1]:5000/a', '1', null],
    [`a.io/x@${digest}`]: ['a.io', 'x', 'a.io/x', null, digest, `a.io/x@${digest}`],
    [`a.io/x:1@${digest}`]: ['a.io', 'x', 'a.io/x', '1', digest, `a.io/x:1@${digest}`],
  }
  for (const [text, expected] of Object.entries(cases)) {
    const { registry, repository, group, tag, digest: found, name } = images.parseReference(text)
    const parts = [registry, repository, group, tag, found, name]
    assert.deepEqual(parts.slice(0, expected.length), expected, text)
    assert.equal(images.parseReference(name).name, name)
  }
  for (const bad of ['', 'Node', 'a:b:c', 'a//b', 'a@sha256:12', ':x', 'x:', ' x', 'a b']) {
    assert.throws(() => images.parseReference(bad), { code: 'INVALID_REFERENCE' }, bad)
  }
  assert.throws(() => images.parseReference(), isInvalid('text'))
  assert.throws(() => images.parseReference({}), isInvalid('text'))
})

test('search: the term, the limit and the filters reach the engine', async () => {
  const found = [{ name: 'node', description: 'x', star_count: 5, is_official: true, more: [1] }]
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(found))
  })
  try {
    const { images } = new Dokeres(fake.socketPath)
    assert.deepEqual(await images.search('a node', { limit: 3, filters: { stars: 5 } }), found)
    const { pathname, searchParams } = new URL(fake.requests.at(-1).url, 'http://x')
    assert.match(pathname, /\/images\/search$/)
    const asked = Object.fromEntries(searchParams)
    assert.deepEqual(asked, { term: 'a node', limit: '3', filters: '{"stars":["5"]}' })
    await assert.rejects(images.search(), isInvalid('term'))
    await assert.rejects(images.search('x', { limit: -1 }), isInvalid('limit'))
  } finally {
    await fake.close()
  }
})

test('build, push and pull, one tag and all tags', async () => {
  const name = `${REGISTRY}/${uniqueName('collection')}`
  for (const tag of ['1', '2', '3']) made.add(`${name}:${tag}`)
  const Dockerfile = `FROM ${BASE}\nLABEL of=${name}\n`
  const lines = []
  const built = await images.build({
    name: `${name}:1`,
    context: { Dockerfile },
    onLine: (line) => lines.push(line),
  })
  assert.deepEqual(built.tags, [`${name}:1`])
  assert.ok(lines.some((line) => line.includes('FROM ')))
  const first = await images.push(`${name}:1`)
  assert.match(first.digest, /^sha256:[0-9a-f]{64}$/)
  assert.equal(first.tag, '1')
  for (const tag of ['2', '3']) await pushToRegistry(`${name}:1`, `${name}:${tag}`)
  await images.removeGroup(name)
  const pulled = await images.pull(`${name}:1`)
  assert.equal(pulled.digest, first.digest)
  const everything = await images.pull(name, { allTags: true })
  assert.deepEqual(everything.tags.sort(), [`${name}:1`, `${name}:2`, `${name}:3`])
  assert.equal(everything.id, pulled.id)
  assert.equal((await images.pull(name, { allTags: true })).status, 'up-to-date')
  await assert.rejects(images.pull(`${name}-absent`), { code: 'PULL_FAILED', reason: 'not-found' })
  await assert.rejects(images.pull(`${name}-absent`, { allTags: true }), { code: 'PULL_FAILED' })
  await assert.rejects(images.push(`${name}:absent`), { code: 'IMAGE_NOT_FOUND' })
  await assert.rejects(images.build({}), { code: 'NO_NAME_NOR_DOCKERFILE' })
  await assert.rejects(images.pull(name, { tag: '1' }), isInvalid('tag'))
})

test('save, remove, load: the same image, by path, Buffer, stream and gzip', async () => {
  const [name, other] = [fresh('saved'), fresh('saved-too')]
  const id = await load({ tags: [`${name}:1`, `${name}:2`], created: '2019-05-05T05:05:05Z' })
  const second = await load({ tags: [`${other}:1`] })
  const path = join(folder, 'saved.tar')
  const pictures = []
  const saved = await images.save([`${name}:1`, `docker.io/library/${other}:1`], path, {
    onProgress: (progress) => pictures.push(progress),
  })
  const data = await readFile(path)
  assert.deepEqual(saved, { path, size: data.length })
  const last = pictures.at(-1)
  assert.deepEqual([last.phase, last.current, last.percent], ['save', data.length, 100])
  const names = JSON.parse(untar(data)['manifest.json']).flatMap(({ RepoTags }) => RepoTags)
  assert.deepEqual(names.sort(), [`${name}:1`, `${other}:1`].sort())
  const chunks = []
  for await (const chunk of images.save([`${name}:1`, `${other}:1`])) chunks.push(chunk)
  assert.deepEqual(
    Object.keys(untar(Buffer.concat(chunks))).sort(),
    Object.keys(untar(data)).sort(),
  )
  const sources = {
    path: () => path,
    buffer: () => data,
    bytes: () => new Uint8Array(data),
    stream: () => createReadStream(path, { highWaterMark: 1000 }),
    readable: () => Readable.from([data.subarray(0, 700), data.subarray(700)]),
    iterable: () => [data.subarray(0, 512), data.subarray(512)],
    gzip: () => gzipSync(data),
    'save again': () => images.save(`${name}:1`),
  }
  const kept = { 'save again': [`${name}:1`] }
  for (const [kind, source] of Object.entries(sources)) {
    if (!kept[kind]) {
      await images.remove(id, { force: true })
      await images.remove(second, { force: true })
    }
    const loaded = await images.load(source())
    const expected = kept[kind] ?? [`${name}:1`, `${other}:1`]
    assert.deepEqual(loaded.images.sort(), expected.sort(), kind)
    assert.equal((await images.inspect(`${name}:1`)).Id, id, kind)
  }
  assert.equal((await images.inspect(id)).Created, '2019-05-05T05:05:05Z')
})

test('save and load without a name: by id', async () => {
  const id = await load({})
  const data = Buffer.concat(await collect(images.save(id)))
  await images.remove(id)
  const pictures = []
  const loaded = await images.load(data, { onProgress: (progress) => pictures.push(progress) })
  assert.deepEqual(loaded.images, [id])
  assert.equal(pictures.at(-1).phase, 'load')
})

async function collect(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

test('save to a path: nothing half there, and what was there untouched', async () => {
  const own = join(folder, uniqueName('atomic'))
  const { mkdir } = await import('node:fs/promises')
  await mkdir(own)
  const at = (name) => join(own, name)
  await writeFile(at('there.tar'), 'before')
  const absent = uniqueName('absent')
  for (const name of ['there.tar', 'new.tar']) {
    await assert.rejects(images.save(absent, at(name)), { code: 'IMAGE_NOT_FOUND' })
    await assert.rejects(images.save([BASE, absent], at(name)), { code: 'IMAGE_NOT_FOUND' })
    const reason = new Error(`enough of ${name}`)
    const controller = new AbortController()
    const saving = images.save(BASE, at(name), {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await assert.rejects(saving, reason)
    await assert.rejects(images.save(BASE, at(name), { signal: AbortSignal.abort(reason) }), reason)
    const thrower = () => {
      throw reason
    }
    await assert.rejects(images.save(BASE, at(name), { onProgress: thrower }), reason)
  }
  assert.deepEqual(await readdir(own), ['there.tar'])
  assert.equal(await readFile(at('there.tar'), 'utf8'), 'before')
  await assert.rejects(images.save(BASE, own), isInvalid('path'))
  await assert.rejects(images.save(BASE, '/dev/null'), isInvalid('path'))
  await assert.rejects(images.save(BASE, at('no/such/folder')), isInvalid('path'))
  await symlink('there.tar', at('link.tar'))
  const { size } = await images.save(BASE, at('link.tar'))
  assert.equal((await readFile(at('there.tar'))).length, size)
  assert.deepEqual((await readdir(own)).sort(), ['link.tar', 'there.tar'])
})

test('who says no at the very end of a save is heard too', async () => {
  const path = join(folder, uniqueName('late'))
  await writeFile(path, 'before')
  const reason = new Error('too late, and yet')
  const isLast = ({ current, total, percent }) =>
    current > 0 && current === total && percent === 100
  const controller = new AbortController()
  const ends = {
    abort: {
      signal: controller.signal,
      onProgress: (now) => isLast(now) && controller.abort(reason),
    },
    throw: {
      onProgress: (now) => {
        if (isLast(now)) throw reason
      },
    },
    reject: { onProgress: async (now) => isLast(now) && Promise.reject(reason) },
  }
  for (const [end, options] of Object.entries(ends)) {
    await assert.rejects(images.save(BASE, path, options), reason, end)
    assert.equal(await readFile(path, 'utf8'), 'before', end)
  }
})

test('an engine that fails in the midst of a save says so in the tar: no file', async () => {
  const fake = await fakeEngine((request, response) => {
    if (request.url.includes('/images/get')) {
      response.write(tar({ a: 'b' }).subarray(0, 700))
      response.end('{"errorDetail":{"message":"disk gone"},"error":"disk gone"}\r\n')
    } else {
      response.writeHead(404).end('{}')
    }
  })
  try {
    const { images } = new Dokeres(fake.socketPath)
    const path = join(folder, 'failed.tar')
    await assert.rejects(images.save('x', path), { code: 'SERVER_ERROR', message: /disk gone/ })
    assert.ok(!(await readdir(folder)).some((name) => name.startsWith('failed')))
  } finally {
    await fake.close()
  }
})

test('save: wrong arguments at once', async () => {
  assert.throws(() => images.save([]), isInvalid('names'))
  assert.throws(() => images.save(), isInvalid('names'))
  assert.throws(() => images.save(5), isInvalid('names'))
  assert.throws(() => images.save('Bad Name'), { code: 'INVALID_REFERENCE' })
  assert.throws(() => images.save(BASE, { onProgress() {} }), isInvalid('onProgress'))
  await assert.rejects(images.save([], join(folder, 'x')), isInvalid('names'))
  await assert.rejects(images.save([BASE, 'Bad'], join(folder, 'x')), { code: 'INVALID_REFERENCE' })
  await assert.rejects(images.save(BASE, join(folder, 'x'), { zip: true }), isInvalid('zip'))
  await assert.rejects(images.save(BASE, join(folder, 'x'), { progress: 1 }), isInvalid('progress'))
  await assert.rejects(collect(images.save(uniqueName('absent'))), { code: 'IMAGE_NOT_FOUND' })
})

test('load: garbage, no images, a source that fails, wrong arguments', async () => {
  const isError = (error) => {
    assert.equal(error.name, 'DokeresError', error.stack)
    assert.ok(['SERVER_ERROR', 'BAD_REQUEST'].includes(error.code), error.stack)
    return true
  }
  await assert.rejects(images.load(Buffer.from('garbage'.repeat(1000))), isError)
  await assert.rejects(images.load(Buffer.alloc(0)), isError)
  await assert.rejects(images.load(tar({ some: 'file' })), isError)
  await assert.rejects(images.load(Readable.from(endless(randomBytes(65536), 200))), isError)
  const mine = new Error('mine')
  async function* failing() {
    yield tar({ some: 'file' })
    throw mine
  }
  await assert.rejects(images.load(failing()), mine)
  const sync = function* () {
    yield* [tar({ some: 'file' }), Buffer.alloc(512)]
    throw mine
  }
  await assert.rejects(images.load(sync()), mine)
  await assert.rejects(images.load([5]), { name: 'TypeError' })
  await assert.rejects(images.load(Readable.from([{ no: 'bytes' }])), { name: 'TypeError' })
  const stop = new AbortController()
  async function* hanging() {
    yield Buffer.alloc(512)
    stop.abort(mine)
    await new Promise(() => {})
  }
  await assert.rejects(images.load(hanging(), { signal: stop.signal }), mine)
  await assert.rejects(images.load(join(folder, 'absent.tar')), isInvalid('source'))
  await assert.rejects(images.load(folder), isInvalid('source'))
  for (const wrong of [undefined, null, 5, true, {}, () => {}]) {
    await assert.rejects(images.load(wrong), isInvalid('source'))
  }
  await assert.rejects(images.load(Buffer.alloc(1), { quiet: true }), isInvalid('quiet'))
})

function* endless(chunk, count) {
  for (let n = 0; n < count; n++) yield chunk
}

test('import: from path, Buffer and stream, with name, message and changes', async () => {
  const name = fresh('imported', 'given')
  const root = tar({ 'etc/motd': 'hello' })
  const path = join(folder, 'root.tar')
  await writeFile(path, root)
  const pictures = []
  const whole = await images.import(path, {
    repository: name,
    tag: 'given',
    message: 'made of a tar',
    changes: ['CMD ["/etc/motd"]', 'ENV A=b', 'LABEL l=1'],
    onProgress: (progress) => pictures.push(progress),
  })
  const found = await images.inspect(`${name}:given`)
  assert.equal(found.Id, whole.id)
  assert.deepEqual(found.Config.Cmd, ['/etc/motd'])
  assert.ok(found.Config.Env.includes('A=b'))
  assert.deepEqual(found.Config.Labels, { l: '1' })
  const [{ Comment }] = await images.history(whole.id)
  assert.match(Comment, /made of a tar/)
  assert.deepEqual([pictures.at(-1).phase, pictures.at(-1).percent], ['load', 100])
  const plain = await images.import(root, { repository: `${name}:2` })
  assert.equal((await images.inspect(`${name}:2`)).Id, plain.id)
  const latest = await images.import(Readable.from([root]), { repository: `docker.io/${name}` })
  assert.equal((await images.inspect(name)).Id, latest.id)
  const nameless = await images.import(gzipSync(root))
  made.add(nameless.id)
  assert.deepEqual((await images.inspect(nameless.id)).RepoTags, [])
  const task = await dokeres.image(`${name}:given`).container(null, {}, '/etc/motd').create()
  assert.equal((await task.readFile?.('/etc/motd'))?.toString() ?? 'hello', 'hello')
  await task.remove()
})

test('import: wrong options say which; garbage is refused', async () => {
  const root = tar({ a: 'b' })
  await assert.rejects(images.import(root, { tag: '1' }), isInvalid('tag'))
  await assert.rejects(images.import(root, { repository: 'a', tag: 'no tag' }), isInvalid('tag'))
  await assert.rejects(images.import(root, { repository: 'Bad' }), { code: 'INVALID_REFERENCE' })
  const byDigest = { repository: `a@sha256:${'0'.repeat(64)}` }
  await assert.rejects(images.import(root, byDigest), isInvalid('repository'))
  await assert.rejects(images.import(root, { changes: 'CMD x' }), isInvalid('changes'))
  await assert.rejects(images.import(root, { changes: [1] }), isInvalid('changes[0]'))
  await assert.rejects(images.import(root, { repo: 'a' }), isInvalid('repo'))
  await assert.rejects(images.import({}), isInvalid('source'))
  const nonsense = images.import(root, { changes: ['NONSENSE x'] })
  await assert.rejects(nonsense, { name: 'DokeresError' })
  await assert.rejects(images.import(Buffer.from('garbage'.repeat(1000))), { name: 'DokeresError' })
})

test('nothing that was given is changed', async () => {
  const options = Object.freeze({
    filters: Object.freeze({ label: Object.freeze(['x=y']), dangling: true }),
    dryRun: true,
  })
  await images.prune(options)
  await images.clean(options)
  await images.list(Object.freeze({ filters: options.filters }))
  const { data } = await imageTar({})
  const before = Buffer.from(data)
  const { images: loaded } = await images.load(data)
  made.add(loaded[0])
  assert.ok(before.equals(data))
})
