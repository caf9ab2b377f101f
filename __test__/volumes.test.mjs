// dokeres.volumes: made, removed, pruned, and their content in a file and back.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Dokeres } from '../index.js'
import { api, assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const dokeres = new Dokeres()
const { volumes } = dokeres
const image = process.env.DOKERES_TEST_BASE ?? ''
const labels = { [label]: 'volumes' }
const own = { label: [`${label}=volumes`] }

/** @type {string} */
let folder
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-volumes-'))
})

after(async () => {
  await rm(folder, { recursive: true, force: true })
  for (const { Name } of (await volumes.list({ filters: own })).Volumes) await volumes.remove(Name)
  await assertNothingLeft(`${label}=volumes`)
  await assertNothingLeft('dokeres.helper=volume')
})

/** @param {any} [options] */
async function made(options) {
  const { Name } = await volumes.create(uniqueName('vol'), { labels, ...options })
  return Name
}

/** Runs a command with the volume at /v. @param {string} name @param {string} script */
async function within(name, script) {
  const command = ['sh', '-c', script]
  const extra = { HostConfig: { Binds: [`${name}:/v`] } }
  return (await dokeres.image(image).task(command, { labels, extra })).stdout
}

const FILL = `cd /v && echo hello > a && mkdir -m 0700 -p d/e && echo deep > d/e/f && ln -s a link &&
  chmod 0640 a && chown 7:8 a && ln a hard && touch -d '2001-02-03 04:05:06' d/e/f && chmod 0711 .`
const TELL = `cd /v && stat -c '%n %a %u:%g %Y %h' . a d d/e d/e/f hard && readlink link && cat a d/e/f`

test('create, list, inspect, remove', async () => {
  const name = uniqueName('vol')
  const volume = await volumes.create({ name, labels, options: { type: 'tmpfs', device: 'tmpfs' } })
  const { json } = await api('GET', `/volumes/${name}`)
  assert.deepEqual(volume, json)
  assert.deepEqual(await volumes.inspect(name), json)
  assert.deepEqual([json.Labels, json.Options.type], [labels, 'tmpfs'])
  const list = await volumes.list({ filters: { name } })
  assert.deepEqual(
    list.Volumes.map(({ Name }) => Name),
    [name],
  )
  assert.deepEqual((await volumes.list({ filters: { name: uniqueName('none') } })).Volumes, [])
  await volumes.remove(name)
  assert.equal((await api('GET', `/volumes/${name}`)).status, 404)
  await assert.rejects(volumes.remove(name), { code: 'VOLUME_NOT_FOUND' })
  await volumes.remove(name, { force: true })
  await assert.rejects(volumes.inspect(name), { code: 'VOLUME_NOT_FOUND', statusCode: 404 })
  const anonymous = await volumes.create({ labels })
  assert.match(anonymous.Name, /^[0-9a-f]{64}$/)
})

test('a volume that a container has cannot be removed', async () => {
  const name = await made()
  const extra = { HostConfig: { Binds: [`${name}:/v`] } }
  const container = await dokeres.containers.create({ image, labels, extra })
  await assert.rejects(volumes.remove(name), { code: 'VOLUME_IN_USE', message: /remove the cont/ })
  await container.remove()
  await volumes.remove(name)
})

test('bad input is refused before anything is sent', async () => {
  const engine = await fakeEngine(() => {})
  try {
    const { volumes } = new Dokeres(engine.socketPath)
    const wrong = [
      [() => volumes.create('a b'), 'name'],
      [() => volumes.create('a', { drvier: 'x' }), 'drvier'],
      [() => volumes.inspect('../info'), 'name'],
      [() => volumes.remove(undefined), 'name'],
      [() => volumes.backup('a'), 'path'],
      [() => volumes.backup('a', 'b', { images: 'x' }), 'images'],
      [() => volumes.restore('a', join(folder, 'nothing.tar')), 'path'],
      [() => volumes.restore('a', folder), 'path'],
    ]
    for (const [call, path] of wrong) {
      await assert.rejects(call(), { code: 'INVALID_OPTION', path }, String(call))
    }
    assert.equal(engine.requests.length, 0)
  } finally {
    await engine.close()
  }
})

