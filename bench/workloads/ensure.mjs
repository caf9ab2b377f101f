// 500 parts of a program want one image at the same moment, and it is not there yet.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { docker, shell } from '../lib/tools.mjs'
import { socket } from '../lib/clients.mjs'
import { workloads } from '../lib/workload.mjs'

const require = createRequire(import.meta.url)

/** How often the engine was asked to pull it since then. @param {number} since @param {string} name */
async function pulls(since, name) {
  // The clock cuts off fractions of milliseconds.
  const until = ((Date.now() + 2) / 1000).toFixed(3)
  const filters = ['--filter', 'type=image', '--filter', 'event=pull', '--format', '{{json .}}']
  const range = ['--since', (since / 1000).toFixed(3), '--until', until]
  const lines = (await docker(['events', ...range, ...filters])).split('\n').filter(Boolean)
  return lines.filter((line) => line.includes(name)).length
}

/**
 * @param {(client: any, name: string, count: number) => Promise<unknown>} ensure
 * @param {number} [most] pulls
 * @returns {import('../lib/workload.mjs').Measured}
 */
const ensuring = (ensure, most) => async (run) => {
  const { name } = run.facts.remote
  await docker(['image', 'rm', '--force', name]).catch(() => {})
  const since = Date.now()
  await run.measure(() => ensure(run.client, name, run.count))
  await docker(['image', 'inspect', name])
  const made = await pulls(since, name)
  run.note({ pulls: made })
  if (most !== undefined) assert.equal(made, most)
}

/** As the original did for each object. @param {any} client @param {string} name */
async function dockerode(client, name) {
  try {
    await client.getImage(name).inspect()
  } catch (error) {
    if (/** @type {any} */ (error).statusCode !== 404) throw error
    const stream = await client.pull(name)
    await new Promise((resolve, reject) =>
      client.modem.followProgress(stream, (/** @type {unknown} */ failed) =>
        failed ? reject(failed) : resolve(undefined),
      ),
    )
  }
}

/** @param {any} client @param {string} name */
async function sdk(client, name) {
  const { NotFoundError } = require('@docker/node-sdk')
  try {
    await client.imageInspect(name)
  } catch (error) {
    // It throws the class itself.
    if (error !== NotFoundError && !(error instanceof NotFoundError)) throw error
    await client.imageCreate({ fromImage: name }).wait()
  }
}

/** @param {number} count @param {() => unknown} one */
const all = (count, one) => Promise.all(Array.from({ length: count }, one))

export default workloads({
  name: 'ensure',
  title: '500 parallel ensures of a missing image',
  count: 500,
  needs: { remote: 0 },
  share: 1,
  seconds: 30,
  figure: 'wall',
  bound: 'one pull; the limit is one by curl',
  clients: {
    dokeres: ensuring((client, name, count) => all(count, () => client.image(name).ensure()), 1),
    dockerode: ensuring((client, name, count) => all(count, () => dockerode(client, name))),
    sdk: ensuring((client, name, count) => all(count, () => sdk(client, name))),
    cli: 'would be 500 processes',
    limit: ensuring((_, name) => {
      const url = `http://d/images/create?fromImage=${encodeURIComponent(name)}`
      return shell('curl -sS --fail -X POST --unix-socket "$1" "$2" >/dev/null', socket(), url)
    }, 1),
  },
})
