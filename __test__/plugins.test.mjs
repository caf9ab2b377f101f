// dokeres.plugins: made, pushed, installed with what they want granted, configured, enabled, removed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { api, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const dokeres = new Dokeres()
const { plugins } = dokeres
const registry = process.env.DOKERES_TEST_REGISTRY ?? ''
const folder = mkdtempSync(join(tmpdir(), 'dokeres-plugins-'))
/** @type {string[]} */
const made = []

/** All that an engine wants of a plugin: somebody who listens. */
const LISTENER = `
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
static void end(int signal) { _exit(signal == SIGTERM ? 0 : 1); }
int main(void) {
  struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/run/docker/plugins/test.sock"};
  int listener = socket(AF_UNIX, SOCK_STREAM, 0), one;
  signal(SIGTERM, end);
  if (bind(listener, (void *)&at, sizeof at) || listen(listener, 8)) return 1;
  while ((one = accept(listener, 0, 0)) >= 0) close(one);
}
`

/** A name to be cleaned up after. @param {string} [prefix] */
function name(prefix = '') {
  const one = `${prefix}${uniqueName('plugin')}:latest`
  made.push(one)
  return one
}

/**
 * A plugin's directory; the engine takes no two that are the same, so each has its own description.
 * @param {{ wants?: boolean, works?: boolean }} [options]
 */
function directory({ wants = false, works = true } = {}) {
  const path = mkdtempSync(join(folder, 'plugin-'))
  mkdirSync(join(path, 'rootfs/bin'), { recursive: true })
  writeFileSync(join(path, 'rootfs/name'), path)
  execFileSync('cp', [join(folder, 'plugin'), join(path, 'rootfs/bin/plugin')])
  const config = {
    description: path,
    documentation: '',
    entrypoint: [works ? '/bin/plugin' : '/bin/nothing'],
    interface: { types: ['docker.volumedriver/1.0'], socket: 'test.sock' },
    network: { type: wants ? 'host' : '' },
    linux: { capabilities: wants ? ['CAP_SYS_TIME'] : [] },
    env: [{ name: 'DEBUG', description: '', settable: ['value'], value: '0' }],
    mounts: [],
    args: { name: '', description: '', settable: null, value: [] },
  }
  writeFileSync(join(path, 'config.json'), JSON.stringify(config))
  return path
}

/** A plugin in the registry, and no longer here. @param {Parameters<typeof directory>[0]} [options] */
async function published(options) {
  const remote = name(`${registry}/`)
  await plugins.create(remote, directory(options))
  const pushed = await plugins.push(remote)
  await plugins.remove(remote)
  return { remote, pushed }
}

/** The plugins that the engine has, by name. @returns {Promise<Record<string, any>>} */
async function there() {
  const { json } = await api('GET', '/plugins')
  return Object.fromEntries(json.map((/** @type {any} */ one) => [one.Name, one]))
}

before(() => {
  writeFileSync(join(folder, 'plugin.c'), LISTENER)
  execFileSync('cc', ['-static', '-Os', '-o', join(folder, 'plugin'), join(folder, 'plugin.c')])
})

after(async () => {
  for (const one of made) await plugins.remove(one, { force: true }).catch(() => {})
  rmSync(folder, { recursive: true, force: true })
  const left = Object.keys(await there())
  assert.deepEqual(
    left.filter((one) => made.includes(one)),
    [],
  )
})

