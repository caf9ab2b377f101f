// What the workloads have in common.
import assert from 'node:assert/strict'

/**
 * What a workload is given: `d` is a client that others have too, `plain` makes what is needed before, `w`
 * is what all share; `name`, `labels` and the file `${w.folder}/${name}.tmp` are its own; `o` has the signal,
 * which may be aborted at any time; `dice` is its chance.
 * @typedef {{ d: import('dokeres').Dokeres, plain: import('dokeres').Dokeres, w: any, name: string, label: string,
 *   labels: Record<string, string>, thing?: any, o: { signal?: AbortSignal },
 *   dice: import('../dice.mjs').Dice }} Context
 */

/** @typedef {Record<string, (context: Context) => Promise<unknown>>} Workloads */

/** Told from all that could go wrong by itself. */
export class Thrown extends Error {}

/** What a workload throws that had to fail, and did. */
export class Failed extends Error {}

/**
 * The call must reject: by one of these codes, with what was thrown in it (`THROWN`), or because of an abort.
 * @param {Context} context @param {() => unknown} call @param {...string} codes @returns {Promise<never>}
 */
export async function rejects({ o }, call, ...codes) {
  try {
    await call()
  } catch (error) {
    if (o.signal?.aborted && error === o.signal.reason) throw error
    const code = error instanceof Thrown ? 'THROWN' : /** @type {any} */ (error).code
    if (!codes.includes(code)) throw error
    throw new Failed(code)
  }
  return assert.fail(`it resolves, where ${codes} was to come`)
}

/** A container that prints a line every 20 ms, for streams. @param {Context} context */
export const talker = ({ d, w }) => d.container(w.talker)

/** @param {Context} context */
export const running = ({ d, w }) => d.container(w.running)

/** Reads some of it, and leaves. @param {AsyncIterable<unknown>} stream @param {number} count */
export async function some(stream, count) {
  for await (const _ of stream) if (--count <= 0) break
}

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
