// A workload's rounds: all clients one after another, each time in another order, until the time is over.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './clients.mjs'
import { summary } from './statistics.mjs'
import { CLIENTS } from './workload.mjs'

const child = fileURLToPath(new URL('child.mjs', import.meta.url))
/** Where nothing is said of rounds and of time. */
const ROUNDS = 5
const LEAST = 3
/** Where all is to end in time, one that lasts longer than this has few. */
const PATIENCE = 180
/** What takes longer than this, in milliseconds, has failed. */
const LONGEST = 300_000

/**
 * @typedef {object} Options
 * @property {Record<string, any>} facts
 * @property {number} scale
 * @property {number | undefined} rounds a fixed number of them
 * @property {number | undefined} seconds no further round is begun that would end after them
 * @property {AbortSignal} signal
 */

/**
 * @param {import('./workload.mjs').Workload} workload @param {Options} options
 * @returns {Promise<import('./table.mjs').Result>}
 */
export async function rounds(workload, options) {
  const count = Math.max(1, Math.round((workload.count ?? 1) * options.scale))
  /** @type {Map<import('./workload.mjs').Client, import('./measure.mjs').Figures[]>} */
  const measured = new Map()
  /** @type {string[]} */
  const failures = []
  const able = CLIENTS.filter((client) => typeof workload.clients[client] === 'function')
  const clients = able.filter(isInstalled)
  const began = performance.now()
  for (let round = 0, longest = 0; goesOn(round, longest, began, options); round++) {
    const start = performance.now()
    for (const [index] of clients.entries()) {
      const client = clients[(index + round) % clients.length]
      if (failures.some((text) => text.startsWith(`${client}:`))) continue
      try {
        const figures = await measureOnce(workload.name, client, count, options)
        measured.set(client, [...(measured.get(client) ?? []), figures])
      } catch (error) {
        if (options.signal.aborted) throw options.signal.reason
        failures.push(`${client}: ${/** @type {Error} */ (error).message}`)
      }
    }
    longest = Math.max(longest, performance.now() - start)
  }
  const failed = (/** @type {string} */ client) =>
    failures.some((text) => text.startsWith(`${client}:`))
  const good = [...measured].filter(([client]) => !failed(client))
  return {
    name: workload.name,
    title: workload.title,
    figure: workload.figure,
    bound: workload.bound,
    scale: options.scale,
    clients: Object.fromEntries(good.map(([client, figures]) => [client, summary(figures)])),
    cannot: {
      ...Object.fromEntries(
        Object.entries(workload.clients).filter(([, why]) => typeof why === 'string'),
      ),
      ...Object.fromEntries(
        able.filter((client) => !isInstalled(client)).map((client) => [client, 'is not installed']),
      ),
    },
    failures,
  }
}

/** @param {number} round @param {number} longest @param {number} began @param {Options} options */
function goesOn(round, longest, began, { rounds: fixed, seconds, signal }) {
  signal.throwIfAborted()
  if (round === 0) return true
  if (fixed !== undefined) return round < fixed
  const spent = (performance.now() - began) / 1000
  if (seconds === undefined) return round < (spent < PATIENCE ? ROUNDS : LEAST)
  return round < ROUNDS && spent + longest / 1000 <= seconds
}

/**
 * @param {string} name @param {string} client @param {number} count @param {Options} options
 * @returns {Promise<import('./measure.mjs').Figures>}
 */
function measureOnce(name, client, count, { facts, signal }) {
  return new Promise((resolve, reject) => {
    const made = spawn(process.execPath, ['--no-warnings', child], {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      signal,
      timeout: LONGEST,
      killSignal: 'SIGKILL',
    })
    let [figures, errors] = ['', '']
    made.stdio[3]?.on('data', (part) => (figures += part))
    made.stderr?.on('data', (part) => (errors = (errors + part).slice(-4000)))
    made.stdin?.on('error', () => {})
    made.stdin?.end(JSON.stringify({ name, client, count, facts }))
    made.on('error', reject)
    made.on('close', (code) => {
      if (code === 0 && figures !== '') resolve(JSON.parse(figures))
      else reject(new Error(`ended with ${code}: ${gist(errors)}`))
    })
  })
}

/** Of what Node prints of an error: the error. @param {string} text */
function gist(text) {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => /Error/.test(line))
  return lines
    .slice(Math.max(0, first), first < 0 ? -1 : first + 6)
    .join('\n')
    .trim()
}