test('create, list, inspect, set, enable, disable, remove', async () => {
  const one = name()
  const path = directory()
  const created = await plugins.create(one, path)
  assert.equal(created.Name, one)
  assert.equal(created.Enabled, false)
  assert.equal(created.Config.Description, path)
  assert.deepEqual(await plugins.inspect(one), (await there())[one])
  assert.equal((await plugins.inspect(created.Id.slice(0, 12))).Id, created.Id)
  const enabled = async () =>
    (await plugins.list({ filters: { enabled: true } })).map(({ Name }) => Name)
  assert.ok(!(await enabled()).includes(one))
  await plugins.set(one, { DEBUG: 1 })
  assert.deepEqual((await plugins.inspect(one)).Settings.Env, ['DEBUG=1'])
  await plugins.set(one, ['DEBUG=2'])
  assert.deepEqual((await there())[one].Settings.Env, ['DEBUG=2'])
  await assert.rejects(plugins.set(one, { OTHER: 1 }), { code: 'BAD_REQUEST' })
  await plugins.enable(one, { timeout: 10 })
  await plugins.enable(one)
  assert.ok((await enabled()).includes(one))
  await assert.rejects(plugins.set(one, { DEBUG: 3 }), { code: 'CONFLICT', message: /disable/ })
  await assert.rejects(plugins.remove(one), { code: 'CONFLICT', message: /force: true/ })
  await plugins.disable(one)
  await plugins.disable(one)
  assert.equal((await there())[one].Enabled, false)
  await plugins.remove(one)
  assert.equal((await there())[one], undefined)
  for (const call of [plugins.inspect, plugins.remove, plugins.enable, plugins.disable]) {
    await assert.rejects(call.call(plugins, one), { code: 'NOT_FOUND' })
  }
})

test('create takes a tar as well, and refuses what is no plugin', async () => {
  const one = name()
  const path = directory()
  const tar = execFileSync('tar', ['-C', path, '-cf', '-', 'config.json', 'rootfs'])
  assert.equal((await plugins.create(one, tar)).Config.Description, path)
  await assert.rejects(plugins.create(one, directory()), { code: 'NAME_CONFLICT' })
  await assert.rejects(plugins.create(name(), join(folder, 'none')), {
    code: 'INVALID_OPTION',
    path: 'source',
  })
  await assert.rejects(plugins.create(name(), folder), {
    code: 'INVALID_OPTION',
    path: 'source',
    message: /config\.json/,
  })
})

test('push, and install from the registry, with progress', async () => {
  const { remote, pushed } = await published()
  assert.match(pushed.digest, /^sha256:[0-9a-f]{64}$/)
  assert.equal(pushed.tag, 'latest')
  assert.ok(pushed.size > 0)
  assert.deepEqual(await plugins.privileges(remote), [])
  /** @type {any[]} */
  const seen = []
  const alias = name()
  const installed = await plugins.install(remote, {
    alias,
    settings: { DEBUG: true },
    onProgress: (/** @type {any} */ progress) => void seen.push(progress),
  })
  assert.equal(installed.Name, alias)
  assert.equal(installed.Enabled, true)
  assert.deepEqual(installed.Settings.Env, ['DEBUG=true'])
  assert.ok(seen.length > 0)
  assert.equal(seen.at(-1).phase, 'pull')
  assert.ok(seen.at(-1).layers.length > 0)
  await assert.rejects(plugins.install(remote, { alias }), { code: 'NAME_CONFLICT' })
  assert.equal((await there())[alias].Enabled, true, 'that of the name is left alone')
  await assert.rejects(plugins.upgrade(alias), { code: 'CONFLICT' })
  await plugins.disable(alias)
  assert.equal((await plugins.upgrade(alias)).Name, alias)
  await plugins.remove(alias)
})

test('upgrade puts another version in the place of one', async () => {
  const [old, next] = [await published(), await published({ wants: true })]
  const alias = name()
  const before = await plugins.install(old.remote, { alias, enable: false })
  assert.equal(before.Enabled, false)
  await assert.rejects(plugins.upgrade(alias, { remote: next.remote }), { code: 'FORBIDDEN' })
  assert.equal((await there())[alias].Config.Description, before.Config.Description)
  const after = await plugins.upgrade(alias, { remote: next.remote, grant: true })
  assert.notEqual(after.Config.Description, before.Config.Description)
  assert.equal(after.Id, before.Id)
})

test('what a plugin wants has to be granted', async () => {
  const { remote } = await published({ wants: true })
  const wanted = await plugins.privileges(remote)
  assert.deepEqual(wanted.map(({ Name, Value }) => [Name, Value]).sort(), [
    ['capabilities', ['CAP_SYS_TIME']],
    ['network', ['host']],
  ])
  const refused = { code: 'FORBIDDEN', message: /network host.*grant: true/ }
  await assert.rejects(plugins.install(remote), refused)
  await assert.rejects(plugins.install(remote, { grant: false }), refused)
  await assert.rejects(plugins.install(remote, { grant: async () => false }), refused)
  // Nothing but true is a yes.
  await assert.rejects(plugins.install(remote, { grant: /** @type {any} */ (() => 1) }), refused)
  const boom = new Error('boom')
  const throws = () => {
    throw boom
  }
  await assert.rejects(plugins.install(remote, { grant: throws }), (error) => error === boom)
  assert.equal((await there())[remote], undefined)
  /** @type {any[]} */
  const asked = []
  const installed = await plugins.install(remote, {
    enable: false,
    grant: async (privileges) => {
      asked.push(privileges)
      return true
    },
  })
  assert.deepEqual(asked, [wanted])
  assert.equal(installed.Name, remote)
})

