// Files in and out of a container, whether or not it runs.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'
import { tar } from './helpers/tar.mjs'
import { tree } from './helpers/tree.mjs'

const run = promisify(execFile)
const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'files' }
const scratch = mkdtempSync(join(tmpdir(), 'dokeres-files-'))
const MIB = 2 ** 20

/** @type {any} */
let running
/** @type {any} */
let created
/** @type {any} */
let stopped
/** A directory of this machine that no other test has. @type {string} */
let folder

before(async () => {
  running = await image.run(null, { labels, init: true }, 'sleep 300')
  created = image.container(null, { labels }, 'sleep 300')
  await created.create()
  stopped = await image.run(null, { labels }, ['sh', '-c', 'echo kept > /kept'])
  await stopped.wait()
})

beforeEach(() => {
  folder = mkdtempSync(join(scratch, 'test-'))
})

after(async () => {
  rmSync(scratch, { recursive: true, force: true })
  await Promise.all([running, created, stopped].map((each) => each.remove({ force: true })))
  await assertNothingLeft(`${label}=files`)
})

/** What a shell in the container says. @param {string} script */
const said = async (script) => {
  const { stdout, stderr, exitCode } = await running.exec('sh', '-c', script)
  assert.equal(exitCode, 0, stderr)
  return stdout.trim()
}

/** @param {string[]} names */
const listed = (...names) => names.sort()

// ── One file ──────────────────────────────────────────────────────────────────────────────────

test('a file is written and read, whether the container runs, has run, or never did', async () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  for (const container of [running, created, stopped]) {
    await container.writeFile('/etc/settings', 'größer\n')
    assert.equal(await container.readFile('/etc/settings', { encoding: 'utf8' }), 'größer\n')
    await container.writeFile('/etc/settings', every)
    assert.deepEqual(await container.readFile('/etc/settings'), every)
    await container.writeFile('/etc/settings', '')
    assert.equal((await container.readFile('/etc/settings')).length, 0)
  }
  assert.equal(await stopped.readFile('/kept', { encoding: 'utf8' }), 'kept\n')
})

test('a written file has the mode and the owner that were asked for, and its directories are made', async () => {
  await running.writeFile('/srv/a/b/run.sh', '#!/bin/sh\necho ran\n', {
    mode: 0o4755,
    uid: 1234,
    gid: 77,
  })
  const look = 'stat -c "%a %u:%g" /srv/a/b/run.sh /srv/a/b /srv/a; /srv/a/b/run.sh'
  assert.equal(await said(look), '4755 1234:77\n755 1234:77\n755 1234:77\nran')
  await running.writeFile('/srv/plain', 'x')
  assert.equal(await said('stat -c "%a %u:%g" /srv/plain'), '644 0:0')
  const age = Date.now() / 1000 - Number(await said('stat -c %Y /srv/plain'))
  assert.ok(Math.abs(age) < 60, `it is ${age} s old`)
})

test('a link is written and read through, to a file that is not there yet as well', async () => {
  await said(
    'mkdir -p /links/in; cd /links; ln -s in/target one; ln -s ../links/one two; ln -s /links/in dir',
  )
  await running.writeFile('/links/two', 'through two links')
  assert.equal(
    await said('readlink /links/two; cat /links/in/target'),
    '../links/one\nthrough two links',
  )
  assert.equal(await running.readFile('/links/two', { encoding: 'utf8' }), 'through two links')
  await running.writeFile('/links/dir/new', 'below')
  assert.equal(await said('cat /links/in/new'), 'below')
  await said('cd /links; ln -s circle-a circle-b; ln -s circle-b circle-a')
  for (const work of [
    () => running.readFile('/links/circle-a'),
    () => running.writeFile('/links/circle-a', ''),
  ]) {
    await assert.rejects(work(), { name: 'DokeresError' })
  }
})

test('what a stream gives is written: a generator, a Readable, more than is kept in memory', async () => {
  await running.writeFile('/streamed', Readable.from(['one ', Buffer.from('two')]))
  assert.equal(await running.readFile('/streamed', { encoding: 'utf8' }), 'one two')
  const chunk = Buffer.alloc(MIB, 'x')
  const before = readdirSync(tmpdir())
  await running.writeFile(
    '/streamed',
    (async function* () {
      for (let sent = 0; sent < 9; sent++) yield chunk
    })(),
  )
  assert.equal(await said('stat -c %s /streamed; tr -d x </streamed | wc -c'), `${9 * MIB}\n0`)
  const left = readdirSync(tmpdir()).filter((name) => !before.includes(name))
  assert.deepEqual(
    left.filter((name) => /^dokeres-[0-9a-f]{16}$/.test(name)),
    [],
  )
})

