// What a build sends, held against what the docker CLI sends of the same; and at what cost.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual, promisify } from 'node:util'
import { Dokeres } from '../index.js'
import { contexts, entries, make, refused } from './helpers/context-corpus.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

/** @typedef {import('./helpers/context-corpus.mjs').Where} Where */
/** @typedef {import('./helpers/context-corpus.mjs').Entry} Entry */

const MIB = 1 << 20
const ID = `sha256:${'1d'.repeat(32)}`
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const onLinux = { skip: process.platform !== 'linux' && 'it reads /proc' }
const clis = installedClis()
const withCli = { skip: clis.length === 0 && 'there is no docker CLI on PATH' }

/** @type {string} */
let folder
let count = 0

before(() => {
  folder = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'dokeres-contexts-'))
  fs.chmodSync(folder, 0o755)
})

// Several times as fast as what Node has for it.
after(() => execFileSync('rm', ['-rf', folder]))

/** Each version once. @returns {{ program: string, version: string }[]} */
function installedClis() {
  const found = new Map()
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const program = join(directory, 'docker')
    if (!fs.existsSync(program)) continue
    const version = /^Docker version ([^,]+)/.exec(
      execFileSync(program, ['--version'], { encoding: 'utf8' }),
    )?.[1]
    if (version && !found.has(version)) found.set(version, { program, version })
  }
  return [...found.values()]
}

/** An empty directory. */
function place() {
  const path = join(folder, `${++count}`)
  fs.mkdirSync(path)
  return path
}

/** One in memory if there is room: to make 50,000 files takes a busy disk a quarter of a minute. */
function quickPlace() {
  const memory = '/dev/shm'
  const { bavail, bsize } = fs.existsSync(memory) ? fs.statfsSync(memory) : { bavail: 0, bsize: 0 }
  return bavail * bsize > 512 * MIB ? fs.mkdtempSync(`${memory}/dokeres-contexts-`) : place()
}

/**
 * An engine that builds whatever it is sent; `receive` reads the context.
 *
 * @template T
 * @param {(body: import('node:http').IncomingMessage) => Promise<T>} receive
 */
async function engine(receive) {
  /** @type {{ dockerfile: string | null, received: T }[]} */
  const builds = []
  const fake = await fakeEngine(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://engine')
    response.setHeader('api-version', '1.41')
    response.setHeader('ostype', 'linux')
    if (!url.pathname.endsWith('/build')) return void response.end('OK')
    try {
      const received = await receive(request)
      builds.push({ dockerfile: url.searchParams.get('dockerfile'), received })
      response.end(`{"stream":"Successfully built"}\n{"aux":{"ID":"${ID}"}}\n`)
    } catch (error) {
      response.destroy(/** @type {Error} */ (error))
    }
  })
  fs.chmodSync(join(fake.socketPath, '..'), 0o755)
  fs.chmodSync(fake.socketPath, 0o777)
  return { ...fake, builds }
}

/** @param {AsyncIterable<Buffer>} body @param {boolean} [lenient] */
async function collect(body, lenient = false) {
  const all = []
  for await (const entry of entries(body, { lenient })) all.push(entry)
  return all
}

/**
 * @param {string} base @param {Where} where
 * @returns {{ context: string, dockerfile?: string }}
 */
function paths(base, { root = 'context', dockerfile }) {
  const context = join(base, root)
  return { context, ...(dockerfile !== undefined && { dockerfile: join(context, dockerfile) }) }
}

/** @typedef {{ dockerfile: string | null, received: Entry[] }} Sent */
/** @typedef {{ sent: Sent | undefined, error: any }} Outcome */

/**
 * @param {string} base @param {Where} where @param {number} [uid]
 * @returns {Promise<Outcome>}
 */
async function viaDokeres(base, where, uid) {
  const fake = await engine(collect)
  try {
    const { error } = uid
      ? await inChild(tryToBuild, [fake.socketPath, paths(base, where)], { uid, gid: uid })
      : await tryToBuild(Dokeres, fake.socketPath, paths(base, where))
    return judged(fake.builds[0], error)
  } finally {
    await fake.close()
  }
}

/**
 * @param {string} program @param {string} base @param {Where} where @param {number} [uid]
 * @returns {Promise<Outcome>}
 */
