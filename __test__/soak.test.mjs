// Nothing grows over cycles of create, start, wait, remove: a short run of bench/soak.mjs.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const soak = fileURLToPath(new URL('../bench/soak.mjs', import.meta.url))

test('150 cycles: descriptors and threads stay as many as they were', async (context) => {
  // Fails by its exit code where they grow, memory too, or containers are left.
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', soak, '150'], {
    timeout: 300_000,
  })
  context.diagnostic(stdout.trim())
  const measured = [...stdout.matchAll(/(\d+) descriptors, (\d+) threads/g)].map(([, ...numbers]) =>
    numbers.map(Number),
  )
  assert.equal(measured.length, 3)
  const [[descriptors, threads], , [laterDescriptors, laterThreads]] = measured
  assert.ok(laterDescriptors <= descriptors + 8, `${descriptors} → ${laterDescriptors}`)
  assert.ok(laterThreads <= threads + 4, `${threads} → ${laterThreads}`)
})
