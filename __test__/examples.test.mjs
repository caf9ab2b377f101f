// The examples, run as a user would; and the README's, which are the same.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ownEngine } from './helpers/own-engine.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What each prints; the larger ones are examples-jobs.test.mjs's. @type {Record<string, RegExp>} */
const expected = {
  'build-my-thing.mjs': /^HELLO FROM THE SOURCES\n/,
  'cleanup.mjs':
    /^removed 2 of this session\nolder than 1000 hours: 0\nleft of the process that was killed: 0\n$/,
  'common-js.cjs': /^Linux \w+, in \d+ ms\n$/,
  'connect.mjs': /^API 1\.\d+ at .+\n50 answers\nENGINE_UNREACHABLE: tcp:\/\/127\.0\.0\.1:1\n$/,
  'dockops.mjs':
    /^Hello World\ncontainers stopping containers of group\ncontainers stopped\ncontainers removing containers of group\ncontainers removed\n0 are left\n$/,
  'exec-detached.mjs':
    /^exit code 3: done\nstill running: TIMEOUT\nended: 143\nfalse\nTIMEOUT\nnothing is left\n$/,
  'events.mjs':
    /^example-events has started\nexample-events has ended with 3\nError: a handler that fails does not end it\ndestroy true\n$/,
  'exec.mjs': /^two words\n[12] ls: .*nowhere.*\n$/,
  'files.mjs':
    /^\{"answer":42\}\n13 600 true\nconfig files\.mjs\ntrue\ntrue\nNOT_FOUND: \/copy\/nothing\n$/,
  'groups.mjs':
    /^4 run, 4 ports of the host are theirs\nstopped 2\n2 of 4 failed: CONFLICT\nremoved 2\n0 are left\n$/,
  'images.mjs':
    /^hello from memory\ndownloaded, the digest is the same: true\nPULL_FAILED: not-found\ncleaned 1, true\n$/,
  'lifecycle.mjs':
    /^1 process at http:\/\/127\.0\.0\.1:…\n128 MiB, 64 processes\nchanged: \/kept\nexit code 137\nin the image of it: kept\n$/,
  'logs-follow.mjs': /^line 0\nline 1\nline 2\nline 3\n$/,
  'mock.mjs': /^clean\nlint \/src: 3 problems\nSERVER_ERROR\n$/,
  'modem.mjs': /^HELLO FROM DOCKERODE\nexit code 0\nNOT_FOUND: 404 no such container\n$/,
  'monitor.mjs':
    /^example-first: at work\nexample-first: \d+ processes\nexample-first: die\n(?=[^]*^example-first  \| at work$)(?=[^]*^example-second \| second$)/m,
  'networks.mjs':
    /^free: 10\.58\.0\.3\ntaken: 10\.58\.0\.3\/20, 10\.58\.0\.4\/20, 10\.58\.0\.5\/20\nfree: 10\.58\.0\.6\n$/,
  'plugins.mjs': /^in the registry: true\nFORBIDDEN\ninstalled with DEBUG=1\n$/,
  'runner.mjs': /^working: exit code 3\ntrue, 64 MiB at most\n$/,
  'stats.mjs':
    /^cpu \d+ %, \d+ of 67108864 bytes\nreceived \d+ bytes over eth0\n(memory \d+\.\d %\n){2}$/,
  'task.mjs': /^4 words, in \d+ ms\nexit code [12]: ls: .*nowhere.*\n/,
  'ten-lines.mjs': /^packed: package\.json\n$/,
  'types.mts': /^BIND_SOURCE_MISSING: make it, or say createPaths\n$/,
  'volumes.mjs':
    /^backed up: true\nrestored into a new volume: true, kept\na prune would take example-volumes-from\n$/,
  'wait-for.mjs':
    /^token 42, status 200\nnumber 1: \/tmp\/health\nCONTAINER_EXITED, exit code 137\n$/,
  'wait-log.mjs': /^ready at [\d.]+:8080\n$/,
}

