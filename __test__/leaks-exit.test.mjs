// A process that ends in the middle of anything, however it ends: as asked, within seconds, without a word,
// and with what its session made taken along.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { child } from './helpers/child.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import {
  assertNothingLeft,
  label,
  listByLabel,
  removeImage,
  uniqueName,
} from './helpers/engine.mjs'

const labels = { [label]: 'exit' }
const plain = new Dokeres({ session: false })
const published = `${process.env.DOKERES_TEST_REGISTRY}/${uniqueName('exit')}:1`
const built = uniqueName('dokeres-test/exit')
const AT_ONCE = 4

/** What a process is in the middle of: started, not waited for. @type {Record<string, string>} */
const WORK = {
  calls: `dokeres.info(); dokeres.images.list(); dokeres.df(); dokeres.containers.listAll()`,
  containers: `for (let n = 0; n < 3; n++) sleeping()`,
  tasks: `for (let n = 0; n < 3; n++) image.task('sleep 5', { labels, onStdout: () => {} })`,
  lifecycles: `(async () => { for (;;) { const c = await sleeping(); await c.stop({ timeout: 0 }); await c.remove() } })()`,
  logs: `talker.logs({ follow: true }).forEach(() => {})`,
  'logs as lines': `(async () => { for await (const _ of talker.logs({ follow: true }).lines()); })()`,
  'a Node stream': `talker.logs({ follow: true }).readable().on('data', () => {})`,
  'merged logs': `dokeres.logs([talker], { follow: true }).forEach(() => {})`,
  stats: `talker.statsStream().forEach(() => {}); talker.stats()`,
  events: `dokeres.events().forEach(() => {}); dokeres.on({ '*': () => {} }); dokeres.ping()`,
  monitor: `dokeres.monitor().forEach(() => {})`,
  attach: `talker.attach().forEach(() => {})`,
  exec: `for (let n = 0; n < 3; n++) talker.exec(['sh', '-c', 'sleep 1'], { stdin: 'x', onStdout: () => {} })`,
  'exec with its streams': `const s = talker.execStream(['cat'], { stdin: true }); s.forEach(() => {}); s.write(Buffer.alloc(1e6))`,
  waiting: `talker.wait(); talker.waitLog('never'); talker.waitFor({ exec: ['false'] })`,
  files: `for (let n = 0; n < 4; n++) talker.writeFile('/tmp/' + n, Buffer.alloc(4e6)); talker.readFile('/bin/busybox')`,
  copies: `talker.copyTo('/usr/include', '/tmp/there'); talker.getArchive('/bin').forEach(() => {})`,
  'a classic build': `build('classic')`,
  'a build by BuildKit': `build('buildkit')`,
  ensure: `for (let n = 0; n < 4; n++) dokeres.image({ name: published, pullPolicy: 'always' }).ensure({ onProgress: () => {} })`,
  'pull and push': `dokeres.images.pull(published); dokeres.images.push(published)`,
  'save and load': `dokeres.images.load(dokeres.images.save([process.env.DOKERES_TEST_BASE]))`,
  'volumes and networks': `dokeres.volumes.list(); dokeres.networks.list(); dokeres.networks.inspect('bridge')`,
  batches: `dokeres.containers.removeStopped({ filters: { label: 'nosuch' } }); dokeres.cleanup({ dryRun: true })`,
  modem: `const docker = { id: talker.id, modem: dokeres.modem }; docker.modem.dial({ path: '/containers/' + talker.id + '/logs?follow=1&stdout=1', method: 'GET', isStream: true, statusCodes: { 200: true } }, (e, s) => s && s.resume())`,
  request: `for (let n = 0; n < 9; n++) dokeres.request({ path: '/containers/json' })`,
  'bad input': `dokeres.images.pull('a b'); image.task('true', { nosuch: 1 }); dokeres.request({ method: 3 })`,
  mock: `const m = Dokeres.mock(); m.image('x').run(null, {}, 'true'); m.ping()`,
  'an engine that is not there': `new Dokeres('tcp://127.0.0.1:9').ping()`,
  'a worker': `new (require('node:worker_threads').Worker)("const { Dokeres } = require(" + JSON.stringify(path) + "); setInterval(() => new Dokeres().info(), 5)", { eval: true })`,
}

