// What the process and the engine have at a moment when nothing is under way.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { getEventListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { api } from '../../scripts/lib/engine/api.mjs'

/**
 * @typedef {object} Census
 * @property {number} rss MiB, of what is not a file's @property {number} heap MiB, of V8 @property {number} fds @property {number} threads
 * @property {number} listeners of the process and of the signal that all share
 * @property {number} handles what would keep the process alive
 * @property {number} goroutines of the engine @property {number} temporary files
 */

/** How long what has just ended is given to be gone: a worker of the runtime's rests for 10 s. */
const SETTLES = 15_000

/** @param {any} world @param {AbortSignal} shared @param {string} temporary @returns {Promise<Census>} */
async function look(world, shared, temporary) {
  globalThis.gc?.()
  // What finalizers let go is closed on other threads; what that frees, by the next collection.
  await pause(100)
  globalThis.gc?.()
  await pause(50)
  const status = readFileSync('/proc/self/status', 'utf8')
  const number = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return {
    rss: Math.round(number('RssAnon') / 102.4) / 10,
    heap: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
    fds: readdirSync('/proc/self/fd').length,
    threads: number('Threads'),
    listeners:
      process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0) +
      getEventListeners(shared, 'abort').length,
    handles: process.getActiveResourcesInfo().length,
    goroutines: [...(await goroutines(world)).values()].reduce((sum, count) => sum + count, 0),
    temporary: readdirSync(temporary, { recursive: true }).length,
  }
}

/** Names of what has to be as it was; memory is another matter. */
export const COUNTED = /** @type {const} */ ([
  'fds',
  'threads',
  'listeners',
  'handles',
  'goroutines',
  'temporary',
])

/** What each may be more than at first, with the reason. @type {Record<typeof COUNTED[number], number>} */
export const ALLOWED = {
  // That of the connection by which this is asked, and one of Node's that it opens when it likes.
  fds: 2,
  // Node's and the runtime's own pools are full after the warm-up; blocking threads come and go.
  threads: 2,
  listeners: 0,
  handles: 1,
  // The engine's own housekeeping: its timers, and its connections to containerd, which it opens as it likes.
  goroutines: 12,
  temporary: 0,
}

/**
 * Counts, once all has settled: at once where there is nothing to compare with, or nothing more than there was.
 * @param {any} world @param {AbortSignal} shared @param {string} temporary @param {Census} [before]
 */
export async function census(world, shared, temporary, before) {
  const end = performance.now() + SETTLES
  for (;;) {
    const now = await look(world, shared, temporary)
    if (performance.now() > end || (before && grown(before, now).length === 0)) return now
    if (!before && performance.now() > end - SETTLES + 1500) return now
  }
}

/** @param {Census} before @param {Census} now */
export function grown(before, now) {
  return COUNTED.filter((name) => now[name] > before[name] + ALLOWED[name])
}

/** What there is of a thing of which there is too much. @param {string[]} names */
export function details(names) {
  const told = []
  if (names.includes('fds')) told.push(...readdirSync('/proc/self/fd').map(linked))
  if (names.includes('handles')) told.push(process.getActiveResourcesInfo().join(' '))
  if (names.includes('listeners')) {
    told.push(
      process
        .eventNames()
        .map((n) => `${String(n)} ${process.listenerCount(n)}`)
        .join(),
    )
  }
  if (names.includes('threads')) {
    const tasks = readdirSync('/proc/self/task')
    told.push(tasks.map((t) => readFileSync(`/proc/self/task/${t}/comm`, 'utf8').trim()).join())
  }
  return told.join('\n')
}

/** What the engine forgets by itself when its caller leaves (moby 20.10); our side of it is among the descriptors. */
const FORGOTTEN = [
  // The progress of a pull, before there is a lease for it.
  /WriteDistributionProgress/,
  // A reader of a container's streams: until it writes on each of them, for ever where it never ran.
  /containerAttach|CopyStreams/,
  // A build by BuildKit that is being told of.
  /builder-next|progress\.\(\*MultiReader\)/,
]

/** The engine's goroutines: how many are where. @param {any} world */
export async function goroutines({ engine }) {
  const { text } = await api(engine.host, 'GET', '/debug/pprof/goroutine?debug=1')
  /** @type {Map<string, number>} */
  const found = new Map()
  for (const block of text.split('\n\n')) {
    const count = Number(/^(\d+) @/m.exec(block)?.[1])
    const places = [...block.matchAll(/^#\t0x\w+\t(\S+)\+0x/gm)].map(([, place]) => place)
    const key = places.slice(0, 8).join(' < ')
    if (count && !FORGOTTEN.some((one) => one.test(key)))
      found.set(key, (found.get(key) ?? 0) + count)
  }
  return found
}

/** @param {Map<string, number>} before @param {Map<string, number>} now */
export function goroutinesGrown(before, now) {
  return [...now]
    .map(([place, count]) => ({ place, more: count - (before.get(place) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ place, more }) => `${more} more goroutines: ${place}`)
    .join('\n')
}

/** @param {string} fd */
function linked(fd) {
  try {
    return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`
  } catch {
    return `${fd} gone`
  }
}