async function viaCli(program, base, where, uid) {
  const fake = await engine((body) => collect(body, true))
  const { context: root, dockerfile } = paths(base, where)
  const env = {
    PATH: process.env.PATH,
    DOCKER_BUILDKIT: '0',
    DOCKER_HOST: `unix://${fake.socketPath}`,
    DOCKER_CONFIG: join(folder, 'no-config'),
  }
  const args = ['build', '-t', 'x', ...(dockerfile ? ['-f', dockerfile] : []), root]
  try {
    await promisify(execFile)(program, args, { env, cwd: folder, ...(uid && { uid, gid: uid }) })
    return judged(fake.builds[0])
  } catch (error) {
    return { sent: undefined, error }
  } finally {
    await fake.close()
  }
}

/**
 * A Dockerfile that is none the CLI leaves to the engine.
 *
 * @param {Sent | undefined} sent @param {unknown} [error]
 * @returns {Outcome}
 */
function judged(sent, error) {
  const named = sent?.received.find(({ name }) => name === sent.dockerfile)
  if (error || ['0', '1'].includes(named?.type ?? '')) return { sent, error }
  return { sent: undefined, error: new Error('the engine finds no Dockerfile in what was sent') }
}

/**
 * Runs a function in a process of its own, for which its source has to be enough.
 *
 * @template {unknown[]} A @template T
 * @param {(dokeres: typeof Dokeres, ...args: A) => Promise<T>} job
 * @param {A} args
 * @param {{ uid?: number, gid?: number }} [as]
 * @returns {Promise<T>}
 */
async function inChild(job, args, as) {
  const script = `import index from ${JSON.stringify(new URL('../index.js', import.meta.url).href)}
    console.log(JSON.stringify(await (${job})(index.Dokeres, ...${JSON.stringify(args)})))`
  const flags = ['--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, flags, as)
  return JSON.parse(`${stdout}`)
}

/**
 * @param {typeof Dokeres} dokeres @param {string} socket
 * @param {{ context: string, dockerfile?: string }} options
 */
async function tryToBuild(dokeres, socket, options) {
  try {
    await new dokeres(socket).image({ name: 'x', ...options }).build()
    return { error: undefined }
  } catch (error) {
    const { code, message } = /** @type {any} */ (error)
    return { error: { code, message } }
  }
}

/** What has to be the same, and the times. @param {Sent} sent */
function comparable({ dockerfile, received }) {
  // A Dockerfile from outside gets a name that the CLI makes up, and the present time.
  const stray = /^\.dockerfile\.[0-9a-f]{20}$/.test(dockerfile ?? '') ? dockerfile : undefined
  /** @param {string} text */
  const known = (text) => (stray ? text.replaceAll(stray, '.dockerfile.<digits>') : text)
  /** @param {Buffer} content */
  const brief = (content) =>
    content.length < 2000
      ? known(content.toString('latin1'))
      : createHash('sha256').update(content).digest('hex')
  const entries = received.map((entry) => ({
    ...entry,
    name: known(entry.name),
    // Older CLIs have the file's type in there as well.
    mode: (entry.mode & 0o7777).toString(8),
    mtime: stray && [stray, '.dockerignore'].includes(entry.name) ? 0 : entry.mtime,
    content: brief(entry.content),
  }))
  // Such a Dockerfile and its ignore file come last, the CLI's in any order.
  if (stray) entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    same: {
      dockerfile: dockerfile && known(dockerfile),
      entries: entries.map((entry) => ({ ...entry, mtime: undefined })),
    },
    times: entries.map(({ mtime }) => mtime),
  }
}

/**
 * The CLIs and we, each with an engine of its own.
 *
 * @param {string} base @param {Where} where @param {number} [uid]
 */
async function allOutcomes(base, where, uid) {
  const theirs = clis.map(({ program }) => viaCli(program, base, where, uid))
  const [ours, ...others] = await Promise.all([viaDokeres(base, where, uid), ...theirs])
  return { ours, theirs: others }
}

/**
 * Where the CLIs differ from each other, one of them will do.
 *
 * @param {import('node:test').TestContext} t @param {Outcome} ours @param {Outcome[]} theirs
 */