test('one that does not come up is not left behind', async () => {
  const { remote } = await published({ works: false })
  await assert.rejects(plugins.install(remote), { code: /SERVER_ERROR|EXECUTABLE_NOT_FOUND/ })
  assert.equal((await there())[remote], undefined)
  await assert.rejects(plugins.install(remote, { enable: false, settings: { OTHER: 1 } }), {
    code: 'BAD_REQUEST',
  })
  assert.equal((await there())[remote], undefined)
})

test('what cannot be pulled or pushed says so', async () => {
  await assert.rejects(plugins.install(`${registry}/no/such:plugin`), {
    code: 'PULL_FAILED',
    reason: /not-found|network/,
  })
  await assert.rejects(plugins.push(`${registry}/no/such:plugin`), { code: 'NOT_FOUND' })
  const one = name('127.0.0.1:1/')
  await plugins.create(one, directory())
  await assert.rejects(plugins.push(one), { code: 'PUSH_FAILED', reason: 'network' })
})

test('credentials go with what a registry is asked behind', async () => {
  /** @type {Record<string, any>} */
  const sent = {}
  const engine = await fakeEngine((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://engine')
    const header = request.headers['x-registry-auth']
    if (header) sent[pathname] = JSON.parse(Buffer.from(String(header), 'base64url').toString())
    if (pathname === '/plugins/privileges') response.end('[]')
    else if (pathname.endsWith('/pull')) response.end('{"status":"Complete","id":"a"}\n')
    else if (request.method === 'GET') response.writeHead(404).end('{"message":"no such plugin"}')
    else response.end()
  })
  const auth = { username: 'me', password: 'mine' }
  const other = new Dokeres(engine.socketPath)
  // The engine forgot it: that is the fake's doing.
  await assert.rejects(other.plugins.install('example.test/one', { auth }), { code: 'NOT_FOUND' })
  for (const path of ['/plugins/privileges', '/plugins/pull']) {
    assert.equal(sent[path].username, 'me', path)
    assert.equal(sent[path].serveraddress, 'example.test', path)
  }
  await engine.close()
})

test('options are checked before anything is sent', async () => {
  const away = new Dokeres('/nowhere/docker.sock').plugins
  /** @type {[Promise<unknown>, string][]} */
  const calls = [
    [away.list(/** @type {any} */ ({ all: true })), 'all'],
    [away.inspect('../info'), 'name'],
    [away.remove('x', /** @type {any} */ ({ forced: true })), 'forced'],
    [away.enable('x', /** @type {any} */ ({ timeout: 'soon' })), 'timeout'],
    [away.install('x', /** @type {any} */ ({ grant: 'all' })), 'grant'],
    [away.install('x', { alias: 'UPPER' }), 'alias'],
    [away.install('x', { enable: false, timeout: 3 }), 'timeout'],
    [away.set('x', /** @type {any} */ (3)), 'settings'],
    [away.create('x', /** @type {any} */ (3)), 'source'],
    [away.push('x', /** @type {any} */ ({ tag: 'y' })), 'tag'],
  ]
  for (const [call, path] of calls) {
    await assert.rejects(call, { code: 'INVALID_OPTION', path }, path)
  }
  await assert.rejects(away.install('Not A Name'), { code: 'INVALID_REFERENCE' })
})

test('an aborted install leaves nothing behind', async () => {
  const { remote } = await published({ wants: true })
  const controller = new AbortController()
  const grant = () => {
    setTimeout(() => controller.abort(new Error('enough')), 5)
    return true
  }
  const installing = plugins.install(remote, { grant, signal: controller.signal })
  await assert.rejects(installing, { message: 'enough' })
  assert.equal((await there())[remote], undefined)
})