test('a stream that fails rejects with its own error, and leaves the file as it was', async () => {
  await running.writeFile('/precious', 'as it was')
  const failure = new Error('the source failed')
  await assert.rejects(
    running.writeFile(
      '/precious',
      (async function* () {
        yield 'half'
        throw failure
      })(),
    ),
    (error) => error === failure || error.cause === failure,
  )
  assert.equal(await running.readFile('/precious', { encoding: 'utf8' }), 'as it was')
})

test('names may be of any characters and any length', async () => {
  const name = `/odd/${'ü'.repeat(120)}/a b\n"c" %2F ?x=1&y#z`
  await running.writeFile(name, 'odd')
  assert.equal(await running.readFile(name, { encoding: 'utf8' }), 'odd')
  assert.equal(await said('cat /odd/*/*'), 'odd')
  assert.equal((await running.stat(name)).name, 'a b\n"c" %2F ?x=1&y#z')
})

test('stat', async () => {
  await said(
    'mkdir -p /look; cd /look; echo 12345 > file; chmod 2640 file; ln -s file link; touch -d "2020-01-02 03:04:05" file',
  )
  const file = await running.stat('/look/file')
  assert.deepEqual(file, {
    name: 'file',
    size: 6,
    mode: 0o2640,
    isDirectory: false,
    isFile: true,
    isSymbolicLink: false,
    linkTarget: null,
    mtime: new Date('2020-01-02T03:04:05Z'),
  })
  const link = await running.stat('/look/link')
  assert.deepEqual(
    [link.isSymbolicLink, link.isFile, link.isDirectory, link.linkTarget],
    [true, false, false, '/look/file'],
  )
  const tmp = await running.stat('/tmp')
  assert.deepEqual([tmp.isDirectory, tmp.mode], [true, 0o1777])
  assert.equal((await created.stat('/etc')).isDirectory, true)
  await assert.rejects(running.stat('/look/nothing'), { code: 'NOT_FOUND', path: '/look/nothing' })
})

// ── Trees ─────────────────────────────────────────────────────────────────────────────────────

/** @param {string} root */
function project(root) {
  mkdirSync(`${root}/node_modules/dep`, { recursive: true })
  mkdirSync(`${root}/src/deep`, { recursive: true })
  writeFileSync(`${root}/node_modules/dep/index.js`, 'left out')
  writeFileSync(`${root}/node_modules/keep`, 'kept')
  writeFileSync(`${root}/src/main.js`, 'main')
  writeFileSync(`${root}/src/deep/x.log`, 'log')
  writeFileSync(`${root}/src/deep/y.js`, 'y')
  chmodSync(`${root}/src/main.js`, 0o750)
  symlinkSync('main.js', `${root}/src/link`)
  linkSync(`${root}/src/main.js`, `${root}/src/same`)
  utimesSync(`${root}/src/main.js`, 1_600_000_000, 1_600_000_000)
  utimesSync(`${root}/src/deep`, 1_500_000_000, 1_500_000_000)
}

test('a directory goes in and comes out as it was: modes, times, links', async () => {
  project(`${folder}/project`)
  // Names that do not fit into a header, or are no UTF-8.
  mkdirSync(`${folder}/project/${'d'.repeat(150)}`)
  writeFileSync(`${folder}/project/${'d'.repeat(150)}/${'f'.repeat(150)}`, 'long')
  writeFileSync(
    Buffer.concat([Buffer.from(`${folder}/project/`), Buffer.from([0xff, 0x41])]),
    'raw',
  )
  for (const container of [running, created, stopped]) {
    await container
      .copyTo(`${folder}/project`, '/opt/')
      .catch((/** @type {any} */ error) => assert.equal(error.code, 'NOT_FOUND'))
    await container.copyTo(`${folder}/project`, '/project')
    const out = mkdtempSync(join(folder, 'out-'))
    await container.copyFrom('/project', out)
    assert.deepEqual(
      tree(`${out}/project`, { times: true }),
      tree(`${folder}/project`, { times: true }),
    )
    const inode = (/** @type {string} */ name) => statSync(`${out}/project/src/${name}`).ino
    assert.equal(inode('main.js'), inode('same'))
  }
})

