// Tars made to lead out of where they are extracted: from an engine that does not mean well, or has been told lies.
import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { Dokeres } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { tar } from './helpers/tar.mjs'
import { tree } from './helpers/tree.mjs'

/** @typedef {import('./helpers/tar.mjs').Entry} Entry */

const scratch = mkdtempSync(join(tmpdir(), 'dokeres-hostile-'))
/** What the engine answers with. @type {Buffer} */
let archive
/** The connection is cut after that many bytes. @type {number | undefined} */
let cut
/** What the engine says the path is. */
let stat = {}
/** What was put into a container. @type {Buffer[]} */
let put
/** @type {Awaited<ReturnType<typeof fakeEngine>>} */
let fake
/** @type {any} */
let container
/** The directory around the destination: nothing in it may change. @type {string} */
let outer
/** @type {string} */
let destination

before(async () => {
  fake = await fakeEngine((request, response) => {
    if (request.url?.includes('/json')) {
      response.setHeader('content-type', 'application/json')
      return response.end('{"Id":"1","Name":"/n","Config":{}}')
    }
    if (request.method === 'PUT') {
      put = []
      request.on('data', (chunk) => put.push(chunk))
      return request.on('end', () => response.end())
    }
    const described = Buffer.from(JSON.stringify(stat)).toString('base64')
    response.setHeader('x-docker-container-path-stat', described)
    if (request.method === 'HEAD') return response.end()
    if (cut === undefined) return response.end(archive)
    response.setHeader('content-length', archive.length)
    response.write(archive.subarray(0, cut))
    setTimeout(() => request.socket.destroy(), 50)
  })
  container = await new Dokeres(fake.socketPath).container('n')
})

beforeEach(() => {
  outer = mkdtempSync(join(scratch, 'outer-'))
  destination = join(outer, 'destination')
  mkdirSync(destination)
  mkdirSync(join(outer, 'outside'))
  writeFileSync(join(outer, 'outside/secret'), 'secret')
  chmodSync(join(outer, 'outside/secret'), 0o600)
  cut = undefined
  stat = { name: 'src', size: 0, mode: 0x80000000 + 0o755, mtime: '', linkTarget: '' }
})

after(async () => {
  rmSync(scratch, { recursive: true, force: true })
  await fake.close()
})

const directory = (/** @type {string} */ name) => ({ name, type: '5', mode: 0o755 })
const link = (/** @type {string} */ name, /** @type {string} */ to) => ({
  name,
  type: '2',
  link: to,
})
const hard = (/** @type {string} */ name, /** @type {string} */ to) => ({
  name,
  type: '1',
  link: to,
})
const file = (/** @type {string} */ name) => ({ name, content: 'written' })

/**
 * The archive is refused with that code, and outside the destination all is as it was; so it is inside.
 * @param {Entry[]} entries @param {string | RegExp} code @param {RegExp} [message]
 */
async function refused(entries, code, message) {
  archive = tar(entries)
  const before = tree(outer, { times: true })
  await assert.rejects(container.copyFrom('/src', destination), (error) => {
    assert.equal(error.name, 'DokeresError')
    assert.match(error.code, new RegExp(code), error.message)
    if (message) assert.match(error.message, message)
    return true
  })
  const after = tree(outer, { times: true })
  // That something was made in it and removed again may show by its time.
  for (const found of [before, after]) found['./destination'] = ''
  assert.deepEqual(after, before)
}

const OUT = 'PROTOCOL_ERROR'

test('names that lead upwards', async () => {
  for (const name of [
    'src/../../outside/new',
    '../outside/new',
    '..',
    'src/..',
    'src/x/../../../outside/new',
    './src/../../outside/new',
  ]) {
    await refused([directory('src'), file(name)], OUT, /entry `.*` was refused/)
    await refused([directory('src'), directory(name)], OUT)
    await refused([directory('src'), { ...file('src/x'), pax: { path: name } }], OUT)
    await refused(
      [directory('src'), { name: 'L', type: 'L', content: `${name}\0` }, file('x')],
      OUT,
    )
  }
})

test('names that are absolute, or of something else', async () => {
  const secret = join(outer, 'outside/secret')
  for (const name of [secret, `/${secret}`, '/src/x', 'other', 'srcx/y']) {
    await refused([directory('src'), file(name)], OUT)
    await refused([directory('src'), { ...file('src/x'), pax: { path: name } }], OUT)
  }
  await refused([directory('src'), { ...file('src/x'), pax: { path: 'src/a\0b' } }], OUT)
})

