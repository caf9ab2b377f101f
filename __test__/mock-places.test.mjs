// `Dokeres.mock()`: what it says of networks, volumes and the engine itself.
import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Dokeres } from 'dokeres'

/** Closed when all is over. @param {import('dokeres').MockHandler} [handler] */
function mocked(handler) {
  const mock = Dokeres.mock(handler)
  after(() => mock.close())
  return mock
}

const names = (/** @type {any[]} */ list) => list.map(({ Name }) => Name)

test('a network from its making to its end', async () => {
  const { networks, ...mock } = withParts(mocked())
  assert.deepEqual(await networks.list(), [])
  const labels = { job: '7' }
  const { Id } = await networks.create({ name: 'net', subnet: '10.9.0.0/24', labels })
  assert.match(Id, /^[0-9a-f]{64}$/)
  await assert.rejects(networks.create('net'), { code: 'NAME_CONFLICT' })
  const about = await networks.inspect('net')
  assert.deepEqual([about.Id, about.Labels, about.Containers], [Id, labels, {}])
  assert.deepEqual(about.IPAM.Config, [{ Subnet: '10.9.0.0/24', Gateway: '10.9.0.1' }])
  assert.equal((await networks.inspect(Id.slice(0, 12))).Name, 'net')

  const web = await mock.engine.image('app').run('web')
  await networks.connect('net', web, { ipv4: 'next' })
  assert.equal(await networks.nextFreeAddress('net'), '10.9.0.3')
  const { Networks } = (await web.inspect()).NetworkSettings
  assert.equal(Networks.net.IPAddress, '10.9.0.2')
  assert.equal(Networks.net.NetworkID, Id)
  assert.deepEqual(Object.keys((await networks.inspect('net')).Containers), [web.id])
  await assert.rejects(networks.connect('net', web), { statusCode: 403 })
  await assert.rejects(networks.remove('net'), { statusCode: 403 })
  assert.deepEqual(await networks.prune(), { NetworksDeleted: [] })
  await networks.disconnect('net', web)
  assert.deepEqual((await networks.inspect('net')).Containers, {})

  await networks.create({ name: 'other' })
  assert.deepEqual(names(await networks.list()), ['net', 'other'])
  assert.deepEqual(names(await networks.list({ filters: { label: ['job=7'] } })), ['net'])
  const unused = { filters: { label: ['job'] } }
  const expected = { NetworksDeleted: ['net'] }
  assert.deepEqual(await networks.prune({ ...unused, dryRun: true }), expected)
  assert.deepEqual(await networks.prune(unused), expected)
  await networks.remove('other')
  for (const name of ['net', 'other']) {
    await assert.rejects(networks.inspect(name), { code: 'NETWORK_NOT_FOUND' })
  }
})

test('a container is in the networks that it was made for, until it goes', async () => {
  const { networks, engine } = withParts(mocked())
  const job = await engine.image('app').run('job', { network: 'back' })
  assert.deepEqual(Object.keys((await networks.inspect('back')).Containers), [job.id])
  assert.deepEqual(Object.keys((await job.inspect()).NetworkSettings.Networks), ['back'])
  await job.remove({ force: true })
  assert.deepEqual((await networks.inspect('back')).Containers, {})
})

test('a volume from its making to its end', async () => {
  const { volumes, engine } = withParts(mocked())
  assert.deepEqual((await volumes.list()).Volumes, [])
  await volumes.create({ name: 'data', labels: { job: '7' } })
  const again = await volumes.create('data')
  assert.deepEqual([again.Name, again.Labels], ['data', { job: '7' }])
  const own = await volumes.create()
  assert.match(own.Name, /^[0-9a-f]{64}$/)
  assert.deepEqual(names((await volumes.list()).Volumes), ['data', own.Name])
  assert.deepEqual(await volumes.inspect('data'), again)

  const extra = { HostConfig: { Mounts: [{ Type: 'volume', Source: 'data', Target: '/data' }] } }
  const web = await engine.image('app').run('web', { extra })
  await assert.rejects(volumes.remove('data'), { code: 'VOLUME_IN_USE' })
  const { Volumes } = await engine.df()
  assert.deepEqual(
    Volumes.map((/** @type {any} */ { Name, UsageData }) => [Name, UsageData.RefCount]),
    [
      ['data', 1],
      [own.Name, 0],
    ],
  )
  const expected = { VolumesDeleted: [own.Name], SpaceReclaimed: 0 }
  assert.deepEqual(await volumes.prune({ dryRun: true }), expected)
  assert.deepEqual(await volumes.prune(), expected)
  await web.remove({ force: true })
  await volumes.remove('data')
  await assert.rejects(volumes.inspect('data'), { code: 'VOLUME_NOT_FOUND' })
})

test('a volume’s backup is a tar with nothing in it, and goes back', async () => {
  const { volumes } = withParts(mocked())
  const folder = await mkdtemp(join(tmpdir(), 'dokeres-mock-places-'))
  try {
    const path = join(folder, 'data.tar')
    const backup = await volumes.backup('data', path, { image: 'busybox' })
    assert.equal(backup.size, (await stat(path)).size)
    const restored = await volumes.restore('other', path, { image: 'busybox' })
    assert.equal(restored.volume, 'other')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the engine itself: its disk, its registries, its state', async () => {
  const mock = mocked()
  await mock.image('app').run('web')
  const usage = await mock.df()
  assert.deepEqual([usage.Containers.length, usage.Volumes, usage.LayersSize], [1, [], 0])
  const credentials = { username: 'me', password: 'secret' }
  assert.equal((await mock.auth(credentials)).Status, 'Login Succeeded')
  assert.equal(mock.calls.at(-1)?.body.username, 'me')
  assert.match((await mock.distribution('app')).Descriptor.digest, /^sha256:[0-9a-f]{64}$/)
  assert.deepEqual(await mock.pruneBuild(), { CachesDeleted: [], SpaceReclaimed: 0 })
  const diagnosis = await mock.diagnose()
  assert.deepEqual([diagnosis.ok, diagnosis.reachable, diagnosis.problems], [true, true, []])
})

test('a script says otherwise; what no mock knows says that it takes one', async () => {
  const mock = mocked(({ method, path }) => {
    if (path === '/auth') return { status: 401, json: { message: 'unauthorized' } }
    if (path === '/networks/gone') return { status: 404 }
    if (method === 'GET' && path === '/volumes') return { json: { Volumes: [{ Name: 'a' }] } }
    if (path === '/swarm') return { json: { ID: 'swarm' } }
  })
  await assert.rejects(mock.auth({ username: 'a', password: 'b' }), { code: 'UNAUTHORIZED' })
  await assert.rejects(mock.networks.inspect('gone'), {
    code: 'NETWORK_NOT_FOUND',
    message: /network gone not found/,
  })
  assert.deepEqual(names((await mock.volumes.list()).Volumes), ['a'])
  assert.deepEqual(await mock.request({ path: '/swarm' }), { ID: 'swarm' })
  await assert.rejects(mock.request({ path: '/services' }), {
    code: 'NOT_SUPPORTED',
    message: /no reply of its own to GET \/services: give it a handler/,
  })
})

/** @param {import('dokeres').DokeresMock} engine */
function withParts(engine) {
  return { engine, networks: engine.networks, volumes: engine.volumes }
}
