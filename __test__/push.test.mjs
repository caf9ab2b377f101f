// push(): finished when the registry has it, and never resolved where it has not.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Dokeres, DokeresError } from '../index.js'
import { sleep } from '../scripts/lib/engine/processes.mjs'
import { api, removeImage, uniqueName } from './helpers/engine.mjs'
import * as faults from './helpers/registry-proxy.mjs'
import { startBasicRegistry, startTokenRegistry } from './helpers/token-registry.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
const [USER, PASSWORD, IDENTITY] = ['somebody', 's3cr3t-"ü~?>', 'identity-t0ken']
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

const dokeres = new Dokeres()
const made = new Set()
const right = { username: USER, password: PASSWORD }
let folder, tokens, basic, proxy, cutting, cutOff

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-push-'))
  proxy = await faults.startRegistryProxy(REGISTRY)
  const users = { [USER]: PASSWORD }
  tokens = await startTokenRegistry({ users, identityTokens: { [IDENTITY]: USER } })
  basic = await startBasicRegistry({ users })
  cutting = await faults.startRegistryProxy(REGISTRY)
  cutOff = beginCutOff()
  cutOff.catch(() => {})
})

after(async () => {
  for (const name of made) await removeImage(name)
  for (const registry of [proxy, tokens, basic, cutting]) await registry?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** An image that no registry has, with a layer of some megabytes that none has either. */
async function fresh(address = proxy.address) {
  const name = `${address}/${uniqueName('push')}:1`
  const file = join(folder, uniqueName('Dockerfile'))
  await writeFile(file, `FROM ${BASE}\nRUN dd if=/dev/urandom of=/data bs=1M count=4\n`)
  await dokeres.image({ name, dockerfile: file, extraFiles: [], noCache: true }).build()
  made.add(name)
  return name
}

/** The manifest that the registry has under a name, by another way. */
async function published(name) {
  const [, repository, tag] = name.match(/^[^/]+\/(.*):([^:]+)$/)
  const url = `http://${REGISTRY}/v2/${repository}/manifests/${tag}`
  const found = await fetch(url, { headers: { accept: MANIFEST } })
  const text = await found.text()
  if (found.status === 404) return undefined
  return { digest: found.headers.get('docker-content-digest'), size: text.length, tag }
}

/** A push that fails for this reason, says so well, and publishes nothing. */
async function failsWith(reason, name, { options, said = /./, pushed } = {}) {
  await assert.rejects(pushed ?? dokeres.image(name).push(options), (error) => {
    assert.ok(error instanceof DokeresError)
    assert.deepEqual([error.code, error.reason, error.image], ['PUSH_FAILED', reason, name], error)
    assert.ok(error.message.includes(name), error.message)
    assert.match(error.message, said)
    assert.match(error.stack, /push\.test\.mjs/, "the caller's frames")
    return true
  })
  assert.equal(await published(name), undefined)
  assert.equal(await dokeres.image(name).exists(), true, 'still here')
}

/** The engine tries for most of a minute: the other tests run meanwhile. */
async function beginCutOff() {
  let cuts = 0
  cutting.behave(({ kind, method }) => {
    if (kind !== 'upload' || method !== 'PATCH') return undefined
    cuts++
    return faults.cutUpload(1_000_000)
  })
  const name = await fresh(cutting.address)
  const pushed = dokeres.image(name).push()
  pushed.catch(() => {})
  return { name, pushed, cuts: () => cuts }
}

async function works(name, options) {
  proxy.behave()
  const result = await dokeres.image(name).push(options)
  assert.deepEqual(result, await published(name))
  return result
}

test('push: digest, tag and size as the registry has them; again, the same; it can be pulled', async () => {
  const name = await fresh(REGISTRY)
  const seen = []
  const first = await works(name, { onProgress: (progress) => seen.push(progress) })
  assert.match(first.digest, /^sha256:[0-9a-f]{64}$/)
  assert.equal(first.tag, '1')
  assert.ok(first.size > 0)
  assert.equal(seen.at(-1).phase, 'push')
  assert.ok(seen.at(-1).layers.length > 0)
  assert.deepEqual(await works(name), first)
  await removeImage(name)
  const pulled = await dokeres.image(name).pull()
  assert.deepEqual([pulled.status, pulled.digest], ['downloaded', first.digest])
})

test('what a callback throws rejects', async () => {
  const name = await fresh()
  const oops = new RangeError('not like this')
  const onProgress = () => {
    throw oops
  }
  await assert.rejects(dokeres.image(name).push({ onProgress }), (error) => error === oops)
})

test('a cut that the engine mends by itself is no failure', async () => {
  const name = await fresh()
  const cut = new Set()
  const layers = new Set()
  proxy.behave(({ kind, method, path }) => {
    if (kind !== 'upload' || method !== 'PATCH') return undefined
    layers.add(path)
    if (cut.size > 0) return undefined
    cut.add(path)
    return faults.cutUpload(1_000_000)
  })
  const result = await dokeres.image(name).push()
  assert.ok(layers.size > 1)
  assert.deepEqual(result, await published(name))
})

test('cut off at the manifest, the very last: network', async () => {
  const name = await fresh()
  proxy.behave(({ kind, method }) =>
    kind === 'manifest' && method === 'PUT' ? faults.cut : undefined,
  )
  await failsWith('network', name)
  await works(name)
})

test('the registry is down: network', async () => {
  const gone = await faults.startRegistryProxy(REGISTRY)
  await gone.close()
  await failsWith('network', await fresh(gone.address), { said: /connection refused/ })
})

test('the registry refuses: the reason is its', async () => {
  const name = await fresh()
  const denied = 'requested access to the resource is denied'
  const [upload, manifest] = [
    ['upload', 'POST'],
    ['manifest', 'PUT'],
  ]
  for (const [reason, [kind, method], fault] of [
    ['rate-limited', upload, faults.tooManyRequests],
    // From here on the layers are there. At an upload, the engine would try most of these again, for
    // most of a minute.
    ['rate-limited', manifest, faults.tooManyRequests],
    ['unauthorized', manifest, faults.registryError(403, 'DENIED', denied)],
    ['unauthorized', manifest, faults.answer(403, '<html>Forbidden</html>')],
    ['network', manifest, faults.answer(502, '<html>Bad Gateway</html>')],
  ]) {
    proxy.behave((asked) => (asked.kind === kind && asked.method === method ? fault : undefined))
    await failsWith(reason, name)
  }
  await works(name)
})

test('without credentials, or with wrong ones: unauthorized; with the right ones it works', async () => {
  for (const registry of [tokens, basic]) {
    const name = await fresh(registry.address)
    const said = /docker login|auth/
    await failsWith('unauthorized', name, { said })
    for (const auth of [
      { ...right, password: 'wrong' },
      { ...right, username: 'nobody' },
    ]) {
      await failsWith('unauthorized', name, { said, options: { auth } })
      await assert.rejects(dokeres.image({ name, auth }).push(), {
        code: 'PUSH_FAILED',
        reason: 'unauthorized',
      })
    }
    const result = await dokeres.image(name).push({ auth: right })
    assert.deepEqual(result, await published(name))
    assert.deepEqual(await dokeres.image({ name, auth: right }).push(), result)
  }
})

test('with an identity token; an expired one of the registry is unauthorized', async () => {
  const name = await fresh(tokens.address)
  const repository = name.slice(name.indexOf('/') + 1).replace(/:1$/, '')
  const expired = { registryToken: tokens.token(repository, { expired: true }) }
  await failsWith('unauthorized', name, { options: { auth: expired } })
  tokens.issueExpired(true)
  await failsWith('unauthorized', name, { options: { auth: right } })
  tokens.issueExpired(false)
  await works(name, { auth: { identityToken: IDENTITY } })
  await works(name, { auth: { registryToken: tokens.token(repository) } })
})

test('with what config.json and helpers say; a helper that fails is CREDENTIAL_HELPER', async () => {
  const name = await fresh(tokens.address)
  const auth = Buffer.from(`${USER}:${PASSWORD}`).toString('base64')
  const configured = async (config) => {
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    const before = process.env.DOCKER_CONFIG
    process.env.DOCKER_CONFIG = folder
    try {
      return new Dokeres().image(name)
    } finally {
      if (before === undefined) delete process.env.DOCKER_CONFIG
      else process.env.DOCKER_CONFIG = before
    }
  }
  const broken = await configured({ credHelpers: { [tokens.address]: 'not-installed' } })
  await assert.rejects(broken.push(), (error) => {
    assert.deepEqual([error.code, error.image], ['CREDENTIAL_HELPER', name])
    assert.match(error.message, /docker-credential-not-installed/)
    return true
  })
  const image = await configured({ auths: { [tokens.address]: { auth } } })
  assert.deepEqual(await image.push(), await published(name))
})

test('what is not there: IMAGE_NOT_FOUND; what has no name: NO_NAME', async () => {
  const there = await fresh()
  for (const name of [
    `${REGISTRY}/${uniqueName('absent')}:1`,
    `${REGISTRY}/${uniqueName('absent')}`,
    there.replace(/:1$/, ':2'),
  ]) {
    await assert.rejects(dokeres.image(name).push(), (error) => {
      assert.equal(error.code, 'IMAGE_NOT_FOUND', error)
      assert.ok(error.image.startsWith(name), error.image)
      return true
    })
  }
  await assert.rejects(dokeres.image(null, 'Dockerfile').push(), { code: 'NO_NAME' })
})

test('a registry that stalls is left by an abort', async () => {
  const name = await fresh()
  const reason = new Error('waited long enough')
  proxy.behave(({ kind, method }) => {
    if (kind !== 'upload' || method !== 'PATCH') return undefined
    return faults.stall()
  })
  const controller = new AbortController()
  const push = dokeres.image(name).push({ signal: controller.signal })
  const stalled = () => proxy.requests.some(({ method }) => method === 'PATCH')
  for (let tries = 0; !stalled() && tries < 100; tries++) await sleep(100)
  assert.ok(stalled())
  setTimeout(() => controller.abort(reason), 200)
  await assert.rejects(push, (error) => error === reason)
  assert.equal(await published(name), undefined)
  // The engine itself holds on to the connection.
  proxy.hangUp()
  assert.equal((await api('GET', '/_ping')).status, 200)
  await works(name)
})

test('unknown options are refused, and secrets are in no error', async () => {
  const name = await fresh(tokens.address)
  await assert.rejects(dokeres.image(name).push({ nosuch: 1 }), { code: 'INVALID_OPTION' })
  await assert.rejects(
    dokeres.image(name).push({ auth: { ...right, password: 'wr0ng-"ü~?>' } }),
    (error) => {
      const shown = `${JSON.stringify(error)} ${error.stack} ${error.message}`
      assert.doesNotMatch(shown, /wr0ng|d3IwbmctI|dyMG5nL/)
      return true
    },
  )
})

test('cut off in the middle of a layer, each time that the engine tries: network', async () => {
  const { name, pushed, cuts } = await cutOff
  await failsWith('network', name, { pushed, said: /EOF|reset|closed|broken pipe/i })
  assert.ok(cuts() > 1)
})
