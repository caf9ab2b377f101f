// Every piece of code in docs/ does what its page says: helpers/snippets.mjs tells of the kinds there are.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Dokeres } from 'dokeres'
import { ownEngine } from './helpers/own-engine.mjs'
import { PRELUDE, compiled, docs, expected, pages, snippets } from './helpers/snippets.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = join(root, 'node_modules', 'typescript', 'lib', 'tsc.js')
const registry = process.env.DOKERES_TEST_REGISTRY ?? 'localhost:5000'
const all = pages.flatMap(snippets)
const programs = all.filter(({ kind }) => kind === 'program')

/** Within the package, so that `dokeres` is itself. @type {string} */
let folder
/** Programs may take what is there for theirs, and change all of it. @type {Awaited<ReturnType<typeof ownEngine>>} */
let engine

before(async () => {
  await mkdir(join(root, '.cache'), { recursive: true })
  folder = await mkdtemp(join(root, '.cache', 'snippets-'))
  engine = await ownEngine()
  await new Dokeres(engine.host).images.tag(engine.image, 'busybox')
})

after(async () => {
  await engine?.close()
  await rm(folder, { recursive: true, force: true })
})

test('every page is in the index', async () => {
  const index = await readFile(join(docs, 'README.md'), 'utf8')
  for (const page of pages) assert.ok(page === 'README.md' || index.includes(`](${page})`), page)
  assert.ok(programs.length > 20, `${programs.length} programs`)
})

test('all of it is of the types that it should be', { timeout: 120_000 }, async () => {
  const names = new Map()
  for (const [at, snippet] of all.entries()) {
    const file = `${at}.${snippet.kind === 'types' ? 'mts' : 'mjs'}`
    names.set(file, snippet.title)
    await writeFile(join(folder, file), compiled(snippet))
  }
  await writeFile(join(folder, 'prelude.d.mts'), PRELUDE)
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2022', 'esnext.disposable'], types: ['node'] },
    ...{ module: 'nodenext', moduleResolution: 'nodenext', noEmit: true, skipLibCheck: true },
    ...{ strict: true, allowJs: true, checkJs: true },
    // As an editor takes JavaScript.
    ...{ noImplicitAny: false, useUnknownInCatchVariables: false },
  }
  const project = { compilerOptions, include: ['*.mts', '*.mjs'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project))
  const told = await promisify(execFile)(process.execPath, [tsc, '--project', folder]).catch(
    ({ stdout }) => ({ stdout }),
  )
  const mistakes = told.stdout.replaceAll(/^\S*?(\d+\.m[jt]s)(?=\()/gm, (_, file) =>
    names.get(file),
  )
  assert.equal(mistakes, '')
})

describe('programs', { concurrency: 2 }, () => {
  for (const [at, { title, code, output }] of programs.entries()) {
    test(title, async () => {
      const { stdout } = await run(`program-${at}.mjs`, code)
      if (output !== undefined) assert.match(stdout, expected(here(output)))
    })
  }
})

test('nothing is left', async () => {
  const dokeres = new Dokeres(engine.host)
  const containers = await dokeres.containers.listAll()
  assert.deepEqual(
    containers.map(({ Names, Image }) => `${Names} of ${Image}`),
    [],
  )
  assert.deepEqual((await dokeres.volumes.list()).Volumes, [])
  const networks = (await dokeres.networks.list()).map(({ Name }) => Name).sort()
  const own = new Set(['bridge', 'host', 'none', 'docker_gwbridge'])
  assert.deepEqual(
    networks.filter((name) => !own.has(name)),
    [],
  )
  const names = (await dokeres.images.list()).flatMap(({ RepoTags }) => RepoTags)
  assert.deepEqual(names.sort(), ['busybox:latest', engine.image].sort())
})

/** What the pages call `localhost:5000` is elsewhere here. @param {string} text */
function here(text) {
  return text.replaceAll('localhost:5000', registry)
}

/** @param {string} file @param {string} code */
async function run(file, code) {
  const path = join(folder, file)
  await writeFile(path, here(code))
  const env = { ...process.env, DOCKER_HOST: engine.host }
  const options = { cwd: folder, timeout: 60_000, env }
  try {
    return await promisify(execFile)(process.execPath, [path], options)
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error)
    throw new Error(`${stdout}${stderr}`, { cause: error })
  }
}
