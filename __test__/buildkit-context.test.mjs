// What BuildKit gets of a context, held against what it gets from the docker CLI of the same.
import assert from 'node:assert/strict'
import { execFile, execFileSync, fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import * as fs from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Dokeres } from '../index.js'
import { api, removeImage, uniqueName } from './helpers/engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const NOBODY = 65_534
const MIB = 1 << 20
const ALL = 'FROM scratch\nCOPY . /\n'

const dokeres = new Dokeres()
const made = new Set()
const ways = []
const isRoot = process.getuid?.() === 0
/** Several times as fast as what Node has for it. */
const tree = (path) => execFileSync('rm', ['-rf', path])
let folder
let cli

before(() => {
  folder = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'dokeres-kit-context-'))
  fs.chmodSync(folder, 0o755)
  cli = findCli()
})

after(async () => {
  for (const way of ways) way.close()
  for (const name of made) await removeImage(name)
  tree(folder)
})

/** A docker CLI that builds by BuildKit: its plug-in may lie with an engine that was fetched. */
function findCli() {
  const cache =
    process.env.DOKERES_ENGINE_CACHE ??
    join(dirname(process.env.DOKERES_ENGINE_DIR ?? folder), 'dokeres-engine-cache')
  const plugins = [28, 26]
    .map((release) => join(cache, `docker-${release}/usr/libexec/docker/cli-plugins`))
    .concat('/usr/libexec/docker/cli-plugins', '/usr/lib/docker/cli-plugins')
    .map((path) => join(path, 'docker-buildx'))
  const plugin = plugins.find((path) => fs.existsSync(path))
  const paths = (process.env.PATH ?? '').split(delimiter).map((path) => join(path, 'docker'))
  const program = paths.find((path) => fs.existsSync(path))
  if (!plugin || !program) return undefined
  const config = join(folder, 'config')
  fs.mkdirSync(join(config, 'cli-plugins'), { recursive: true })
  fs.symlinkSync(plugin, join(config, 'cli-plugins/docker-buildx'))
  return { program, config }
}

function fresh() {
  const name = `${uniqueName('dokeres-test/kit-context')}:1`
  made.add(name)
  return name
}

/**
 * A folder with these files: a text, `null` for a directory, `{ link }`, `{ hard }`, `{ mode, text }`.
 * @param {Record<string, any>} entries
 */
function files(entries) {
  const base = fs.mkdtempSync(join(folder, 'files-'))
  const root = join(base, 'context')
  fs.mkdirSync(root)
  for (const [name, entry] of Object.entries(entries)) {
    const path = join(root, name)
    fs.mkdirSync(dirname(path), { recursive: true })
    if (entry === null) fs.mkdirSync(path)
    else if (typeof entry === 'string') fs.writeFileSync(path, entry)
    else if (entry.link) fs.symlinkSync(entry.link, path)
    else if (entry.hard) fs.linkSync(join(root, entry.hard), path)
    else {
      fs.writeFileSync(path, entry.text)
      fs.chmodSync(path, entry.mode)
    }
  }
  const paths = Object.keys(entries).map((name) => join(root, name))
  // Old, and not those of another folder: the CLI has BuildKit take files of one size and time for the same.
  const start = randomInt(1e9)
  for (const [at, path] of paths.entries()) fs.lutimesSync(path, start + at, start + at)
  return root
}

/** All that is in an image, as `tar` shows it: modes, owners, sizes, times, links, capabilities. */
async function contents(name) {
  const body = { Image: name, Cmd: ['none'] }
  const { json } = await api('POST', '/containers/create', body)
  try {
    const host = process.env.DOCKER_HOST.replace('unix://', '')
    const path = join(folder, `${json.Id}.tar`)
    const url = `http://localhost/containers/${json.Id}/export`
    await promisify(execFile)('curl', ['-sSf', '--unix-socket', host, '-o', path, url])
    const args = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--full-time', '-tvvf', path]
    const listed = execFileSync('tar', args, { encoding: 'utf8', maxBuffer: 64 * MIB })
    fs.rmSync(path)
    // What the engine puts into each container, and what an engine keeps of a time.
    const own = /\s(\.dockerenv|dev\/.*|etc\/(hostname|hosts|mtab.*|resolv.conf)?|proc\/|sys\/)$/
    return (
      listed
        .split('\n')
        .filter((line) => line && !own.test(line) && !/^\s+x:.*overlay/.test(line))
        .map((line) => line.replace(/(\d\d:\d\d:\d\d)\.\d+/, '$1'))
        // Some engines have a directory begin when it is copied.
        .map((line) => line.replace(/^(d.*) \d{4}-\S+ [\d:]+ /, '$1 '))
        .sort()
    )
  } finally {
    await api('DELETE', `/containers/${json.Id}?force=1`)
  }
}

