// A bug of ours becomes an error that says so: whichever way it leaves Rust, the process lives and goes on.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { spawnSync } from 'node:child_process'
import { Dokeres, DokeresError } from '../index.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

/** The addon itself, to which the package's exports do not lead. */
const { provoke } = createRequire(import.meta.url)('../js/native.js')

/** @param {unknown} error */
function isOurs(error) {
  assert.ok(error instanceof DokeresError)
  const { code, message } = /** @type {DokeresError & { code: string }} */ (error)
  assert.equal(code, 'INTERNAL')
  assert.match(message, /^dokeres \S+ failed within at \S*provoked\.rs:\d+:\d+: .*please report it/)
  // What a panic says may quote anything.
  assert.doesNotMatch(message, /secret/)
  return true
}

const none = () => {}

for (const place of ['work', 'prepare', 'deliver', 'thread', 'callback']) {
  test(`a panic in a promise's ${place} rejects it`, async () => {
    await assert.rejects(provoke(place, none), isOurs)
    await assert.rejects(provoke(place, none), isOurs)
  })
}

test('a panic in a stream fails the stream', async () => {
  await assert.rejects(async () => {
    for await (const _ of provoke('stream', none)) assert.fail('there is nothing to read')
  }, isOurs)
})

test('a panic in a method that throws is thrown', () => {
  assert.throws(() => provoke('throw', none), isOurs)
})

test('a panic anywhere else in a native function is thrown too', () => {
  assert.throws(() => provoke('anywhere', none), /a bug/)
})

test('calls go on after all of these', async () => {
  const engine = await fakeEngine((_, response) => response.end('OK'))
  try {
    const dokeres = new Dokeres(engine.socketPath)
    for (const place of ['work', 'deliver', 'callback']) {
      await assert.rejects(provoke(place, none), isOurs)
      await dokeres.ping()
    }
  } finally {
    await engine.close()
  }
})

test('a process ends by itself afterwards, and nothing has been printed', () => {
  const script = `
    const { provoke } = require('./js/native.js')
    require('./index.js')
    const places = ['work', 'prepare', 'deliver', 'thread', 'callback']
    Promise.allSettled(places.map((place) => provoke(place, () => {}))).then((all) =>
      console.log(all.map(({ reason }) => reason.code).join()))`
  const cwd = new URL('..', import.meta.url)
  const { RUST_BACKTRACE: _, ...env } = process.env
  const run = spawnSync(process.execPath, ['-e', script], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 20_000,
  })
  assert.deepEqual(
    [run.stdout, run.stderr, run.status],
    ['INTERNAL,INTERNAL,INTERNAL,INTERNAL,INTERNAL\n', '', 0],
  )
})

test('no function is without the net', () => {
  const src = new URL('../src/binding/', import.meta.url)
  for (const path of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.rs')) continue
    const text = readFileSync(new URL(path, src), 'utf8')
    for (const [all, options = ''] of text.matchAll(
      /#\[napi(?:\(((?:"[^"]*"|[^"\]])*)\))?\]\s*(?:#\[.*\]\s*)*pub fn/g,
    )) {
      assert.match(options, /\bcatch_unwind\b/, `${path}: ${all}`)
    }
  }
})