test('ignore: patterns as in a .dockerignore, both ways', async () => {
  project(`${folder}/project`)
  const ignore = ['node_modules', '!node_modules/keep', '**/*.log']
  await running.copyTo(`${folder}/project`, '/ignored', { ignore })
  const files = 'cd /ignored; find . -type f | sort'
  const expected = ['./node_modules/keep', './src/deep/y.js', './src/main.js', './src/same']
  assert.deepEqual((await said(files)).split('\n'), expected)
  await running.copyTo(`${folder}/project`, '/not-ignored')
  await running.copyFrom('/not-ignored', `${folder}/out`, { ignore })
  const out = Object.keys(tree(`${folder}/out`)).filter((name) =>
    statSync(`${folder}/out/${name}`).isFile(),
  )
  assert.deepEqual(listed(...out.filter((name) => name !== './src/link')), expected)
  await assert.rejects(running.copyTo(`${folder}/project`, '/x', { ignore: ['[a-'] }), {
    code: 'INVALID_OPTION',
    path: 'ignore',
  })
})

test('copied files are root’s, or whose one says, with the mode that one says', async () => {
  project(`${folder}/project`)
  await run('chown', ['-R', '4321:43', `${folder}/project`])
  const look = (/** @type {string} */ path) =>
    said(`stat -c "%a %u:%g" ${path} ${path}/src/main.js ${path}/src/deep`)
  await running.copyTo(`${folder}/project`, '/roots')
  assert.equal(await look('/roots'), '755 0:0\n750 0:0\n755 0:0')
  await running.copyTo(`${folder}/project`, '/kept-owner', { archive: true })
  assert.equal(await look('/kept-owner'), '755 4321:43\n750 4321:43\n755 4321:43')
  await running.copyTo(`${folder}/project`, '/given', { uid: 7, gid: 8, mode: 0o640 })
  assert.equal(await look('/given'), '750 7:8\n640 7:8\n750 7:8')
  await running.copyTo(`${folder}/project`, '/mixed', { archive: true, gid: 9 })
  assert.match(await look('/mixed'), /^755 4321:9\n/)
})

test('a file’s capabilities go along', async () => {
  writeFileSync(`${folder}/program`, 'program')
  const value = '0sAQAAAgAEAAAAAAAAAAAAAAAAAAA='
  const set = ['-n', 'security.capability', '-v', value, `${folder}/program`]
  const can = await run('setfattr', set).then(
    () => true,
    () => false,
  )
  if (!can) return
  await running.copyTo(`${folder}/program`, '/program')
  const archive = await running.getArchive('/program').collect()
  assert.match(archive.output.toString('latin1'), /SCHILY\.xattr\.security\.capability=/)
})

test('from one container to another, by object or by name, running or not', async () => {
  await said(
    'mkdir -p /from/sub; echo 1 > /from/one; echo 2 > /from/sub/two.log; ln -s one /from/link',
  )
  await running.exec(['sh', '-c', 'chown -R 55:66 /from; ln /from/one /from/again'])
  await created.copyTo({ container: running, path: '/from' }, '/to')
  assert.equal(await created.readFile('/to/link', { encoding: 'utf8' }), '1\n')
  await created.copyFrom('/to', `${folder}/to`)
  await running.copyFrom('/from', `${folder}/from`)
  assert.deepEqual(tree(`${folder}/to`, { times: true }), tree(`${folder}/from`, { times: true }))
  const source = { container: created.id, path: '/to/.' }
  await running.copyTo(source, '/back', { ignore: ['**/*.log'], uid: 5, gid: 6 })
  assert.equal(
    await said('cd /back; find . | sort; stat -c %u:%g one'),
    '.\n./again\n./link\n./one\n./sub\n5:6',
  )
  await running.copyTo({ container: running.shortId, path: '/from' }, '/kept', { archive: true })
  assert.equal(await said('stat -c %u:%g /kept/one'), '55:66')
  await assert.rejects(running.copyTo({ container: 'no-such-one', path: '/' }, '/x'), {
    code: 'CONTAINER_NOT_FOUND',
  })
})

// ── Tars ──────────────────────────────────────────────────────────────────────────────────────

test('putArchive takes bytes, a path, a stream, and what is compressed', async () => {
  const bytes = tar([{ name: 'unpacked', content: 'from a tar', mode: 0o600, uid: 3, gid: 4 }])
  writeFileSync(`${folder}/a.tar`, bytes)
  const every = [bytes, `${folder}/a.tar`, Readable.from([bytes]), gzipSync(bytes)]
  for (const given of every) {
    await said('rm -rf /tars; mkdir /tars')
    await running.putArchive('/tars', given)
    assert.equal(
      await said('cat /tars/unpacked; stat -c " %a %u:%g" /tars/unpacked'),
      'from a tar 600 3:4',
    )
  }
  await assert.rejects(running.putArchive('/tars', Buffer.from('no tar at all'.repeat(100))), {
    name: 'DokeresError',
  })
  await said('mkdir /tars/taken')
  const onto = tar([{ name: 'taken', content: 'a file' }])
  await assert.rejects(running.putArchive('/tars', onto, { noOverwriteDirNonDir: true }), {
    code: 'CONFLICT',
  })
  await assert.rejects(running.putArchive('/nowhere', bytes), {
    code: 'NOT_FOUND',
    path: '/nowhere',
  })
  await assert.rejects(running.putArchive('/tars/unpacked', bytes), { code: 'CONFLICT' })
  await assert.rejects(running.putArchive('/tars', `${folder}/nothing.tar`), {
    name: 'DokeresError',
  })
})