function assertSame(t, ours, theirs) {
  const { same, times } = comparable(ours.sent ?? assert.fail(ours.error.message))
  const wanted = theirs.flatMap(({ sent }) => (sent ? comparable(sent) : []))
  assert.ok(wanted.length > 0, theirs[0].error?.message)
  const match = wanted.find((other) => isDeepStrictEqual(other.same, same)) ?? wanted[0]
  assert.deepEqual(same, match.same)
  for (const [index, { name }] of same.entries.entries()) {
    const [our, their] = [times[index], match.times[index]]
    // An engine takes what is before 1970 for 1970.
    if (our !== their) t.diagnostic(`mtime of ${name}: ${our}, the CLI's ${their}`)
    assert.equal(our, Math.max(their, 0), `mtime of ${name}`)
  }
}

for (const context of contexts) {
  const options = { ...withCli }
  if (context.newer && clis.every(({ version }) => parseInt(version, 10) < 23)) {
    options.skip = 'the docker CLI on PATH is older than 23'
  }
  if (context.rootOnly && !isRoot) options.skip = 'only root can make it'
  test(`sends what the docker CLI sends: ${context.name}`, options, async (t) => {
    const base = place()
    make(base, context)
    if (context.expected) {
      const { sent, error } = await viaDokeres(base, context)
      const { received } = sent ?? assert.fail(error.message)
      assert.deepEqual(
        received.map(({ name }) => name),
        context.expected,
      )
      return
    }
    const { ours, theirs } = await allOutcomes(base, context)
    assertSame(t, ours, theirs)
  })
}

/** @param {Outcome} ours @param {Outcome[]} theirs @param {RegExp} blames */
function assertRefused(ours, theirs, blames) {
  assert.ok(
    theirs.some(({ error }) => error),
    'no CLI refuses it',
  )
  assert.match(ours.error?.code ?? 'it was built', /^(BUILD_FAILED|INVALID_OPTION)$/)
  assert.match(ours.error.message, blames)
}

for (const context of refused) {
  test(`refuses what the docker CLI refuses: ${context.name}`, withCli, async () => {
    const base = place()
    make(base, context)
    const { ours, theirs } = await allOutcomes(base, context)
    assertRefused(ours, theirs, context.blames)
  })
}

/**
 * What, its path, the rules, whom the error blames or what is sent.
 *
 * @type {[string, string, string, RegExp | string[]][]}
 */
const UNREADABLE = [
  ['a file', 'd/secret', '', /cannot read .*\/d\/secret: Permission denied/],
  ['a directory', 'd', '', /cannot read .*\/d: Permission denied/],
  ['the Dockerfile', 'Dockerfile', '', /cannot read .*\/Dockerfile: Permission denied/],
  ['the ignore file', '.dockerignore', '', /cannot read .*\/\.dockerignore: Permission denied/],
  ['an ignored file', 'd/secret', '**/secret', ['.dockerignore', 'Dockerfile', 'd/', 'd/other']],
  // The CLI reads it before it asks whether it is ignored.
  ['an ignored directory', 'd', 'd', ['.dockerignore', 'Dockerfile']],
]

for (const [what, path, rules, outcome] of UNREADABLE) {
  test(`${what} that may not be read, beside the docker CLI`, withCli, async (t) => {
    const uid = isRoot ? NOBODY : undefined
    if (uid && !(await inChild(async () => true, [], { uid, gid: uid }).catch(() => false))) {
      return t.skip('nobody but root may read this repository')
    }
    const base = place()
    make(base, { files: { Dockerfile: 'FROM scratch\n', 'd/secret': 's', 'd/other': 'o' }, rules })
    const closed = join(base, 'context', path)
    fs.chmodSync(closed, 0o000)
    try {
      const { ours, theirs } = await allOutcomes(base, {}, uid)
      if (outcome instanceof RegExp) return assertRefused(ours, theirs, outcome)
      const { received } = ours.sent ?? assert.fail(ours.error.message)
      assert.deepEqual(
        received.map(({ name }) => name),
        outcome,
      )
      if (theirs.some(({ sent }) => sent)) assertSame(t, ours, theirs)
    } finally {
      fs.chmodSync(closed, 0o700)
    }
  })
}