async function byDokeres(options, engine = dokeres) {
  const name = fresh()
  await engine.image({ name, builder: 'buildkit', noCache: true, ...options }).build()
  return contents(name)
}

async function byCli(context, dockerfile) {
  const name = fresh()
  const isText = dockerfile?.includes('\n')
  const file = isText ? ['-f', '-'] : dockerfile ? ['-f', dockerfile] : []
  const env = {
    PATH: process.env.PATH,
    DOCKER_HOST: process.env.DOCKER_HOST,
    DOCKER_CONFIG: cli.config,
  }
  const args = ['buildx', 'build', '--no-cache', '--provenance=false', '-t', name, ...file, context]
  const running = promisify(execFile)(cli.program, args, { env })
  running.child.stdin?.end(isText ? dockerfile : '')
  await running
  return contents(name)
}

const names = (listing) =>
  listing
    .filter((line) => !/^\s/.test(line))
    .map((line) => line.replace(/^(\S+\s+){3}(\S+ [\d:]+ )?/, ''))

/** Name, entries, and what an image has of them; `dockerfile` is relative to the context. */
const CASES = [
  {
    what: 'a Dockerfile among the files',
    files: { Dockerfile: ALL, a: 'a', 'b/c': 'c' },
    has: ['Dockerfile', 'a', 'b/', 'b/c'],
  },
  {
    what: 'a Dockerfile by its text',
    files: { Dockerfile: 'FROM nothing', a: 'a' },
    dockerfile: ALL,
    has: ['Dockerfile', 'a'],
  },
  {
    what: 'a Dockerfile by its text, and all that begins with a dot',
    files: { '.dockerignore': 'b\n', a: 'a', b: 'b' },
    dockerfile: ALL,
    has: ['.dockerignore', 'a'],
  },
  {
    what: 'a Dockerfile from outside, with an ignore file of its own',
    files: {
      '../other/Some.Dockerfile': ALL,
      '../other/Some.Dockerfile.dockerignore': 'a\n',
      '.dockerignore': 'b\n',
      a: 'a',
      b: 'b',
    },
    dockerfile: '../other/Some.Dockerfile',
    has: ['.dockerignore', 'b'],
  },
  {
    what: 'an ignored Dockerfile and an ignore file that ignores itself',
    files: { Dockerfile: ALL, '.dockerignore': 'Dockerfile\n.dockerignore\n', a: 'a' },
    has: ['a'],
  },
  {
    what: 'a Dockerfile below, in a directory that is ignored but for a file',
    files: {
      'sub/My.Dockerfile': ALL,
      'sub/keep/x': 'x',
      'sub/y': 'y',
      '.dockerignore': '*\n!sub/keep\n',
    },
    dockerfile: 'sub/My.Dockerfile',
    has: ['sub/', 'sub/keep/', 'sub/keep/x'],
  },
  {
    what: 'negations with wildcards below ignored directories',
    files: {
      Dockerfile: ALL,
      'a/b/c.txt': 'c',
      'a/b/d.md': 'd',
      '.dockerignore': '*\n!**/*.txt\n',
    },
    has: ['a/', 'a/b/', 'a/b/c.txt'],
  },
  {
    what: 'links, hard links, empty directories, modes',
    files: {
      Dockerfile: ALL,
      'b/one': 'one',
      'a-first': { hard: 'b/one' },
      'b/two': { hard: 'b/one' },
      empty: null,
      'deep/er': null,
      l: { link: 'b' },
      'b/up': { link: '../Dockerfile' },
      dangling: { link: '/nowhere' },
      tool: { mode: 0o4755, text: 'tool' },
      mine: { mode: 0o600, text: 'mine' },
    },
  },
  {
    what: 'names in an order of their own',
    files: {
      Dockerfile: ALL,
      'a/x': '',
      'a-b': '',
      'a.d/y': '',
      a0: '',
      'A/é/日本 語': '',
      'x*': '',
    },
  },
  {
    what: 'a pattern beyond ASCII',
    files: { Dockerfile: ALL, 'é/x': '', 'é y': '', z: '', '.dockerignore': 'é*\n!é y\n' },
    has: ['.dockerignore', 'Dockerfile', 'z', 'é y'],
  },
  {
    what: 'a few paths of many',
    files: {
      Dockerfile: 'FROM scratch\nCOPY sub/a l/x pack*.json .dockerignore /got/\nCOPY b /b\n',
      '.dockerignore': 'b/no\n.dockerignore\n',
      'sub/a': 'a',
      'sub/b': 'b',
      'real/x': 'x',
      l: { link: 'real' },
      'package.json': '{}',
      'package-lock.json': '{}',
      'b/yes': '',
      'b/no': '',
    },
    refused: /\.dockerignore.*not found/,
  },
  {
    what: 'a few paths of many, through links',
    files: {
      Dockerfile: 'FROM scratch\nCOPY sub/a l/x pack*.json to*  /got/\nCOPY b /b\n',
      '.dockerignore': 'b/no\n',
      'sub/a': 'a',
      'real/x': 'x',
      l: { link: 'real' },
      'package.json': '{}',
      'package-lock.json': '{}',
      'to-real': { link: 'real/x' },
      'b/yes': '',
      'b/no': '',
    },
  },
]

