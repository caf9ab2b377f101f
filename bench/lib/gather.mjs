// What dockerode and the SDK leave to their users: output gathered, counted, cut into lines.
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** A stream that keeps all. */
export function sink() {
  /** @type {Buffer[]} */
  const parts = []
  const stream = new Writable({
    write(part, _, done) {
      parts.push(part)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(parts).toString() }
}

/** A stream that counts. */
export function counter() {
  const counted = { bytes: 0 }
  const stream = new Writable({
    write(part, _, done) {
      counted.bytes += part.length
      done()
    },
  })
  return { stream, counted }
}

/**
 * dockerode's stream taken apart and read to its end.
 * @param {any} modem @param {import('node:stream').Readable} stream
 */
export async function gather(modem, stream) {
  const [stdout, stderr] = [sink(), sink()]
  modem.demuxStream(stream, stdout.stream, stderr.stream)
  await finished(stream, { writable: false })
  return { stdout: stdout.text(), stderr: stderr.text() }
}
