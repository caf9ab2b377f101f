// Both of an engine's builders: what can be asked of either they do alike; secrets, ssh agents and
// credentials go to BuildKit over its session, and to nobody else.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { Dokeres } from '../index.js'
import { install } from '../scripts/lib/engine/packages.mjs'
import { end, kill, sleep, start, until } from '../scripts/lib/engine/processes.mjs'
import { api, pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { startBasicRegistry, startTokenRegistry } from './helpers/token-registry.mjs'

const { DOKERES_TEST_NODE: NODE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
/** Of this file alone: BuildKit has builds at the same time share a step, and its number with it. */
const BASE = `${uniqueName('dokeres-test/base')}:latest`
const BUILDERS = ['classic', 'buildkit']
const LIMIT = 500 * 1024
const GIB = 1024 ** 3

const dokeres = new Dokeres()
const made = new Set()
const running = []
const ways = []
let folder

before(async () => {
  made.add(BASE)
  await dokeres.images.tag(process.env.DOKERES_TEST_BASE, BASE)
  folder = mkdtempSync(join(tmpdir(), 'dokeres-buildkit-'))
})

after(async () => {
  for (const pid of running) await end(pid)
  for (const way of ways) way.close()
  for (const name of made) await removeImage(name)
  rmSync(folder, { recursive: true, force: true })
})

/** An image that is built from a Dockerfile's text, or from other options of `image`. */
function image(options, engine = dokeres) {
  const name = `${uniqueName('dokeres-test/kit')}:1`
  made.add(name)
  const own = typeof options === 'string' ? { dockerfile: options } : options
  return engine.image({ name, ...own })
}

/** Builds, and notes all that is said and shown meanwhile. */
async function build(image, options = {}) {
  const [lines, progress] = [[], []]
  let error, result
  try {
    result = await image.build({
      onLine: (line) => void lines.push(line),
      onProgress: (shown) => void progress.push(structuredClone(shown)),
      ...options,
    })
  } catch (caught) {
    error = caught
  }
  return { lines, progress, error, result }
}

async function builds(image, options) {
  const told = await build(image, options)
  assert.ifError(told.error)
  return told
}

async function fails(image, options) {
  const { error, ...told } = await build(image, options)
  assert.equal(error?.code, 'BUILD_FAILED', inspect(error))
  return { error, ...told }
}

/** A folder of its own with these files. */
function files(entries) {
  const root = mkdtempSync(join(folder, 'files-'))
  for (const [path, content] of Object.entries(entries)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** A `Dokeres` that is made in an environment with these variables. */
function within(variables, ...args) {
  const before = { ...process.env }
  try {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    return new Dokeres(...args)
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

/** A way to the engine on which it shows what is asked of it, and what stays open. */
async function watched() {
  const path = join(mkdtempSync(join(folder, 'way-')), 'docker.sock')
  const connections = []
  const server = createServer((near) => {
    const far = connect(process.env.DOCKER_HOST.replace('unix://', ''))
    const connection = { open: true, asked: '', end: () => near.destroy() }
    connections.push(connection)
    near.on('data', (data) => {
      // Requests, and not the contexts that some of them bring.
      if (connection.asked.length < 1 << 16) connection.asked += data.toString('latin1')
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
  const asked = (what) => connections.filter((connection) => connection.asked.includes(what))
  return {
    path,
    /** How many connections were asked this. */
    count: (what) => asked(what).length,
    open: (what) => asked(what).filter((connection) => connection.open).length,
    sawBuilder: () => (asked('version=2').length > 0 ? 'buildkit' : 'classic'),
  }
}

async function eventually(holds, seconds = 10) {
  for (let tries = 0; tries < seconds * 20; tries++) {
    if (await holds()) return
    await sleep(50)
  }
  assert.fail(`not within ${seconds} s: ${holds}`)
}

const sha = (text) => createHash('sha256').update(text).digest('hex')
const secretText = () => `s3cr3t-${randomBytes(12).toString('hex')}`
const said = (lines, prefix) =>
  lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length))

test('both builders tell a build alike: lines, steps, result', async () => {
  const seen = []
  for (const builder of BUILDERS) {
    const mark = uniqueName('mark')
    const dockerfile = `FROM ${BASE}\nRUN echo one; echo ${mark} >&2\nRUN printf two\n`
    const built = image({ dockerfile, builder })
    const { lines, progress, result } = await builds(built)
    const last = progress.at(-1)
    const plain = (text) => text.replace('docker.io/', '').replace(mark, 'MARK')
    assert.match(result.imageId, /^sha256:[0-9a-f]{64}$/)
    assert.deepEqual([result.tags, result.cached], [[built.name], false])
    assert.deepEqual(await builds(built).then(({ result }) => result), { ...result, cached: true })
    assert.deepEqual([last.phase, last.current, last.total, last.percent], ['build', 3, 3, 100])
    for (const { layers } of progress) {
      for (const { current, total } of layers) assert.ok(current <= total && total === 1)
    }
    const wanted = ['Step ', 'one', 'two', mark]
    seen.push({
      lines: lines.filter((line) => wanted.some((start) => line.startsWith(start))).map(plain),
      layers: last.layers.map((layer) => ({ ...layer, status: plain(layer.status) })),
      keys: Object.keys(last).sort(),
    })
  }
  const [classic, kit] = seen
  assert.deepEqual(kit.layers, classic.layers)
  assert.deepEqual(kit.keys, classic.keys)
  // What a step writes to stdout and to stderr may come in either order.
  assert.deepEqual(kit.lines.toSorted(), classic.lines.toSorted())
  assert.deepEqual(said(kit.lines, 'Step '), said(classic.lines, 'Step '))
  assert.deepEqual(said(classic.lines, 'Step '), [
    `1/3 : FROM ${BASE}`,
    '2/3 : RUN echo one; echo MARK >&2',
    '3/3 : RUN printf two',
  ])
})

test('steps are told in their order, of one stage without its name', async () => {
  const many = Array.from({ length: 11 }, (_, n) => `RUN echo ${n}`).join('\n')
  for (const builder of BUILDERS) {
    const mount = builder === 'buildkit' ? '--mount=type=tmpfs,target=/t' : ''
    const dockerfile = `FROM ${BASE}\nRUN ${mount} echo ${uniqueName('x')}\n${many}\n`
    const { lines, progress } = await builds(image({ dockerfile, builder }))
    const steps = Array.from({ length: 13 }, (_, n) => `${n + 1}/13`)
    assert.deepEqual(
      progress.at(-1).layers.map(({ id }) => id),
      steps,
    )
    assert.deepEqual(
      said(lines, 'Step ').map((line) => line.split(' ')[0]),
      steps,
    )
  }
  const stages = `FROM ${BASE} AS one\nRUN echo ${uniqueName('x')}\nFROM one\nRUN echo last\n`
  const { lines } = await builds(image({ dockerfile: stages, builder: 'buildkit' }))
  const told = said(lines, 'Step ').map((line) => line.split(' : ')[0])
  assert.deepEqual(told, ['one 1/2', 'one 2/2', 'stage-1 1/1'])
})

test('both fail alike: step, instruction, exit code, log', async () => {
  for (const builder of BUILDERS) {
    const dockerfile = `FROM ${BASE}\nRUN echo ${uniqueName('x')}\nRUN echo why >&2; exit 42\nRUN true\n`
    const { error } = await fails(image({ dockerfile, builder }))
    assert.equal(error.step, '3/4')
    assert.equal(error.instruction, 'RUN echo why >&2; exit 42')
    assert.equal(error.exitCode, 42)
    assert.ok(error.log.some((line) => line.startsWith('Step 2/4 : ')))
    assert.ok(error.log.includes('why'), inspect(error.log))
    assert.ok(!error.log.some((line) => line.startsWith('Step 4/4')))
    const copied = await fails(image({ dockerfile: `FROM ${BASE}\nCOPY none /\n`, builder }))
    assert.deepEqual([copied.error.step, copied.error.instruction], ['2/2', 'COPY none /'])
    assert.match(copied.error.message, /none/)
  }
})

test('a Dockerfile that cannot be read as one', async () => {
  for (const builder of BUILDERS) {
    const { error } = await fails(image({ dockerfile: `FROM ${BASE}\nNOT THIS\n`, builder }))
    assert.match(error.message, /unknown instruction: NOT/)
    assert.equal(error.exitCode, undefined)
    const empty = await fails(image({ dockerfile: '\n\n', builder }))
    assert.match(empty.error.message, /empty|no instructions|no build stage/i)
  }
})

test('tags, labels, arguments, target, platform, hosts and network reach both', async () => {
  for (const builder of BUILDERS) {
    const other = `${uniqueName('dokeres-test/other')}:2`
    made.add(other)
    const built = image({
      dockerfile: [
        `FROM ${BASE} AS first`,
        'ARG WHO',
        `RUN echo "arg $WHO ${uniqueName('x')}"; sed 's/^/host /' /etc/hosts`,
        `RUN for net in $(ls /sys/class/net); do echo "net $net"; done`,
        'FROM first AS second',
        'RUN exit 1',
        '',
      ].join('\n'),
      builder,
      buildArgs: { WHO: 'you' },
      labels: { purpose: 'test', number: 7 },
      target: 'first',
      platform: process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64',
      extraHosts: { 'one.test': '10.1.2.3' },
      network: 'none',
      tags: [other],
    })
    const { lines, result } = await builds(built)
    assert.match(said(lines, 'arg ')[0], /^you /)
    assert.ok(said(lines, 'host ').some((line) => /^10\.1\.2\.3\s+one\.test/.test(line)))
    assert.deepEqual(said(lines, 'net '), ['lo'])
    assert.deepEqual(result.tags, [built.name, other])
    for (const name of result.tags) {
      const { Id, Config } = await dokeres.image(name).inspect()
      assert.equal(Id, result.imageId)
      assert.deepEqual([Config.Labels.purpose, Config.Labels.number], ['test', '7'])
    }
    assert.equal((await builds(built)).result.cached, true)
    const anew = await builds(built, { noCache: true, buildArgs: { WHO: 'me' } })
    assert.equal(anew.result.cached, false)
    assert.match(said(anew.lines, 'arg ')[0], /^me /)
    const none = await fails(built, { target: 'none' })
    assert.match(none.error.message, /none/)
  }
})

test('an image for another machine', async () => {
  const [own, other] = process.arch === 'arm64' ? ['arm64', 'amd64'] : ['amd64', 'arm64']
  for (const [builder, architecture] of [
    ['buildkit', own],
    ['buildkit', other],
    ['classic', own],
  ]) {
    const context = { Dockerfile: 'FROM scratch AS one\nCOPY . /\nFROM one\nCOPY a /b\n', a: 'a' }
    const built = image({ context, builder, platform: `linux/${architecture}` })
    await builds(built)
    assert.equal((await built.inspect()).Architecture, architecture)
  }
})

test('a context of any kind reaches both', async () => {
  for (const builder of BUILDERS) {
    const entries = {
      Dockerfile: `FROM ${BASE}\nCOPY . /c\nRUN cd /c; find . -type f | sort | sed 's/^/found /'\n`,
      'sub/a.txt': uniqueName('a'),
      'b.log': 'b',
    }
    const all = ['./Dockerfile', './b.log', './sub/a.txt']
    const root = files(entries)
    const tar = join(folder, `${uniqueName('context')}.tar`)
    execFileSync('tar', ['-C', root, '-cf', tar, '.'])
    const ignoring = files({ ...entries, '.dockerignore': '*.log\n' })
    for (const [options, found] of [
      [
        { dockerfile: join(ignoring, 'Dockerfile') },
        ['./.dockerignore', './Dockerfile', './sub/a.txt'],
      ],
      [{ context: root }, all],
      [{ context: entries }, all],
      [{ context: tar }, all],
      [{ context: readFileSync(tar) }, all],
      [{ context: createReadStream(tar) }, all],
      [{ context: { 'b.log': 'b' }, dockerfile: entries.Dockerfile }, all.slice(0, 2)],
    ]) {
      const { lines } = await builds(image({ ...options, builder, noCache: true }))
      assert.deepEqual(said(lines, 'found '), found, inspect(options))
    }
  }
})

test('secrets: a value, a variable, a file; for the one RUN, and nowhere else', async () => {
  const [value, variable, file] = [secretText(), secretText(), `${secretText()}\n`]
  process.env.DOKERES_TEST_SECRET = variable
  const path = join(files({ secret: file }), 'secret')
  const built = image({
    dockerfile: [
      `FROM ${BASE}`,
      `RUN --mount=type=secret,id=value,target=/v --mount=type=secret,id=variable \\`,
      `  --mount=type=secret,id=file,mode=0444 --mount=type=secret,id=absent \\`,
      `  : ${uniqueName('x')}; cd /run/secrets; sha256sum /v variable file | sed 's/^/sum /'; ls`,
      `RUN for file in /v /run/secrets/*; do [ ! -s "$file" ] || echo "left $file"; done`,
      '',
    ].join('\n'),
    secrets: { value: { value }, variable: { env: 'DOKERES_TEST_SECRET' }, file: { file: path } },
  })
  const told = await builds(built)
  const sums = said(told.lines, 'sum ').map((line) => line.split(' ')[0])
  assert.deepEqual(sums, [value, variable, file].map(sha))
  assert.ok(!told.lines.includes('absent'))
  assert.deepEqual(said(told.lines, 'left '), [])
  assert.equal((await builds(built)).result.cached, true)
  await isNotShown([value, variable, file.trim()], { built, ...told })
  delete process.env.DOKERES_TEST_SECRET
})

/** Neither in the clear nor encoded, wherever one may look. */
async function isNotShown(secrets, { built, lines, progress, error, result }) {
  const decoded = progress.map(({ raw }) => Buffer.from(String(raw?.aux ?? ''), 'base64'))
  const seen = [
    inspect([built, dokeres, error, result], { showHidden: true, depth: 10, getters: true }),
    JSON.stringify([lines, progress, error, error?.cause]),
    String(error?.stack),
    decoded.map((bytes) => bytes.toString('latin1')).join('\n'),
    result ? JSON.stringify([await built.inspect(), await built.history()]) : '',
  ].join('\n')
  for (const secret of secrets) {
    for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, 24)]) {
      assert.ok(!seen.includes(form), 'a secret shows')
    }
  }
}

test('a build with secrets that fails does not tell them', async () => {
  const value = secretText()
  const built = image({
    dockerfile: `FROM ${BASE}\nRUN --mount=type=secret,id=a grep -q s3cr3t /run/secrets/a && exit 7\n`,
    secrets: { a: { value } },
  })
  const told = await fails(built)
  assert.deepEqual([told.error.exitCode, told.error.step], [7, '2/2'])
  await isNotShown([value], { built, ...told })
})

test('secrets that are not there are told before anything is sent', async () => {
  const way = await watched()
  const own = new Dokeres(way.path)
  const large = { file: join(files({ large: Buffer.alloc(LIMIT + 1, 'x') }), 'large') }
  const dockerfile = `FROM ${BASE}\nRUN --mount=type=secret,id=a wc -c < /run/secrets/a | sed 's/^/size /'\n`
  for (const [secret, path, message] of [
    [{ file: join(folder, 'nothing-here') }, 'secrets.a.file', /nothing-here.*no such file/i],
    [{ file: folder }, 'secrets.a.file', /directory|no file/],
    [{ env: 'DOKERES_TEST_NOT_SET' }, 'secrets.a.env', /DOKERES_TEST_NOT_SET/],
    [large, 'secrets.a.file', /500 KiB/],
    [{ value: 'x'.repeat(LIMIT + 1) }, 'secrets.a.value', /500 KiB/],
  ]) {
    await assert.rejects(image({ dockerfile, secrets: { a: secret } }, own).build(), (error) => {
      assert.deepEqual([error.code, error.path], ['INVALID_OPTION', path], inspect(error))
      assert.match(error.message, message)
      assert.ok(error.message.length < 1000)
      return true
    })
  }
  assert.deepEqual([way.count('/build'), way.count('/session')], [0, 0])
  const most = await builds(
    image({ dockerfile, secrets: { a: { value: 'x'.repeat(LIMIT) } }, noCache: true }),
  )
  assert.equal(Number(said(most.lines, 'size ')[0]), LIMIT)
})

test('a secret that is required and not offered', async () => {
  const dockerfile = `FROM ${BASE}\nRUN --mount=type=secret,id=wanted,required cat /run/secrets/wanted\n`
  for (const secrets of [{}, { other: { value: 'x' } }]) {
    const { error } = await fails(image({ dockerfile, secrets, builder: 'buildkit' }))
    assert.match(error.message, /wanted/)
    assert.equal(error.step, '2/2')
  }
})

test('what one builder alone can do is refused of the other', async () => {
  const dockerfile = `FROM ${BASE}\n`
  for (const [options, path] of [
    [{ builder: 'classic', secrets: { a: { value: 'x' } } }, 'secrets'],
    [{ builder: 'classic', ssh: '/none' }, 'ssh'],
    [{ builder: 'buildkit', memory: '3g' }, 'memory'],
    [{ secrets: { a: { value: 'x' } }, cpusetCpus: '0' }, 'cpusetCpus'],
  ]) {
    await assert.rejects(
      async () => image({ dockerfile, ...options }).build(),
      (error) => {
        assert.deepEqual([error.code, error.path], ['NOT_SUPPORTED', path], inspect(error))
        return true
      },
    )
  }
})

test('memory is a limit of the RUNs of the classic builder, which is chosen for it', async () => {
  const way = await watched()
  const read = '/sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max'
  const dockerfile = `FROM ${BASE}\nRUN cat ${read} 2>/dev/null | sed 's/^/limit /'\n`
  const built = image({ dockerfile, memory: '3g', noCache: true }, new Dokeres(way.path))
  const { lines } = await builds(built)
  assert.deepEqual(said(lines, 'limit '), [String(3 * GIB)])
  assert.deepEqual([way.count(`memory=${3 * GIB}`), way.sawBuilder()], [1, 'classic'])
})

test('DOCKER_BUILDKIT decides, else what the engine advertises', async () => {
  const { builderVersion } = await dokeres.ping()
  const advertised = builderVersion === '2' ? 'buildkit' : 'classic'
  for (const [value, expected] of [
    ['1', 'buildkit'],
    ['0', 'classic'],
    [undefined, advertised],
  ]) {
    const way = await watched()
    const own = within({ DOCKER_BUILDKIT: value }, way.path)
    await builds(image(`FROM ${BASE}\nLABEL a=b\n`, own))
    assert.equal(way.sawBuilder(), expected, `DOCKER_BUILDKIT=${value}`)
    const other = expected === 'classic' ? 'buildkit' : 'classic'
    await builds(image(`FROM ${BASE}\nLABEL a=b\n`, own), { builder: other })
    assert.equal(way.count('version=2'), 1)
  }
})

/** Asks the agent for its keys, and then to forget them all. */
const ASK_AGENT = `
const socket = require('net').connect(process.env.SSH_AUTH_SOCK)
const ask = (type) => new Promise((resolve, reject) => {
  let all = Buffer.alloc(0)
  socket.on('error', reject)
  socket.on('data', function take(data) {
    all = Buffer.concat([all, data])
    if (all.length < 4 || all.length < 4 + all.readUInt32BE(0)) return
    socket.off('data', take)
    resolve(all.subarray(4))
  })
  socket.write(Buffer.from([0, 0, 0, 1, type]))
})
ask(11).then(async (keys) => {
  for (let at = 5, left = keys.readUInt32BE(1); left > 0; left--) {
    at += 4 + keys.readUInt32BE(at)
    const size = keys.readUInt32BE(at)
    console.log('key ' + keys.toString('utf8', at + 4, at + 4 + size))
    at += 4 + size
  }
  console.log('forget ' + (await ask(19))[0])
  socket.end()
})
`

async function startAgent(comment) {
  if (!existsSync('/usr/bin/ssh-agent')) install(['openssh-client'])
  const own = mkdtempSync(join(folder, 'agent-'))
  const [socket, key] = [join(own, 'agent.sock'), join(own, 'key')]
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', key])
  const pid = start('ssh-agent', ['-D', '-a', socket], join(own, 'log'))
  running.push(pid)
  await until(pid, async () => existsSync(socket), join(own, 'log'))
  const env = { ...process.env, SSH_AUTH_SOCK: socket }
  execFileSync('ssh-add', ['-q', key], { env })
  return { socket, pid, keys: () => execFileSync('ssh-add', ['-l'], { env, encoding: 'utf8' }) }
}

test('ssh: a RUN sees the agents that it asks for, lists their keys, and cannot harm them', async () => {
  const [first, second] = [uniqueName('first'), uniqueName('second')]
  const agents = [await startAgent(first), await startAgent(second)]
  const context = (mounts) => ({
    Dockerfile: `FROM ${NODE}\nCOPY ask.js /\nRUN ${mounts} echo ${uniqueName('x')}; node /ask.js\n`,
    'ask.js': ASK_AGENT,
  })
  const asks = async (mount, ssh, engine) => {
    const { lines } = await builds(image({ context: context(mount), ssh }, engine))
    assert.deepEqual(said(lines, 'forget '), ['5'])
    return said(lines, 'key ')
  }
  const mount = '--mount=type=ssh'
  const own = within({ SSH_AUTH_SOCK: agents[0].socket })
  assert.deepEqual(await asks(mount, true, own), [first])
  assert.deepEqual(await asks(`${mount},required`, agents[1].socket), [second])
  const both = { default: agents[0].socket, other: agents[1].socket }
  assert.deepEqual(await asks(`${mount},id=other`, both), [second])
  for (const { keys } of agents) assert.match(keys(), /ED25519/)
})

test('ssh: an agent that is not there, or is no more, is told before the build', async () => {
  const { socket, pid } = await startAgent('short-lived')
  await kill(pid)
  assert.ok(existsSync(socket))
  const way = await watched()
  const dockerfile = `FROM ${BASE}\nRUN --mount=type=ssh true\n`
  const none = within({ SSH_AUTH_SOCK: undefined }, way.path)
  const dead = within({ SSH_AUTH_SOCK: socket }, way.path)
  for (const [engine, ssh, path, message] of [
    [none, true, 'ssh', /SSH_AUTH_SOCK is not set/],
    [none, join(folder, 'nobody'), 'ssh.default', /nobody/],
    [none, { work: socket }, 'ssh.work', /refused/],
    [dead, true, 'ssh.default', /refused/],
  ]) {
    await assert.rejects(image({ dockerfile, ssh }, engine).build(), (error) => {
      assert.deepEqual([error.code, error.path], ['INVALID_OPTION', path], inspect(error))
      assert.match(error.message, message)
      return true
    })
  }
  assert.deepEqual([way.count('/build'), way.count('/session')], [0, 0])
  const required = `FROM ${BASE}\nRUN --mount=type=ssh,required true\n`
  const { error } = await fails(image({ dockerfile: required, builder: 'buildkit' }))
  assert.match(error.message, /ssh/i)
})

test('an abort ends the build on the engine too, and all of its connections', async () => {
  for (const builder of BUILDERS) {
    const way = await watched()
    const mark = String(100_000_000 + Math.floor(Math.random() * 1e8))
    const controller = new AbortController()
    const reason = new Error('enough')
    const building = image(
      { dockerfile: `FROM ${BASE}\nRUN echo begun; exec sleep ${mark}\n`, builder },
      new Dokeres(way.path),
    ).build({
      signal: controller.signal,
      onLine: (line) => line === 'begun' && setTimeout(() => controller.abort(reason), 100),
    })
    await assert.rejects(building, (error) => error === reason)
    assert.equal(way.sawBuilder(), builder)
    await eventually(() => sleepers(mark).length === 0)
    await eventually(() => way.open('/build') === 0 && way.open('/session') === 0)
    assert.equal(way.count('/session'), builder === 'buildkit' ? 1 : 0)
  }
})

/** The processes that have slept for that long. */
function sleepers(seconds) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`
    } catch {
      return false
    }
  })
}

test('eight builds at once: to each his own secret', async () => {
  const way = await watched()
  const own = new Dokeres(way.path)
  await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const value = secretText()
      const dockerfile = `FROM ${BASE}\nRUN --mount=type=secret,id=a echo ${n} ${uniqueName('x')}; sha256sum /run/secrets/a | sed 's/^/sum /'\n`
      const { lines } = await builds(image({ dockerfile, secrets: { a: { value } } }, own))
      assert.deepEqual(said(lines, 'sum ')[0].split(' ')[0], sha(value))
    }),
  )
  assert.equal(way.count('/session'), 8)
  await eventually(() => way.open('/session') === 0)
})

test('bases in private registries: with what is in the docker configuration, and not without', async () => {
  const [user, password] = ['somebody', `s3cr3t-"ü~?>:${randomBytes(4).toString('hex')}`]
  const users = { [user]: password }
  const registries = [await startBasicRegistry({ users }), await startTokenRegistry({ users })]
  const auths = (password) => ({
    auths: Object.fromEntries(
      registries.map(({ address }) => {
        return [address, { auth: Buffer.from(`${user}:${password}`).toString('base64') }]
      }),
    ),
  })
  const configured = (config) =>
    within({ DOCKER_CONFIG: files({ 'config.json': JSON.stringify(config) }) })
  try {
    for (const [{ address }, builder] of registries.flatMap((registry) =>
      BUILDERS.map((builder) => /** @type {const} */ ([registry, builder])),
    )) {
      // Each builder has its own: what one has fetched another would not ask for.
      const repository = uniqueName('private')
      const [open, base] = [`${REGISTRY}/${repository}:1`, `${address}/${repository}:1`]
      await builds(image({ dockerfile: `FROM ${BASE}\nLABEL n=${repository}\n`, tags: [open] }))
      await pushToRegistry(open, open)
      await removeImage(open)
      made.add(base)
      const dockerfile = `ARG FROM=${base}\nFROM $FROM\nRUN echo ${uniqueName('x')}\n`
      for (const config of [{}, auths('wrong')]) {
        const { error } = await fails(image({ dockerfile, builder }, configured(config)))
        assert.match(error.message, /unauthorized|denied|no basic auth|not exist|401/i)
      }
      const told = await builds(image({ dockerfile, builder }, configured(auths(password))))
      assert.ok(!inspect(told, { depth: 10 }).includes(password))
    }
  } finally {
    for (const registry of registries) await registry.close()
  }
})

test('a credential helper that fails is named by either builder', async () => {
  const [registry] = [await startBasicRegistry({ users: { a: 'b' } })]
  const base = `${registry.address}/${uniqueName('helped')}:1`
  const helpers = files({
    'config.json': JSON.stringify({ credHelpers: { [registry.address]: 'fails' } }),
  })
  const script = '#!/bin/sh\necho pr1nted; echo pr1nted >&2; exit 1\n'
  writeFileSync(join(helpers, 'docker-credential-fails'), script, { mode: 0o755 })
  const variables = { DOCKER_CONFIG: helpers, PATH: `${helpers}:${process.env.PATH}` }
  const own = within(variables)
  try {
    for (const builder of BUILDERS) {
      const { error } = await build(
        image({ dockerfile: `FROM ${base}\nLABEL a=b\n`, builder }, own),
      )
      const failure = builder === 'classic' ? error : error.cause
      assert.equal(error.code, builder === 'classic' ? 'CREDENTIAL_HELPER' : 'BUILD_FAILED')
      assert.equal(failure?.code, 'CREDENTIAL_HELPER', inspect(error))
      assert.match(failure.message, /docker-credential-fails/)
      assert.ok(!inspect(error, { showHidden: true, depth: 10 }).includes('pr1nted'))
    }
  } finally {
    await registry.close()
  }
})

test('nothing of a build is left on the engine', async () => {
  const { json } = await api('GET', '/containers/json?all=1')
  const left = json.filter(({ Command }) => /s3cr3t|sleep 1\d{8}/.test(Command))
  assert.deepEqual(left, [])
})