for (const { what, dockerfile, has, refused, ...given } of CASES) {
  test(what, async (t) => {
    const root = files(given.files)
    const isText = dockerfile?.includes('\n')
    const path = dockerfile && !isText ? join(root, dockerfile) : dockerfile
    const options = { context: root, ...(path && { dockerfile: path }) }
    if (refused) {
      const refusal = { code: 'BUILD_FAILED', message: refused }
      await assert.rejects(byDokeres(options), refusal)
      if (cli) await assert.rejects(byCli(root, path), refused)
      return
    }
    const ours = await byDokeres(options)
    if (has) assert.deepEqual(names(ours).sort(), has.toSorted())
    if (!cli) return t.diagnostic('there is no docker CLI with buildx to compare with')
    assert.deepEqual(ours, await byCli(root, path))
  })
}

test('a program that may do more', { skip: !isRoot && 'it takes root' }, async () => {
  const root = files({ Dockerfile: ALL, 'bin/tool': { mode: 0o755, text: 'tool' } })
  execFileSync('setcap', ['cap_net_raw+ep', join(root, 'bin/tool')])
  // BuildKit itself forgets it, by giving the file to root after it has set it: whoever sends it.
  if (cli) assert.deepEqual(await byDokeres({ context: root }), await byCli(root))
})

test('files in memory: with their directories, less what they say themselves', async () => {
  const map = {
    'a/x': 'x',
    'a-b': 'a-b',
    'a/y/z': { content: 'z', mode: 0o755 },
    'no/n': 'n',
    '.dockerignore': 'no\n',
  }
  const has = ['.dockerignore', 'Dockerfile', 'a-b', 'a/', 'a/x', 'a/y/', 'a/y/z']
  const text = await byDokeres({ context: map, dockerfile: ALL })
  assert.deepEqual(names(text).sort(), has)
  assert.match(text.find((line) => line.endsWith('a/y/z')) ?? '', /^-rwxr-xr-x +0\/0 /)
  const sub = { ...map, 'sub/D': ALL, 'sub/D.dockerignore': 'a\nsub\n' }
  const own = await byDokeres({ context: sub, dockerfile: 'sub/D' })
  assert.deepEqual(names(own).sort(), ['.dockerignore', 'a-b', 'no/', 'no/n'])
  assert.deepEqual(names(await byDokeres({ dockerfile: ALL })), ['Dockerfile'])
})

