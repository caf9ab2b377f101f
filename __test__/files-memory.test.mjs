// 200 MB through every way of copying: byte for byte, in the memory of a few chunks, with the event loop free.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { assertNothingLeft, label } from './helpers/engine.mjs'

const BYTES = 200 << 20
const MOST_MIB = 64
const MOST_BLOCKED_MS = 300

test('200 MB in and out: every byte, bounded memory', async (t) => {
  const child = fileURLToPath(new URL('helpers/files-memory.mjs', import.meta.url))
  const marked = `${label}=files-memory`
  const args = ['--expose-gc', child, marked, String(BYTES)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const report = Object.entries(JSON.parse(stdout))
  assert.equal(report.length, 7)
  for (const [what, { grown, blocked, seconds, right }] of report) {
    t.diagnostic(`${what}: ${grown} MiB more, blocked for ${blocked} ms at most, ${seconds} s`)
    assert.ok(right, `${what}: not the same bytes`)
    assert.ok(grown < MOST_MIB, `${what}: ${grown} MiB`)
    assert.ok(blocked < MOST_BLOCKED_MS, `${what}: blocked for ${blocked} ms`)
  }
  await assertNothingLeft(marked)
})
