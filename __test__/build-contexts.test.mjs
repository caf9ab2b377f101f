// A build's context in each of its forms, and images that are built when what they come from changed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Dokeres } from '../index.js'
import { removeImage, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const DOCKERFILE = `FROM ${BASE}\nCOPY . /context\n`
const dokeres = new Dokeres()
const made = new Set()
let folder
/** A tar with `Dockerfile`, `a.txt` and `other/My.Dockerfile`. */
let tar

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-contexts-'))
  const root = await directory({
    Dockerfile: DOCKERFILE,
    'a.txt': 'in the tar',
    'other/My.Dockerfile': `${DOCKERFILE}LABEL other=yes\n`,
  })
  tar = execFileSync('tar', ['-C', root, '-c', '.'])
  await writeFile(join(folder, 'context.tar'), tar)
  await writeFile(join(folder, 'context.tar.gz'), gzipSync(tar))
})

after(async () => {
  for (const name of made) await removeImage(name)
  await rm(folder, { recursive: true, force: true })
})

function fresh(prefix) {
  const name = `dokeres-test/${uniqueName(prefix)}:1`
  made.add(name)
  return name
}

async function directory(files) {
  const root = await mkdtemp(join(folder, 'root-'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

async function read(image, path) {
  return (await image.task(['cat', `/context/${path}`])).stdout
}

test('a Dockerfile by its text: alone, and with a directory', async () => {
  const text = `FROM ${BASE}\nRUN echo text > /said\n`
  const alone = dokeres.image(fresh('text'), text)
  assert.equal((await alone.task('cat /said')).stdout, 'text\n')
  const root = await directory({ 'a.txt': 'beside', '.dockerignore': 'hidden\n', hidden: 'h' })
  const beside = dokeres.image({ name: fresh('text'), dockerfile: DOCKERFILE, context: root })
  assert.equal(await read(beside, 'a.txt'), 'beside')
  const { stdout } = await beside.task('ls -A /context')
  assert.equal(stdout, '.dockerignore\na.txt\n', 'neither the Dockerfile nor what is ignored')
  await assert.rejects(dokeres.image(null, text, ['a.txt']).build(), {
    code: 'INVALID_OPTION',
    path: 'extraFiles',
  })
})

test('files in memory: texts, bytes, modes, folders', async () => {
  const context = {
    Dockerfile: `FROM ${BASE}\nCOPY . /context\nRUN /context/bin/hello > /said\n`,
    'bin/hello': { content: '#!/bin/sh\necho hello\n', mode: 0o755 },
    'bytes.bin': Buffer.from([0, 255, 1]),
    'deep/er/ümläut': new TextEncoder().encode('ü'),
  }
  const image = dokeres.image({ name: fresh('map'), context })
  assert.equal((await image.task('cat /said')).stdout, 'hello\n')
  const { stdout } = await image.task('cat /context/bytes.bin', { encoding: 'buffer' })
  assert.deepEqual([...stdout], [0, 255, 1])
  assert.equal(await read(image, 'deep/er/ümläut'), 'ü')
  const unlike = { 'My.Dockerfile': DOCKERFILE, x: 'y' }
  const named = dokeres.image({ name: fresh('map'), dockerfile: 'My.Dockerfile', context: unlike })
  assert.equal(await read(named, 'x'), 'y')
})

test('files in memory that are none are refused, with their names', async () => {
  const build = (context) => dokeres.image({ name: fresh('bad'), context }).build()
  for (const name of ['../out', '/etc/passwd', 'a/../../b', 'folder/']) {
    await assert.rejects(build({ Dockerfile: DOCKERFILE, [name]: 'x' }), (error) => {
      assert.equal(error.code, 'BUILD_FAILED')
      assert.ok(error.message.includes(name), error.message)
      return true
    })
  }
  await assert.rejects(build({ 'a.txt': 'no Dockerfile' }), { code: 'BUILD_FAILED' })
  assert.throws(() => dokeres.image({ name: 'x', context: { Dockerfile: 5 } }), {
    code: 'INVALID_OPTION',
    path: 'context.Dockerfile',
  })
  assert.throws(() => dokeres.image({ name: 'x', context: 5 }), { path: 'context' })
})

test('a tar: by its path, as bytes, as a stream; as it is, gzip, zstd', async () => {
  const zstd = join(folder, 'context.tar.zst')
  execFileSync('zstd', ['-q', '-f', join(folder, 'context.tar'), '-o', zstd])
  const forms = {
    path: join(folder, 'context.tar'),
    'gzip path': join(folder, 'context.tar.gz'),
    'zstd path': zstd,
    bytes: tar,
    'gzip bytes': gzipSync(tar),
    'zstd bytes': await readFile(zstd),
    stream: createReadStream(join(folder, 'context.tar')),
    'zstd stream': createReadStream(zstd, { highWaterMark: 100 }),
    iterable: Readable.from([tar.subarray(0, 100), tar.subarray(100)]),
  }
  for (const [form, context] of Object.entries(forms)) {
    const image = dokeres.image({ name: fresh('tar'), context })
    await image.build({ noCache: true })
    assert.equal(await read(image, 'a.txt'), 'in the tar', form)
  }
  const context = join(folder, 'context.tar')
  const other = dokeres.image({ name: fresh('tar'), context, dockerfile: 'other/My.Dockerfile' })
  await other.build()
  assert.equal((await other.inspect()).Config.Labels.other, 'yes')
})

test('what is no tar is told of before a byte is sent; a stream that fails fails the build', async () => {
  const fake = await fakeEngine((request, response) => {
    response.writeHead(200, { 'api-version': '1.41', ostype: 'linux' })
    response.end()
  })
  try {
    const image = (context) => new Dokeres(fake.socketPath).image({ name: 'x', context })
    for (const context of [Buffer.from(DOCKERFILE), Readable.from(['not a tar'])]) {
      await assert.rejects(image(context).build(), {
        code: 'BUILD_FAILED',
        message: /is not a tar archive/,
      })
    }
    assert.ok(!fake.requests.some(({ url }) => url.startsWith('/build')))
  } finally {
    await fake.close()
  }
  const broken = new Error('the disk is gone')
  async function* failing() {
    yield tar.subarray(0, 1024)
    throw broken
  }
  const image = dokeres.image({ name: fresh('failing'), context: failing() })
  await assert.rejects(image.build(), (error) => error === broken || error.cause === broken)
})

test('a stream serves one build, and is let go of where that is aborted', async () => {
  const image = dokeres.image({ name: fresh('once'), context: Readable.from([tar]) })
  await image.build()
  await assert.rejects(image.build(), { code: 'INVALID_OPTION', path: 'context' })
  // Its first entry, and then nothing: neither more nor an end.
  const endless = new Readable({ read() {} })
  endless.push(tar.subarray(0, 512))
  const closed = new Promise((resolve) => endless.once('close', resolve))
  const signal = AbortSignal.timeout(300)
  const aborted = dokeres.image({ name: fresh('aborted'), context: endless }).build({ signal })
  await assert.rejects(aborted, { name: 'TimeoutError' })
  // Nothing else keeps this process until then.
  const wait = setTimeout(() => {}, 10_000)
  await closed
  clearTimeout(wait)
})

test('a remote context: a tar over http, a git repository', async () => {
  const root = await directory({ Dockerfile: DOCKERFILE, 'a.txt': 'from git' })
  const git = (...args) => execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' })
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.test', 'commit', '-qm', 'first')
  git('update-server-info')
  const server = createServer(async (request, response) => {
    const path = request.url.split('?')[0]
    try {
      if (path === '/context.tar') {
        response.writeHead(200, { 'content-type': 'application/x-tar' })
        response.end(tar)
      } else response.end(await readFile(join(root, '.git', path.replace('/repo.git/', ''))))
    } catch {
      response.writeHead(404)
      response.end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = `http://127.0.0.1:${server.address().port}`
  try {
    const fetched = dokeres.image({ name: fresh('http'), context: `${at}/context.tar` })
    assert.equal(await read(fetched, 'a.txt'), 'in the tar')
    const cloned = dokeres.image({ name: fresh('git'), context: `${at}/repo.git#main` })
    assert.equal(await read(cloned, 'a.txt'), 'from git')
    const lost = dokeres.image({ name: fresh('lost'), context: `${at}/none.tar` })
    await assert.rejects(lost.build(), { code: 'BUILD_FAILED' })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('extraFiles pick from a context that is a directory, and from no other', async () => {
  const root = await directory({ Dockerfile: DOCKERFILE, wanted: 'w', unwanted: 'u' })
  const image = dokeres.image({ name: fresh('picked'), context: root, extraFiles: ['wanted'] })
  assert.equal((await image.task('ls /context')).stdout, 'Dockerfile\nwanted\n')
  const other = dokeres.image({ name: fresh('picked'), context: tar, extraFiles: ['wanted'] })
  await assert.rejects(other.build(), { code: 'INVALID_OPTION', path: 'extraFiles' })
})

test('options that would not be honoured are refused', () => {
  const refused = {
    forceRebuild: { forceRebuild: true },
    pullPolicy: { dockerfile: 'x', rebuild: 'changed', pullPolicy: 'always' },
    rebuild: { rebuild: 'changed' },
    dockerfile: { dockerfile: 'FROM x\n', context: 'https://example.test/repo.git' },
    'secrets.a': { dockerfile: 'x', secrets: { a: 'hunter2' } },
    memory: { dockerfile: 'x', memory: 'much' },
  }
  for (const [path, options] of Object.entries(refused)) {
    assert.throws(
      () => dokeres.image({ name: 'x', ...options }),
      (error) => {
        assert.deepEqual([error.code, error.path], ['INVALID_OPTION', path])
        assert.ok(!error.message.includes('hunter2'), error.message)
        return true
      },
    )
  }
})

test("rebuild: 'changed' builds where context, Dockerfile or options differ, and only then", async () => {
  const root = await directory({ Dockerfile: DOCKERFILE, 'a.txt': '1', '.dockerignore': 'log\n' })
  const name = fresh('changed')
  const lines = []
  const ensure = async (options = {}) => {
    lines.length = 0
    const image = dokeres.image({ name, context: root, rebuild: 'changed', ...options })
    await image.ensure({ onLine: (line) => lines.push(line) })
    return lines.length > 0
  }
  assert.equal(await ensure(), true, 'not there yet')
  assert.equal(await ensure(), false, 'as it was')
  await utimes(join(root, 'a.txt'), 1, 1)
  assert.equal(await ensure(), false, 'a time is no change')
  await writeFile(join(root, 'log'), 'ignored')
  assert.equal(await ensure(), false, 'what is ignored is no change')
  await writeFile(join(root, 'a.txt'), '2')
  assert.equal(await ensure(), true, 'content')
  assert.equal(await ensure(), false)
  await chmod(join(root, 'a.txt'), 0o755)
  assert.equal(await ensure(), true, 'mode')
  await writeFile(join(root, 'b.txt'), '')
  assert.equal(await ensure(), true, 'a new file')
  assert.equal(await ensure({ buildArgs: { A: 1 } }), true, 'an option')
  assert.equal(await ensure({ buildArgs: { A: 1 } }), false)
  assert.equal(await ensure({ context: { Dockerfile: DOCKERFILE } }), true, 'another context')
  assert.equal(await ensure({ context: { Dockerfile: DOCKERFILE } }), false)
  const labels = (await dokeres.image(name).inspect()).Config.Labels
  assert.match(labels['dokeres.build.hash'], /^[0-9a-f]{64}$/)
  await assert.rejects(ensure({ context: Readable.from([tar]) }), {
    code: 'NOT_SUPPORTED',
    path: 'rebuild',
  })
  assert.throws(() => dokeres.image({ name, rebuild: 'changed' }), { path: 'rebuild' })
})

test('onLine has every line, at the pace of its callback; what it throws ends the build', async () => {
  const dockerfile = `FROM ${BASE}\nRUN for i in 1 2 3 4 5; do echo line $i; done\n`
  const lines = []
  const image = dokeres.image(fresh('lines'), dockerfile)
  await image.build({
    noCache: true,
    async onLine(line) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      lines.push(line)
    },
  })
  assert.deepEqual(
    lines.filter((line) => line.startsWith('line')),
    ['line 1', 'line 2', 'line 3', 'line 4', 'line 5'],
  )
  assert.ok(lines.some((line) => line.startsWith('Step 2/2 : RUN for i')))
  const thrown = new Error('enough')
  const build = image.build({
    noCache: true,
    onLine() {
      throw thrown
    },
  })
  await assert.rejects(build, (error) => error === thrown)
})

test('limits beyond 2 GiB reach the classic builder as they are', async () => {
  const fake = await fakeEngine((request, response) => {
    response.writeHead(200, { 'api-version': '1.41', ostype: 'linux' })
    response.end('{"aux":{"ID":"sha256:' + '0'.repeat(64) + '"}}\n')
  })
  try {
    const image = new Dokeres(fake.socketPath).image({
      name: 'x',
      context: { Dockerfile: DOCKERFILE },
      memory: '3g',
      memorySwap: -1,
      shmSize: '64m',
    })
    await image.build({ builder: 'classic', cpusetCpus: '0-1' })
    const { url } = fake.requests.find(({ url }) => url.startsWith('/build'))
    const query = new URL(url, 'http://x').searchParams
    assert.equal(query.get('memory'), String(3 * 2 ** 30))
    assert.equal(query.get('memswap'), '-1')
    assert.equal(query.get('shmsize'), String(64 * 2 ** 20))
    assert.equal(query.get('cpusetcpus'), '0-1')
  } finally {
    await fake.close()
  }
})