test('getArchive gives the engine’s tar, and putArchive takes it again', async () => {
  await said('mkdir -p /archived/in; echo text > /archived/in/file')
  const chunks = []
  for await (const chunk of running.getArchive('/archived')) {
    assert.ok(Buffer.isBuffer(chunk))
    chunks.push(chunk)
  }
  writeFileSync(`${folder}/a.tar`, Buffer.concat(chunks))
  const { stdout } = await run('tar', ['-tf', `${folder}/a.tar`])
  assert.deepEqual(stdout.trim().split('\n'), ['archived/', 'archived/in/', 'archived/in/file'])
  await created.putArchive('/', running.getArchive('/archived'))
  assert.equal(await created.readFile('/archived/in/file', { encoding: 'utf8' }), 'text\n')
})

test('exportRootfs gives the whole file system, running or not', async () => {
  await running.writeFile('/exported', 'once')
  await stopped.writeFile('/exported', 'once')
  for (const container of [running, stopped]) {
    const path = join(folder, 'rootfs.tar')
    const chunks = []
    for await (const chunk of container.exportRootfs()) chunks.push(chunk)
    writeFileSync(path, Buffer.concat(chunks))
    const { stdout } = await run('tar', ['-xOf', path, 'exported'])
    assert.equal(stdout, 'once')
  }
})

// ── Failures ──────────────────────────────────────────────────────────────────────────────────

test('what is not there is told by its path', async () => {
  const missing = { code: 'NOT_FOUND', path: '/no/where', name: 'DokeresError' }
  for (const container of [running, created]) {
    await assert.rejects(container.readFile('/no/where'), missing)
    await assert.rejects(container.stat('/no/where'), missing)
    await assert.rejects(container.copyFrom('/no/where', folder), missing)
    await assert.rejects(container.getArchive('/no/where').collect(), missing)
  }
  const local = `${folder}/nothing`
  await assert.rejects(running.copyTo(local, '/x'), { code: 'NOT_FOUND', path: local })
  await assert.rejects(running.copyFrom('/etc', `${local}/below`), {
    code: 'NOT_FOUND',
    path: local,
  })
  await running.writeFile('/file', '')
  await assert.rejects(running.readFile('/file/below'), { code: 'NOT_FOUND', path: '/file/below' })
})

test('what is of the wrong kind is a conflict that says what to do', async () => {
  await assert.rejects(running.readFile('/etc'), (error) => {
    assert.equal(error.code, 'CONFLICT')
    assert.match(error.message, /\/etc is a directory; copyFrom\(\)/)
    assert.equal(error.container.id, running.id)
    return true
  })
  await assert.rejects(running.writeFile('/etc', ''), { code: 'CONFLICT', path: '/etc' })
  await assert.rejects(running.readFile('/dev'), { code: 'CONFLICT' })
  await assert.rejects(running.writeFile('/etc/', ''), { code: 'INVALID_OPTION', path: 'path' })
})

test('a read-only root file system is told as such, and volumes in it are written', async () => {
  const container = image.container(
    null,
    { labels, extra: { HostConfig: { ReadonlyRootfs: true }, Volumes: { '/volume': {} } } },
    'sleep 300',
  )
  await container.create()
  try {
    for (const call of [
      () => container.writeFile('/etc/x', ''),
      () => container.copyTo(fileURLToPath(import.meta.url), '/etc'),
      () => container.putArchive('/etc', tar([{ name: 'x' }])),
    ]) {
      await assert.rejects(call, (error) => {
        assert.equal(error.code, 'FORBIDDEN')
        assert.match(error.message, /read-only/)
        return true
      })
    }
    await container.writeFile('/volume/x', 'written')
    assert.equal(await container.readFile('/volume/x', { encoding: 'utf8' }), 'written')
  } finally {
    await container.remove({ force: true, volumes: true })
  }
})