test('chosen files: these, whatever is ignored', async () => {
  const root = files({
    'sub/D': 'FROM scratch\nCOPY . /x\n',
    a: 'a',
    'b/c': 'c',
    'b/d': 'd',
    '.dockerignore': '*\n',
    l: { link: 'b' },
  })
  const options = {
    context: root,
    dockerfile: 'sub/D',
    extraFiles: ['b/c', 'l/d', '.dockerignore'],
  }
  assert.deepEqual(names(await byDokeres(options)).sort(), [
    ...['x/', 'x/.dockerignore', 'x/b/', 'x/b/c', 'x/l/', 'x/l/d', 'x/sub/', 'x/sub/D'],
  ])
})

test('what was changed is sent again, and nothing else is', async () => {
  const root = files({
    Dockerfile: `FROM ${BASE}\nCOPY . /x\n`,
    a: 'one',
    big: 'x'.repeat(4 * MIB),
  })
  const way = await counted()
  const engine = new Dokeres(way.path)
  const image = engine.image({ name: fresh(), context: root, builder: 'buildkit' })
  await image.build()
  const first = way.sent()
  assert.ok(first > 4 * MIB, `${first}`)
  // The builder may forget a step while it does much else.
  for (let tries = 0; !(await image.build()).cached; tries++) assert.ok(tries < 3)
  const changed = uniqueName('two')
  fs.writeFileSync(join(root, 'a'), changed)
  assert.equal((await image.build()).cached, false)
  assert.equal((await engine.image(image.name).task(['cat', '/x/a'])).stdout, changed)
  assert.ok(way.sent() - first < MIB, `${way.sent() - first}`)
})

test('a change is seen that size and time do not tell', async () => {
  const root = files({ Dockerfile: `FROM ${BASE}\nCOPY . /x\n`, a: 'one' })
  const image = dokeres.image({ name: fresh(), context: root, builder: 'buildkit' })
  await image.build()
  const path = join(root, 'a')
  const { mtime } = fs.statSync(path)
  fs.writeFileSync(path, 'two')
  fs.utimesSync(path, mtime, mtime)
  await image.build()
  assert.equal((await image.task(['cat', '/x/a'])).stdout, 'two')
})

test('5,000 files', async () => {
  const root = files({
    Dockerfile: `FROM ${BASE}\nCOPY . /x\nRUN find /x -type f | wc -l; cat /x/*/* | md5sum\n`,
  })
  for (let at = 0; at < 5000; at++) {
    if (at % 100 === 0) fs.mkdirSync(join(root, `d${at / 100}`))
    fs.writeFileSync(join(root, `d${Math.floor(at / 100)}/f${at}`), `${at}`.repeat(at % 50))
  }
  const lines = []
  await dokeres.image({ name: fresh(), context: root, builder: 'buildkit', noCache: true }).build({
    onLine: (line) => void lines.push(line),
  })
  const sum = execFileSync('sh', ['-c', 'cat */* | md5sum'], { cwd: root, encoding: 'utf8' })
  assert.ok(lines.includes('5001') && lines.includes(sum.trim()), lines.join('\n'))
})

test('a large file, with little memory', async () => {
  const root = files({ Dockerfile: `FROM ${BASE}\nCOPY . /x\nRUN md5sum /x/large\n` })
  execFileSync('dd', ['if=/dev/urandom', 'of=large', 'bs=1M', 'count=300'], {
    cwd: root,
    stdio: 'ignore',
  })
  const before = process.memoryUsage.rss()
  let most = 0
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10)
  const lines = []
  const since = performance.now()
  try {
    await dokeres.image({ name: fresh(), context: root, builder: 'buildkit' }).build({
      onLine: (line) => void lines.push(line),
    })
  } finally {
    clearInterval(timer)
  }
  if (process.env.DOKERES_TEST_VERBOSE)
    console.log('took', performance.now() - since, (most - before) / MIB)
  const sum = execFileSync('md5sum', [join(root, 'large')], { encoding: 'utf8' }).split(' ')[0]
  assert.ok(lines.includes(`${sum}  /x/large`), lines.join('\n'))
  assert.ok(most - before < 40 * MIB, `${(most - before) / MIB} MiB`)
})