test('a link first, then something through it', async () => {
  const outside = join(outer, 'outside')
  for (const to of [outside, '../outside', '../../outside', '..', '/']) {
    await refused([directory('src'), link('src/out', to), file('src/out/new')], 'CONFLICT')
    await refused([directory('src'), link('src/out', to), directory('src/out')], 'CONFLICT')
    await refused([directory('src'), link('src/out', to), directory('src/out/new')], 'CONFLICT')
    await refused([directory('src'), link('src/out', to), link('src/out/new', 'x')], 'CONFLICT')
  }
  // A chain, each of which looks harmless.
  await refused(
    [
      directory('src'),
      directory('src/a'),
      link('src/a/b', '..'),
      link('src/a/c', 'b/..'),
      file('src/a/c/outside/new'),
    ],
    'CONFLICT',
  )
  // The destination's own name as a link.
  await refused([link('src', '../outside'), file('src/new')], 'CONFLICT')
})

test('a link that was there before is not written through either', async () => {
  mkdirSync(join(destination, 'src'))
  symlinkSync('../../outside', join(destination, 'src/out'))
  await refused(
    [directory('src'), file('src/out/new')],
    'CONFLICT',
    /nothing is written through it/,
  )
  await refused([directory('src'), directory('src/out')], 'CONFLICT')
  symlinkSync('../../outside/secret', join(destination, 'src/secret'))
  archive = tar([directory('src'), file('src/secret')])
  await container.copyFrom('/src', destination)
  assert.equal(readFileSync(join(outer, 'outside/secret'), 'utf8'), 'secret')
  assert.ok(lstatSync(join(destination, 'src/secret')).isFile(), 'the link itself is replaced')
})

test('a file is written in place of a link, not through it', async () => {
  archive = tar([directory('src'), link('src/x', '../../outside/secret'), file('src/x')])
  await container.copyFrom('/src', destination)
  assert.equal(readFileSync(join(outer, 'outside/secret'), 'utf8'), 'secret')
  assert.equal(readFileSync(join(destination, 'src/x'), 'utf8'), 'written')
})

test('a link that leads nowhere good is only a link: it is kept as it is, and changes nothing', async () => {
  const before = tree(join(outer, 'outside'), { times: true })
  const secret = join(outer, 'outside/secret')
  archive = tar([directory('src'), { ...link('src/x', secret), mode: 0o777, mtime: 1 }])
  await container.copyFrom('/src', destination)
  assert.ok(lstatSync(join(destination, 'src/x')).isSymbolicLink())
  assert.deepEqual(tree(join(outer, 'outside'), { times: true }), before)
})

test('hard links to what is outside', async () => {
  const secret = join(outer, 'outside/secret')
  for (const to of [
    secret,
    '../outside/secret',
    'src/../../outside/secret',
    '/etc/passwd',
    'other',
  ]) {
    await refused([directory('src'), hard('src/x', to)], OUT)
    await refused([directory('src'), { ...hard('src/x', 'src'), pax: { linkpath: to } }], OUT)
  }
  // Through a link: to be given a name here and then be written to.
  await refused(
    [directory('src'), link('src/out', '../../outside'), hard('src/x', 'src/out/secret')],
    'CONFLICT',
  )
  await refused([directory('src'), hard('src/x', 'src/nothing')], OUT)
  await refused([directory('src'), directory('src/d'), hard('src/x', 'src/d')], OUT)
  await refused([directory('src'), hard('src/x', 'src')], OUT)
  // What a link leads to gets no new name: the link does.
  archive = tar([
    directory('src'),
    link('src/l', '../../outside/secret'),
    hard('src/x', 'src/l'),
    file('src/x'),
  ])
  await container.copyFrom('/src', destination)
  assert.equal(readFileSync(secret, 'utf8'), 'secret')
})

test('devices and named pipes', async () => {
  for (const [type, kind] of [
    ['3', 'a device'],
    ['4', 'a device'],
    ['6', 'a named pipe'],
  ]) {
    const entry = { name: 'src/x', type }
    await refused(
      [directory('src'), file('src/a'), entry],
      'NOT_SUPPORTED',
      new RegExp(`src/x.*${kind}`),
    )
  }
  await refused([directory('src'), { name: 'src/x', type: 'S' }], 'NOT_SUPPORTED')
})

test('setuid and setgid are kept for whom the files become', async () => {
  // As `docker cp` has it: they are this process's own files, of what the container's owner made them.
  archive = tar([directory('src'), { ...file('src/x'), mode: 0o4755, uid: 12, gid: 12 }])
  await container.copyFrom('/src', destination)
  const { mode, uid } = lstatSync(join(destination, 'src/x'))
  assert.deepEqual([mode & 0o7777, uid], [0o4755, process.getuid?.()])
})

test('a file onto a directory, a directory onto a file', async () => {
  mkdirSync(join(destination, 'src/taken'), { recursive: true })
  writeFileSync(join(destination, 'src/file'), 'own')
  await refused([directory('src'), file('src/taken')], 'CONFLICT')
  await refused([directory('src'), directory('src/file')], 'CONFLICT')
  await refused([directory('src'), file('src/file/below')], 'CONFLICT')
  await refused([directory('src'), file('src/a'), directory('src/a')], 'CONFLICT')
})

