// Replies that break in ways that once were not told, or told never.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { api, assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { faultProxy } from './helpers/fault-proxy.mjs'

const image = process.env.DOKERES_TEST_BASE ?? ''
const labels = { [label]: 'broken-replies' }
/** @type {Awaited<ReturnType<typeof faultProxy>>} */
let proxy
/** @type {Dokeres} */
let dokeres
/** @param {RegExp} target @param {import('./helpers/fault-proxy.mjs').Fault} fault */
const on = (target, fault) =>
  proxy.behave((asked) => (target.test(asked.target) ? fault : undefined))

before(async () => {
  proxy = await faultProxy(process.env.DOCKER_HOST ?? '')
  dokeres = new Dokeres({ host: proxy.url, timeout: 1000 })
})
after(() => proxy.close())

test('a reply that stops after its head is TIMEOUT, whether it is a success or an error', async () => {
  on(/info/, { kind: 'stall', part: 'body', after: 5 })
  await assert.rejects(dokeres.info(), (error) => {
    assert.equal(/** @type {any} */ (error).code, 'TIMEOUT')
    assert.match(/** @type {any} */ (error).message, /nothing more of the answer within 1000 ms/)
    return true
  })
  on(/pause/, { kind: 'stall', part: 'body', after: 5 })
  const container = await dokeres.containers.create({ image, labels, command: 'true' })
  await assert.rejects(container.pause(), {
    code: 'TIMEOUT',
    message: new RegExp(`^cannot pause container ${container.id.slice(0, 12)}: nothing more of`),
  })
  proxy.behave()
  await container.remove()
})

test('half of a JSON reply is PROTOCOL_ERROR, and the caller is named by the stack', async () => {
  on(/info/, { kind: 'truncate' })
  await assert.rejects(dokeres.info(), (error) => {
    assert.equal(/** @type {any} */ (error).code, 'PROTOCOL_ERROR')
    assert.match(/** @type {any} */ (error).stack, /broken-replies\.test\.mjs/)
    return true
  })
  proxy.behave()
  assert.ok((await dokeres.info()).ID)
})

test('a connection that breaks within a reply says how; chunks without a size are PROTOCOL_ERROR', async () => {
  on(/info/, { kind: 'cut', part: 'body', after: 5 })
  await assert.rejects(dokeres.info(), {
    code: 'ENGINE_UNREACHABLE',
    message: /closed by the engine's side within its answer/,
  })
  on(/info/, { kind: 'chunk', words: 'zz' })
  await assert.rejects(dokeres.info(), { code: 'PROTOCOL_ERROR' })
})

test('a refusal in several lines is told in one', async () => {
  on(/info/, { kind: 'status', status: 502, words: 'first\r\n\tsecond\n' })
  await assert.rejects(dokeres.info(), { code: 'SERVER_ERROR', message: /first second$/ })
  proxy.behave()
})

test('a container whose creation was carried out and never told of is removed', async () => {
  const name = uniqueName('lost')
  for (const fault of /** @type {const} */ ([
    { kind: 'cut', part: 'head' },
    { kind: 'stall', part: 'body', after: 3 },
    { kind: 'truncate' },
  ])) {
    for (const named of [{ name }, {}]) {
      on(/containers\/create/, fault)
      const options = { ...named, image, labels, command: 'true' }
      await assert.rejects(dokeres.containers.create(options))
      await assertNothingLeft(`${label}=broken-replies`)
    }
  }
  proxy.behave()
  // One that was there before stays.
  const container = await dokeres.containers.create({ name, image, labels, command: 'true' })
  on(/containers\/create/, { kind: 'cut', part: 'head' })
  await assert.rejects(dokeres.containers.create({ name, image, labels, command: 'true' }))
  proxy.behave()
  assert.equal((await api('GET', `/containers/${container.id}/json`)).status, 200)
  await container.remove()
})

test('an engine that falls silent does not hold up for ever who has given up', async () => {
  const run = () =>
    dokeres.containers.run({ image, labels, command: 'true', signal: AbortSignal.timeout(2000) })
  let silent = false
  proxy.behave(({ target }) => {
    silent ||= /\/start/.test(target)
    return silent ? { kind: 'silent' } : undefined
  })
  const began = performance.now()
  await assert.rejects(run())
  assert.ok(performance.now() - began < 14_000)
  proxy.behave()
  await dokeres.containers.removeStopped({ filters: { label: `${label}=broken-replies` } })
})

test('whole numbers beyond 2^53 are in the text of a stream as they came', async () => {
  const since = Date.now() / 1000 - 1
  await (await dokeres.containers.create({ image, labels, command: 'true' })).remove()
  const text = await dokeres.events({ since, until: Date.now() / 1000 + 0.01 }).text()
  const [first = ''] = text.split('\n')
  assert.match(first, /"timeNano":\d{19}/)
})