for (const file of ['backup.tar', 'backup.tar.gz', 'backup.tgz']) {
  test(`a backup in ${file} and back: owners, modes, times and links`, async () => {
    const from = await made()
    await within(from, FILL)
    const told = await within(from, TELL)
    const path = join(folder, file)
    const backup = await volumes.backup(from, path)
    const bytes = await readFile(path)
    assert.deepEqual([backup.path, backup.size], [path, bytes.length])
    assert.ok(backup.image)
    const tar = file === 'backup.tar' ? bytes : gunzipSync(bytes)
    const list = execFileSync('tar', ['tf', '-'], { input: tar, encoding: 'utf8' })
    assert.match(list, /^(\.\/)?d\/e\/f$/m)
    const to = uniqueName('vol')
    const restored = await volumes.restore(to, path, { image })
    try {
      assert.deepEqual(restored, { volume: to, created: true, image })
      assert.equal(await within(to, TELL), told)
    } finally {
      await volumes.remove(to)
    }
    assert.deepEqual(await readdir(folder), [file])
    await rm(path)
    await assertNothingLeft('dokeres.helper=volume')
  })
}

test('a restoration leaves what the tar has not, and replaces what it has', async () => {
  const name = await made()
  await within(name, 'echo one > /v/a')
  const path = join(folder, 'over.tar')
  await volumes.backup(name, path)
  await within(name, 'echo two > /v/a; echo kept > /v/b')
  assert.equal((await volumes.restore(name, path)).created, false)
  assert.equal(await within(name, 'cat /v/a /v/b'), 'one\nkept\n')
  await rm(path)
})

test('an empty volume, and an anonymous one, which stays', async () => {
  const { Name } = await volumes.create({ labels })
  const path = join(folder, 'empty.tar')
  await volumes.backup(Name, path)
  await volumes.restore(Name, path)
  assert.equal(await within(Name, 'ls -A /v'), '')
  assert.equal((await api('GET', `/volumes/${Name}`)).status, 200)
  await rm(path)
})

test('what fails leaves nothing behind', async () => {
  const path = join(folder, 'failed.tar')
  const missing = uniqueName('vol')
  await assert.rejects(volumes.backup(missing, path), { code: 'VOLUME_NOT_FOUND' })
  assert.equal((await api('GET', `/volumes/${missing}`)).status, 404)
  const name = await made()
  await assert.rejects(volumes.backup(name, join(folder, 'no', 'where.tar')), {
    code: 'INVALID_OPTION',
    path: 'path',
  })
  await assert.rejects(volumes.backup(name, folder), { code: 'INVALID_OPTION', path: 'path' })
  await assert.rejects(volumes.backup(name, path, { image: '127.0.0.1:1/nope:1' }), {
    code: 'IMAGE_UNAVAILABLE',
  })
  assert.deepEqual(await readdir(folder), [])
  // No tar: what was made for it goes again.
  const bad = join(folder, 'bad.tar')
  await writeFile(bad, 'this is no tar at all'.repeat(1000))
  await assert.rejects(volumes.restore(missing, bad), { name: 'DokeresError' })
  assert.equal((await api('GET', `/volumes/${missing}`)).status, 404)
  await rm(bad)
  await assertNothingLeft('dokeres.helper=volume')
})

test('an abort in the middle leaves nothing behind', async () => {
  const name = await made()
  await within(name, 'dd if=/dev/zero of=/v/big bs=1M count=200 2>/dev/null')
  const path = join(folder, 'aborted.tar.gz')
  const aborting = new AbortController()
  const backup = volumes.backup(name, path, { signal: aborting.signal })
  setTimeout(() => aborting.abort(new Error('enough')), 150)
  await assert.rejects(backup, { message: 'enough' })
  assert.deepEqual(await readdir(folder), [])
  await assertNothingLeft('dokeres.helper=volume')
  const before = process.memoryUsage.rss()
  const { size } = await volumes.backup(name, path)
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20
  assert.ok(size < 2 ** 20, `${size} bytes of zeros`)
  assert.ok(grown < 64, `${grown} MiB`)
  await rm(path)
  await volumes.remove(name)
})

test('prune, and a look at it first', async () => {
  const marked = { ...labels, prune: uniqueName('p') }
  const unused = await made({ labels: marked })
  const used = await made({ labels: marked })
  const kept = await made({ labels: { ...marked, keep: 'yes' } })
  await within(unused, 'dd if=/dev/zero of=/v/x bs=1000 count=5 2>/dev/null')
  const extra = { HostConfig: { Binds: [`${used}:/v`] } }
  const container = await dokeres.containers.create({ image, labels, extra })
  const filters = { all: true, label: `prune=${marked.prune}`, 'label!': 'keep=yes' }
  const would = await volumes.prune({ filters, dryRun: true })
  assert.deepEqual(would, { VolumesDeleted: [unused], SpaceReclaimed: 5000 })
  assert.equal((await api('GET', `/volumes/${unused}`)).status, 200)
  assert.deepEqual(await volumes.prune({ filters }), would)
  assert.equal((await api('GET', `/volumes/${unused}`)).status, 404)
  assert.equal((await api('GET', `/volumes/${kept}`)).status, 200)
  await container.remove()
})
