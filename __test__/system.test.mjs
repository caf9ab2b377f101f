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
    assert.deepEqual(asked, ['/build/prune?all=true&keep-storage=1024&filters={"until":["24h"]}'])
  } finally {
    await engine.close()
  }
  const { SpaceReclaimed } = await dokeres.pruneBuild({ filters: { until: '1000h' } })
  assert.equal(typeof SpaceReclaimed, 'number')
})
