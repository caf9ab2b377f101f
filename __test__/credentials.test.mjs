// Credentials: found where the docker CLI finds them, told to the engine, and to nobody else.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { Dokeres } from '../index.js'
import { sleep } from '../scripts/lib/engine/processes.mjs'
import { isAlive } from '../scripts/lib/engine/state.mjs'
import { api, pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { startRegistryProxy } from './helpers/registry-proxy.mjs'
import { startBasicRegistry, startTokenRegistry } from './helpers/token-registry.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
const USER = 'somebody'
/** In standard base64 it has both `+` and `/`, in JSON it is escaped, in URLs too. */
const PASSWORD = 's3cr3t-"ü~?>:colon'
const WRONG = 'wr0ng-"ü~?>'
const IDENTITY = '1dent1ty-t0ken-~?>'
const ADVICE = {
  unauthorized: /log in with `docker login`, or give \{ auth: \{ username, password \} \}/,
  'not-found': /check the name and the tag, and log in where it is private/,
}

const repository = uniqueName('private')
let folder, tokens, basic

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dokeres-credentials-'))
  const users = { [USER]: PASSWORD }
  tokens = await startTokenRegistry({ users, identityTokens: { [IDENTITY]: USER } })
  basic = await startBasicRegistry({ users })
  const open = `${REGISTRY}/${repository}:1`
  await pushToRegistry(BASE, open)
  await removeImage(open)
})

after(async () => {
  for (const registry of [tokens, basic]) {
    if (!registry) continue
    await removeImage(nameIn(registry))
    await registry.close()
  }
  if (folder) rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  tokens.issueExpired(false)
  tokens.asked.length = 0
  for (const registry of [tokens, basic]) await removeImage(nameIn(registry))
})

const nameIn = ({ address }) => `${address}/${repository}:1`
const encoded = (password) => Buffer.from(`${USER}:${password}`).toString('base64')

/**
 * A `Dokeres` in surroundings of its own: a docker configuration, and helpers on the PATH, whose
 * scripts read the registry into `$registry`. Both are read as it is made.
 */
async function surroundings({ config, authConfig, helpers = {} } = {}) {
  const own = mkdtempSync(join(folder, 'config-'))
  const log = join(own, 'helpers.log')
  if (config !== undefined) {
    const text = typeof config === 'string' ? config : JSON.stringify(config)
    await writeFile(join(own, 'config.json'), text)
  }
  for (const [name, script] of Object.entries(helpers)) {
    const start = `#!/bin/sh\ncd '${own}'\nread -r registry\necho "${name} $*|$registry" >> '${log}'\n`
    await writeFile(join(own, `docker-credential-${name}`), `${start}${script}\n`, { mode: 0o755 })
  }
  const variables = {
    DOCKER_CONFIG: own,
    DOCKER_AUTH_CONFIG: authConfig && JSON.stringify(authConfig),
    PATH: `${own}:${process.env.PATH}`,
  }
  return {
    own,
    variables,
    dokeres: within(variables, () => new Dokeres()),
    /** What the helpers were called with: `name arguments|registry`. */
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  }
}

