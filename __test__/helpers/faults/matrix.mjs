// Every call by every fault that applies: made from the table of calls and that of faults.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres, DokeresError } from '../../../index.js'
import { faultProxy } from '../fault-proxy.mjs'
import { CODES, KINDS, WORDS } from './kinds.mjs'
import { each, interleaved } from './queue.mjs'

/** @typedef {import('./kinds.mjs').Kind} Kind */
/** @typedef {import('./calls/common.mjs').Call} Call */
/** @typedef {{ method: string, call: Call, key: string, nth: number, kind: Kind }} Cell */

/** What a cell may take, all in all, before its client's own limits must have shown. */
const DEADLINE = 14_000
/** What its client waits for, where the engine is silent; by then the caller gives up. */
const [TIMEOUT, GIVES_UP] = [1000, 2200]
/** And as long again for what it has begun, where the engine does not answer at all. */
const CLEANS_UP = 10_000

/** Whether nothing can go over the connection afterwards. @param {import('../fault-proxy.mjs').Fault} fault */
const BREAKS = ({ kind, part, for: time }) =>
  ['cut', 'silent', 'fin', 'chunk', 'length'].includes(kind) ||
  (kind === 'stall' && time === undefined) ||
  (kind === 'garbage' && part === 'head')

const CREATES = 'POST /containers/create'
/** Cells whose client cannot know what the engine has made in the end. @type {Set<string>} */
const unknown = new Set()

let count = 0

/** Which request it is, for one to be told again in the next run. @param {{ method: string, target: string }} asked @param {string} name */
function keyOf({ method, target }, name) {
  const [path = ''] = target.split('?')
  return `${method} ${path.replace(/\/[0-9a-f]{12,}/g, '/*').replaceAll(encodeURIComponent(name), '*')}`
}

/**
 * One call, with what it takes before and after it.
 * @param {any} world @param {Call} call @param {(context: any, proxy: any) => Promise<void>} body
 * @param {{ timeout?: number }} [options]
 */
async function staged(world, call, body, { timeout = 30_000 } = {}) {
  const { plain, label, engine } = world
  const name = `cell${++count}`
  // By turns: what a connection does at its end is not the same.
  const proxy = await faultProxy(engine.host, { tcp: count % 2 === 0 })
  const d = new Dokeres({ host: proxy.url, timeout })
  const context = { d, plain, w: world, name, label, labels: { [label]: name }, o: {} }
  try {
    const thing = await patiently(() => call.prepare?.(context))
    await body({ ...context, thing }, proxy)
  } finally {
    await proxy.close()
    await world.clear(name)
  }
}

/**
 * An engine that has much to do may be too slow for a client's short limit, and the registry takes a link
 * that is just being written for a broken one.
 * @param {() => any} work
 */
async function patiently(work) {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const { code, message } = /** @type {any} */ (error)
      const passes = code === 'TIMEOUT' || /unexpected HTTP status: 500/.test(message)
      if (!passes || tries === 3) throw error
    }
  }
}

/** @param {any} result @param {Call} call @param {any} context */
function assertRight(result, call, context) {
  assert.ok(!call.right || call.right(result, context), `not the right result: ${show(result)}`)
}

