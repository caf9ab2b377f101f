// `npm run demo`: brings what the demo needs on a fresh machine, then runs it.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { has, must, root } from '../../scripts/lib/run.mjs'

const isAddon = (/** @type {string} */ file) => /^dokeres\..*\.node$/.test(file)

if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) await must('npm', ['ci'])
if (!readdirSync(root).some(isAddon)) {
  if (!(await has('cargo'))) throw new Error('building the addon needs Rust: https://rustup.rs')
  await must('npm', ['run', 'build'])
}

const { Dokeres } = await import('dokeres')
const demo = 'examples/demo/demo.mjs'
const isReachable = await new Dokeres().ping().then(
  () => true,
  () => false,
)
const options = /** @type {const} */ ({ cwd: root, stdio: 'inherit' })
if (isReachable) {
  process.exitCode = spawnSync(process.execPath, [demo], options).status ?? 1
} else {
  // The engine is left running, so that the next run finds its images.
  console.log('no engine answers: scripts/engine brings one')
  // The base image goes into the registry, for the demo to pull it from there.
  const script = [
    'scripts/engine up && eval "$(scripts/engine env)"',
    'export DOKERES_DEMO_BASE="$(scripts/engine publish "$DOKERES_TEST_NODE")"',
    'exec "$0" "$1"',
  ].join(' && ')
  process.exitCode = spawnSync('bash', ['-c', script, process.execPath, demo], options).status ?? 1
  console.log('the engine stays for the next run; `scripts/engine down` takes all of it away')
}
