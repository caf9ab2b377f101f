// The package as a user gets it: packed, installed in an empty folder, loaded and compiled against.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = join(root, 'node_modules', 'typescript', 'lib', 'tsc.js')

/** Where the packages are that are to be published, so that these are tested; else they are made here. */
const given = process.env.DOKERES_PACKAGES

/** @type {string} */
let folder
/** @type {string[]} */
let files

/** @param {string} program @param {string[]} args @param {string} [cwd] */
async function run(program, args, cwd = folder) {
  const shell = process.platform === 'win32' && /^np[mx]$/.test(program)
  const options = { cwd, shell, maxBuffer: 1 << 26 }
  try {
    return (await promisify(execFile)(program, args, options)).stdout
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error)
    throw new Error(`${program} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error })
  }
}

/** @param {string[]} args */
const node = (...args) => run(process.execPath, args)

/** The tarballs of the main package and of this platform's. */
async function packages() {
  if (!given) {
    const { pack } = await import('../scripts/lib/packages/pack.mjs')
    const { main, platforms } = await pack(folder)
    return [main, ...Object.values(platforms)]
  }
  const { header } = /** @type {any} */ (process.report).getReport()
  const libc = { linux: header.glibcVersionRuntime ? '-gnu' : '-musl' }[process.platform] ?? ''
  const platform = `dokeres-${process.platform}-${process.arch}${libc}`
  const all = (await readdir(join(root, given))).filter((file) => file.endsWith('.tgz'))
  const own = all.filter((file) => /^dokeres-\d/.test(file) || file.startsWith(platform))
  assert.equal(own.length, 2, `${all}`)
  return own.sort().map((file) => join(root, given, file))
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-package-'))
  const tarballs = await packages()
  files = (await run('tar', ['-tzf', tarballs[0]])).trim().split(/\r?\n/)
  files = files.map((file) => file.replace('package/', ''))
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  const quietly = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts']
  await run('npm', ['install', ...quietly, ...tarballs])
  // What a TypeScript user has besides: Node's types.
  await mkdir(join(folder, 'node_modules', '@types'), { recursive: true })
  for (const name of ['@types/node', 'undici-types']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
})

after(() => rm(folder, { recursive: true, force: true }))

test('the tarball has what is needed and no sources', () => {
  const index = ['index.js', 'index.mjs', 'index.d.ts', 'index.d.mts']
  const needed = [...index, 'engine-api.d.ts', 'js/native.js', 'js/error.js']
  const meta = ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json']
  const dockops = ['js', 'mjs', 'd.ts', 'd.mts'].map((end) => `dockops.${end}`)
  for (const file of [...needed, ...dockops, ...meta]) assert.ok(files.includes(file), file)
  const known =
    /^((index|dockops|modem)\.(m?js|d\.m?ts)|engine-api\.d\.ts|bin\/dokeres\.js|js\/((dockops|modem)\/)?[\w-]+\.js|[A-Z]+(\.md)?|package\.json)$/
  assert.deepEqual(
    files.filter((file) => !known.test(file)),
    [],
  )
})

test('require and import load it, and give the same', async () => {
  await writeFile(
    join(folder, 'same.mjs'),
    `import assert from 'node:assert/strict'
     import { createRequire } from 'node:module'
     import * as imported from 'dokeres'
     const required = createRequire(import.meta.url)('dokeres')
     assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort())
     for (const name of Object.keys(imported)) assert.equal(required[name], imported[name], name)
     const dockops = createRequire(import.meta.url)('dokeres/dockops')
     const { Containers, createDocker } = await import('dokeres/dockops')
     assert.equal(dockops.Containers, Containers)
     assert.ok(Containers(createDocker()).docker instanceof imported.Dokeres)
     assert.throws(() => new imported.Dokeres().image(null), { code: 'NO_NAME_NOR_DOCKERFILE' })
     const { Modem } = await import('dokeres/modem')
     assert.equal(createRequire(import.meta.url)('dokeres/modem').Modem, Modem)
     assert.ok(new imported.Dokeres('/nowhere').modem instanceof Modem)
     const message = /npm install dockerode/
     assert.throws(() => new imported.Dokeres().docker, { code: 'NOT_SUPPORTED', message })
     console.log('same')`,
  )
  assert.equal(await node('same.mjs'), 'same\n')
  const line =
    "const { Dokeres } = require('dokeres'); console.log(typeof new Dokeres().image('a').run)"
  assert.equal(await node('-e', line), 'function\n')
})

test('npx dokeres is there', async () => {
  const help = await run('npx', ['--no-install', 'dokeres', '--help'])
  assert.match(help, /^Usage: npx dokeres doctor/)
})

test('it has no dependencies at run time', async () => {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'))
  const installed = Object.keys(lock.packages).filter((name) => !lock.packages[name].peer)
  const [, main, platform] = installed
  assert.equal(main, 'node_modules/dokeres')
  assert.match(platform, /^node_modules\/dokeres-/)
  assert.equal(lock.packages[platform].dependencies, undefined)
  assert.equal(lock.packages['node_modules/dokeres'].dependencies, undefined)
})

// Each as the project of a user: what the files are called decides what module they are.
const projects = [
  ['node16, CommonJS and ES modules', ['script.cts', 'script.mts'], ['--module', 'node16']],
  ['nodenext', ['script.cts', 'script.mts'], ['--module', 'nodenext']],
  ['bundler', ['script.mts'], ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ['classic node', ['script.ts'], ['--module', 'commonjs', '--moduleResolution', 'node10']],
]

for (const [title, sources, options] of /** @type {[string, string[], string[]][]} */ (projects)) {
  test(`TypeScript compiles against it strictly: ${title}`, async () => {
    for (const source of sources) {
      await copyFile(join(root, '__test__', 'types', 'script.mts'), join(folder, source))
    }
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false']
    const target = ['--target', 'es2022', '--lib', 'es2022', '--types', 'node', '--noEmit']
    await node(tsc, ...strict, ...target, ...options, ...sources)
  })
}

test('a platform without an addon is told what to do', async () => {
  const load = (/** @type {string} */ arch) =>
    run(process.execPath, [
      '-e',
      `Object.defineProperty(process, 'arch', { value: '${arch}' })
       try { require('dokeres') } catch (error) { console.log(error.code, error.message) }`,
    ])
  const told = await load(process.arch === 'x64' ? 'arm64' : 'x64')
  assert.match(told, /^NOT_SUPPORTED dokeres: the package dokeres-[\w-]+ is not installed/)
  assert.match(told, /install again without --omit=optional/)
  assert.match(
    await load('mips'),
    /^NOT_SUPPORTED dokeres: there is no addon for \w+-mips[\w-]*, only for linux-x64-gnu, /,
  )
})

test('what the program never uses is not loaded', async () => {
  const script = `require('dokeres')
    const loaded = process.moduleLoadList.map((name) => name.replace('NativeModule ', ''))
    console.log(['http', 'https', 'net', 'tls', 'readline'].filter((name) => loaded.includes(name)))`
  assert.equal((await run(process.execPath, ['-e', script], folder)).trim(), '[]')
})

test('the README’s first programs run, where there is an engine', async (context) => {
  const ask =
    "new (require('dokeres').Dokeres)().version().then(({ Os }) => console.log(Os), () => {})"
  const system = (await node('-e', ask)).trim()
  if (system !== 'linux') return context.skip(`no engine for Linux answers: ${system || 'none'}`)
  for (const [name, output] of /** @type {[string, RegExp][]} */ ([
    ['common-js.cjs', /^Linux \w+, in \d+ ms\n$/],
    ['ten-lines.mjs', /^packed: package\.json\n$/],
  ])) {
    await copyFile(join(root, 'examples', name), join(folder, name))
    assert.match(await node(name), output)
  }
})
