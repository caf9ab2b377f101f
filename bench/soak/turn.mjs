// One turn of a workload: at a moment of chance aborted, and what came of it.
import { rm } from 'node:fs/promises'
import { DokeresError } from 'dokeres'
import { Failed } from './workloads/common.mjs'
import { dice } from './dice.mjs'

/** No turn takes as long, or it hangs. */
const HANGS = 60_000
/** How many are aborted. */
const ABORTED = 0.35

/**
 * @typedef {object} Stage
 * @property {any} world @property {AbortSignal} shared never aborted, of many turns
 * @property {import('dokeres').Dokeres[]} clients @property {number} seed
 */

let made = 0
/** @type {Map<string, Promise<unknown>>} */
const queues = new Map()

/**
 * @param {Stage} stage @param {import('./workloads/all.mjs').Workload} workload @param {number} number
 * @returns {Promise<{ outcome: 'done' | 'rejected' | 'aborted', ms: number, wrong?: string }>}
 */
export async function turn(stage, workload, number) {
  if (!workload.alone) return play(stage, workload, number)
  const before = queues.get(workload.alone) ?? Promise.resolve()
  const own = before.then(() => play(stage, workload, number))
  queues.set(workload.alone, own)
  return own
}

/** @param {Stage} stage @param {import('./workloads/all.mjs').Workload} workload @param {number} number */
async function play({ world, shared, clients, seed }, workload, number) {
  // Of the seed and the number alone: what others do at the same time changes nothing.
  const chance = dice(Math.imul(seed, 0x9e3779b1) + number)
  const name = `soak${++made}`
  const leaving = new AbortController()
  const aborts = chance.chance(ABORTED)
  const timer = aborts && setTimeout(() => leaving.abort(), chance.time(1, 400))
  const signal = aborts ? leaving.signal : chance.chance(0.5) ? shared : undefined
  const [d, plain] = chance.shuffled(clients)
  const { label } = world
  const context = /** @type {import('./workloads/common.mjs').Context} */ ({
    ...{ d, plain, w: world, name, label, labels: { [label]: name } },
    ...{ o: signal ? { signal } : {}, dice: chance },
  })
  const began = performance.now()
  const ms = () => performance.now() - began
  try {
    await inTime(workload.run(context))
    return { outcome: /** @type {const} */ ('done'), ms: ms() }
  } catch (error) {
    const { code } = /** @type {any} */ (error)
    const isAbort = leaving.signal.aborted
    if (isAbort && (error === signal?.reason || workload.wraps?.includes(code))) {
      const wrong = await workload.afterAbort?.(context).then(
        () => undefined,
        (/** @type {Error} */ left) => left.message,
      )
      return { outcome: /** @type {const} */ ('aborted'), ms: ms(), wrong }
    }
    const outcome = /** @type {const} */ ('rejected')
    const wanted = error instanceof Failed || workload.excused?.test(String(error))
    return { outcome, ms: ms(), wrong: wanted ? undefined : tell(error) }
  } finally {
    if (timer) clearTimeout(timer)
    // What the engine is still at when it is left may come after this.
    if (leaving.signal.aborted) world.late.push(name)
    await world.clear(name)
    for (const end of ['tmp', 'tar', 'copy']) {
      await rm(`${world.folder}/${name}.${end}`, { force: true })
    }
  }
}

/** @param {Promise<unknown>} work */
async function inTime(work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const hangs = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), HANGS)
  })
  try {
    await Promise.race([work, hangs])
  } finally {
    clearTimeout(timer)
  }
}

/** @param {any} error */
function tell(error) {
  const said = String(error?.stack ?? error)
  const why = error?.cause ? `\n  cause: ${error.cause.code} ${error.cause.message}` : ''
  const kind = error instanceof DokeresError ? `${error.code}: ` : ''
  return `${kind}${said.slice(0, 900)}${why}`
}
