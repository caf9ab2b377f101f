// The path rules of copyTo and copyFrom, against the docker CLI itself: case by case, both ways.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'
import { tree } from './helpers/tree.mjs'

const run = promisify(execFile)
const image = new Dokeres().image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'files-rules' }
const folder = mkdtempSync(join(tmpdir(), 'dokeres-rules-'))

/** `from`, `to`, and `-L`. */
const cases = [
  // A file.
  ['file', 'new'],
  ['file', 'new/'],
  ['file', 'new/.'],
  ['file', 'directory'],
  ['file', 'directory/'],
  ['file', 'directory/.'],
  ['file', 'existing'],
  ['file', 'existing/'],
  ['file', 'missing/new'],
  ['file', 'existing/new'],
  ['file', 'to-directory'],
  ['file', 'to-directory/'],
  ['file', 'to-existing'],
  ['file', 'to-nothing'],
  ['file', 'to-link'],
  ['file', 'conflict'],
  ['file', 'directory/../new'],
  ['file/', 'new'],
  ['file/.', 'new'],
  ['./tree/../file', 'new'],
  // A directory.
  ['tree', 'new'],
  ['tree', 'new/'],
  ['tree', 'new/.'],
  ['tree', 'directory'],
  ['tree', 'directory/'],
  ['tree', 'directory/.'],
  ['tree', 'existing'],
  ['tree', 'missing/new'],
  ['tree', 'to-directory'],
  ['tree', 'to-existing'],
  ['tree', 'to-nothing'],
  ['tree', 'merged'],
  ['tree', 'conflict'],
  ['tree/', 'new'],
  ['tree/', 'directory'],
  // What is in it.
  ['tree/.', 'new'],
  ['tree/.', 'new/'],
  ['tree/.', 'directory'],
  ['tree/.', 'existing'],
  ['tree/.', 'merged/tree'],
  ['tree/./', 'directory'],
  // Links.
  ['to-file', 'new'],
  ['to-file', 'new', '-L'],
  ['to-file', 'directory'],
  ['to-file', 'directory', '-L'],
  ['to-file', 'existing'],
  ['to-tree', 'new'],
  ['to-tree', 'new', '-L'],
  ['to-tree', 'directory'],
  ['to-tree', 'directory', '-L'],
  ['to-tree', 'existing'],
  ['to-tree/', 'new'],
  ['to-tree/', 'directory'],
  ['to-tree/', 'new', '-L'],
  ['to-tree/', 'directory', '-L'],
  ['to-tree/.', 'new'],
  ['to-tree/.', 'directory'],
  ['to-tree/.', 'directory', '-L'],
  ['to-tree/below', 'directory'],
  ['dangling', 'directory'],
  ['dangling', 'directory', '-L'],
  // Nothing.
  ['nothing', 'directory'],
  ['nothing', 'new', '-L'],
]

/** @param {string} root */
function sources(root) {
  mkdirSync(`${root}/tree/below/empty`, { recursive: true })
  writeFileSync(`${root}/file`, 'a file\n')
  chmodSync(`${root}/file`, 0o640)
  writeFileSync(`${root}/tree/one`, 'one\n')
  writeFileSync(`${root}/tree/below/two`, 'two\n')
  chmodSync(`${root}/tree/below`, 0o750)
  symlinkSync('one', `${root}/tree/to-one`)
  symlinkSync('file', `${root}/to-file`)
  symlinkSync('tree', `${root}/to-tree`)
  symlinkSync('nowhere', `${root}/dangling`)
}

/** @param {string} root */
function destinations(root) {
  mkdirSync(`${root}/directory`, { recursive: true })
  writeFileSync(`${root}/existing`, 'the old one\n')
  mkdirSync(`${root}/conflict/file`, { recursive: true })
  writeFileSync(`${root}/conflict/tree`, 'no tree\n')
  mkdirSync(`${root}/merged/tree/below`, { recursive: true })
  writeFileSync(`${root}/merged/tree/one`, 'another\n')
  writeFileSync(`${root}/merged/tree/own`, 'stays\n')
  symlinkSync('directory', `${root}/to-directory`)
  symlinkSync('existing', `${root}/to-existing`)
  symlinkSync('elsewhere', `${root}/to-nothing`)
  symlinkSync('to-existing', `${root}/to-link`)
}

/** @type {any} */
let mine
/** @type {any} */
let theirs

before(async () => {
  ;[mine, theirs] = ['mine', 'theirs'].map((name) => {
    sources(`${folder}/${name}/sources`)
    for (const index of cases.keys()) destinations(`${folder}/${name}/${index}`)
    return image.container(null, { labels }, 'sleep 300')
  })
  for (const [name, container] of Object.entries({ mine, theirs })) {
    await container.create()
    await run('docker', ['cp', `${folder}/${name}`, `${container.id}:/cases`])
  }
})

after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([mine.remove({ force: true }), theirs.remove({ force: true })])
  await assertNothingLeft(`${label}=files-rules`)
})

/** @param {Promise<unknown>} promise */
const outcome = (promise) =>
  promise.then(
    () => ({ ok: true, error: undefined }),
    (error) => ({ ok: false, error }),
  )

/**
 * Does every case with both, and tells where they differ.
 * @param {(container: any, index: number, from: string, to: string, follow: boolean) => Promise<unknown>} ours
 * @param {(container: any, index: number, from: string, to: string) => string[]} docker
 */
async function compared(ours, docker) {
  /** @type {string[]} */
  const different = []
  for (const [index, [from, to, flag]] of cases.entries()) {
    const own = await outcome(ours(mine, index, from, to, flag === '-L'))
    const flags = flag ? [flag] : []
    const cli = await outcome(run('docker', ['cp', ...flags, ...docker(theirs, index, from, to)]))
    if (own.ok !== cli.ok) {
      different.push(`${index}: ${from} → ${to} ${flag ?? ''}: ${own.error} | ${cli.error}`)
    }
    if (own.error) assert.equal(own.error.name, 'DokeresError', own.error)
  }
  return different
}

test('copyTo goes by the rules of docker cp', async () => {
  const different = await compared(
    (container, index, from, to, followLinks) =>
      container.copyTo(`${folder}/mine/sources/${from}`, `/cases/${index}/${to}`, { followLinks }),
    (container, index, from, to) => [
      `${folder}/theirs/sources/${from}`,
      `${container.id}:/cases/${index}/${to}`,
    ],
  )
  assert.deepEqual(different, [])
  for (const [name, container] of Object.entries({ mine, theirs })) {
    await run('docker', ['cp', `${container.id}:/cases`, `${folder}/out-${name}`])
  }
  const [own, cli] = [tree(`${folder}/out-mine`), tree(`${folder}/out-theirs`)]
  assert.ok(Object.keys(own).length > 10 * cases.length)
  assert.deepEqual(own, cli)
})

test('copyFrom goes by the rules of docker cp', async () => {
  const different = await compared(
    (container, index, from, to, followLinks) =>
      container.copyFrom(`/cases/sources/${from}`, `${folder}/mine/${index}/${to}`, {
        followLinks,
      }),
    (container, index, from, to) => [
      `${container.id}:/cases/sources/${from}`,
      `${folder}/theirs/${index}/${to}`,
    ],
  )
  assert.deepEqual(different, [])
  assert.deepEqual(tree(`${folder}/mine`), tree(`${folder}/theirs`))
})
