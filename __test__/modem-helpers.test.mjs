// demuxStream and followProgress: any cut of the same bytes gives the same.
import assert from 'node:assert/strict'
import { PassThrough, Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { test } from 'node:test'
import { Modem } from 'dokeres/modem'

const modem = new Modem({ socketPath: '/nowhere' })

/** @param {number} kind @param {string | Buffer} content */
function frame(kind, content) {
  const data = Buffer.from(content)
  const header = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

/** @param {Buffer} bytes @param {number} size */
function cut(bytes, size) {
  const pieces = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  return Readable.from(pieces)
}

/** @param {Buffer} bytes @param {number} size */
async function demuxed(bytes, size) {
  /** @type {string[][]} */
  const written = [[], []]
  const sinks = written.map((list) => ({
    write: (/** @type {Buffer} */ data) => list.push(data.toString()) > 0,
  }))
  const source = cut(bytes, size)
  modem.demuxStream(source, /** @type {any} */ (sinks[0]), /** @type {any} */ (sinks[1]))
  await finished(source)
  return written
}

test('a frame is one write, however it is cut', async () => {
  const frames = [frame(1, 'one'), frame(2, 'two'), frame(1, ''), frame(3, 'told'), frame(1, 'ü')]
  const all = Buffer.concat(frames)
  for (let size = 1; size <= all.length; size++) {
    assert.deepEqual(await demuxed(all, size), [
      ['one', 'ü'],
      ['two', 'told'],
    ])
  }
})

test('what has no frames passes as it is', async () => {
  for (const said of ['x', 'a prompt $ ', '\x1b[0m']) {
    const [out, err] = await demuxed(Buffer.from(said), 3)
    assert.deepEqual([out.join(''), err], [said, []])
  }
  const [mixed] = await demuxed(Buffer.concat([frame(1, 'framed'), Buffer.from('no longer so')]), 5)
  assert.equal(mixed.join(''), 'framedno longer so')
})

test('a frame that is cut off gives nothing', async () => {
  assert.deepEqual(await demuxed(frame(1, 'all of it').subarray(0, 12), 4), [[], []])
})

test('a full sink pauses, one that nobody reads does not, one that is destroyed no longer', async () => {
  const chunk = Buffer.alloc(32 << 10)
  const frames = Array.from({ length: 64 }, (_, index) => frame(1 + (index % 2), chunk))
  const source = Readable.from(frames)
  /** @type {any[]} */
  const waiting = []
  const slow = new Writable({ write: (_data, _encoding, done) => waiting.push(done) })
  const unread = new PassThrough()
  modem.demuxStream(source, slow, unread)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.ok(source.isPaused())
  assert.ok(slow.writableLength <= 64 << 10)
  for (let count = 0; count < 8; count++) {
    waiting.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const ended = finished(source)
  slow.destroy()
  await ended
  assert.ok(unread.readableLength + unread.writableLength >= 32 * chunk.length - 1)
})

/** @param {Readable} stream */
function followed(stream) {
  /** @type {any[]} */
  const seen = []
  return new Promise((resolve) => {
    let calls = 0
    /** @type {any} */
    let found
    modem.followProgress(
      stream,
      (error, output) => {
        calls += 1
        found = { error, output, seen }
      },
      (line) => seen.push(line),
    )
    // After it: it must not be called once more.
    stream.once('close', () => setImmediate(() => resolve({ ...found, calls })))
  })
}

test('progress: lines of any cut, the last without its end', async () => {
  const bytes = Buffer.from('{"a":"ü"}\r\n\n{"b":2}\n{"c":3}')
  for (let size = 1; size <= bytes.length; size++) {
    const { error, output, seen, calls } = await followed(cut(bytes, size))
    assert.deepEqual([error, calls], [null, 1])
    assert.deepEqual(output, [{ a: 'ü' }, { b: 2 }, { c: 3 }])
    assert.deepEqual(seen, output)
  }
})

test('progress: an error line, a line that is none, a caller who stops, a failure', async () => {
  const lines = '{"status":"x"}\n{"errorDetail":{"message":"full"},"error":"full"}\n{"after":1}\n'
  const told = await followed(Readable.from([Buffer.from(lines)]))
  assert.deepEqual([told.error.code, told.error.message], ['SERVER_ERROR', 'full'])
  assert.equal(told.error.json.error, 'full')
  assert.deepEqual([told.output.length, told.calls], [3, 1])
  const odd = await followed(Readable.from([Buffer.from('<html>\n{"a":1}\n')]))
  assert.deepEqual([odd.error.code, odd.output.length], ['PROTOCOL_ERROR', 1])
  const open = new PassThrough()
  setImmediate(() => open.destroy())
  const stopped = await followed(open)
  assert.deepEqual([stopped.error, stopped.calls], [null, 1])
  const failing = new PassThrough()
  setImmediate(() => failing.destroy(new RangeError('mine')))
  const failed = await followed(failing)
  assert.deepEqual([failed.error.name, failed.calls], ['RangeError', 1])
})
