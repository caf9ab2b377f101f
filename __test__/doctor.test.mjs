// `npx dokeres doctor`: what it says of an engine that is well, and of all that can be wrong.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { api } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'bin', 'dokeres.js')
const socket = (process.env.DOCKER_HOST ?? '').replace('unix://', '')

/** @type {string} */
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-doctor-'))
})

after(() => rm(folder, { recursive: true, force: true }))

/** @param {string[]} args @param {NodeJS.ProcessEnv} [env] @param {string[]} [program] */
async function doctor(args, env, program = [bin]) {
  const child = spawn(process.execPath, [...program, ...args], {
    env: { ...process.env, DOCKER_CONFIG: folder, ...env },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => (output.stdout += data))
  child.stderr.on('data', (data) => (output.stderr += data))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, ...output }
}

/** Where lines could have been broken, they are. @param {string} text @param {number} width */
function assertFits(text, width) {
  for (const line of text.split('\n')) {
    assert.ok(line.length <= width || !line.trim().includes(' '), `${line.length}: ${line}`)
  }
}

test('an engine that is well: 0, and what it is', async () => {
  const { json } = await api('GET', '/info')
  const { code, stdout, stderr } = await doctor(['doctor'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^dokeres \d+\.\d+\.\d+, Node v\d+/)
  assert.match(stdout, /^✓ endpoint {5}unix:\/\/.+\n {15}chosen by: DOCKER_HOST$/m)
  assert.ok(stdout.includes(`engine       ${json.ServerVersion}, API 1.`))
  assert.match(stdout, /^✓ builder {6}(classic|buildkit)$/m)
  assert.match(stdout, /^✓ permissions {2}this process is of user \d+$/m)
  assert.match(stdout, /^. disk {9}[\d.]+ of [\d.]+ GiB are free in \//m)
  assert.match(stdout, /^✓ clock {8}(\d+ ms (ahead of|behind) this|that of this)/m)
  assert.match(stdout, /\nAll is well(; \d warnings?)?\.\n$/)
  assert.ok(!stdout.includes('\u001b'), 'no colours in a pipe')
  assertFits(stdout, 80)
})

test('--json: what diagnose() finds, for programs', async () => {
  const { code, stdout } = await doctor(['doctor', '--json'])
  const found = JSON.parse(stdout)
  assert.equal(code, 0)
  assert.deepEqual([found.ok, found.reachable, found.node], [true, true, process.version])
  assert.equal(found.endpoint.source, 'DOCKER_HOST')
  const lost = await doctor(['doctor', '--json', '--host', `${folder}/no.sock`])
  assert.equal(lost.code, 1)
  assert.deepEqual([JSON.parse(lost.stdout).ok, JSON.parse(lost.stdout).engine], [false, null])
})

test('no engine: 1, why, and what to do', async () => {
  const { code, stdout } = await doctor(['doctor'], { DOCKER_HOST: `unix://${folder}/no.sock` })
  assert.equal(code, 1)
  assert.match(stdout, /^✗ endpoint {5}unix:\/\/.+no\.sock\n {15}chosen by: DOCKER_HOST$/m)
  assert.match(stdout, /^✗ endpoint: no engine at [^]*no such\s+socket/m)
  assert.match(stdout, /^ {2}→ start the engine, or say where it is/m)
  assert.match(stdout, /^· engine {7}not known/m)
  assert.match(stdout, /^· disk {9}not known: no engine has answered$/m)
  assert.match(stdout, /no\.sock: No such file or directory$/m)
  assert.match(stdout, /\n1 problem\.\n$/)
  assertFits(stdout, 80)
})

test('none is found: all places that were tried, once', async () => {
  const env = { DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined, HOME: folder }
  const { code, stdout } = await doctor(['doctor'], env)
  // This machine may have one of its own.
  if (code === 0) return
  assert.match(stdout, /^✗ endpoint {5}none was found\n {15}tried: unix:\/\//m)
  assert.equal(stdout.split('/.colima/default/docker.sock').length, 2)
  assert.match(stdout, /^✗ endpoint: no engine was found; is one running\?/m)
})

test('wrong addresses: they are told apart', async () => {
  const wrong = await doctor(['doctor'], { DOCKER_HOST: 'gopher://x' })
  assert.equal(wrong.code, 1)
  assert.match(wrong.stdout, /^✗ endpoint {5}none$/m)
  assert.equal(wrong.stdout.match(/is\s+not\s+an\s+engine's\s+address/g)?.length, 1)
  assert.match(wrong.stdout, /`gopher`\s+is\s+no\s+scheme[^]*→ correct the address/)
  const option = await doctor(['doctor', '-H', 'gopher://x'])
  assert.equal(option.code, 1)
  assert.match(option.stdout, /`gopher`\s+is\s+no\s+scheme/)
  const closed = await doctor(['doctor', '--host', 'tcp://127.0.0.1:1'])
  assert.equal(closed.code, 1)
  assert.match(closed.stdout, /connection\s+refused/)
  const context = await doctor(['doctor', '--context', 'nope'])
  assert.equal(context.code, 1)
  assert.equal(context.stdout.match(/`nope`/g)?.length, 1, context.stdout)
  assert.match(context.stdout, /no docker context\s+`nope`/)
})

test('a socket that may not be opened: the permissions, and the group', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can be somebody else')
  // Somebody else, once all that has to be read is.
  const script = `require(${JSON.stringify(root)})
    const source = require('node:fs').readFileSync(${JSON.stringify(bin)}, 'utf8')
    process.seteuid('nobody')
    const { createRequire } = require('node:module')
    const body = source.replace(/^#!.*/, '')
    new Function('require', body)(createRequire(${JSON.stringify(bin)}))`
  const program = ['-e', script, '--', bin]
  const { code, stdout, stderr } = await doctor(['doctor', '-H', socket], {}, program)
  assert.equal(stderr, '')
  assert.equal(code, 1)
  assert.match(stdout, /^✗ permissions {2}/m)
  assert.match(stdout, /is 0\d{3}, of \d+:\d+$/m)
  assert.match(stdout, /^ {2}→ add your user to the `docker` group/m)
  assert.equal(stdout.split('log in').length, 2, 'what to do is said once')
})

test('a config.json that is broken: one problem, and it is the file', async () => {
  await writeFile(join(folder, 'config.json'), '{broken')
  try {
    const sought = await doctor(['doctor'], { DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined })
    assert.equal(sought.code, 1)
    assert.match(sought.stdout, /^✗ endpoint: docker's configuration cannot be read:\s/m)
    assert.match(sought.stdout, /^ {2}→ correct that file, or point DOCKER_CONFIG/m)
    assert.match(sought.stdout, /^· credentials {2}not known$/m)
    assert.match(sought.stdout, /\n1 problem\.\n$/)
    // Where it is not needed to find the engine, the credentials are still in it.
    const given = await doctor(['doctor'])
    assert.equal(given.code, 1)
    assert.match(given.stdout, /^✓ endpoint {5}/m)
    assert.match(given.stdout, /^✗ credentials {2}not known$/m)
    assert.match(given.stdout, /^✗ credentials: docker's credentials cannot be read:\s/m)
    assert.match(given.stdout, /\n1 problem(, \d warnings?)?\.\n$/)
  } finally {
    await rm(join(folder, 'config.json'), { force: true })
  }
})

test('warnings are no problems; a helper that is missing, a clock and an API that are old are', async () => {
  const info = {
    ServerVersion: '1.9',
    SystemTime: '2001-02-03T04:05:06Z',
    Warnings: ['WARNING: x'],
  }
  let version = '1.53'
  const engine = await fakeEngine((request, response) => {
    response.setHeader('api-version', version)
    response.end(request.url?.endsWith('/info') ? JSON.stringify(info) : 'OK')
  })
  try {
    const late = await doctor(['doctor', '-H', engine.socketPath])
    assert.equal(late.code, 1)
    assert.match(late.stdout, /^✗ clock {8}\d+ ms behind/m)
    assert.match(late.stdout, /^! engine {7}1\.9, API 1\.53/m)
    assert.match(late.stdout, /^! engine: WARNING: x\n {2}→ /m)
    assert.match(late.stdout, /\n1 problem, 1 warning\.\n$/)
    info.SystemTime = new Date().toISOString()
    const warned = await doctor(['doctor', '-H', engine.socketPath])
    assert.equal(warned.code, 0)
    assert.match(warned.stdout, /\nAll is well; 1 warning\.\n$/)
    version = '1.24'
    await writeFile(join(folder, 'config.json'), '{"credsStore":"nowhere-to-be-found"}')
    const old = await doctor(['doctor', '-H', engine.socketPath])
    assert.equal(old.code, 1)
    assert.match(old.stdout, /^✗ engine: the engine's API is 1\.24[^]*→ bring the engine up/m)
    assert.match(
      old.stdout,
      /^✗ credentials {2}.+config\.json\n {15}helper nowhere-to-be-found: missing$/m,
    )
  } finally {
    await engine.close()
    await rm(join(folder, 'config.json'), { force: true })
  }
})

test('something that is no engine', async () => {
  let behave = (/** @type {import('node:http').ServerResponse} */ response) =>
    response.end('<html>')
  const web = await fakeEngine((_request, response) => behave(response))
  try {
    const { code, stdout } = await doctor(['doctor', '-H', web.socketPath])
    assert.equal(code, 1)
    assert.match(stdout, /^✗ engine {7}something answers that has not said what it is$/m)
    assert.match(stdout, /^ {2}→ see whether that is a Docker engine/m)
    assert.ok(!stdout.includes('null'), stdout)
    behave = (response) => response.writeHead(404).end()
    const other = await doctor(['doctor', '-H', web.socketPath])
    assert.match(other.stdout, /status 404 and no reason given\n {2}→ see whether that is a Docker/)
  } finally {
    await web.close()
  }
})

test('usage: help is 0, what is not known is 2', async () => {
  const help = await doctor(['--help'])
  assert.deepEqual([help.code, help.stderr], [0, ''])
  assert.match(help.stdout, /^Usage: npx dokeres doctor/)
  assertFits(help.stdout, 86)
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  assert.equal((await doctor(['--version'])).stdout, `${version}\n`)
  const wrong = [[], ['nurse'], ['doctor', 'who'], ['doctor', '--what'], ['doctor', '-H']]
  for (const args of [...wrong, ['doctor', '-H', '/a', '-c', 'b']]) {
    const { code, stdout, stderr } = await doctor(args)
    assert.deepEqual([code, stdout], [2, ''], args.join(' '))
    assert.match(stderr, /^dokeres: .+\n\nUsage: npx dokeres doctor/)
  }
})

test('on a terminal: as wide as that is, in colours unless NO_COLOR says otherwise', async () => {
  const typed = (/** @type {NodeJS.ProcessEnv} */ env) => {
    const command = `stty cols 60; ${process.execPath} ${bin} doctor`
    return new Promise((resolve) => {
      const child = spawn('script', ['-qec', command, '/dev/null'], {
        // Where `CI` is set, Node takes no terminal for one with colours.
        env: { ...process.env, TERM: 'xterm-256color', CI: undefined, NO_COLOR: undefined, ...env },
      })
      let screen = ''
      child.stdout.on('data', (data) => (screen += data))
      child.on('close', () => resolve(screen.replaceAll('\r', '')))
    })
  }
  const coloured = await typed({})
  assert.ok(coloured.includes('\u001b[32m✓\u001b[0m \u001b[1mendpoint'), coloured)
  const plain = await typed({ NO_COLOR: '1' })
  assert.ok(!plain.includes('\u001b'), plain)
  assertFits(plain, 60)
})
