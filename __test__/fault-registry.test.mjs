// Registries that fail, behind a real engine: what is brought from there, by each fault, ends in time, in
// the right result or in the right error, leaves nothing, and the next one works.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Dokeres, DokeresError } from '../index.js'
import { pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { faultProxy } from './helpers/fault-proxy.mjs'
import { KINDS } from './helpers/faults/kinds.mjs'
import { sample, within } from './helpers/faults/matrix.mjs'
import { each } from './helpers/faults/queue.mjs'
import { imageTar } from './helpers/image-tar.mjs'
import { ownEngine } from './helpers/own-engine.mjs'

const REGISTRY = process.env.DOKERES_TEST_REGISTRY ?? ''
const GIVES_UP = 1500
/** @typedef {{ run: (d: Dokeres, name: string, o: any) => Promise<any>, codes: string[], pushes?: boolean }} Call */

/** @type {Record<string, Call>} */
const CALLS = {
  pull: { run: (d, name, o) => d.image(name).pull(o), codes: ['PULL_FAILED'] },
  ensure: { run: (d, name, o) => d.image(name).ensure(o), codes: ['IMAGE_UNAVAILABLE'] },
  distribution: {
    run: (d, name, o) => d.distribution(name, o),
    codes: ['SERVER_ERROR', 'NOT_FOUND', 'IMAGE_NOT_FOUND', 'UNAUTHORIZED', 'FORBIDDEN'],
  },
  push: { run: (d, name, o) => d.image(name).push(o), codes: ['PUSH_FAILED'], pushes: true },
}

/** @type {Awaited<ReturnType<typeof ownEngine>>} */
let engine
/** @type {Dokeres} */
let dokeres
const outside = new Dokeres()

before(async () => {
  // Engines try again, with ever longer pauses.
  engine = await ownEngine('--max-download-attempts', '1')
  dokeres = new Dokeres(engine.host)
})
after(() => engine?.close())

/** A request as it is in the next run: only the names and the digests differ. @param {any} asked */
const keyOf = ({ method, target }) =>
  `${method} ${target
    .split('?')[0]
    .replace(/registry-\w+/, '*')
    .replace(/sha256:\w+/, '*')
    .replace(/uploads\/.*/, 'uploads/*')}`

/**
 * An image of its own in the registry, by way of a proxy: layers that are there are not asked for.
 * @param {Call} call @param {(name: string, proxy: any) => Promise<void>} body
 */
async function staged({ pushes }, body) {
  const repository = uniqueName('registry')
  const proxy = await faultProxy(REGISTRY, { tcp: true })
  const name = `${proxy.address}/${repository}:1`
  const { data } = await imageTar({ tags: [pushes ? name : `${repository}:1`] })
  try {
    if (pushes) await dokeres.images.load(data)
    else {
      await outside.images.load(data)
      await pushToRegistry(`${repository}:1`, `${REGISTRY}/${repository}:1`)
      await removeImage(`${repository}:1`)
      await removeImage(`${REGISTRY}/${repository}:1`)
    }
    await body(name, proxy)
  } finally {
    await proxy.close()
    await dokeres.images.remove(name, { force: true }).catch(() => {})
  }
}

/** What an engine itself tries again for long. @param {Call} call @param {string} key */
const isPatient = ({ pushes }, key) => pushes === true && !/GET .*\/v2\/$|PUT .*manifests/.test(key)

/** @param {string} title @param {Call} call */
async function cellsOf(title, call) {
  /** @type {any[]} */
  const cells = []
  await staged(call, async (name, proxy) => {
    await call.run(dokeres, name, {})
    for (const key of new Set(/** @type {string[]} */ (proxy.requests.map(keyOf)))) {
      if (isPatient(call, key)) continue
      const asked = proxy.requests.find((/** @type {any} */ one) => keyOf(one) === key)
      const kinds = KINDS.filter(
        ({ on, onwards }) => !onwards && on(asked, /** @type {any} */ ({})),
      )
      cells.push(...sample(kinds, cells.length, 6, 1).map((kind) => ({ title, call, key, kind })))
    }
  })
  return cells
}

/** @param {any} cell */
async function run({ call, key, kind }) {
  await staged(call, async (name, proxy) => {
    proxy.behave((/** @type {any} */ asked) => (keyOf(asked) === key ? kind.fault : undefined))
    const signal = AbortSignal.timeout(kind.rule === 'silent' ? GIVES_UP : 15_000)
    const [outcome, failed] = await within(call.run(dokeres, name, { signal }))
    proxy.behave()
    // A layer that was asked for before the pull was given up is waited for by the engine (20.10 does not
    // cancel that), and the next pull joins it: a line that is silent has to break some time.
    proxy.breakHurt()
    if (failed && !(kind.rule === 'silent' && outcome === signal.reason)) {
      assert.ok(outcome instanceof DokeresError, String(outcome?.stack))
      assert.ok(kind.rule !== 'harmless', `${outcome.code}: ${outcome.message}`)
      assert.ok(call.codes.includes(outcome.code), `${outcome.code}: ${outcome.message}`)
      assert.doesNotMatch(outcome.message, /\n/, 'one sentence')
    }
    if (failed && !call.pushes) assert.equal(await dokeres.image(name).exists(), false, 'is there')
    // A pull that was given up goes on in the engine for a moment, and others join it.
    const [next, again] = await within(call.run(dokeres, name, {}))
    assert.ok(!again, `the next: ${next?.message}`)
  })
}

for (const [title, call] of Object.entries(CALLS)) {
  test(`${title} by each fault`, async () => {
    const cells = await cellsOf(title, call)
    /** @type {string[]} */
    const failures = []
    await each(cells, async (cell) => {
      try {
        const [outcome, failed] = await within(run(cell), 40_000)
        if (failed) throw outcome
      } catch (error) {
        failures.push(
          `${title}, ${cell.kind.name}, at ${cell.key}: ${/** @type {any} */ (error).message}`,
        )
      }
    })
    console.log(`${title}: ${cells.length} cells`)
    assert.ok(failures.length === 0, `${failures.length} failures\n${failures.join('\n')}`)
    assert.ok(cells.length > 10, `${cells.length} cells`)
  })
}
