// `npm run bench` works: one tiny workload, its figures, its record and its plot. Not how fast it is.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { figures } from '../bench/lib/figures.mjs'
import { plot } from '../bench/lib/plot.mjs'
import { choose, load } from '../bench/lib/registry.mjs'
import { median, spread } from '../bench/lib/statistics.mjs'
import { api } from './helpers/engine.mjs'

const bench = fileURLToPath(new URL('../bench/run.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'dokeres-bench-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/**
 * @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ code: unknown, stdout: string, stderr: string }>}
 */
function run(args, env = {}) {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 60_000 }
    execFile(process.execPath, [bench, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
}

test('a tiny workload: all clients, their figures, and nothing left', async () => {
  const file = join(folder, 'results.json')
  const args = ['inspect-sequence', '--scale', '0.001', '--rounds', '1', '--json', file]
  const { code, stdout, stderr } = await run(args)
  assert.equal(code, 0, stdout + stderr)
  const record = JSON.parse(readFileSync(file, 'utf8'))
  const [{ name, clients, failures }] = record.workloads
  assert.deepEqual([name, failures], ['inspect-sequence', []])
  for (const client of ['dokeres', 'dockerode', 'limit']) {
    assert.ok(clients[client].wall > 0, client)
    assert.match(stdout, new RegExp(`^${client} +\\d`, 'm'))
  }
  for (const figure of ['cpu', 'processCpu', 'rss', 'threads']) {
    assert.ok(clients.dokeres[figure] > 0, figure)
  }
  assert.match(plot(record.workloads), /^<svg [\s\S]*one after another[\s\S]*<\/svg>\n$/)
  assert.match(figures(record), /\| `inspect-sequence`: .* of it +\| +1 \|/)
  const { json } = await api('GET', '/containers/json?all=1')
  const left = json.filter((/** @type {any} */ { Labels }) => 'dokeres.bench' in Labels)
  assert.deepEqual(left, [])
})

test('a check that fails fails the run, by name, and still nothing is left', async () => {
  // A curl that reads nothing and is content.
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'curl'), '#!/bin/sh\necho 0\n', { mode: 0o755 })
  const PATH = `${bin}:${process.env.PATH}`
  const args = ['archive-get', '--scale', '0.0001', '--rounds', '1']
  const { code, stdout, stderr } = await run(args, { PATH })
  assert.equal(code, 1, stdout + stderr)
  assert.match(stdout, /^FAILED limit: /m)
  assert.match(stderr, /^failed: archive-get$/m)
})

test('words choose by name or by beginning', async () => {
  const all = await load()
  const names = (/** @type {string[]} */ ...words) => choose(all, words).map(({ name }) => name)
  assert.deepEqual(names('logs'), ['logs-chunks', 'logs-lines', 'logs-filter'])
  assert.deepEqual(names('load'), ['load'])
  assert.deepEqual(names('stats', 'exec-16'), ['exec-16', 'stats'])
  assert.ok(!names().includes('list-3000'))
  assert.throws(() => names('nothing'), /no workload nothing; there are load /)
})

test('the middle and how far apart', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  assert.equal(spread([90, 100, 130]), 0.2)
})
