// The way back to who asked, with the faults that concern its bytes whatever they mean.

/** So much of a reply comes byte by byte; the rest would only take time. */
const DRIPS = 3000

/** Thrown where a fault ends an exchange; there is nothing more to be written. */
export class Ended extends Error {}

/**
 * @typedef {import('../fault-proxy.mjs').Fault} Fault
 */

export class Wire {
  #socket
  #fault
  #fired
  #drips = DRIPS
  /** @type {Record<'head' | 'body', number>} */
  #written = { head: 0, body: 0 }

  /**
   * @param {import('node:net').Socket} socket
   * @param {Fault | undefined} fault
   * @param {() => void} fired is told when the fault shows
   */
  constructor(socket, fault, fired) {
    this.#socket = socket
    this.#fault = fault
    this.#fired = fired
  }

  /** @param {'head' | 'body'} part @param {Buffer} data */
  async write(part, data) {
    const fault = this.#fault
    const breaks = fault?.kind === 'cut' || fault?.kind === 'stall'
    if (breaks && (fault.side ?? 'reply') === 'reply' && fault.part === part) {
      const room = (fault.after ?? 0) - this.#written[part]
      if (room >= 0 && room < data.length) {
        await this.#raw(data.subarray(0, room))
        await this.#break(fault)
        data = data.subarray(room)
        this.#written[part] += room
      }
    }
    this.#written[part] += data.length
    if (fault?.kind !== 'drip' || fault.side === 'request') return this.#raw(data)
    this.#fired()
    const slow = Math.min(data.length, this.#drips)
    this.#drips -= slow
    for (let at = 0; at < slow; at++) await this.#raw(data.subarray(at, at + 1))
    return this.#raw(data.subarray(slow))
  }

  /** What ends the reply: a fault that has waited for more must not wait in vain. @param {Buffer} data */
  async last(data) {
    const fault = this.#fault
    const waits = fault?.part === 'body' && (fault.side ?? 'reply') === 'reply'
    if (waits && (fault.kind === 'cut' || fault.kind === 'stall')) {
      if (this.#written.body <= (fault.after ?? 0)) await this.#break(fault)
    }
    await this.#raw(data)
  }

  /** @param {Fault} fault */
  async #break(fault) {
    this.#fired()
    if (fault.kind === 'cut') {
      // What was written before is to arrive: a reset would overtake it.
      this.#socket.end()
      setTimeout(() => this.#socket.destroy(), 20)
      throw new Ended()
    }
    const over = new Promise((resolve) => this.#socket.once('end', resolve).once('close', resolve))
    if (fault.for === undefined) {
      await over
      throw new Ended()
    }
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, fault.for))])
  }

  /** @param {Buffer} data @returns {Promise<void>} */
  #raw(data) {
    const socket = this.#socket
    if (data.length === 0) return Promise.resolve()
    if (socket.destroyed || !socket.writable) return Promise.reject(new Ended())
    return new Promise((resolve, reject) => {
      socket.write(data, (error) => (error ? reject(new Ended()) : resolve()))
    })
  }
}
