// Worker threads made and ended, in order and in the middle of everything: nothing of them stays, and the
// main thread's own calls and streams go on.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')

/** `npm run soak` has 500 of them. The first warm up. */
const COUNT = Number(process.env.DOKERES_WORKERS ?? 200)
const [WARM, AT_ONCE] = [Math.floor(COUNT / 3), 4]
/**
 * MiB that may seem to come to stay: V8 gives a thread's heap back when it ends, and what the allocator keeps
 * of that differs. Of 350 it was 3 MiB; were each to keep 50 KiB it would be 17.
 */
const MOST_RSS = 14

const labels = { [label]: 'workers' }
const dokeres = new Dokeres()
const index = JSON.stringify(createRequire(import.meta.url).resolve('../index.js'))

/** What a worker does; `ready` is told when it is at it. @type {Record<string, string>} */
const WORK = {
  'ends by itself': `dokeres.ping()`,
  'calls that are under way': `
    dokeres.info(); dokeres.images.list(); container.then((c) => c.wait()); ready()`,
  'a stream that is read': `
    container.then((c) => c.logs({ follow: true, tail: 5 }).forEach(ready))`,
  'streams of all kinds': `
    container.then(async (c) => {
      c.statsStream().forEach(() => {}); dokeres.events().forEach(() => {})
      c.attach().forEach(ready); dokeres.logs([c], { follow: true }).forEach(() => {})
    })`,
  'a command that is talked with': `
    container.then(async (c) => {
      const stream = c.execStream(['cat'], { stdin: true, signal: new AbortController().signal })
      await stream.write('hello'); stream.forEach(ready)
    })`,
  'a copy that is under way': `
    container.then((c) => { c.getArchive('/bin').forEach(ready); c.writeFile('/tmp/x', Buffer.alloc(9e5)) })`,
  'process.exit': `
    container.then((c) => c.logs({ follow: true }).forEach(() => process.exit(0)))`,
}

after(() => assertNothingLeft(`${label}=workers`))

/** @param {string} id @param {string} work */
async function workOff(id, work) {
  const source = `
    const { Dokeres } = require(${index})
    const { parentPort } = require('node:worker_threads')
    const dokeres = new Dokeres(), container = dokeres.container('${id}')
    const ready = () => parentPort.postMessage('ready')
    process.on('unhandledRejection', () => {})
    ${work}`
  const worker = new Worker(source, { eval: true })
  /** @type {Error[]} */
  const errors = []
  worker.on('error', (error) => errors.push(error))
  await new Promise((resolve) => worker.once('message', resolve).once('exit', resolve))
  await worker.terminate()
  assert.deepEqual(errors, [])
}

async function measure() {
  for (let times = 0; times < 3; times++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const status = readFileSync('/proc/self/status', 'utf8')
  const number = (/** @type {string} */ name) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
  return {
    fds: readdirSync('/proc/self/fd').length,
    threads: number('Threads'),
    rss: number('RssAnon') / 1024,
  }
}

test(`${COUNT} workers, most of them terminated at work`, async (context) => {
  const command = ['sh', '-c', 'while :; do echo tick; echo tock >&2; sleep 0.02; done']
  const talker = await dokeres
    .image(process.env.DOKERES_TEST_BASE)
    .run(null, { labels, init: true, network: 'none' }, command)
  let heard = 0
  const own = talker.logs({ follow: true, tail: 0 })
  const listening = own.forEach(() => void heard++)
  const kinds = Object.values(WORK)
  let made = 0
  /** @param {number} upTo */
  const make = async (upTo) => {
    const maker = async () => {
      while (made < upTo) await workOff(talker.id, kinds[made++ % kinds.length] ?? '')
    }
    await Promise.all(Array.from({ length: AT_ONCE }, maker))
  }
  await make(WARM)
  const before = await measure()
  const [began, heardBefore] = [performance.now(), heard]
  await make(COUNT)
  const now = await measure()
  const took = Math.round((performance.now() - began) / (COUNT - WARM))
  context.diagnostic(`${took} ms each; ${JSON.stringify(before)} → ${JSON.stringify(now)}`)
  assert.ok(now.fds <= before.fds + 4, `descriptors: ${before.fds} → ${now.fds}`)
  assert.ok(now.threads <= before.threads + 2, `threads: ${before.threads} → ${now.threads}`)
  assert.ok(now.rss <= before.rss + MOST_RSS, `memory: ${before.rss} → ${now.rss} MiB`)
  // 50 lines a second are said.
  assert.ok(heard > heardBefore + 100, 'the main thread’s stream goes on')
  assert.ok((await dokeres.ping()).apiVersion)
  await own.close()
  await listening
  await talker.remove({ force: true })
})
