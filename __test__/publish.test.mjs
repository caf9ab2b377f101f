// What a stranger gets: all packages published to a registry under their names, and installed from there in
// empty folders, by each manager, without a compiler; the README's programs run there.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pack } from '../scripts/lib/packages/pack.mjs'
import { ownTarget, targets } from '../scripts/lib/packages/targets.mjs'
import { fetchManagers, managers, newcomer, startRegistry } from './helpers/managers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const own = ownTarget()

/** The README's programs: blocks that are whole files, by their names. */
const programs = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(
    /<!-- examples\/([\w-]+\.[cm][jt]s) -->\n\n```\w+\n(.*?)```/gs,
  ),
]
  .map(([, name, code]) => ({ name, code }))
  .filter(({ code }) => /^(import|const \{ \w+ \} = require)/.test(code))

/** @type {string} */
let folder
/** @type {Awaited<ReturnType<typeof startRegistry>>} */
let registry
/** @type {ReturnType<typeof newcomer>} */
let user

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dokeres-publish-'))
  await fetchManagers()
  registry = await startRegistry(join(folder, 'registry'))
  user = newcomer(join(folder, 'home'), registry.url)
  // Of the other platforms there are packages without addons: nobody is to install these here.
  await pack(join(folder, 'packed'), { placeholders: true })
  const options = ['--publish', join(folder, 'packed'), '--registry', registry.url]
  const env = { ...process.env, npm_config_userconfig: join(folder, 'home', '.npmrc') }
  await promisify(execFile)(process.execPath, [join(root, 'scripts/release.mjs'), ...options], {
    env,
  })
})

after(async () => {
  await registry?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** @param {string} name */
async function published(name) {
  return /** @type {any} */ (await (await fetch(`${registry.url}/${name}`)).json())
}

test('the registry has the main package and one for each platform', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const main = (await published('dokeres')).versions[version]
  const wanted = Object.fromEntries(targets().map((target) => [target.package, version]))
  assert.deepEqual(main.optionalDependencies, wanted)
  assert.equal(main.dependencies, undefined)
  assert.equal(main.hasInstallScript, undefined)
  assert.deepEqual(main.scripts ?? {}, {})
  assert.equal(main.engines.node, '>=18')
  for (const target of targets()) {
    const { os, cpu, libc, main } = (await published(target.package)).versions[version]
    assert.deepEqual(
      { os, cpu, libc, main },
      {
        os: [target.os],
        cpu: [target.cpu],
        libc: target.libc && [target.libc],
        main: target.addon,
      },
    )
  }
})

test('there is no compiler where it is installed', async () => {
  for (const program of ['cargo', 'rustc', 'cc', 'gcc', 'node-gyp', 'python3']) {
    await assert.rejects(user.run(folder, program, '--version'), (error) => {
      assert.equal(/** @type {any} */ (error).cause.code, 'ENOENT', program)
      return true
    })
  }
})

test('the README has programs of each kind', () => {
  const kinds = programs.map(({ name }) => name.slice(-3))
  for (const kind of ['cjs', 'mjs', 'mts']) assert.ok(kinds.includes(kind), kind)
})

for (const [name, { program, add, node }] of Object.entries(managers)) {
  test(`${name}: an empty folder, an installation, and the README's programs run`, async () => {
    const cwd = join(folder, name.replace(' ', '-'))
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'package.json'), '{ "private": true }')
    // Where the project ends, for yarn.
    writeFileSync(join(cwd, 'yarn.lock'), '')
    const [start, ...args] = program
    await user.run(cwd, start, ...args, ...add, 'dokeres', 'typescript@5.9.3', '@types/node@20')
    const [run, ...before] = node
    const script = (/** @type {string[]} */ ...rest) => user.run(cwd, run, ...before, ...rest)

    const installed = `const load = require('module').createRequire(require.resolve('dokeres'))
      const found = (name) => { try { load.resolve(name); return true } catch { return false } }
      console.log(${JSON.stringify(targets().map((target) => target.package))}.filter(found).join())`
    assert.equal(await script('-e', installed), `${own.package}\n`)

    for (const { name: file, code } of programs) {
      writeFileSync(join(cwd, file), code)
      const compiled = file.replace(/ts$/, 'js')
      if (compiled !== file) {
        const options = [
          '--strict',
          '--module',
          'nodenext',
          '--target',
          'es2022',
          '--types',
          'node',
        ]
        const tsc = "require('typescript/lib/tsc.js')"
        await script('-e', tsc, '--', ...options, file)
      }
      assert.notEqual(await script(compiled), '', file)
    }

    const remove = `const load = require('module').createRequire(require.resolve('dokeres'))
      const { dirname } = require('path')
      require('fs').rmSync(dirname(load.resolve('${own.package}')), { recursive: true })`
    await script('-e', remove)
    const told = await script(
      '-e',
      "try { require('dokeres') } catch (e) { console.log(e.code, e.message) }",
    )
    assert.match(
      told,
      /^NOT_SUPPORTED dokeres: the package dokeres-\S+ is not installed\. .*install again/,
    )
  })
}