/**
 * Builds a small context, then the one to be measured.
 *
 * @param {typeof Dokeres} dokeres @param {string} socket
 * @param {string} small @param {string} context
 * @param {number} [abortAfter] in milliseconds
 */
async function measuredBuild(dokeres, socket, small, context, abortAfter) {
  const { readFileSync, readdirSync, readlinkSync } = await import('node:fs')
  const { monitorEventLoopDelay } = await import('node:perf_hooks')
  const { setTimeout: delay } = await import('node:timers/promises')
  /** In MiB. @param {string} field */
  const memory = (field) => {
    const status = readFileSync('/proc/self/status', 'utf8')
    return Number(status.split(`${field}:`)[1].split('kB')[0]) / 1024
  }
  const openFiles = () =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)]
      } catch {
        return [] // the one that listed them
      }
    })
  const engine = new dokeres(socket)
  await engine.image({ name: 'small', context: small }).build()
  const open = openFiles().length
  const start = memory('VmRSS')
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const options = abortAfter === undefined ? {} : { signal: AbortSignal.timeout(abortAfter) }
  const build = engine.image({ name: 'x', context }).build(options)
  const error = await build.then(() => undefined).catch(({ name, message }) => ({ name, message }))
  const ended = Date.now()
  loop.disable()
  const left = () =>
    openFiles().filter((path, _, all) => all.length > open || path.startsWith(context))
  while (left().length > 0 && Date.now() - ended < 2000) await delay(10)
  return {
    error,
    grown: memory('VmHWM') - start,
    blocked: loop.max / 1e6,
    left: left(),
    ended,
    freedAfter: Date.now() - ended,
  }
}

/** A context with nothing but a Dockerfile. */
function small(base = place()) {
  make(base, { files: { Dockerfile: 'FROM scratch\n' } })
  return join(base, 'context')
}

test('50,000 files: all counted, little memory, and the event loop goes on', onLinux, async (t) => {
  const fake = await engine(async (body) => {
    /** @type {Record<string, number>} */
    const types = {}
    for await (const { type } of entries(body, { keeps: false })) {
      types[type] = (types[type] ?? 0) + 1
    }
    return types
  })
  const base = quickPlace()
  const root = small(base)
  for (let folder = 0; folder < 1000; folder++) {
    const path = join(root, folder < 900 ? 'skip' : 'keep', `${folder % 50}`, `${folder}`)
    fs.mkdirSync(path, { recursive: true })
    for (let file = 0; file < 50; file++) fs.writeFileSync(join(path, `${file}`), 'x')
  }
  try {
    for (const [rules, wanted] of /** @type {const} */ ([
      ['skip', { 0: 5002, 5: 1 + 50 + 100 }],
      ['', { 0: 50_002, 5: 2 + 50 + 50 + 1000 }],
    ])) {
      fs.writeFileSync(join(root, '.dockerignore'), rules)
      const { error, grown, blocked } = await inChild(measuredBuild, [
        fake.socketPath,
        small(),
        root,
      ])
      t.diagnostic(
        `rules: "${rules}", ${grown.toFixed(1)} MiB more, blocked for ${blocked.toFixed(1)} ms`,
      )
      assert.equal(error, undefined)
      assert.deepEqual(fake.builds.at(-1)?.received, wanted)
      assert.ok(grown < 100, `${grown} MiB more`)
      // Below 50 on a machine that has nothing else to do.
      assert.ok(blocked < 200, `blocked for ${blocked} ms`)
    }
  } finally {
    await fake.close()
    execFileSync('rm', ['-rf', base])
  }
})