function within(variables, work) {
  const before = Object.keys(variables).map((name) => [name, process.env[name]])
  const set = (name, value) => {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  for (const [name, value] of Object.entries(variables)) set(name, value)
  try {
    return work()
  } finally {
    for (const [name, value] of before) set(name, value)
  }
}

/** What a helper prints. */
const says = (Username, Secret) =>
  `cat <<'END'\n${JSON.stringify({ ServerURL: 'x', Username, Secret })}\nEND`

/** Both ways to have it: each on an engine that has it not. */
async function pullsAndEnsures(dokeres, registry, auth) {
  const name = nameIn(registry)
  const { status } = await dokeres.image({ name, auth }).pull()
  assert.equal(status, 'downloaded')
  await removeImage(name)
  await dokeres.image({ name, auth }).ensure()
  assert.equal(await dokeres.image(name).exists(), true)
  await removeImage(name)
}

/** @param {string} [reason] registries do not tell a stranger whether there is what he may not see */
async function isRefused(dokeres, registry, auth, reason = 'unauthorized') {
  const name = nameIn(registry)
  await assert.rejects(dokeres.image({ name, auth }).pull(), (error) => {
    const facts = [error.code, error.reason, error.image]
    assert.deepEqual(facts, ['PULL_FAILED', reason, name], error)
    assert.match(error.message, ADVICE[reason])
    return true
  })
  await assert.rejects(dokeres.image({ name, auth }).ensure(), (error) => {
    assert.deepEqual([error.code, error.reason], ['IMAGE_UNAVAILABLE', reason])
    assert.deepEqual([error.cause.code, error.cause.reason], ['PULL_FAILED', reason])
    return true
  })
  assert.equal(await dokeres.image(name).exists(), false)
}

test('given outright: the right ones pull, wrong ones and none are unauthorized', async () => {
  const { dokeres } = await surroundings()
  for (const registry of [tokens, basic]) {
    await pullsAndEnsures(dokeres, registry, { username: USER, password: PASSWORD })
    await isRefused(dokeres, registry, { username: USER, password: WRONG })
    await isRefused(dokeres, registry, { username: 'nobody', password: PASSWORD })
  }
  await isRefused(dokeres, basic)
  await isRefused(dokeres, tokens, undefined, 'not-found')
})

test("a pull's own credentials come before the image's, those before what is configured", async () => {
  const [right, wrong] = [PASSWORD, WRONG].map((password) => ({ username: USER, password }))
  const config = { auths: { [basic.address]: { auth: encoded(WRONG) } } }
  const { dokeres } = await surroundings({ config })
  await isRefused(dokeres, basic)
  await pullsAndEnsures(dokeres, basic, right)
  const name = nameIn(basic)
  await dokeres.image({ name, auth: wrong }).pull({ auth: right })
  const refused = dokeres.image({ name, auth: right }).pull({ auth: wrong })
  await assert.rejects(refused, { code: 'PULL_FAILED', reason: 'unauthorized' })
})

test('the right ones and the wrong ones at once: to each his own', async () => {
  const { dokeres } = await surroundings()
  const name = nameIn(tokens)
  const outcomes = await Promise.allSettled(
    [PASSWORD, WRONG, PASSWORD, WRONG].map((password) =>
      dokeres.image({ name, auth: { username: USER, password } }).pull(),
    ),
  )
  assert.deepEqual(
    outcomes.map(({ value, reason }) => value?.status ?? reason.reason),
    ['downloaded', 'unauthorized', 'downloaded', 'unauthorized'],
  )
})

test('so too where they are found in different surroundings, or are tokens', async () => {
  const name = nameIn(tokens)
  const found = (password) =>
    surroundings({ config: { auths: { [tokens.address]: { auth: encoded(password) } } } })
  const [right, wrong] = await Promise.all([found(PASSWORD), found(WRONG)])
  const token = (expired) => ({ registryToken: tokens.token(repository, { expired }) })
  for (const pulls of [
    () => [right.dokeres.image(name).pull(), wrong.dokeres.image(name).pull()],
    () => [true, false].map((good) => right.dokeres.image(name).pull({ auth: token(!good) })),
  ]) {
    const outcomes = await Promise.allSettled(pulls())
    const told = outcomes.map(({ value, reason }) => value?.status ?? reason.reason)
    assert.deepEqual(told, ['downloaded', 'unauthorized'])
    await removeImage(name)
  }
})

test('DOCKER_AUTH_CONFIG: comes before config.json, which serves where it says nothing', async () => {
  const entry = (registry, password) => ({
    auths: { [registry.address]: { auth: encoded(password) } },
  })
  const { dokeres } = await surroundings({
    authConfig: entry(tokens, PASSWORD),
    config: {
      auths: { ...entry(tokens, WRONG).auths, ...entry(basic, PASSWORD).auths },
    },
  })
  await pullsAndEnsures(dokeres, tokens)
  await pullsAndEnsures(dokeres, basic)
})

test('auths of config.json: in every spelling that docker has written', async () => {
  const auth = encoded(PASSWORD)
  for (const [key, entry] of [
    [tokens.address, { auth }],
    [`http://${tokens.address}`, { auth }],
    [`https://${tokens.address}/v2/`, { auth }],
    [tokens.address, { auth: auth.replace(/=+$/, '') }],
    [tokens.address, { username: USER, password: PASSWORD }],
    [tokens.address, { auth: '', identitytoken: IDENTITY }],
    [tokens.address, { auth: encoded('').trim(), identitytoken: IDENTITY }],
    [tokens.address, { registrytoken: tokens.token(repository) }],
  ]) {
    const { dokeres } = await surroundings({
      config: { auths: { [key]: entry }, experimental: 'x' },
    })
    await pullsAndEnsures(dokeres, tokens)
  }
  // A byte order mark, as some editors leave it.
  const text = JSON.stringify({ auths: { [tokens.address]: { auth } } })
  await pullsAndEnsures((await surroundings({ config: `\uFEFF${text}` })).dokeres, tokens)
  await isRefused((await surroundings({ config: '' })).dokeres, basic)
})

test('identity tokens: exchanged for a token of the registry; wrong and expired ones are refused', async () => {
  const { dokeres } = await surroundings()
  await pullsAndEnsures(dokeres, tokens, { identityToken: IDENTITY })
  assert.deepEqual([...new Set(tokens.asked.map(({ grant }) => grant))], ['refresh_token'])
  await isRefused(dokeres, tokens, { identityToken: 'another' })
  const helpers = { tokens: says('<token>', IDENTITY), stale: says('<token>', 'stale') }
  const configured = (name) => ({ credHelpers: { [tokens.address]: name } })
  const good = await surroundings({ config: configured('tokens'), helpers })
  await pullsAndEnsures(good.dokeres, tokens)
  const stale = await surroundings({ config: configured('stale'), helpers })
  await isRefused(stale.dokeres, tokens)
})

test('tokens that have expired: unauthorized', async () => {
  const { dokeres } = await surroundings()
  const own = (expired) => ({ registryToken: tokens.token(repository, { expired }) })
  await pullsAndEnsures(dokeres, tokens, own(false))
  await isRefused(dokeres, tokens, own(true))
  tokens.issueExpired(true)
  await isRefused(dokeres, tokens, { username: USER, password: PASSWORD })
  tokens.issueExpired(false)
  await pullsAndEnsures(dokeres, tokens, { username: USER, password: PASSWORD })
})

test('helpers: the own one before the common one before auths; asked for `get`, and nothing else', async () => {
  const { dokeres, calls } = await surroundings({
    config: {
      auths: { [tokens.address]: {}, [basic.address]: { auth: encoded(WRONG) } },
      credsStore: 'common',
      credHelpers: { [tokens.address]: 'own' },
    },
    helpers: { own: says(USER, PASSWORD), common: says(USER, PASSWORD) },
  })
  await pullsAndEnsures(dokeres, tokens)
  await pullsAndEnsures(dokeres, basic)
  assert.deepEqual([...new Set(calls())].sort(), [
    `common get|${basic.address}`,
    `own get|${tokens.address}`,
  ])
})

test('a helper that has nothing: what is written serves, else nobody asks', async () => {
  const helpers = {
    missing: 'echo "credentials not found in native keychain"; exit 1',
    empty: says('', ''),
  }
  for (const credsStore of Object.keys(helpers)) {
    const auths = { [basic.address]: { auth: encoded(PASSWORD) } }
    const { dokeres } = await surroundings({ config: { credsStore, auths }, helpers })
    await pullsAndEnsures(dokeres, basic)
    await isRefused(dokeres, tokens, undefined, 'not-found')
  }
})

test('a helper that fails: CREDENTIAL_HELPER, by its name, and nothing is asked of the registry', async () => {
  const proxy = await startRegistryProxy(tokens.address)
  const name = nameIn(proxy)
  const secret = 'pr1nted-by-mistake'
  const helpers = {
    fails: `echo ${secret}; echo ${secret} >&2; exit 1`,
    killed: `echo ${secret}; kill -9 $$`,
    nonsense: `echo ${secret}`,
    silent: '',
    other: `echo '["${secret}"]'`,
    binary: "printf '\\377\\376\\000'",
    endless: `trap '' PIPE; while :; do echo ${secret}; done`,
  }
  try {
    for (const helper of [...Object.keys(helpers), 'not-installed', '../evil']) {
      const { dokeres } = await surroundings({
        config: { credHelpers: { [proxy.address]: helper }, auths: { [proxy.address]: {} } },
        helpers,
      })
      for (const work of ['pull', 'ensure']) {
        await assert.rejects(dokeres.image(name)[work](), (error) => {
          assert.deepEqual([error.code, error.image], ['CREDENTIAL_HELPER', name], error)
          assert.ok(error.message.includes(`docker-credential-${helper}`), error.message)
          assert.ok(!inspect(error, { showHidden: true, depth: 10 }).includes(secret))
          return true
        })
      }
    }
    assert.deepEqual(proxy.requests, [])
  } finally {
    await proxy.close()
  }
})

test('a helper that hangs ends with the call that asked it', async () => {
  const { dokeres, own } = await surroundings({
    config: { credsStore: 'hangs' },
    helpers: { hangs: 'echo $$ > pid; exec sleep 1000' },
  })
  const controller = new AbortController()
  const reason = new Error('not that important')
  const pull = dokeres.image(nameIn(tokens)).pull({ signal: controller.signal })
  const file = join(own, 'pid')
  await eventually(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'))
  const pid = Number(readFileSync(file, 'utf8'))
  assert.ok(isAlive(pid))
  controller.abort(reason)
  await assert.rejects(pull, (error) => error === reason)
  await eventually(() => !isAlive(pid))
})

test('an image that is there needs no credentials: no helper is asked', async () => {
  const { dokeres, calls } = await surroundings({
    config: { credsStore: 'fails' },
    helpers: { fails: 'exit 1' },
  })
  await dokeres.image(BASE).ensure()
  await dokeres.image({ name: BASE, pullPolicy: 'never' }).ensure()
  assert.deepEqual(calls(), [])
})

test("pullPolicy 'newer' asks a private registry with the same credentials", async () => {
  const { dokeres } = await surroundings({
    config: { auths: { [tokens.address]: { auth: encoded(PASSWORD) } } },
  })
  const image = dokeres.image({ name: nameIn(tokens), pullPolicy: 'newer' })
  await image.ensure()
  const { length: before } = tokens.asked
  await image.ensure()
  assert.ok(tokens.asked.length > before)
  assert.ok(tokens.asked.every(({ user }) => user === USER))
})

test('a configuration that cannot be read: says which, and where, but not what it says', async () => {
  const auth = encoded(PASSWORD)
  for (const config of [
    `{"auths":{"${tokens.address}":{"auth":"${auth}"`,
    `{"auths":{"${tokens.address}":"${auth}"}}`,
    { auths: { [tokens.address]: { auth: `${PASSWORD} is not base64` } } },
    { auths: { [tokens.address]: { auth: Buffer.from('no-colon-s3cr3t').toString('base64') } } },
    { auths: { [tokens.address]: { auth: 12345678 } } },
  ]) {
    const { dokeres, own } = await surroundings({ config })
    await assert.rejects(dokeres.image(nameIn(tokens)).pull(), (error) => {
      assert.equal(error.code, 'CREDENTIAL_HELPER')
      assert.ok(error.message.includes(join(own, 'config.json')), error.message)
      assertNoTrace(inspect(error, { showHidden: true, depth: 10 }), [PASSWORD, 'no-colon-s3cr3t'])
      return true
    })
  }
})

/** All that a secret may look like. */
function traces(secret) {
  const forms = [secret, `${USER}:${secret}`, JSON.stringify(secret).slice(1, -1)]
  const raw = forms.flatMap((form) => [Buffer.from(form), Buffer.from(form, 'latin1')])
  // In base64 of something longer it stands at one of three offsets.
  const bases = raw.flatMap((bytes) =>
    [0, 1, 2].map((offset) => {
      const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
      return text.slice(offset === 0 ? 0 : offset + 1, text.length - 4)
    }),
  )
  const urls = bases.map((base) => base.replaceAll('+', '-').replaceAll('/', '_'))
  return [...new Set([...forms, encodeURIComponent(secret), secret.slice(0, 6), ...bases, ...urls])]
}

function assertNoTrace(text, secrets = [PASSWORD, WRONG, IDENTITY]) {
  for (const trace of secrets.flatMap(traces)) {
    const line = text.split('\n').find((line) => line.includes(trace))
    assert.equal(line, undefined, `“${trace}” is in: ${line}`)
  }
}

test('secrets are in no error, no inspection, no line of debugging and no command line', async () => {
  const helpers = {
    hangs: 'echo $$ > pid; exec sleep 1000',
    wrong: says(USER, WRONG),
    prints: `printf '%s' '${WRONG}'; printf '%s' '${WRONG}' >&2; exit 1`,
  }
  const proxy = await startRegistryProxy(tokens.address)
  const own = await surroundings({
    config: {
      auths: { [tokens.address]: { auth: encoded(WRONG) } },
      credHelpers: { [basic.address]: 'wrong', 'prints.test': 'prints', [proxy.address]: 'hangs' },
    },
    helpers,
  })
  const script = fileURLToPath(new URL('helpers/leak.mjs', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--trace-warnings', '--report-uncaught-exception', script],
    {
      env: {
        ...process.env,
        ...own.variables,
        // Whatever a debugging of ours, or of a library, may one day be called.
        DEBUG: '*',
        NODE_DEBUG: 'http,https,tls,child_process,addon,dokeres',
        RUST_LOG: 'trace',
        RUST_BACKTRACE: 'full',
        DOKERES_DEBUG: '1',
        DOKERES_LOG: 'trace',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const ended = new Promise((resolve) => child.on('close', resolve))
  child.stdin.end(
    JSON.stringify({
      names: [nameIn(tokens), nameIn(basic), `127.0.0.1:9/${repository}:1`],
      helped: 'prints.test/x:1',
      hanging: nameIn(proxy),
      auths: [
        { username: USER, password: WRONG },
        { identityToken: IDENTITY.replace('1dent1ty', 'no') },
        { registryToken: WRONG },
        { username: USER, passwort: WRONG },
        { username: USER, password: [WRONG] },
        { username: [WRONG], password: WRONG },
        { username: USER, password: `${WRONG}\r\nX-Injected: 1` },
      ],
      right: { username: USER, password: PASSWORD },
    }),
  )
  try {
    await eventually(() => existsSync(join(own.own, 'pid')) || child.exitCode !== null)
    const lines = descendants(child.pid).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    assert.ok(
      lines.some((line) => line.startsWith('sleep')),
      `the helper is among them: ${lines}`,
    )
    assertNoTrace(lines.join('\n'))
    assert.equal(await ended, 0, output)
  } finally {
    child.kill('SIGKILL')
    await proxy.close()
  }
  assert.match(output, /PULL_FAILED/)
  assert.match(output, /CREDENTIAL_HELPER/)
  assert.match(output, /INVALID_OPTION/)
  assert.match(output, /the last line/)
  assertNoTrace(output, [PASSWORD, WRONG, IDENTITY, IDENTITY.replace('1dent1ty', 'no')])
  assertNoTrace(own.calls().join('\n'))
  const { text } = await api('GET', `/images/${nameIn(tokens)}/json`)
  assertNoTrace(text)
})

test('a secret in the place of the credentials is refused, and not quoted', async () => {
  const { dokeres } = await surroundings()
  const name = nameIn(tokens)
  for (const auth of [WRONG, [USER, WRONG], { username: USER, password: 20240607 }]) {
    for (const pull of [
      () => dokeres.image({ name, auth }).pull(),
      () => dokeres.image(name).pull({ auth }),
    ]) {
      await assert.rejects(
        async () => pull(),
        (error) => {
          assert.equal(error.code, 'INVALID_OPTION', error)
          assert.match(error.path, /^auth/)
          assertNoTrace(inspect(error, { showHidden: true, depth: 10 }), [WRONG, '20240607'])
          return true
        },
      )
    }
  }
})

/** @param {number} of @returns {string[]} pids */
function descendants(of) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').match(/\) \S (\d+)/) ?? []
        return [[pid, Number(parent)]]
      } catch {
        return []
      }
    })
  const direct = parents.filter(([, parent]) => parent === of).map(([pid]) => pid)
  return [...direct, ...direct.flatMap((pid) => descendants(Number(pid)))]
}

async function eventually(condition) {
  for (let tries = 0; !(await condition()); tries++) {
    assert.ok(tries < 100, `not within 10 s: ${condition}`)
    await sleep(100)
  }
}
