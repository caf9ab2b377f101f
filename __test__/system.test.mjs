// What concerns an engine as a whole: its disk, its registries, its build cache.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dokeres } from '../index.js'
import { api, pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const dokeres = new Dokeres()
const BASE = process.env.DOKERES_TEST_BASE ?? ''
const REGISTRY = process.env.DOKERES_TEST_REGISTRY ?? ''

test('df tells what the engine tells', async () => {
  const usage = await dokeres.df()
  const { json } = await api('GET', '/system/df')
  assert.deepEqual(Object.keys(usage), Object.keys(json))
  assert.ok(usage.Images?.some(({ RepoTags }) => RepoTags?.includes(BASE)))
})

test('auth has the registry check', async () => {
  const engine = await fakeEngine(async (request, response) => {
    let text = ''
    for await (const data of request) text += data
    const { username, password, serveraddress } = JSON.parse(text)
    assert.equal(serveraddress, 'registry.test')
    const ok = username === 'me' && password === 'right'
    response.statusCode = ok ? 200 : 401
    const body = { Status: 'Login Succeeded', IdentityToken: '', More: 1 }
    response.end(JSON.stringify(ok ? body : { message: 'incorrect username or password' }))
  })
  try {
    const fake = new Dokeres(engine.socketPath)
    const credentials = { username: 'me', password: 'right', serverAddress: 'registry.test' }
    const { Status, More } = /** @type {any} */ (await fake.auth(credentials))
    assert.deepEqual([Status, More], ['Login Succeeded', 1])
    await assert.rejects(fake.auth({ ...credentials, password: 'sesame' }), (error) => {
      const { code, message } = /** @type {any} */ (error)
      assert.equal(code, 'UNAUTHORIZED')
      assert.doesNotMatch(message, /sesame/)
      return true
    })
    await assert.rejects(fake.auth({}), { code: 'INVALID_OPTION', path: 'username' })
    await assert.rejects(fake.auth({ ...credentials, pasword: 'x' }), {
      code: 'INVALID_OPTION',
      path: 'pasword',
    })
  } finally {
    await engine.close()
  }
})

test('a registry that cannot be reached is not one that refuses', async () => {
  const credentials = { username: 'me', password: 'x', serverAddress: '127.0.0.1:1' }
  await assert.rejects(dokeres.auth(credentials), (/** @type {any} */ error) => {
    assert.notEqual(error.code, 'UNAUTHORIZED')
    assert.match(error.message, /127\.0\.0\.1:1/)
    return true
  })
})

test('what a registry has under a name, without a pull', async () => {
  const name = `${REGISTRY}/${uniqueName('distribution')}:1`
  await pushToRegistry(BASE, name)
  await removeImage(name)
  const { Descriptor, Platforms } = await dokeres.distribution(name)
  assert.match(Descriptor.digest, /^sha256:[0-9a-f]{64}$/)
  assert.equal(Platforms[0]?.os, 'linux')
  assert.equal(await dokeres.image(name).exists(), false)
  await assert.rejects(dokeres.distribution('Not A Name'), { code: 'INVALID_REFERENCE' })
  await assert.rejects(dokeres.distribution(`${REGISTRY}/${uniqueName('none')}`), {
    name: 'DokeresError',
  })
})

test('the build cache is pruned as it is told', async () => {
  /** @type {string[]} */
  const asked = []
  const engine = await fakeEngine((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''))
    response.end('{"CachesDeleted":null,"SpaceReclaimed":5}')
  })
  try {
    const fake = new Dokeres(engine.socketPath)
    const options = { all: true, keepStorage: '1k', filters: { until: '24h' } }
    assert.deepEqual(await fake.pruneBuild(options), { CachesDeleted: null, SpaceReclaimed: 5 })
    assert.deepEqual(asked, [
      '/build/prune?all=true&keep-storage=1024&reserved-space=1024&filters={"until":["24h"]}',
    ])
  } finally {
    await engine.close()
  }
  const { SpaceReclaimed } = await dokeres.pruneBuild({ filters: { until: '1000h' } })
  assert.equal(typeof SpaceReclaimed, 'number')
})

test('diagnose: an engine that is well', async () => {
  const found = await dokeres.diagnose()
  const { json } = await api('GET', '/info')
  assert.equal(found.reachable, true)
  assert.equal(found.endpoint?.source, 'DOCKER_HOST')
  assert.equal(found.engine?.version, json.ServerVersion)
  assert.equal(found.engine?.storageDriver, json.Driver)
  assert.match(found.engine?.apiVersion ?? '', /^1\.\d+$/)
  assert.match(found.builder ?? '', /^(buildkit|classic)$/)
  assert.ok(Math.abs(found.clock?.skewMs ?? Infinity) < 2000)
  assert.ok((found.disk?.free ?? 0) > 0)
  assert.equal(found.permissions.uid, process.getuid?.())
  assert.match(found.permissions.socket?.mode ?? '', /^0\d{3}$/)
  assert.equal(
    found.ok,
    found.problems.every(({ severity }) => severity === 'warning'),
  )
  // The engine's own warnings, and no finding of ours.
  const strange = found.problems.filter(({ area }) => !['engine', 'disk'].includes(area))
  assert.deepEqual(strange, [])
})

test('diagnose: no engine, a helper that is missing, a clock that is wrong', async () => {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises')
  const folder = await mkdtemp('/tmp/dokeres-diagnose-')
  const old = process.env.DOCKER_CONFIG
  const info = { ServerVersion: '9', SystemTime: '2001-02-03T04:05:06Z', Warnings: ['WARNING: x'] }
  const engine = await fakeEngine((request, response) => {
    response.setHeader('api-version', '1.53')
    response.end(request.url === '/info' ? JSON.stringify(info) : 'OK')
  })
  try {
    process.env.DOCKER_CONFIG = folder
    await writeFile(`${folder}/config.json`, '{"credsStore":"nowhere-to-be-found"}')
    const gone = await new Dokeres(`${folder}/no.sock`).diagnose()
    assert.deepEqual([gone.ok, gone.reachable, gone.engine], [false, false, null])
    assert.equal(gone.endpoint?.tried.length, 1)
    assert.deepEqual(
      gone.problems.map(({ area }) => area),
      ['endpoint', 'credentials'],
    )
    assert.ok(gone.problems.every(({ message, advice }) => message && advice))
    assert.deepEqual(gone.credentials?.helpers, [{ name: 'nowhere-to-be-found', path: null }])
    const late = await new Dokeres(engine.socketPath).diagnose()
    assert.deepEqual(
      late.problems.map(({ area }) => area),
      ['clock', 'engine', 'credentials'],
    )
    assert.deepEqual([late.engine?.version, late.engine?.apiVersion], ['9', '1.53'])
    assert.deepEqual(
      late.problems.map(({ severity }) => severity),
      ['error', 'warning', 'error'],
    )
    const lost = await new Dokeres({ context: 'nope' }).diagnose()
    assert.match(lost.problems[0]?.advice ?? '', /context/)
  } finally {
    if (old === undefined) delete process.env.DOCKER_CONFIG
    else process.env.DOCKER_CONFIG = old
    await engine.close()
    await rm(folder, { recursive: true })
  }
})
