// `npm run matrix`: the live tests against each engine, and dokeres in each runtime; writes docs/engines.md.
//   -- --engines 28,podman   only these; `--engines none` for the runtimes alone
//   -- --files run,exec      only these test files: tells, and records nothing
//   -- --runtimes no         not the runtimes
//   -- --again               what the last whole run of each engine saw, held against what is known now
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { differences } from '../__test__/helpers/engine-differences.mjs'
import { choose } from './lib/matrix/files.mjs'
import { judge } from './lib/matrix/judge.mjs'
import { page } from './lib/matrix/page.mjs'
import { must, root, run } from './lib/run.mjs'

const ENGINES = ['20.10', '26', '28', 'podman']

/** How many files may be run once more, alone: a busy machine is no difference of an engine. */
const MOST_UNSTEADY = 6

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: ENGINES.join(',') },
    files: { type: 'string' },
    runtimes: { type: 'string', default: 'yes' },
    again: { type: 'boolean', default: false },
  },
})
const engines = values.engines.split(',').filter((engine) => engine !== 'none')
const unknown = engines.filter((engine) => !ENGINES.includes(engine))
if (unknown.length > 0) throw new Error(`no such engine: ${unknown}; there are ${ENGINES}`)

const json = join(root, 'docs', 'engines.json')
/** @type {import('./lib/matrix/page.mjs').Recorded} */
const recorded = JSON.parse(readFileSync(json, 'utf8'))
let well = true
for (const engine of engines) well = (await test(engine)) && well
if (values.runtimes !== 'no' && !values.files) well = (await runtimes()) && well
process.exitCode = well ? 0 : 1

/** @param {string} engine @returns {Promise<boolean>} whether all that differs is known */
async function test(engine) {
  const { files, left } = choose(engine)
  const chosen = values.files?.split(',') ?? files
  const strange = chosen.filter((file) => !files.includes(file))
  if (strange.length > 0) throw new Error(`not for ${engine}: ${strange}; there are ${files}`)
  const last = join(root, '.cache', 'matrix', `${engine}.json`)
  const { version, results } = values.again
    ? JSON.parse(readFileSync(last, 'utf8'))
    : await runTwice(engine, chosen)
  if (!values.files) {
    mkdirSync(dirname(last), { recursive: true })
    writeFileSync(last, JSON.stringify({ version, results }, null, 1))
  }
  const verdict = judge(engine, results, differences)
  tell(engine, verdict)
  if (verdict.unexplained.length > 0 || verdict.stale.length > 0) return false
  if (values.files) return true
  recorded.engines[engine] = {
    version: version.Version,
    api: version.ApiVersion,
    files: chosen.length,
    tests: results.length,
    passed: verdict.passed,
    skipped: verdict.skipped.map(({ file, test: name, message }) => ({
      file,
      test: name,
      why: message ?? '',
    })),
    left,
    differs: verdict.told,
  }
  await write()
  return true
}

/**
 * A file in which something fails that is not known is run once more, alone.
 * @param {string} engine @param {string[]} files
 * @returns {ReturnType<typeof runOn>}
 */
async function runTwice(engine, files) {
  const first = await runOn(engine, files, '2')
  const { unexplained } = judge(engine, first.results, differences)
  const again = [...new Set(unexplained.map(({ file }) => file))]
  if (again.length === 0 || again.length > MOST_UNSTEADY) return first
  console.log(`\n── once more, alone: ${again.join(' ')} ──`)
  const { results } = await runOn(engine, again, '1')
  const kept = first.results.filter(({ file }) => !again.includes(file))
  return { version: first.version, results: [...kept, ...results] }
}

/**
 * @param {string} engine @param {string[]} files @param {string} concurrency
 * @returns {Promise<{ version: any, results: import('./lib/matrix/reporter.mjs').Result[] }>}
 */
async function runOn(engine, files, concurrency) {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-matrix-'))
  const output = join(folder, 'results.json')
  try {
    const release = engine === '20.10' ? [] : ['--engine', engine]
    const inside = ['node', 'scripts/lib/matrix/inside.mjs', output, concurrency, ...files]
    const args = ['run', '--private', ...release, '--', ...inside]
    await run(join(root, 'scripts', 'engine'), args, {
      // Short, and for every user: there are tests that look at the path.
      env: { DOKERES_ENGINE_DIR: join(tmpdir(), `dk-${process.pid}`), DOCKER_HOST: '' },
    })
    return JSON.parse(readFileSync(output, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} engine @param {import('./lib/matrix/judge.mjs').Verdict} verdict */
function tell(engine, { passed, failed, skipped, unexplained, stale }) {
  const counts = `${passed} passed, ${failed} failed, ${skipped.length} skipped`
  console.log(`\n── ${engine}: ${counts} ──`)
  for (const { file, test: name, message } of unexplained) {
    console.log(`not known of it  ${file}: ${name}\n    ${message?.split('\n').join('\n    ')}`)
  }
  for (const { file, test: name } of stale) console.log(`stale  ${file}: ${name}: it passes`)
}

async function runtimes() {
  const script = join('scripts', 'lib', 'runtimes', 'main.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-matrix-'))
  const output = join(folder, 'runtimes.json')
  try {
    const args = ['run', '--private', '--', 'node', script, output]
    const { code } = await run(join(root, 'scripts', 'engine'), args)
    recorded.runtimes = JSON.parse(readFileSync(output, 'utf8'))
    await write()
    return code === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function write() {
  const order = ENGINES.filter((engine) => engine in recorded.engines)
  recorded.engines = Object.fromEntries(order.map((engine) => [engine, recorded.engines[engine]]))
  writeFileSync(json, JSON.stringify(recorded))
  writeFileSync(join(root, 'docs', 'engines.md'), page(recorded))
  const written = ['docs/engines.json', 'docs/engines.md']
  await must('npx', ['--no-install', 'prettier', '--log-level', 'error', '--write', ...written])
}