test('1 GiB, sent and aborted', onLinux, async (t) => {
  const root = small()
  const sum = createHash('sha256')
  const piece = randomFillSync(Buffer.alloc(MIB))
  const file = fs.openSync(join(root, 'big'), 'w')
  for (let index = 0; index < 1024; index++) {
    piece.writeUInt32LE(index)
    fs.writeSync(file, piece)
    sum.update(piece)
  }
  fs.closeSync(file)

  await t.test('a slow reader does not have it pile up', async (t) => {
    // Two headers and the Dockerfile come before it.
    const [begin, end] = [1536, 1536 + 1024 * MIB]
    const fake = await engine(async (body) => {
      const sum = createHash('sha256')
      let seen = 0
      for await (const chunk of pausing(body, 32 * MIB, () => delay(700))) {
        sum.update(chunk.subarray(Math.max(0, begin - seen), Math.max(0, end - seen)))
        seen += chunk.length
      }
      return { seen, sum: sum.digest('hex') }
    })
    try {
      const result = await inChild(measuredBuild, [fake.socketPath, small(), root])
      t.diagnostic(
        `${result.grown.toFixed(1)} MiB more, blocked for ${result.blocked.toFixed(1)} ms`,
      )
      assert.equal(result.error, undefined)
      assert.deepEqual(fake.builds[1].received, { seen: end + 1024, sum: sum.digest('hex') })
      assert.ok(result.grown < 64, `${result.grown} MiB more`)
      assert.deepEqual(result.left, [])
    } finally {
      await fake.close()
    }
  })

  await t.test('an abort closes the connection and the file', async (t) => {
    let seen = 0
    /** @type {number | undefined} */
    let closed
    const fake = await engine(async (body) => {
      body.once('close', () => (closed = Date.now()))
      seen = 0
      for await (const chunk of body) {
        seen += chunk.length
        if (seen > 64 * MIB) await delay(5)
      }
    })
    try {
      const result = await inChild(measuredBuild, [fake.socketPath, small(), root, 300])
      assert.equal(result.error?.name, 'TimeoutError')
      assert.deepEqual(result.left, [])
      while (fake.openSockets() > 0 && Date.now() - result.ended < 2000) await delay(10)
      assert.equal(fake.openSockets(), 0)
      assert.equal(fake.builds.length, 1, 'the small one alone')
      assert.ok(seen > 0 && seen < 1024 * MIB, `${seen} bytes`)
      const closedAfter = (closed ?? Infinity) - result.ended
      t.diagnostic(
        `${seen} bytes; freed after ${result.freedAfter} ms, closed after ${closedAfter}`,
      )
      assert.ok(closedAfter < 2000)
    } finally {
      await fake.close()
    }
  })
})

/**
 * What is read, with something done about midway.
 *
 * @param {AsyncIterable<Buffer>} body @param {number} at @param {() => Promise<unknown>} action
 */
async function* pausing(body, at, action) {
  let seen = 0
  for await (const chunk of body) {
    yield chunk
    if (seen < at && seen + chunk.length >= at) await action()
    seen += chunk.length
  }
}

/** @param {(root: string) => void} change while most of `large` has yet to be read */
async function buildChanging(change) {
  const root = small()
  fs.writeFileSync(join(root, 'large'), Buffer.alloc(16 * MIB, 'large'))
  fs.writeFileSync(join(root, 'z'), 'z')
  const fake = await engine((body) => collect(pausing(body, 1, async () => change(root))))
  try {
    const { error } = await tryToBuild(Dokeres, fake.socketPath, { context: root })
    return { error, received: fake.builds[0]?.received }
  } finally {
    await fake.close()
  }
}

test('a file that shrinks while it is packed fails the build and is named', async () => {
  const { error, received } = await buildChanging((root) =>
    fs.truncateSync(join(root, 'large'), 16 * MIB - 1),
  )
  assert.equal(error?.code, 'BUILD_FAILED')
  assert.match(error.message, /\/large changed while it was being packed$/)
  assert.equal(received, undefined, 'half a context was taken for one')
})

test('a file that grows while it is packed keeps the size of its header', async () => {
  const { error, received } = await buildChanging((root) =>
    fs.appendFileSync(join(root, 'large'), 'more'),
  )
  assert.equal(error, undefined)
  assert.deepEqual(
    received?.map(({ name, size }) => [name, size]),
    [
      ['Dockerfile', 13],
      ['large', 16 * MIB],
      ['z', 1],
    ],
  )
  assert.deepEqual(received[1].content, Buffer.alloc(16 * MIB, 'large'))
})

test('a file that is gone before its turn is not sent', async () => {
  const { error, received } = await buildChanging((root) => fs.rmSync(join(root, 'z')))
  assert.equal(error, undefined)
  assert.deepEqual(
    received?.map(({ name }) => name),
    ['Dockerfile', 'large'],
  )
})