/** How it ends; `status` is what comes of it. @type {{ name: string, end: string, status: [number | null, string | null], says?: RegExp, signal?: NodeJS.Signals }[]} */
const ENDS = [
  { name: 'process.exit(0)', end: 'process.exit(0)', status: [0, null] },
  { name: 'process.exit(7)', end: 'process.exit(7)', status: [7, null] },
  {
    name: 'throw',
    end: `throw new Error('ended on purpose')`,
    status: [1, null],
    says: /ended on purpose/,
  },
  { name: 'SIGTERM', end: '', status: [null, 'SIGTERM'], signal: 'SIGTERM' },
]

/** @type {import('../index.js').DokeresContainer} */
let talker

before(async () => {
  const image = plain.image(process.env.DOKERES_TEST_BASE)
  const command = ['sh', '-c', 'while :; do echo tick; echo tock >&2; sleep 0.02; done']
  talker = await image.run(null, { labels: { [label]: 'talker' }, init: true }, command)
  await plain.images.tag(process.env.DOKERES_TEST_BASE ?? '', published)
  await plain.images.push(published)
})

after(async () => {
  await talker.remove({ force: true })
  for (const name of [published, built]) await removeImage(name)
  await assertNothingLeft(`${label}=exit`)
})

/** @param {string} work @param {typeof ENDS[number]} how @param {number} after ms */
async function endsWell(work, how, after) {
  const script = `
    const talker = await new Dokeres().container('${talker.id}'), published = '${published}'
    const path = ${JSON.stringify(new URL('../index.js', import.meta.url).pathname)}
    const build = (builder) => dokeres.images.build({ name: '${built}', builder, noCache: true,
      context: { Dockerfile: 'FROM ' + process.env.DOKERES_TEST_BASE + '\\nRUN sleep 1' }, onLine: () => {} })
    // What ends the process is what is asked for, and no rejection.
    process.on('unhandledRejection', () => {})
    ;${work}
    forever()
    setTimeout(() => { say('at it'); ${how.end} }, ${after})`
  const process_ = child({ options: { cleanupOnExit: true }, labels, script, limit: 25_000 })
  if (how.signal) {
    await process_.said(/at it/)
    process_.kill(how.signal)
  }
  const { code, signal, stderr } = await process_.ended
  assert.deepEqual([code, signal], how.status, stderr)
  assert.match(stderr, how.says ?? /^$/)
  assert.doesNotMatch(stderr, /panick|SIG(SEGV|ABRT)|Fatal|core dumped/)
}

test('what a call has not asked for when the process ends it never asks for', async () => {
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    const { url = '' } = request
    if (url.includes('/containers/create')) return response.writeHead(201).end('{"Id":"1"}')
    // Answered when the program's own thread has ended.
    if (url.includes('/images/')) return void setTimeout(() => response.end('{"Id":"2"}'), 300)
    return response.end(url.includes('/containers/json') ? '[]' : '{}')
  })
  try {
    for (const how of ['process.exit(0)', `process.kill(process.pid, 'SIGTERM')`]) {
      const script = `
        await image.container('first').create()
        image.run('second', {}, 'true').catch(() => {})
        forever()
        setTimeout(() => { ${how} }, 100)`
      const options = { host: `unix://${fake.socketPath}`, cleanupOnExit: true }
      const before = fake.requests.length
      const { stderr } = await child({ options, labels, script }).ended
      assert.equal(stderr, '')
      const asked = fake.requests.slice(before).map(({ url = '' }) => url)
      assert.ok(asked.some((url) => url.includes('/images/')))
      assert.equal(asked.filter((url) => url.includes('/containers/create')).length, 1, how)
    }
  } finally {
    await fake.close()
  }
})

test('whatever it is in the middle of', async () => {
  // Each by one of the ends, in turn; with `DOKERES_EXITS=all` by each.
  const works = Object.entries(WORK)
  const first = Math.floor(Math.random() * ENDS.length)
  const left = works.flatMap(([name, work], at) =>
    ENDS.filter(
      (_, end) => process.env.DOKERES_EXITS === 'all' || end === (at + first) % ENDS.length,
    ).map((how) => ({ name, work, how })),
  )
  /** @type {string[]} */
  const failures = []
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { name, work, how } = next
      // From before the first request has been written to long after.
      const when = Math.round(2 * 150 ** Math.random())
      try {
        await endsWell(work, how, when)
      } catch (error) {
        const why = /** @type {Error} */ (error).message
        failures.push(`${name}, ${how.name} after ${when} ms: ${why}`)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  assert.ok(failures.length === 0, failures.join('\n'))
  assert.deepEqual(await listByLabel(`${label}=exit`), [])
})
