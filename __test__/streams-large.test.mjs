// Much output, through every way that there is: byte for byte, and in the memory of a few chunks.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const child = fileURLToPath(new URL('helpers/stream-memory.mjs', import.meta.url))
const MIB = 2 ** 20
const MOST_MIB = 64

/** In a process of its own: its memory is nobody else's. */
async function read(way, size, pause = 0) {
  const args = ['--expose-gc', child, way, `${size}`, `${pause}`]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

for (const way of ['logs', 'attach', 'exec']) {
  test(`200 MiB through ${way}, byte for byte`, async (t) => {
    const { bytes, grown, digest, said } = await read(way, 200 * MIB)
    t.diagnostic(`${bytes} bytes, ${grown} MiB more`)
    assert.ok(bytes > 200 * MIB, `${bytes} bytes`)
    assert.equal(digest, said)
    // What a command says is also collected.
    if (way !== 'exec') assert.ok(grown < MOST_MIB, `${grown} MiB more`)
  })
}

test('1 GiB to a consumer that sleeps 1 ms a chunk: the producer waits, memory is bounded', async (t) => {
  const { bytes, chunks, grown } = await read('flood', 1024 * MIB, 1)
  t.diagnostic(`${chunks} chunks, ${grown} MiB more`)
  assert.equal(bytes, 1024 * MIB)
  assert.ok(grown < MOST_MIB, `${grown} MiB more`)
})
