'use strict'

const HEADER = 8
/** A frame that is longer than any engine writes goes on in pieces: memory stays bounded. */
const LONGEST = 1 << 20

/**
 * Takes the engine's frames apart: stdout's to one, stderr's to the other, a frame a write. What has
 * no frames, a terminal's output, goes to `stdout` as it is. A sink that is full pauses the source.
 * @param {import('node:stream').Readable} source
 * @param {import('node:stream').Writable} stdout
 * @param {import('node:stream').Writable} stderr
 */
function demuxStream(source, stdout, stderr) {
  /** @type {Buffer[]} */
  let parts = []
  let held = 0
  /** @type {import('node:stream').Writable | null} whose frame it is, behind the header */
  let sink = null
  let wanted = HEADER
  let hasFrames = true
  /** Sinks that are full. */
  const full = new Set()

  /** @param {import('node:stream').Writable} to @param {Buffer} data */
  function write(to, data) {
    if (data.length === 0 || to.write(data) !== false || typeof to.once !== 'function') return
    // Nobody reads the other end of it: it will not drain, whoever waits.
    if (/** @type {any} */ (to).readableFlowing === null || to.destroyed) return
    source.pause()
    if (full.has(to)) return
    full.add(to)
    const go = () => {
      to.off('drain', go).off('close', go)
      full.delete(to)
      if (full.size === 0) source.resume()
    }
    to.on('drain', go).on('close', go)
  }

  /** @param {number} count */
  function take(count) {
    const all = parts.length === 1 ? parts[0] : Buffer.concat(parts)
    parts = all.length > count ? [all.subarray(count)] : []
    held -= count
    return all.subarray(0, count)
  }

  /** @param {Buffer} header @returns {import('node:stream').Writable | undefined} */
  function sinkOf(header) {
    if (header[1] || header[2] || header[3]) return undefined
    // 3 is the engine's own word. 0, stdin's, went to stderr always.
    return header[0] === 1 ? stdout : header[0] <= 3 ? stderr : undefined
  }

  /** @param {Buffer} data */
  function feed(data) {
    if (!hasFrames) return write(stdout, data)
    parts.push(data)
    held += data.length
    while (hasFrames && held >= Math.min(wanted, LONGEST)) {
      if (sink) {
        const piece = take(Math.min(wanted, held))
        write(sink, piece)
        wanted -= piece.length
        if (wanted > 0) return
        sink = null
        wanted = HEADER
      } else {
        const header = take(HEADER)
        const to = sinkOf(header)
        if (to) {
          sink = to
          wanted = header.readUInt32BE(4)
        } else {
          hasFrames = false
          write(stdout, header)
          if (held > 0) write(stdout, take(held))
        }
      }
    }
  }

  source.on('data', (data) => feed(typeof data === 'string' ? Buffer.from(data) : data))
  // A terminal that has said less than a header is long.
  source.on('end', () => {
    if (hasFrames && !sink && held > 0 && parts[0][0] > 3) write(stdout, take(held))
  })
}

module.exports = { demuxStream }
