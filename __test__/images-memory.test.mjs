// Images of any size, in the memory of a few chunks, and with the event loop free.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { removeImage, uniqueName } from './helpers/engine.mjs'

const GIB = 2 ** 30
const MOST_MIB = 64
const MOST_BLOCKED_MS = 300

test('1 GiB imported, saved and loaded: memory is bounded, and nothing blocks', async (t) => {
  const child = fileURLToPath(new URL('helpers/image-memory.mjs', import.meta.url))
  const name = uniqueName('big')
  try {
    const args = ['--expose-gc', child, name, String(GIB)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    for (const [what, { grown, blocked, seconds, size }] of Object.entries(JSON.parse(stdout))) {
      t.diagnostic(`${what}: ${grown} MiB more, blocked for ${blocked} ms at most, ${seconds} s`)
      assert.ok(grown < MOST_MIB, `${what}: ${grown} MiB`)
      assert.ok(blocked < MOST_BLOCKED_MS, `${what}: blocked for ${blocked} ms`)
      if (size !== undefined) assert.ok(size >= GIB, `${what}: ${size} bytes`)
    }
  } finally {
    await removeImage(name)
  }
})
