// Streams that nobody closes, and nobody can any more: the garbage collector does.
import assert from 'node:assert/strict'
import { getEventListeners, setMaxListeners } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const TALKS = ['sh', '-c', 'while :; do echo tick; echo tock >&2; sleep 0.05; done']

/** @type {import('../index.js').DokeresContainer} */
let container

before(async () => {
  const image = new Dokeres().image(process.env.DOKERES_TEST_BASE)
  container = await image.run(null, { labels: { [label]: 'dropped' }, init: true }, TALKS)
})

after(async () => {
  await container.remove({ force: true })
  await assertNothingLeft(`${label}=dropped`)
})

const sockets = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  }).length

/** @param {() => boolean} condition @param {() => string} tell */
async function collected(condition, tell) {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 50, tell())
    gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

for (const [what, open] of /** @type {[string, (options: object) => any][]} */ ([
  ['logs', (options) => container.logs({ follow: true, ...options })],
  ['a command’s streams', (options) => container.execStream(TALKS, options)],
])) {
  test(`${what} of a signal that lives on: neither they nor their listeners stay`, async () => {
    const { signal } = new AbortController()
    setMaxListeners(0, signal)
    const had = sockets()
    await (async () => {
      for (let n = 0; n < 20; n++) {
        await open({ signal })[Symbol.asyncIterator]().next()
      }
    })()
    assert.ok(sockets() >= had + 15)
    await collected(
      () => getEventListeners(signal, 'abort').length === 0,
      () => `${getEventListeners(signal, 'abort').length} listeners are left`,
    )
    await collected(
      () => sockets() <= had + 3,
      () => `${sockets()} connections are open, of ${had} at first`,
    )
  })

  test(`${what} that are waited for are not collected, and the signal ends them`, async () => {
    const leaving = new AbortController()
    const read = open({ signal: leaving.signal }).text()
    read.catch(() => {})
    for (let times = 0; times < 5; times++) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    leaving.abort(new Error('enough'))
    await assert.rejects(read, /enough/)
    assert.equal(getEventListeners(leaving.signal, 'abort').length, 0)
  })
}