test('a file that cannot be read is named', { skip: !isRoot && 'it takes root' }, async () => {
  const root = files({ Dockerfile: ALL, 'sub/secret': { mode: 0o600, text: 'x' } })
  const way = await counted()
  fs.chmodSync(way.path, 0o777)
  fs.chmodSync(dirname(root), 0o755)
  const told = await asNobody(root, way.path, fresh())
  assert.equal(told.code, 'BUILD_FAILED')
  assert.match(
    told.message,
    /build context cannot be packed: cannot read .*sub\/secret: Permission denied/,
  )
  fs.writeFileSync(join(root, '.dockerignore'), 'sub/secret\n')
  assert.deepEqual(await asNobody(root, way.path, fresh()), {})
})

test('an abort in the middle leaves nothing', async () => {
  const root = files({ Dockerfile: ALL })
  fs.closeSync(fs.openSync(join(root, 'large'), 'w'))
  fs.truncateSync(join(root, 'large'), 64 * 1024 * MIB)
  const way = await counted()
  const name = fresh()
  const stop = new AbortController()
  const engine = new Dokeres(way.path)
  const building = engine
    .image({ name, context: root, builder: 'buildkit' })
    .build({ signal: stop.signal })
  const refused = assert.rejects(building, { name: 'AbortError' })
  await eventually(() => way.sent() > 20 * MIB)
  stop.abort()
  await refused
  await eventually(() => way.open('/session') + way.open('/build') === 0)
  await eventually(() => reading(join(root, 'large')) === 0)
  const { json } = await api(
    'GET',
    `/images/json?filters=${encodeURIComponent(`{"reference":["${name}"]}`)}`,
  )
  assert.deepEqual(json, [])
})

/** How often this process has a file open. */
function reading(path) {
  const links = fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => link === path).length
}

async function eventually(holds, seconds = 20) {
  for (let tries = 0; tries < seconds * 20; tries++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail(`not within ${seconds} s: ${holds}`)
}

/** A way to the engine that counts what goes there. */
async function counted() {
  const path = join(fs.mkdtempSync(join(folder, 'way-')), 'docker.sock')
  fs.chmodSync(dirname(path), 0o755)
  const connections = []
  let sent = 0
  const server = createServer((near) => {
    const far = connect(process.env.DOCKER_HOST.replace('unix://', ''))
    const connection = { open: true, asked: '', end: () => near.destroy() }
    connections.push(connection)
    near.on('data', (data) => {
      sent += data.length
      if (connection.asked.length < 4096) connection.asked += data.toString('latin1')
    })
    near.pipe(far).pipe(near)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        connection.open = false
        other.destroy()
      })
    }
  })
  await new Promise((resolve) => server.listen(path, () => resolve(undefined)))
  ways.push({
    close() {
      for (const connection of connections) connection.end()
      server.close()
    },
  })
  const isOpen = (what) => (connection) => connection.open && connection.asked.includes(what)
  return { path, sent: () => sent, open: (what) => connections.filter(isOpen(what)).length }
}

/** Builds as a user who may read little; resolves to the error, or to nothing. */
function asNobody(context, path, name) {
  const script = join(folder, 'as-nobody.mjs')
  fs.writeFileSync(
    script,
    `import index from ${JSON.stringify(new URL('../index.js', import.meta.url).href)}
    const [context, path, name] = process.argv.slice(2)
    try {
      await new index.Dokeres(path).image({ name, context, builder: 'buildkit' }).build()
      process.send({})
    } catch (error) {
      process.send({ code: error.code, message: error.message })
    }`,
  )
  const child = fork(script, [context, path, name], { uid: NOBODY, gid: NOBODY, cwd: '/' })
  return new Promise((resolve, reject) => {
    child.on('message', resolve)
    child.on('error', reject)
    child.on('exit', () => reject(new Error('it ended without a word')))
  })
}
