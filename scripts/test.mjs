// `npm test`: everything. `npm test -- rust types` runs only the steps whose titles have such a word.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { snapshot, stale } from './lib/generated.mjs'
import { canInstall, install as installPackages } from './lib/engine/packages.mjs'
import { ownTarget } from './lib/packages/targets.mjs'
import { instructions } from './lib/instructions.mjs'
import { has, must, root, run } from './lib/run.mjs'
import { counted, runSteps } from './lib/steps.mjs'

/** How many test files run at once: they share an engine, for which each waits a third of its time. */
const CONCURRENCY = process.env.DOKERES_TEST_CONCURRENCY ?? '3'

/** So many files may be run once more that failed at first; where more do, something is broken. */
const MOST_UNSTEADY = 4

/** So many engines may lock up, each in the place of the one before. */
const MOST_ENGINES = 3

/** What the tests use besides an engine, and the packages that bring it. */
const TOOLS = {
  git: 'git',
  zstd: 'zstd',
  tmux: 'tmux',
  faketime: 'faketime',
  openssl: 'openssl',
  'ssh-agent': 'openssh-client',
  htpasswd: 'apache2-utils',
  setcap: 'libcap2-bin',
}

/** @type {(string | null)[] | undefined} */
let before

/** @type {import('./lib/steps.mjs').Step[]} */
const steps = [
  { title: 'install: npm ci', needed: true, run: install },
  { title: 'build: the addon, as it is released', needed: true, run: build },
  { title: 'build: generated files are fresh', run: generated },
  { title: 'rust: format', beside: true, run: () => pass('cargo', ['fmt', '--check']) },
  { title: 'rust: clippy', beside: true, run: () => clippy() },
  {
    title: 'rust: clippy without the binding',
    beside: true,
    run: () => clippy('--no-default-features'),
  },
  { title: 'rust: clippy of what the fuzzers use', beside: true, run: fuzzed },
  { title: 'rust: tests', beside: true, run: rustTests },
  { title: 'rust: leaks, by LeakSanitizer', beside: true, run: rustLeaks },
  {
    title: 'rust: cargo deny: licences, bans, sources, advisories',
    beside: true,
    run: cargoDeny,
  },
  { title: 'rust: cargo audit', beside: true, run: cargoAudit },
  { title: 'lint: prettier, oxlint, types', beside: true, run: lint },
  { title: 'types: every public item has a doc comment', beside: true, run: documented },
  { title: 'docs: the reference can be made', beside: true, run: reference },
  { title: 'audit: npm', beside: true, run: audit },
  { title: 'bench: instruction counts', beside: true, run: () => instructions() },
  { title: 'runtimes: Node 18, 20, 22, 24, Bun, Deno', run: runtimes },
  { title: 'engine: tests', run: engineTests },
]

// What is built from nothing, and once, is built sooner without what would help to build it again.
if (process.env.CI) process.env.CARGO_INCREMENTAL ??= '0'

const words = process.argv.slice(2)
const chosen = steps.filter(
  ({ title }) => words.length === 0 || words.some((word) => title.includes(word)),
)
process.exitCode = (await runSteps(chosen)) ? 0 : 1

/** @param {string} program @param {string[]} args */
async function pass(program, args) {
  await must(program, args)
}

async function install() {
  if (existsSync(join(root, 'node_modules', '.package-lock.json'))) {
    return { skipped: 'node_modules is there' }
  }
  await must('npm', ['ci'])
  return undefined
}

/** @param {string[]} features */
async function clippy(...features) {
  await must('cargo', ['clippy', '--locked', '--all-targets', ...features, '--', '-D', 'warnings'])
}

/** What the fuzzers are made of, which is compiled so for them alone, and they by another compiler. */
async function fuzzed() {
  const core = ['--locked', '--lib', '--no-default-features']
  const flags = ['-D', 'warnings', '-A', 'dead_code', '--cfg', 'fuzzing']
  await must('cargo', ['clippy', ...core, '--', ...flags])
}

async function rustTests() {
  const result = await run('cargo', ['test', '--locked', '--no-default-features'])
  return counted(result, /^test result: .* (\d+) passed/gm, /^test result: .* (\d+) failed/gm)
}

/** The same tests once more, with an allocator that tells at the end what nobody has any more. */
async function rustLeaks() {
  // It builds everything once more, by another compiler.
  if (words.length === 0) return { skipped: 'it has a run of its own: npm run leaks' }
  const nightly = ['run', 'nightly', 'rustc', '-vV']
  const asked = await run('rustup', nightly, { quiet: true }).catch(() => undefined)
  const host = /^host: (.*-linux-gnu)$/m.exec(asked?.output ?? '')?.[1]
  if (asked?.code !== 0 || !host)
    return { skipped: 'it takes Linux and `rustup toolchain add nightly`' }
  // With a target named, what runs while it builds is built without.
  const args = ['test', '--locked', '--no-default-features', '--target', host]
  const env = {
    RUSTFLAGS: '-Zsanitizer=leak',
    CARGO_TARGET_DIR: join(root, 'target', 'leaks'),
    CARGO_PROFILE_DEV_DEBUG: '0',
  }
  const result = await run('rustup', ['run', 'nightly', 'cargo', ...args], { env })
  return counted(result, /^test result: .* (\d+) passed/gm, /^test result: .* (\d+) failed/gm)
}

async function cargoDeny() {
  const tool = await cargoTool('cargo-deny', '0.20.2')
  await must(tool, ['--log-level', 'error', 'check', 'licenses', 'bans', 'sources'])
  const advisories = await run(tool, ['check', 'advisories'], { quiet: true })
  if (advisories.code === 0) return { passed: 2 }
  if (!/failed to fetch|unable to fetch/.test(advisories.output)) {
    throw new Error(advisories.output)
  }
  console.log('advisories: skipped, their database cannot be reached from here')
  return { passed: 1 }
}

