// Pulls from registries that misbehave, into an engine with little room: each fails with its reason,
// leaves nothing, and does not stand in the way of the next. A rejection that nobody handles fails
// the test that it falls into: the test runner sees to that.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { Dokeres, DokeresError } from '../index.js'
import { api as call } from '../scripts/lib/engine/api.mjs'
import { deleteBridge } from '../scripts/lib/engine/bridge.mjs'
import { startEngine } from '../scripts/lib/engine/daemon.mjs'
import { clear } from '../scripts/lib/engine/down.mjs'
import { end, sleep } from '../scripts/lib/engine/processes.mjs'
import { isAlive } from '../scripts/lib/engine/state.mjs'
import { pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import * as faults from './helpers/registry-proxy.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
/** The room that the engine has. */
const ROOM = 40
const MANIFEST_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

const repository = uniqueName('faults')
let folder, engine, dokeres, proxy, name

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-faults-'))
  await publish(repository, 'dd if=/dev/urandom of=/data bs=1M count=6')
  proxy = await faults.startRegistryProxy(REGISTRY)
  name = `${proxy.address}/${repository}:1`
  const root = join(folder, 'engine', 'root')
  await mkdir(root, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${ROOM}m`, 'dokeres-test', root])
  // Engines try again, with ever longer pauses.
  const args = ['--max-download-attempts', '1']
  engine = await startEngine({ folder: join(folder, 'engine'), args })
  dokeres = new Dokeres(engine.host)
})

after(async () => {
  await proxy?.close()
  if (engine) {
    await end(engine.dockerd)
    deleteBridge(engine.bridge)
  }
  if (folder) clear(folder)
})

beforeEach(async () => {
  proxy.behave()
  await call(engine.host, 'DELETE', `/images/${name}?force=1`)
})

/** Puts an image into the registry, and only there. */
async function publish(repository, command) {
  const file = join(folder, uniqueName('Dockerfile'))
  await writeFile(file, `FROM ${BASE}\nRUN ${command}\n`)
  const image = `${REGISTRY}/${repository}:1`
  const once = { noCache: true, builder: 'classic' }
  const context = { name: image, dockerfile: file, extraFiles: [], ...once }
  await new Dokeres().image(context).build()
  await pushToRegistry(image, image)
  await removeImage(image)
}

/** A pull that fails for this reason, says so well, and leaves nothing. */
async function failsWith(reason, advice, { image = name, said = /./, options } = {}) {
  const began = performance.now()
  let failure
  await assert.rejects(dokeres.image(image).pull(options), (error) => {
    failure = error
    assert.ok(error instanceof DokeresError)
    assert.deepEqual([error.code, error.reason, error.image], ['PULL_FAILED', reason, image], error)
    assert.ok(error.message.startsWith(`cannot pull ${image}: `), error.message)
    assert.match(error.message, advice)
    assert.match(error.message, said)
    assert.doesNotMatch(error.message, /\n/, 'one line')
    assert.ok(error.message.length < 1000, 'as short as can be')
    assert.match(error.stack, /registry-faults\.test\.mjs/, "the caller's frames")
    return true
  })
  assert.ok(performance.now() - began < 10_000, 'soon')
  await nothingLeft(image)
  return failure
}

async function nothingLeft(image) {
  assert.equal(await dokeres.image(image).exists(), false)
  const { json } = await call(engine.host, 'GET', '/images/json?all=1')
  assert.deepEqual(json, [])
  await eventually(async () => (await readdir(join(folder, 'engine/root/tmp'))).length === 0)
}

async function eventually(condition) {
  for (let tries = 0; !(await condition()); tries++) {
    assert.ok(tries < 100, `not within 10 s: ${condition}`)
    await sleep(100)
  }
}

async function nextPullWorks() {
  proxy.behave()
  const { status } = await dokeres.image(name).pull()
  assert.equal(status, 'downloaded')
  await dokeres.image(name).check()
}

const on = (kind, fault, method) => (asked) =>
  asked.kind === kind && (method ?? asked.method) === asked.method ? fault : undefined

const REACHABLE = /is the registry reachable from the engine\?/

test('cut off in the middle of a layer: network; the next pull works', async () => {
  proxy.behave(on('blob', faults.cutDownload(2_000_000)))
  await failsWith('network', REACHABLE, { said: /EOF|reset|closed/i })
  assert.ok(proxy.requests.some(({ kind }) => kind === 'blob'))
  await nextPullWorks()
})

test('cut off at the manifest, and at the first word: network', async () => {
  proxy.behave(on('manifest', faults.cut))
  await failsWith('network', REACHABLE)
  proxy.behave(on('ping', faults.cut))
  await failsWith('network', REACHABLE)
  await nextPullWorks()
})

test('a cut that the engine mends by itself is no failure', async () => {
  // This one tries five times; its first pause is 5 s.
  const patient = new Dokeres()
  const cuts = new Set()
  proxy.behave(({ kind, path }) => {
    if (kind !== 'blob' || cuts.has(path)) return undefined
    cuts.add(path)
    return faults.cutDownload(2_000_000)
  })
  try {
    assert.equal((await patient.image(name).pull()).status, 'downloaded')
    const asked = proxy.requests.map(({ path }) => path)
    assert.ok(new Set(asked).size < asked.length, 'asked again')
  } finally {
    await removeImage(name)
  }
})

test('too many requests: rate-limited, in whatever words it is said', async () => {
  const advice = /log in for a higher limit, or wait/
  for (const fault of [
    faults.tooManyRequests,
    faults.answer(429, '<html>429 Too Many Requests</html>'),
    faults.answer(429, 'slow down', 'text/plain'),
    faults.answer(429, '{"details":"slow down"}', 'application/json'),
    faults.answer(429, ''),
  ]) {
    for (const kind of ['manifest', 'blob']) {
      proxy.behave(on(kind, fault))
      await failsWith('rate-limited', advice)
    }
  }
  await nextPullWorks()
})

test('a missing repository, and a missing tag: not-found', async () => {
  const advice = /check the name and the tag/
  await failsWith('not-found', advice, { image: `${proxy.address}/${uniqueName('nowhere')}:1` })
  await failsWith('not-found', advice, { image: `${proxy.address}/${repository}:other` })
  const digest = `sha256:${'0'.repeat(64)}`
  await failsWith('not-found', advice, { image: `${proxy.address}/${repository}@${digest}` })
  proxy.behave(on('blob', faults.registryError(404, 'BLOB_UNKNOWN', 'blob unknown to registry')))
  await failsWith('not-found', advice)
})

test('a name with the words of another reason in it stays what it is', async () => {
  for (const word of ['toomanyrequests', 'unauthorized', 'no-space-left', 'x/rate-limit']) {
    const image = `${proxy.address}/${word}:1`
    await failsWith('not-found', /./, { image })
    proxy.behave(on('manifest', faults.cut))
    await failsWith('network', REACHABLE, { image })
    proxy.behave()
  }
})

test('a platform that the image has not: no-matching-platform', async () => {
  const address = (reference) => `http://${REGISTRY}/v2/${repository}/manifests/${reference}`
  const headers = { accept: MANIFEST }
  const found = await fetch(address('1'), { headers })
  const { length: size } = await found.text()
  const digest = found.headers.get('docker-content-digest')
  const platform = { architecture: 's390x', os: 'linux' }
  const put = await fetch(address('foreign'), {
    method: 'PUT',
    headers: { 'content-type': MANIFEST_LIST },
    body: JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_LIST,
      manifests: [{ mediaType: MANIFEST, size, digest, platform }],
    }),
  })
  assert.equal(put.status, 201, await put.text())
  const image = `${proxy.address}/${repository}:foreign`
  const advice = /ask for a platform that the image has, with \{ platform \}/
  await failsWith('no-matching-platform', advice, { image })
  await failsWith('no-matching-platform', advice, { image, options: { platform: 'linux/arm64' } })
})

