// `npm run matrix`: the live tests against each engine, and dokeres in each runtime; writes docs/engines.md.
//   -- --engines 28,podman   only these; `--engines none` for the runtimes alone
//   -- --files run,exec      only these test files: tells, and records nothing
//   -- --runtimes no         not the runtimes
//   -- --failed              of each engine's last whole run the files in which something failed, once more
//   -- --again               what the last whole run of each engine saw, held against what is known now
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { differences } from '../__test__/helpers/engine-differences.mjs'
import { choose } from './lib/matrix/files.mjs'
import { judge } from './lib/matrix/judge.mjs'
import { ENGINES, page } from './lib/matrix/page.mjs'
import { must, root, run } from './lib/run.mjs'

/** @typedef {{ version: any, results: import('./lib/matrix/reporter.mjs').Result[] }} Ran */

const CONCURRENCY = process.env.DOKERES_TEST_CONCURRENCY ?? '2'

/** How many files may be run once more, alone: a busy machine is no difference of an engine. */
const MOST_UNSTEADY = 6

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: ENGINES.join(',') },
    files: { type: 'string' },
    runtimes: { type: 'string', default: 'yes' },
    again: { type: 'boolean', default: false },
    failed: { type: 'boolean', default: false },
  },
})
const engines = values.engines.split(',').filter((engine) => engine !== 'none')
const unknown = engines.filter((engine) => !ENGINES.includes(engine))
if (unknown.length > 0) throw new Error(`no such engine: ${unknown}; there are ${ENGINES}`)

/** Of an engine's folder: short, and for every user; there are tests that look at the path. */
const own = { DOKERES_ENGINE_DIR: join(tmpdir(), `dk-${process.pid}`), DOCKER_HOST: '' }
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
  const seen = values.again || values.failed ? JSON.parse(readFileSync(last, 'utf8')) : undefined
  const ran = values.again
    ? seen
    : await runTwice(engine, seen ?? (await runOn(engine, chosen, CONCURRENCY)))
  if (!values.files) {
    mkdirSync(dirname(last), { recursive: true })
    writeFileSync(last, JSON.stringify(ran, null, 1))
  }
  const out = new Set(left.flatMap((one) => one.files))
  const results = ran.results.filter((/** @type {any} */ { file }) => !out.has(file))
  const verdict = judge(engine, results, differences)
  tell(engine, verdict)
  const known = verdict.unexplained.length === 0 && verdict.stale.length === 0
  if (values.files) return known
  recorded.engines[engine] = {
    version: ran.version.Version,
    api: ran.version.ApiVersion,
    files: new Set(results.map((/** @type {any} */ { file }) => file)).size,
    tests: verdict.passed + verdict.failed + verdict.skipped.length,
    passed: verdict.passed,
    skipped: verdict.skipped.map(({ file, test: name, message }) => ({
      file,
      test: name,
      why: message ?? '',
    })),
    left,
    differs: verdict.told,
    unexplained: verdict.unexplained.map(({ file, test: name }) => ({ file, test: name })),
  }
  await write()
  return known
}

/**
 * A file in which something fails that is not known is run once more, alone.
 * @param {string} engine @param {Ran} first
 * @returns {Promise<Ran>}
 */
async function runTwice(engine, first) {
  const { unexplained } = judge(engine, first.results, differences)
  const failing = new Set(unexplained.map(({ file }) => file))
  const again = choose(engine).files.filter((file) => failing.has(file))
  if (again.length === 0) return first
  if (again.length > MOST_UNSTEADY && !values.failed) return first
  console.log(`\n── once more: ${again.join(' ')} ──`)
  const { results } = await runOn(engine, again, values.failed ? CONCURRENCY : '1')
  const kept = first.results.filter(({ file }) => !again.includes(file))
  return { version: first.version, results: [...kept, ...results] }
}

/**
 * @param {string} engine @param {string[]} files @param {string} concurrency
 * @returns {Promise<Ran>}
 */
async function runOn(engine, files, concurrency) {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-matrix-'))
  const output = join(folder, 'results.json')
  try {
    const release = engine === '20.10' ? [] : ['--engine', engine]
    const inside = ['node', 'scripts/lib/matrix/inside.mjs', output, concurrency, ...files]
    const args = ['run', '--private', ...release, '--', ...inside]
    await run(join(root, 'scripts', 'engine'), args, {
      env: own,
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
    const { code } = await run(join(root, 'scripts', 'engine'), args, { env: own })
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