/** @param {any} value */
const show = (value) =>
  (
    JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}` : one)) ?? String(value)
  ).slice(0, 300)

/** The requests that a call makes. @param {any} world @param {string} method @param {Call} call @returns {Promise<Cell[]>} */
async function cellsOf(world, method, call) {
  /** @type {Cell[]} */
  const cells = []
  await staged(world, call, async (context, proxy) => {
    const outcome = await patiently(async () => {
      proxy.behave()
      const [value, failed] = await within(call.run(context))
      if (failed) throw value
      return value
    })
    assertRight(outcome, call, context)
    /** @type {Map<string, number>} */
    const seen = new Map()
    for (const asked of proxy.requests) {
      const key = keyOf(asked, context.name)
      const nth = seen.get(key) ?? 0
      seen.set(key, nth + 1)
      // More of the same are a poll.
      if (nth > 0) continue
      // What tidies up after itself cannot, where it is the removal that fails.
      const tidies = asked.method === 'DELETE' && !call.prepare
      const kinds = KINDS.filter(
        ({ on, rule }) => on(asked, call) && !(tidies && rule !== 'harmless'),
      )
      const some = sample(kinds, cells.length + method.length, call.costs ? 28 : 14, 2)
      cells.push(...some.map((kind) => ({ method, call, key, nth, kind })))
    }
  })
  return cells
}

/**
 * Of the kinds by turns: each so many-th, of those that tell the most each `often`-th; with
 * `DOKERES_FAULTS=all` all of them.
 * @param {Kind[]} kinds @param {number} turn @param {number} every @param {number} often
 */
export function sample(kinds, turn, every, often) {
  if (process.env.DOKERES_FAULTS === 'all') return kinds
  return kinds.filter(({ first }, at) => (at + turn) % (first ? often : every) === 0)
}

/** @param {Cell} cell */
export const titleOf = ({ method, key, nth, kind }) =>
  `${method}, ${kind.name}, at ${key}${nth ? ` (${nth + 1})` : ''}`

/** @param {any} world @param {Cell} cell @returns {Promise<boolean>} whether the fault showed */
async function run(world, { call, key, nth, kind }) {
  const silent = kind.rule === 'silent'
  let fired = false
  const body = async (/** @type {any} */ context, /** @type {any} */ proxy) => {
    let seen = 0
    proxy.behave((/** @type {any} */ asked) => {
      const here = keyOf(asked, context.name) === key && seen++ >= nth
      if (!here && !(kind.onwards && fired)) return undefined
      if (call.once && fired) return undefined
      fired = true
      return kind.fault
    })
    const signal = silent ? AbortSignal.timeout(GIVES_UP) : AbortSignal.timeout(DEADLINE)
    const began = performance.now()
    const [outcome, failed] = await within(call.run({ ...context, o: { signal } }))
    const took = Math.round(performance.now() - began)
    proxy.behave()
    if (!fired) return
    if (failed) assertRightFailure(outcome, call, kind, signal)
    else if (kind.rule !== 'swapped' && kind.fault.kind !== 'frame' && !(call.raw && kind.says))
      assertRight(outcome, call, context)
    if (silent) assert.ok(took < GIVES_UP + CLEANS_UP + 1500, `took ${took} ms`)
    // The same client goes on, and what was hurt is not kept.
    assert.ok((await patiently(() => context.d.ping())).apiVersion, 'the next call')
    if (BREAKS(kind.fault) && !kind.onwards)
      await soon(
        () => proxy.hurt() === 0,
        () => 'a hurt connection is kept',
      )
    if (kind.onwards || key === CREATES) unknown.add(context.name)
    if (!failed || kind.onwards) return
    if (call.file)
      assert.ok(!existsSync(`${world.folder}/${context.name}${call.file}`), 'a file is left')
    const makes = !call.prepare && !call.names
    const lostCreation = key === CREATES && kind.rule !== 'refused'
    if (makes && !lostCreation) {
      const left = (await world.inventory()).filter((/** @type {string} */ one) =>
        one.includes(context.name),
      )
      assert.deepEqual(left, [], 'left on the engine')
    }
  }
  await staged(world, call, body, { timeout: silent ? TIMEOUT : 30_000 })
  return fired
}

/** @param {any} error @param {Call} call @param {Kind} kind @param {AbortSignal} signal */
function assertRightFailure(error, call, kind, signal) {
  const text = `${String(error?.stack ?? error)
    .split('\n    at')
    .slice(0, 1)}${error?.cause ? `\ncause: ${error.cause.code} ${error.cause.message}` : ''}`
  if (kind.rule === 'silent' && error === signal.reason) return
  assert.ok(error instanceof DokeresError, `no DokeresError: ${text}`)
  const right = [...CODES[kind.rule], ...(kind.rule === 'harmless' ? [] : (call.wraps ?? []))]
  if (call.waits && kind.rule !== 'harmless') right.push('TIMEOUT')
  assert.ok(
    right.includes(error.code),
    `${error.code} is none of ${right.join(' ') || 'any'}: ${text}`,
  )
  assert.ok(
    !/\n/.test(error.message) && error.message.length < 1500,
    `one sentence: ${error.message}`,
  )
  if (
    (kind.rule === 'refused' || kind.rule === 'told') &&
    !(call.waits && error.code === 'TIMEOUT')
  ) {
    assert.ok(show(told(error)).includes(WORDS), `does not say why: ${text}`)
  }
}

/** All that it says, with its causes. @param {any} error @returns {unknown} */
const told = (error) => [error.message, error.results, error.cause && told(error.cause)]

/** @param {Promise<any>} promise @param {number} [most] @returns {Promise<[any, boolean]>} its outcome, and whether it failed */
export async function within(promise, most = DEADLINE + 1000) {
  const settled = promise.then(
    (value) => /** @type {[any, boolean]} */ ([value, false]),
    (error) => /** @type {[any, boolean]} */ ([error, true]),
  )
  const hangs = sleep(most).then(() => {
    throw new Error(`hangs: nothing after ${most} ms`)
  })
  hangs.catch(() => {})
  return Promise.race([settled, hangs])
}

/** @param {() => boolean} condition @param {() => string} tell */
async function soon(condition, tell) {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 600, tell())
    await sleep(10)
  }
}

/**
 * Runs the whole matrix of these calls, many cells at a time.
 * @param {any} world @param {import('./calls/common.mjs').Calls} calls
 */
export async function runMatrix(world, calls) {
  const only = process.env.DOKERES_MATRIX
  /** @type {string[]} */
  const failures = []
  const fails = (/** @type {string} */ title, /** @type {any} */ error) =>
    void failures.push(`${title}:\n    ${error?.message ?? error}`)
  /** @type {Cell[]} */
  const cells = []
  const entries = Object.entries(calls).filter(([method]) => !only || method.includes(only))
  await each(entries, async ([method, call]) => {
    try {
      cells.push(...(await cellsOf(world, method, call)))
    } catch (error) {
      fails(`${method}, without a fault`, error)
    }
  })
  let shown = 0
  await each(interleaved(cells), async (cell) => {
    const began = performance.now()
    try {
      const [outcome, failed] = await within(run(world, cell), 2 * DEADLINE)
      if (failed) throw outcome
      if (outcome) shown += 1
    } catch (error) {
      fails(titleOf(cell), error)
    }
    if (process.env.DOKERES_MATRIX_TIMES) {
      console.log(Math.round(performance.now() - began), titleOf(cell))
    }
  })
  // By now the engine is no longer at it; the helpers of other cells reach the volume that all share.
  for (const name of [...unknown, world.volume]) await world.clear(name)
  return { cells: shown, failures }
}
