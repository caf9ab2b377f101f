// A way to an engine or to a registry that fails as it is told to: what fails, and how, is plain data.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Exchange } from './faults/exchange.mjs'
import { Reader, readHead } from './faults/http.mjs'
import { Ended } from './faults/wire.mjs'

/**
 * @typedef {object} Fault
 * @property {'cut' | 'stall' | 'drip' | 'rechunk' | 'boundary' | 'garbage' | 'truncate' | 'frame' | 'error-line'
 *   | 'status' | 'silent' | 'deaf' | 'fin' | 'chunk' | 'length' | 'other-reply' | 'surplus'} kind
 * @property {'request' | 'reply'} [side] of `cut`, `stall` and `drip`; default `reply`
 * @property {'head' | 'body'} [part] of a reply: where `after` counts from
 * @property {number} [after] bytes that go through before
 * @property {number} [for] how long a stall is, in milliseconds; default for ever
 * @property {number} [size] of the chunks; of a chunk that is announced
 * @property {number} [length] that is announced
 * @property {number} [status]
 * @property {string} [words] what a reply says of the failure
 * @property {string} [path] of the request that is asked instead
 */

/**
 * @typedef {object} Asked
 * @property {string} method
 * @property {string} target path and query
 * @property {number} [status]
 * @property {string} [type]
 * @property {number} size of the reply's body, so far
 */

/** @typedef {(asked: Asked) => Fault | undefined} Script a request without a fault is passed through */

/** @param {string} target `unix://…`, or `host:port` */
const addressOf = (target) => {
  if (target.startsWith('unix://')) return { socketPath: target.slice(7) }
  const [host, port] = target.replace(/^\w+:\/\//, '').split(':')
  return { host, port: Number(port) }
}

/** @param {string} target where the real one is @param {{ tcp?: boolean }} [options] */
export async function faultProxy(target, { tcp = false } = {}) {
  const far = addressOf(target)
  /** @type {Script} */
  let script = () => undefined
  /** @type {Asked[]} */
  const requests = []
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  /** @type {Set<import('node:net').Socket>} those that a fault has befallen */
  const hurt = new Set()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    sockets.add(near)
    near.setNoDelay(true)
    // Each request over it waits for its end.
    near.setMaxListeners(0)
    near.on('error', () => {})
    near.on('close', () => {
      sockets.delete(near)
      hurt.delete(near)
    })
    converse(near, { far, requests, hurt, choose: (asked) => script(asked) }).catch((error) => {
      near.destroy()
      if (!(error instanceof Ended)) throw error
    })
  })
  const path = join(mkdtempSync(join(tmpdir(), 'dokeres-fault-')), 'docker.sock')
  const place = tcp ? { host: '127.0.0.1', port: 0 } : { path }
  await new Promise((resolve) => server.listen(place, () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    /** As `DOCKER_HOST` has it. */
    url: tcp ? `tcp://127.0.0.1:${port}` : `unix://${path}`,
    /** As an image's name has it. */
    address: `127.0.0.1:${port}`,
    requests,
    openSockets: () => sockets.size,
    /** How many connections are open still that a fault has befallen. */
    hurt: () => hurt.size,
    /** From here on; what was asked before is forgotten. @param {Script} [next] */
    behave(next = () => undefined) {
      script = next
      requests.length = 0
    },
    /** Ends those. */
    breakHurt() {
      for (const socket of hurt) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(dirname(path), { recursive: true, force: true })
    },
  }
}

/** @typedef {{ socketPath: string } | { host?: string, port: number }} Far */

/**
 * @typedef {object} Course
 * @property {Far} far
 * @property {Asked[]} requests
 * @property {Set<import('node:net').Socket>} hurt
 * @property {Script} choose
 */

/** @param {import('node:net').Socket} near @param {Course} course */
async function converse(near, course) {
  const reader = new Reader(near)
  for (;;) {
    const head = await readHead(reader)
    if (!head) return void near.destroy()
    /** @type {Asked} */
    const asked = { method: head.method, target: head.target, size: 0 }
    course.requests.push(asked)
    const fault = course.choose(asked)
    const fired = () => {
      // Of one that has ended its half nobody sees how the other ends.
      if (!near.destroyed && !near.readableEnded && fault?.kind !== 'deaf') course.hurt.add(near)
    }
    const goesOn = await new Exchange(near, reader, head, asked, fault, fired, course.far).carry()
    if (!goesOn) return undefined
  }
}
