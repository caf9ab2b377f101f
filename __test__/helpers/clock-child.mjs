// A process whose clock is set by others while much is open: tells when all has begun, then what came of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../../index.js'

const [, , name = '', host = ''] = process.argv
const image = process.env.DOKERES_TEST_BASE ?? ''
const direct = new Dokeres()
const dokeres = new Dokeres(host)
const tell = (/** @type {unknown} */ what) => process.stdout.write(`${JSON.stringify(what)}\n`)
/** @param {AsyncIterable<string>} from @param {string[]} into */
async function gather(from, into) {
  for await (const line of from) into.push(line)
}
const options = { labels: { 'dokeres.test': name }, network: 'none', init: true }

const script = 'n=0; while [ $n -lt 40 ]; do n=$((n + 1)); echo line $n; sleep 0.2; done; exit 7'
const [container, sleeper] = await Promise.all([
  direct.image(image).run(name, options, ['sh', '-c', script]),
  direct.image(image).run(null, options, ['sleep', '1000']),
])
/** @type {string[]} */
const lines = []
const following = container.logs({ follow: true, restarts: true })
gather(following.lines(), lines)
const broken = (await dokeres.container(name)).logs({ follow: true, restarts: true })
/** @type {string[]} */
const resumed = []
gather(broken.lines(), resumed)
/** @type {string[]} */
const events = []
const listening = dokeres.events({ filters: { container: [sleeper.id], event: ['rename'] } })
listening.forEach(({ Actor }) => void events.push(/** @type {any} */ (Actor).Attributes.name))

/** What it came to, and after how long by a clock that nobody sets. @param {() => Promise<any>} call */
async function timed(call) {
  const began = performance.now()
  const outcome = await call().catch((error) => error.code)
  return { outcome, took: performance.now() - began }
}
const waits = {
  wait: timed(async () => (await container.wait()).code),
  short: timed(() => sleeper.wait({ timeout: '6s' })),
  log: timed(() => container.waitLog('line 35', { timeout: '60s' })),
  never: timed(() => sleeper.waitFor({ log: 'never' }, { timeout: '6s' })),
  task: timed(() => direct.image(image).task(['sleep', '1000'], { ...options, timeout: '6s' })),
  exec: timed(() => sleeper.exec(['sleep', '1000'], { timeout: '6s' })),
}
await sleep(1000)
tell({ begun: Date.now() })

// Each is renamed before, between and after what is done to the clock.
for (let n = 1; n <= 8; n++) {
  await sleep(900)
  await sleeper.rename(`${name}-${n}`)
}
/** @type {Record<string, any>} */
const told = {}
for (const [key, promise] of Object.entries(waits)) told[key] = await promise
for (let tries = 0; tries < 100 && (resumed.length < 40 || events.length < 8); tries++) {
  await sleep(100)
}
following.close()
broken.close()
listening.close()
await Promise.all([container.remove({ force: true }), sleeper.remove({ force: true })])
tell({ ...told, lines, resumed, events, now: Date.now() })