test('forbidden: unauthorized, and says how to log in', async () => {
  const advice = /log in with `docker login`, or give \{ auth/
  for (const status of [401, 403]) {
    proxy.behave(on('manifest', faults.answer(status, '<html>Forbidden</html>')))
    await failsWith('unauthorized', advice)
  }
  // To the engine's first question, a HEAD, the answer has no body, and the engine says “denied”.
  const denied = 'requested access to the resource is denied'
  proxy.behave(on('manifest', faults.registryError(403, 'DENIED', denied)))
  await failsWith('unauthorized', advice)
})

test('a registry with an error of its own, or that talks nonsense: network', async () => {
  const portal = '<html><body>Please accept our terms\n and conditions</body></html>'
  for (const script of [
    on('manifest', faults.answer(500, 'oops')),
    on('manifest', faults.registryError(503, 'UNAVAILABLE', 'service unavailable')),
    on('blob', faults.answer(502, portal)),
    on('ping', faults.garbage),
    on('manifest', faults.garbage),
    on('blob', faults.garbage),
    on('manifest', faults.answer(200, portal)),
    on('manifest', faults.answer(200, '{"schemaVersion":2}', MANIFEST)),
    on('manifest', faults.answer(200, 'x'.repeat(100_000), MANIFEST)),
    on('blob', faults.answer(200, 'not what its digest says', 'application/octet-stream')),
  ]) {
    proxy.behave(script)
    await failsWith('network', REACHABLE)
  }
  await nextPullWorks()
})

test('a registry that is down: network, and names it', async () => {
  const gone = await faults.startRegistryProxy(REGISTRY)
  await gone.close()
  await failsWith('network', REACHABLE, {
    image: `${gone.address}/${repository}:1`,
    said: /connection refused/,
  })
})

test('a registry that stalls is left by an abort, and nothing is left of it', async () => {
  const reason = new Error('waited long enough')
  for (const [kind, bytes] of [
    ['blob', 2_000_000],
    ['manifest', 0],
  ]) {
    proxy.behave(on(kind, faults.stall(bytes)))
    const controller = new AbortController()
    const pull = dokeres.image(name).pull({ signal: controller.signal })
    await eventually(() => proxy.requests.some((asked) => asked.kind === kind))
    setTimeout(() => controller.abort(reason), 200)
    await assert.rejects(pull, (error) => error === reason)
    await nothingLeft(name)
  }
  await nextPullWorks()
})

test('ensure: the reason reaches who asked, with the pull as the cause', async () => {
  proxy.behave(on('manifest', faults.tooManyRequests))
  await assert.rejects(dokeres.image(name).ensure(), (error) => {
    assert.deepEqual([error.code, error.reason], ['IMAGE_UNAVAILABLE', 'rate-limited'])
    assert.deepEqual([error.cause.code, error.cause.reason], ['PULL_FAILED', 'rate-limited'])
    assert.equal(error.image, name)
    return true
  })
})

test('no room for it: no-space, while it comes and when it is unpacked; the engine lives on', async () => {
  const advice = /the engine's disk is full: `docker system df` shows what takes it/
  const [large, wide] = [uniqueName('large'), uniqueName('wide')]
  await publish(large, `dd if=/dev/urandom of=/data bs=1M count=${ROOM + 8}`)
  await publish(wide, `dd if=/dev/zero of=/data bs=1M count=${2 * ROOM}`)
  for (const repository of [large, wide]) {
    await failsWith('no-space', advice, { image: `${proxy.address}/${repository}:1` })
    assert.ok(isAlive(engine.dockerd))
    await dokeres.ping()
    await nextPullWorks()
    await call(engine.host, 'DELETE', `/images/${name}?force=1`)
  }
})
