// Every workload: all calls of the matrix of faults, each a workload, and those that go wrong on purpose.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { groups } from '../../../__test__/helpers/faults/calls/all.mjs'
import { clients } from './clients.mjs'
import { containers } from './containers.mjs'
import { images } from './images.mjs'
import { streams } from './streams.mjs'

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {(context: import('./common.mjs').Context) => Promise<unknown>} run
 * @property {string} [alone] not at the same time as others of this word
 * @property {RegExp} [excused] a failure of the engine's that is none of ours
 * @property {string[]} [wraps] codes that stand for an abort as well
 * @property {(context: import('./common.mjs').Context) => Promise<void>} [afterAbort] that nothing is left
 */

const { swarm: _, ...used } = groups

/** Calls of the matrix that are no good for many times, with the reason. @type {Record<string, string>} */
const WITHOUT = {
  'DokeresContainer.attach':
    'an engine sees that a reader has gone when it has something to write: not from one that is silent for ever',
  'Dokeres.events': 'the engine remembers its last 256 events',
  'DokeresContainer.events': 'the engine remembers its last 256 events',
}

/** @type {Workload[]} */
export const workloads = [
  ...Object.values(used).flatMap((calls) =>
    Object.entries(calls)
      .filter(([name]) => !(name in WITHOUT))
      .map(([name, call]) => fromCall(name, call)),
  ),
  ...Object.entries({ ...streams, ...images, ...containers, ...clients }).map(([name, run]) => ({
    name,
    run,
    // What is being written to when it is aborted says so by itself.
    wraps: ['STREAM_TRUNCATED'],
  })),
]

/** @param {string} name @param {import('../../../__test__/helpers/faults/calls/common.mjs').Call} call @returns {Workload} */
function fromCall(name, call) {
  return {
    name,
    alone: call.alone,
    // One that was aborted may still be at it.
    excused: /prune operation is already running/,
    wraps: call.wraps,
    async run(context) {
      const thing = await call.prepare?.(context)
      const result = await call.run({ ...context, thing })
      assert.ok(!call.right || call.right(result, context), `not the right result: ${result}`)
    },
    async afterAbort({ w, name }) {
      if (call.file) assert.ok(!existsSync(`${w.folder}/${name}${call.file}`), 'a file is left')
      if (call.prepare || call.names) return
      const left = await w.left(name)
      assert.deepEqual(left, [], 'an abort leaves something on the engine')
    },
  }
}
