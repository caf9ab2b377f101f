// shared: true: processes that need one image build it once.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Dokeres } from '../index.js'
import { removeImage, uniqueName } from './helpers/engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const index = fileURLToPath(new URL('../index.js', import.meta.url))
const made = new Set()
/** Where the locks are: a folder of its own, so that what is left there is ours. */
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-shared-'))
})

after(async () => {
  for (const name of made) await removeImage(name)
  await rm(folder, { recursive: true, force: true })
})

/** A process that ensures an image and says how many lines its builder wrote. */
function ensureElsewhere(options, { onLine = '' } = {}) {
  const script = `
    const { Dokeres } = require(${JSON.stringify(index)})
    let lines = 0
    new Dokeres().image(${JSON.stringify(options)})
      .ensure({ onLine: (line) => { lines++; ${onLine} } })
      .then(() => console.log(lines), (error) => console.log(error.code + ': ' + error.message))
  `
  const child = spawn(process.execPath, ['-e', script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (data) => (said += data))
  const ended = new Promise((resolve) => child.on('close', () => resolve(said.trim())))
  return { child, ended, said: () => said }
}

function image(prefix, run) {
  const name = `dokeres-test/${uniqueName(prefix)}:1`
  made.add(name)
  return { name, dockerfile: `FROM ${BASE}\nRUN ${run}\n`, pullPolicy: 'build', shared: true }
}

async function locksLeft() {
  const folders = (await readdir(folder)).filter((name) => name.startsWith('dokeres-locks'))
  const files = await Promise.all(folders.map((name) => readdir(join(folder, name))))
  return files.flat()
}

test('16 processes, one build', async () => {
  const options = image('sixteen', `sleep 1; echo ${uniqueName('once')}`)
  const processes = Array.from({ length: 16 }, () => ensureElsewhere(options))
  const lines = await Promise.all(processes.map(({ ended }) => ended))
  assert.deepEqual(
    lines.filter((count) => count !== '0').length,
    1,
    `one of them built, and said ${lines}`,
  )
  await new Dokeres().image(options.name).check()
  assert.deepEqual(await locksLeft(), [])
})

test('a holder that is killed does not block the rest', async () => {
  const options = image('killed', `sleep 3; echo ${uniqueName('killed')}`)
  const first = ensureElsewhere(options, { onLine: `process.stdout.write('.')` })
  while (!first.said().includes('.')) await new Promise((resolve) => setTimeout(resolve, 20))
  const second = ensureElsewhere(options)
  await new Promise((resolve) => setTimeout(resolve, 300))
  first.child.kill('SIGKILL')
  assert.match(await second.ended, /^[1-9]\d*$/, 'it built by itself')
  assert.deepEqual(await locksLeft(), [])
})

test('who waits can leave; a failure is not shared', async () => {
  const options = image('failing', 'sleep 1; false')
  const [one, other] = [ensureElsewhere(options), ensureElsewhere(options)]
  const said = await Promise.all([one.ended, other.ended])
  for (const text of said) assert.match(text, /^BUILD_FAILED/)

  const slow = image('slow', `sleep 3; echo ${uniqueName('slow')}`)
  const holder = ensureElsewhere(slow, { onLine: `process.stdout.write('.')` })
  while (!holder.said().includes('.')) await new Promise((resolve) => setTimeout(resolve, 20))
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    const begun = Date.now()
    const waiting = new Dokeres().image(slow).ensure({ signal: AbortSignal.timeout(200) })
    await assert.rejects(waiting, { name: 'TimeoutError' })
    assert.ok(Date.now() - begun < 1500)
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  await holder.ended
})

test('another user cannot hold the lock: a folder that is not ours alone is refused', async () => {
  const hostile = await mkdtemp(join(folder, 'hostile-'))
  await writeFile(join(hostile, `dokeres-locks-${process.getuid()}`), 'a file in its place')
  const before = process.env.TMPDIR
  process.env.TMPDIR = hostile
  try {
    await assert.rejects(
      new Dokeres().image(image('hostile', 'true')).ensure(),
      /lock for `shared`/,
    )
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
})
