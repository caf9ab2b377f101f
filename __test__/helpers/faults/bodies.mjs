// The faults that concern what a reply says: its body is changed, its framing is right.

/** @typedef {import('../fault-proxy.mjs').Fault} Fault */

/** What is neither HTTP nor JSON nor a frame nor a tar. */
export const GARBAGE = Buffer.from('%PDF-1.4 \0\x01\x02 nonsense\r\n\xff\xfe{"', 'latin1')

/**
 * @param {AsyncIterable<Buffer>} pieces @param {Fault | undefined} fault @param {() => void} fired
 * @returns {AsyncIterable<Buffer>}
 */
export function faulty(pieces, fault, fired) {
  const change = fault && CHANGES[fault.kind]
  if (!fault || !change) return pieces
  return change(pieces, fault, fired)
}

/** @type {Partial<Record<Fault['kind'], (pieces: AsyncIterable<Buffer>, fault: Fault, fired: () => void) => AsyncIterable<Buffer>>>} */
const CHANGES = {
  async *rechunk(pieces, { size = 1 }, fired) {
    fired()
    let left = 3000
    for await (const piece of pieces) {
      let at = 0
      for (; at < piece.length && left > 0; at += size, left -= 1) {
        yield piece.subarray(at, at + size)
      }
      if (at < piece.length) yield piece.subarray(at)
    }
  },

  /** The first boundary is `after` bytes from the start, and there is no other. */
  async *boundary(pieces, { after = 0 }, fired) {
    const whole = await all(pieces)
    fired()
    if (after > 0) yield whole.subarray(0, after)
    if (after < whole.length) yield whole.subarray(after)
  },

  async *garbage(_pieces, _fault, fired) {
    fired()
    yield GARBAGE
  },

  /** Half of it, and then a proper end. */
  async *truncate(pieces, _fault, fired) {
    const whole = await all(pieces)
    fired()
    yield whole.subarray(0, Math.max(1, (whole.length * 5) >> 3))
  },

  /** A frame that claims `length` bytes, and is followed by what there is. */
  async *frame(pieces, { length = 0xff_ff_ff_ff }, fired) {
    const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
    header.writeUInt32BE(length, 4)
    fired()
    yield header
    yield* pieces
  },

  /** It begins well, and then says that it went wrong. */
  async *'error-line'(pieces, { words = 'something broke' }, fired) {
    for await (const piece of pieces) {
      const end = piece.indexOf('\n') + 1
      yield piece.subarray(0, end)
      break
    }
    fired()
    yield Buffer.from(`${JSON.stringify({ errorDetail: { message: words }, error: words })}\r\n`)
  },
}

/** Of what goes on for ever, as much as comes within a moment. @param {AsyncIterable<Buffer>} pieces */
async function all(pieces) {
  /** @type {Buffer[]} */
  const found = []
  const iterator = pieces[Symbol.asyncIterator]()
  const end = new Promise((resolve) => setTimeout(resolve, 1000, { done: true }))
  for (;;) {
    const { done, value } = await Promise.race([iterator.next(), end])
    if (done) return Buffer.concat(found)
    found.push(value)
  }
}