test('every example has a test', () => {
  const examples = readdirSync(`${root}/examples`).filter((file) => /\.[cm][jt]s$/.test(file))
  const apart = ['shell.mjs', 'swarm.mjs']
  const jobs = [
    'integration-test.mjs',
    'live-monitor.mjs',
    'parallel-builds.mjs',
    'runner-manager.mjs',
  ]
  assert.deepEqual(examples.sort(), [...Object.keys(expected), ...apart, ...jobs].sort())
})

for (const [example, output] of Object.entries(expected)) {
  test(`examples/${example}`, async () => {
    const options = { cwd: root, timeout: 60_000 }
    const script = example.endsWith('.mts') ? await compiled(example) : `examples/${example}`
    const { stdout } = await promisify(execFile)(process.execPath, [script], options)
    assert.match(stdout, output)
  })
}

/** What a TypeScript example is as JavaScript; its types are checked with all others. @param {string} example */
async function compiled(example) {
  const { default: ts } = await import('typescript')
  const source = readFileSync(`${root}/examples/${example}`, 'utf8')
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
  })
  // Within the package, so that `dokeres` is itself.
  const path = `.cache/${example.replace('.mts', '.mjs')}`
  mkdirSync(`${root}/.cache`, { recursive: true })
  writeFileSync(`${root}/${path}`, outputText)
  return path
}

test('examples/swarm.mjs, on an engine of its own', async () => {
  const engine = await ownEngine()
  try {
    const env = { ...process.env, DOCKER_HOST: engine.host }
    const options = { cwd: root, timeout: 60_000, env }
    const { stdout } = await promisify(execFile)(process.execPath, ['examples/swarm.mjs'], options)
    assert.equal(
      stdout,
      "NOT_SUPPORTED\nhello: open sesame\n{ tier: 'front' } { Replicas: 2 }\n3 runs\n",
    )
  } finally {
    await engine.close()
  }
})

test('examples/shell.mjs, on a terminal', async () => {
  const node = `${process.execPath} examples/shell.mjs`
  const terminal = spawn('script', ['-qec', node, '/dev/null'], { cwd: root, timeout: 60_000 })
  const typing = ['echo answer $((6 * 7))\r', 'exit 3\r']
  let screen = ''
  for await (const data of terminal.stdout.setEncoding('utf8')) {
    screen += data
    // Each when it is asked for; the shell also asks where the cursor is.
    const asked = screen.split('in example # ').length - 1
    if (asked > 2 - typing.length) terminal.stdin.write(typing.shift() ?? '')
  }
  assert.match(screen, /\nanswer 42\r/)
  assert.match(screen, /it ended with 3\r\n$/)
})

test('the README shows the examples as they are', () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8')
  const shown = [
    ...readme.matchAll(/<!-- (examples\/[\w-]+\.[cm][jt]s) -->\n\n```[jt]s\n([\s\S]*?)```/g),
  ]
  assert.equal(shown.length, readme.match(/^```[jt]s$/gm)?.length, 'all code is of an example')
  const unindented = (text) => text.replaceAll(/^ +/gm, '')
  for (const [, file, code] of shown) {
    const whole = readFileSync(`${root}/${file}`, 'utf8')
    assert.ok(unindented(whole).includes(unindented(code)), file)
  }
})

test('the demo does a real job, and nothing twice', async (context) => {
  const demo = () =>
    promisify(execFile)(process.execPath, ['examples/demo/demo.mjs'], {
      cwd: root,
      timeout: 300_000,
    })
  const first = await demo()
  context.diagnostic(first.stdout.trim())
  assert.match(first.stdout, /25 primes below 100, the last is 97/)
  const second = await demo()
  assert.match(second.stdout, /25 primes below 100, the last is 97/)
  assert.match(second.stdout, /done: pulled nothing, built nothing, compiled in a container/)
})