test('what is no tar, or ends early, leaves nothing', async () => {
  const whole = tar([directory('src'), { name: 'src/x', content: 'x'.repeat(100_000) }])
  /** @param {Buffer} given @param {string} code @param {number} [after] */
  const fails = async (given, code, after) => {
    archive = given
    cut = after
    await assert.rejects(container.copyFrom('/src', destination), { name: 'DokeresError', code })
    assert.deepEqual(readdirSync(destination), [])
  }
  await fails(whole.subarray(0, 50_000), 'STREAM_TRUNCATED')
  await fails(whole.subarray(0, whole.length - 1024), 'STREAM_TRUNCATED')
  await fails(whole, 'STREAM_TRUNCATED', 50_000)
  await fails(Buffer.alloc(0), 'STREAM_TRUNCATED')
  await fails(Buffer.from('{"message":"it failed"}\n'), 'STREAM_TRUNCATED')
  await fails(Buffer.alloc(4096, 'x'), OUT)
  const broken = Buffer.from(whole)
  broken[0] ^= 1
  await fails(broken, OUT)
  await fails(tar([{ name: 'src', type: 'x', content: 'no record' }]), OUT)
  await fails(
    tar([directory('src'), { name: 'src/x', pax: { size: '99999999999999999999' } }]),
    OUT,
  )
})

test('sizes that are claimed cost nothing', async () => {
  const before = process.memoryUsage.rss()
  await refused([directory('src'), { name: 'src/x', size: 2 ** 40 }], 'STREAM_TRUNCATED')
  await refused([directory('src'), { name: 'long', type: 'L', size: 2 ** 40 }], OUT)
  await refused([directory('src'), { name: 'pax', type: 'x', size: 2 ** 33 }], OUT)
  await refused(
    [directory('src'), { name: 'src/x', pax: { size: String(2 ** 62) } }],
    'STREAM_TRUNCATED',
  )
  const deep = `src/${'d/'.repeat(3000)}x`
  await refused([directory('src'), { ...file('x'), pax: { path: deep } }], OUT, /too deeply/)
  assert.ok(process.memoryUsage.rss() - before < 64 * 2 ** 20)
})

test('a raw tar that the engine cuts short is no quiet success, and closing it closes the connection', async () => {
  archive = tar([directory('src'), { name: 'src/x', content: Buffer.alloc(8 << 20) }])
  cut = 100_000
  await assert.rejects(container.getArchive('/src').collect(), { code: 'STREAM_TRUNCATED' })
  await assert.rejects(container.exportRootfs().text(), { code: 'STREAM_TRUNCATED' })
  cut = undefined
  for await (const chunk of container.getArchive('/src')) {
    assert.ok(chunk.length > 0)
    break
  }
  for (let tries = 0; fake.openSockets() > 1; tries++) {
    assert.ok(tries < 50, 'the socket is still open; one idle one may stay')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
})

test('readFile takes one file, and nothing else', async () => {
  stat = { ...stat, mode: 0o644 }
  for (const entries of [
    [directory('src')],
    [file('src'), file('src2')],
    [link('src', '/etc/passwd')],
    [],
  ]) {
    archive = tar(entries)
    await assert.rejects(container.readFile('/src'), { code: OUT })
  }
})

test('from container to container the same names are refused, and links are passed on as links', async () => {
  archive = tar([directory('src'), file('src/../../etc/x')])
  await assert.rejects(container.copyTo({ container, path: '/src' }, '/to'), { code: OUT })
  archive = tar([directory('src'), hard('src/x', '/etc/passwd')])
  await assert.rejects(container.copyTo({ container, path: '/src' }, '/to'), { code: OUT })
  archive = tar([directory('src'), link('src/x', '../../etc')])
  await container.copyTo({ container, path: '/src' }, '/to')
  assert.match(Buffer.concat(put).toString('latin1'), /src\/x\0+.*\.\.\/\.\.\/etc\0/s)
})

test('a container’s own links lead to nothing of this machine', async () => {
  const labels = { [label]: 'files-hostile' }
  const image = new Dokeres().image(process.env.DOKERES_TEST_BASE)
  const secret = join(outer, 'outside/secret')
  const script = `mkdir -p /src/sub; cd /src; ln -s ${outer}/outside out; ln -s ${secret} file; ln -s / root`
  const real = await image.run(null, { labels }, ['sh', '-c', script])
  try {
    await real.wait()
    // In the container they lead to its own root, where there is no such thing.
    await assert.rejects(real.readFile('/src/file'), { code: 'NOT_FOUND' })
    await real.writeFile('/src/root/through', 'in the container')
    assert.ok(!existsSync('/through'))
    await real.copyFrom('/src', destination)
    assert.ok(lstatSync(join(destination, 'src/out')).isSymbolicLink())
    await assert.rejects(real.copyFrom('/src/file', destination, { followLinks: true }), {
      code: 'NOT_FOUND',
    })
    assert.equal(readFileSync(secret, 'utf8'), 'secret')
  } finally {
    await real.remove({ force: true })
  }
  await assertNothingLeft(`${label}=files-hostile`)
})
