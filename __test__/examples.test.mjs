// The examples, run as a user would; and the README's, which are the same.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What each prints. @type {Record<string, RegExp>} */
const expected = {
  'build-my-thing.mjs': /^HELLO FROM THE SOURCES\n/,
  'connect.mjs': /^API 1\.\d+ at .+\n50 answers\nENGINE_UNREACHABLE: tcp:\/\/127\.0\.0\.1:1\n$/,
  'exec-detached.mjs':
    /^exit code 3: done\nstill running: TIMEOUT\nended: 143\nfalse\nTIMEOUT\nnothing is left\n$/,
  'exec.mjs': /^two words\n[12] ls: .*nowhere.*\n$/,
  'files.mjs':
    /^\{"answer":42\}\n13 600 true\nconfig files\.mjs\ntrue\ntrue\nNOT_FOUND: \/copy\/nothing\n$/,
  'images.mjs':
    /^hello from memory\ndownloaded, the digest is the same: true\nPULL_FAILED: not-found\ncleaned 1, true\n$/,
  'logs-follow.mjs': /^line 0\nline 1\nline 2\nline 3\n$/,
  'runner.mjs': /^working: exit code 3\ntrue, 64 MiB at most\n$/,
  'task.mjs': /^4 words, in \d+ ms\nexit code [12]: ls: .*nowhere.*\n/,
  'wait-for.mjs':
    /^token 42, status 200\nnumber 1: \/tmp\/health\nCONTAINER_EXITED, exit code 137\n$/,
  'wait-log.mjs': /^ready at [\d.]+:8080\n$/,
}

test('every example has a test', () => {
  const examples = readdirSync(`${root}/examples`).filter((file) => file.endsWith('.mjs'))
  assert.deepEqual(examples.sort(), Object.keys(expected).sort())
})

for (const [example, output] of Object.entries(expected)) {
  test(`examples/${example}`, async () => {
    const options = { cwd: root, timeout: 60_000 }
    const { stdout } = await promisify(execFile)(process.execPath, [`examples/${example}`], options)
    assert.match(stdout, output)
  })
}

test('the README shows the examples as they are', () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8')
  const shown = [...readme.matchAll(/<!-- (examples\/[\w-]+\.mjs) -->\n\n```js\n([\s\S]*?)```/g)]
  assert.ok(shown.length > 1)
  for (const [, file, code] of shown) {
    assert.ok(readFileSync(`${root}/${file}`, 'utf8').includes(code), file)
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
