// Inside `scripts/engine run`: runs test files on the engine that is up; writes what it is and what came.
// usage: inside.mjs OUTPUT CONCURRENCY FILE …
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { api } from '../engine/api.mjs'
import { root } from '../run.mjs'

/** Of a file, beyond what `limit.mjs` sets for each of its tests. */
const LIMIT = 900_000

const [output = '', concurrency = '1', ...files] = process.argv.slice(2)
const { json: version } = await api(process.env.DOCKER_HOST ?? '', 'GET', '/version')
const lines = `${output}.lines`
const began = Date.now()
const args = [
  ...['--import', './scripts/lib/matrix/limit.mjs', '--expose-gc'],
  ...['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${LIMIT}`],
  ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
  ...['--test-reporter=./scripts/lib/matrix/reporter.mjs', `--test-reporter-destination=${lines}`],
  ...files.map((file) => join('__test__', `${file}.test.mjs`)),
]
const code = await new Promise((resolve, reject) => {
  const child = spawn('node', args, { cwd: root, stdio: 'inherit' })
  process.on('SIGTERM', () => child.kill())
  child.on('error', reject).on('close', resolve)
})
const results = readFileSync(lines, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line))
rmSync(lines)
const seconds = Math.round((Date.now() - began) / 1000)
writeFileSync(output, JSON.stringify({ version, seconds, code, results }, null, 1))