/** The locks of the addon and of its fuzzers, against all that is known to be unsafe. */
async function cargoAudit() {
  const database = 'https://github.com/RustSec/advisory-db'
  const asked = await run('git', ['ls-remote', '--quiet', database, 'HEAD'], {
    quiet: true,
    env: { GIT_TERMINAL_PROMPT: '0' },
  })
  if (asked.code !== 0) return { skipped: 'the advisory database cannot be reached from here' }
  const tool = await cargoTool('cargo-audit', '0.22.2')
  for (const lock of ['Cargo.lock', 'fuzz/Cargo.lock']) {
    await must(tool, ['audit', '--deny', 'warnings', '--file', lock])
  }
  return { passed: 2 }
}

/**
 * The one that is installed, or one of our own: built once, and as quickly as may be.
 * @param {string} name @param {string} version
 */
async function cargoTool(name, version) {
  if (await has(name)) return name
  const folder = join(root, '.cache', name)
  const tool = join(folder, 'bin', name)
  if (!existsSync(tool)) {
    const quick = ['--profile', 'dev', '--config', 'profile.dev.debug=false']
    const args = ['install', `${name}@${version}`, '--locked', '--quiet', '--root', folder]
    await must('cargo', [...args, ...quick])
  }
  return tool
}

async function build() {
  before = await snapshot()
  // Where the released one cannot be built, one for this machine.
  const released = process.platform === 'linux' && ownTarget().libc === 'glibc'
  await must('npm', ['run', '--silent', released ? 'build:dist' : 'build'])
}

async function generated() {
  // Without a build in this run there is nothing to compare with.
  if (!before) return { skipped: 'nothing was built' }
  const changed = await stale(before)
  if (changed.length > 0) throw new Error(`the build has changed, commit it: ${changed.join(', ')}`)
  return undefined
}

async function lint() {
  await must('node', ['scripts/lint.mjs'])
}

async function documented() {
  await must('node', ['scripts/undocumented.mjs'])
}

/** Of links that lead nowhere, and of types that are used and not exported, it warns. */
async function reference() {
  await must('npx', ['--no-install', 'typedoc', '--emit', 'none', '--treatWarningsAsErrors'])
}

async function audit() {
  const { code, output } = await run('npm', ['audit'], { quiet: true })
  if (code === 0) return undefined
  if (/audit endpoint returned an error|ENOAUDIT|ENOTFOUND|ECONNREFUSED/.test(output)) {
    return { skipped: 'this registry does not answer audits' }
  }
  throw new Error(output)
}

async function tools() {
  const missing = []
  for (const [tool, from] of Object.entries(TOOLS)) {
    if (!(await has('which', [tool]))) missing.push(from)
  }
  if (missing.length === 0) return
  if (canInstall()) installPackages(missing)
  else console.log(`without ${missing.join(', ')} some tests will fail or be skipped`)
}

async function runtimes() {
  if (process.platform !== 'linux') return { skipped: 'their packages are those of Linux' }
  const args = ['run', '--private', '--', 'node', 'scripts/lib/runtimes/main.mjs']
  const result = await run(join(root, 'scripts', 'engine'), args)
  return counted(result, /^runtimes: (\d+) passed/gm, /^runtimes: .* (\d+) failed/gm)
}

async function engineTests() {
  await tools()
  const files = readdirSync(join(root, '__test__'))
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join('__test__', file))
  const results = await testFiles(files, CONCURRENCY)
  const failing = results.filter(({ failed }) => failed > 0)
  slowest(results)
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  if (failing.length === 0) return { passed }
  if (failing.length > MOST_UNSTEADY) return { passed, failed, failures: named(failing) }
  // On a busy machine a test may wait in vain for once. What fails again, alone, is broken; what does
  // not is still told of.
  const unsteady = failing.map(({ file }) => file)
  console.log(`\n── once more, alone: ${unsteady.join(' ')} ──`)
  const again = await testFiles(unsteady, '1')
  const broken = again.reduce((sum, result) => sum + result.failed, 0)
  const failures = [...named(failing).map((line) => `at first: ${line}`), ...named(again)]
  return { passed: passed + failed - broken, failed: broken, unsteady, failures }
}

/**
 * Runs test files on an engine of their own, and on another one those that it leaves when it locks up.
 * @param {string[]} files
 * @param {string} lanes how many at once
 */
async function testFiles(files, lanes) {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-tests-'))
  const output = join(folder, 'results.json')
  /** @type {import('./lib/tests/file.mjs').Result[]} */
  const all = []
  try {
    for (let engines = 0, left = files; left.length > 0; engines++) {
      if (engines === MOST_ENGINES) throw new Error(`${engines} engines have locked up`)
      const inside = ['node', 'scripts/lib/tests/main.mjs', output, lanes, ...left]
      await run(join(root, 'scripts', 'engine'), ['run', '--private', '--', ...inside])
      const { results, again } = JSON.parse(readFileSync(output, 'utf8'))
      rmSync(output)
      all.push(...results)
      left = again
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  if (all.length !== files.length)
    throw new Error(`${all.length} of ${files.length} files have run`)
  return all
}

/** @param {import('./lib/tests/file.mjs').Result[]} results */
function named(results) {
  return results.flatMap(({ file, failures }) => failures.map((line) => `${file}: ${line}`))
}

/** @param {import('./lib/tests/file.mjs').Result[]} results */
function slowest(results) {
  const sorted = [...results].sort((a, b) => b.seconds - a.seconds)
  const lines = sorted
    .slice(0, 15)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(6)} s  ${file}`)
  console.log(`the slowest:\n${lines.join('\n')}`)
}
