// `node bench/soak.mjs [cycles] [at once]`: containers created, started, waited for and removed, over and
// over in one process. Every 500 cycles it tells the process's memory, file descriptors and threads; it
// fails where they grow. Linux only, for it reads /proc.
import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Dokeres } from 'dokeres'

const EVERY = 500
/** What may come on top of the warmed-up state: pooled connections, a heap that is not collected yet. */
const ALLOWED = { fds: 8, threads: 4, rss: 24 }

const cycles = Number(process.argv[2] ?? 10_000)
const atOnce = Number(process.argv[3] ?? 6)
const label = 'dokeres.soak'
const labels = { [label]: String(process.pid) }

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE ?? 'busybox')
await image.ensure()

async function cycle() {
  const container = image.container(null, { labels, network: 'none' }, 'true')
  await container.create()
  const ended = container.wait({ condition: 'next-exit' })
  await container.start()
  const { code } = await ended
  if (code !== 0) throw new Error(`exit code ${code}`)
  await container.remove()
}

/** @param {number} count */
async function turn(count) {
  let left = count
  const runner = async () => {
    while (left-- > 0) await cycle()
  }
  await Promise.all(Array.from({ length: atOnce }, runner))
}

async function measure() {
  // Sockets and threads that are just ending are given the time to.
  await pause(200)
  globalThis.gc?.()
  const status = readFileSync('/proc/self/status', 'utf8')
  const number = (/** @type {string} */ name) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
  return {
    fds: readdirSync('/proc/self/fd').length,
    threads: number('Threads'),
    rss: Math.round(number('VmRSS') / 1024),
  }
}

/** @param {number} done @param {{ fds: number, threads: number, rss: number }} now */
function tell(done, now) {
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(
    `${done} cycles, ${seconds} s: RSS ${now.rss} MiB, ${now.fds} descriptors, ${now.threads} threads`,
  )
}

const started = performance.now()
const step = Math.min(EVERY, Math.max(1, Math.ceil(cycles / 3)))
/** @type {Awaited<ReturnType<typeof measure>>[]} */
const measured = []
for (let done = 0; done < cycles;) {
  const count = Math.min(step, cycles - done)
  await turn(count)
  done += count
  const now = await measure()
  measured.push(now)
  tell(done, now)
}

// The first tenth, once round at least, warms up: pools fill, code is compiled, the heap finds its size.
const warm = measured[Math.floor((measured.length - 1) / 10)]
const last = measured.at(-1)
if (!warm || !last) throw new Error('there was nothing to measure')
const grown = /** @type {(keyof typeof ALLOWED)[]} */ (Object.keys(ALLOWED)).filter(
  (name) => last[name] > warm[name] + ALLOWED[name],
)
const left = await dokeres.containers.listAll({
  filters: { label: [`${label}=${process.pid}`] },
})
if (left.length > 0) grown.push(/** @type {never} */ (`${left.length} containers are left`))
for (const name of grown) console.error(`grown: ${name}`)
process.exitCode = grown.length > 0 ? 1 : 0
