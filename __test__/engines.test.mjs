// The matrix of engines: its page says what was recorded, and its judge lets nothing pass unseen.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { format, resolveConfig } from 'prettier'
import { choose } from '../scripts/lib/matrix/files.mjs'
import { judge } from '../scripts/lib/matrix/judge.mjs'
import { page } from '../scripts/lib/matrix/page.mjs'
import { root } from '../scripts/lib/run.mjs'
import { differences } from './helpers/engine-differences.mjs'

const read = (/** @type {string} */ name) => readFileSync(join(root, 'docs', name), 'utf8')
const recorded = JSON.parse(read('engines.json'))

test('docs/engines.md is what was recorded', async () => {
  const path = join(root, 'docs', 'engines.md')
  const options = { ...(await resolveConfig(path)), filepath: path }
  assert.equal(read('engines.md'), await format(page(recorded), options))
})

test('every runtime was recorded, and every difference that is told was met', () => {
  assert.equal(recorded.runtimes.length, 6)
  for (const { engines, says, tests, sometimes } of differences) {
    for (const engine of engines) {
      const { differs } = recorded.engines[engine]
      const told = differs.find((/** @type {any} */ one) => one.says === says)
      assert.ok(told, `${engine}: ${says}; say npm run matrix -- --engines ${engine} --again`)
      const files = new Set(told.tests.map((/** @type {any} */ one) => one.file))
      if (!sometimes) assert.deepEqual([...files].sort(), Object.keys(tests).sort(), says)
    }
  }
})

test('a failure that nobody knows of is told, and a difference that is none any more', () => {
  /** @type {import('../scripts/lib/matrix/reporter.mjs').Result[]} */
  const results = [
    { file: 'a', test: 'passes', result: 'pass' },
    { file: 'a', test: 'one', result: 'fail', message: 'why' },
    { file: 'a', test: 'two › deep', result: 'fail', message: 'why' },
    { file: 'a', test: 'skipped', result: 'skip', message: 'no root' },
    { file: 'b', test: 'one', result: 'fail', message: 'why' },
  ]
  const known = [
    {
      engines: ['x'],
      says: 'It differs.',
      tests: { a: ['one', 'two', 'passes'], c: ['was not run'] },
    },
    { engines: ['y'], says: 'Another does.', tests: { b: [/./] } },
  ]
  const x = judge('x', results, known)
  assert.deepEqual(
    x.unexplained.map(({ file, test: name }) => `${file} ${name}`),
    ['b one'],
  )
  assert.deepEqual(x.stale, [{ file: 'a', test: 'passes' }])
  assert.deepEqual([x.passed, x.failed, x.skipped.length], [1, 3, 1])
  assert.equal(x.told[0]?.tests.length, 2)
  const y = judge('y', results, known)
  assert.deepEqual([y.unexplained.length, y.stale.length], [2, 0])
})

test('what runs on an engine is what talks to one', () => {
  const { files, left } = choose('podman')
  const all = [...files, ...left.flatMap((one) => one.files)]
  assert.equal(new Set(all).size, all.length)
  for (const name of ['run', 'task', 'events', 'files', 'push'])
    assert.ok(files.includes(name), name)
  for (const name of ['house', 'exports', 'docs', 'engines']) assert.ok(!all.includes(name), name)
  assert.ok(left.some(({ files: names, why }) => names.includes('swarm') && /no swarm/.test(why)))
})
