// Nothing grows, whatever is done and however it ends: a short run of `npm run soak`.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const soak = fileURLToPath(new URL('../bench/soak/run.mjs', import.meta.url))

test('workloads of all kinds, a third of them aborted, leave nothing behind', (context) => {
  // Each workload at least once, and always the same order: by chance, what is wrong would be seen by chance.
  const args = ['--expose-gc', soak, '--minutes', '0.05', '--seed', '7']
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 })
  const said = run.stdout + run.stderr
  for (const line of said.match(/^(seed|at|all|memory).*$/gm) ?? []) context.diagnostic(line)
  assert.equal(run.status, 0, said)
})
