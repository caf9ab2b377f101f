// Several processes of one program: `forked.cjs cluster` is a cluster, `forked.cjs` one that was forked.
const cluster = require('node:cluster')
const { Dokeres } = require('../../index.js')

const dokeres = new Dokeres()
const labels = JSON.parse(process.env.FORKED_LABELS ?? '{}')
const shared = JSON.parse(process.env.FORKED_IMAGE ?? '{}')

/** All that one process does; what it says of it. */
async function work() {
  let lines = 0
  const image = dokeres.image(process.env.DOKERES_TEST_BASE)
  const talker = await dokeres.container(process.env.FORKED_TALKER ?? '')
  const [{ stdout }, seen, told] = await Promise.all([
    image.task(['echo', String(process.pid)], { labels }),
    (async () => {
      let count = 0
      for await (const _ of talker.logs({ follow: true, tail: 5 }).lines())
        if (++count === 20) break
      return count
    })(),
    image.task('nosuch', { labels }).catch((/** @type {any} */ error) => error.code),
    dokeres.image(shared).ensure({ onLine: () => void lines++ }),
  ])
  return { pid: process.pid, own: stdout.trim() === String(process.pid), seen, told, lines }
}

async function primary() {
  // It has used dokeres, and goes on, when the others come.
  await dokeres.ping()
  const count = Number(process.env.FORKED_COUNT ?? 4)
  const said = await Promise.all(
    Array.from({ length: count }, async () => {
      const worker = cluster.fork()
      const heard = new Promise((resolve) => worker.once('message', resolve))
      const ended = new Promise((resolve) => worker.once('exit', (...how) => resolve(how)))
      return { ...(await heard), ended: await ended }
    }),
  )
  said.push({ ...(await work()), ended: [0, null] })
  console.log(JSON.stringify(said))
}

async function worker() {
  const said = await work()
  await new Promise((resolve) => process.send?.(said, resolve))
  // It ends by itself when nobody keeps it.
  process.disconnect?.()
}

void (process.argv[2] === 'cluster' && cluster.isPrimary ? primary() : worker())