test('a container that is gone, or never was, is told as such', async () => {
  const container = image.container(null, { labels }, 'sleep 300')
  /** @type {((container: any) => Promise<unknown>)[]} */
  const calls = [
    (container) => container.readFile('/etc/passwd'),
    (container) => container.writeFile('/x', ''),
    (container) => container.stat('/'),
    (container) => container.copyTo(folder, '/'),
    (container) => container.copyFrom('/etc', folder),
    (container) => container.putArchive('/', tar([])),
    (container) => container.getArchive('/').collect(),
    (container) => container.exportRootfs().collect(),
  ]
  for (const call of calls) await assert.rejects(call(container), { code: 'NO_CONTAINER' })
  await container.create()
  const gone = await dokeres.container(container.id)
  await container.remove()
  for (const call of calls)
    await assert.rejects(call(gone), { code: 'CONTAINER_NOT_FOUND' }, String(call))
})

test('bad arguments are told before anything is sent', async () => {
  /** @type {[() => Promise<unknown>, string][]} */
  const cases = [
    [() => running.readFile(''), 'path'],
    [() => running.readFile('/a\0b'), 'path'],
    [() => running.readFile(7), 'path'],
    [() => running.readFile('/x', { encoding: 'latin1' }), 'encoding'],
    [() => running.writeFile('/x', 5), 'data'],
    [() => running.writeFile('/x', '', { mode: 0o10000 }), 'mode'],
    [() => running.writeFile('/x', '', { mode: '644' }), 'mode'],
    [() => running.writeFile('/x', '', { uid: -1 }), 'uid'],
    [() => running.writeFile('/x', '', { owner: 1 }), 'owner'],
    [() => running.copyTo({ path: '/x' }, '/x'), 'source'],
    [() => running.copyTo({ container: running, path: '/x', deep: 1 }, '/x'), 'source.deep'],
    [() => running.copyTo({ container: {}, path: '/x' }, '/x'), 'source.container'],
    [() => running.copyTo('', '/x'), 'source'],
    [() => running.copyFrom('/etc', ''), 'destination'],
    [() => running.copyFrom('/etc', folder, { ignore: 'x' }), 'ignore'],
    [() => running.putArchive('/', 9), 'tar'],
    [() => running.stat('/', { follow: true }), 'follow'],
  ]
  for (const [index, [work, path]] of cases.entries()) {
    await assert.rejects(work, { code: 'INVALID_OPTION', path }, `case ${index}: ${path}`)
  }
  assert.throws(() => running.getArchive('/', { tail: 1 }), {
    code: 'INVALID_OPTION',
    path: 'tail',
  })
  assert.throws(() => running.getArchive(), { code: 'INVALID_OPTION', path: 'path' })
  assert.throws(() => running.exportRootfs({ path: '/' }), { code: 'INVALID_OPTION', path: 'path' })
})

test('an abort rejects with its reason, and what copyFrom had made is gone again', async () => {
  const reason = new Error('enough')
  const aborted = { signal: AbortSignal.abort(reason) }
  for (const call of [
    () => running.readFile('/etc/passwd', aborted),
    () => running.copyTo(folder, '/never', aborted),
    () => running.copyFrom('/etc', folder, aborted),
  ]) {
    await assert.rejects(call, (error) => error === reason)
  }
  await said('mkdir -p /much; for i in 1 2 3 4; do head -c 60000000 /dev/zero > /much/$i; done')
  const control = new AbortController()
  const copying = running.copyFrom('/much', `${folder}/much`, {
    signal: control.signal,
  })
  copying.catch(() => {})
  for (let tries = 0; tries < 1000 && !existsSync(`${folder}/much/1`); tries++)
    await new Promise((resolve) => setTimeout(resolve, 1))
  control.abort(reason)
  await assert.rejects(copying, (error) => error === reason)
  for (let tries = 0; existsSync(`${folder}/much`); tries++) {
    assert.ok(tries < 100, 'what was new is still there')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await said('rm -rf /much')
})

test('what fails midway leaves what was there before', async () => {
  await said('mkdir -p /partly; echo new > /partly/a; echo new > /partly/b; mkfifo /partly/c')
  mkdirSync(`${folder}/partly`)
  writeFileSync(`${folder}/partly/own`, 'own')
  await assert.rejects(running.copyFrom('/partly', folder), (error) => {
    assert.equal(error.code, 'NOT_SUPPORTED')
    assert.match(error.message, /partly\/c.*named pipe.*ignore/)
    return true
  })
  assert.deepEqual(readdirSync(`${folder}/partly`), ['own'])
  await running.copyFrom('/partly', folder, { ignore: ['c'] })
  assert.deepEqual(readdirSync(`${folder}/partly`).sort(), ['a', 'b', 'own'])
  assert.equal(readFileSync(`${folder}/partly/a`, 'utf8'), 'new\n')
})
