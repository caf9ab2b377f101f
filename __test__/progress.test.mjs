// Progress: to a callback, as lines, and drawn on a terminal.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Dokeres } from '../index.js'
import { pushToRegistry, removeImage, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const { DOKERES_TEST_BASE: BASE, DOKERES_TEST_REGISTRY: REGISTRY } = process.env
const index = fileURLToPath(new URL('../index.js', import.meta.url))
const dokeres = new Dokeres()
const name = `${REGISTRY}/${uniqueName('progress')}:1`
let folder

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokeres-progress-'))
  const layers = [1, 2, 3].map((n) => `RUN dd if=/dev/urandom of=/${n} bs=1M count=8 2>/dev/null\n`)
  // BuildKit's cache would keep the layers, and there would be nothing to pull.
  const dockerfile = `FROM ${BASE}\n${layers.join('')}`
  await dokeres.image({ name, dockerfile, builder: 'classic' }).build()
  await pushToRegistry(name, name)
})

after(async () => {
  await removeImage(name)
  await rm(folder, { recursive: true, force: true })
})

/** Runs a line of JavaScript in a process; on a terminal of its own where `tty` is set. */
async function run(code, { tty = false, env = {} } = {}) {
  const script = `const { Dokeres } = require(${JSON.stringify(index)}); const dokeres = new Dokeres(); ${code}`
  const options = { env: { ...process.env, ...env }, timeout: 60_000 }
  if (!tty) return promisify(execFile)(process.execPath, ['-e', script], options)
  const quoted = `'${script.replaceAll("'", `'\\''`)}'`
  const command = `stty cols 80 rows 24; ${process.execPath} -e ${quoted}`
  return promisify(execFile)('script', ['-qec', command, '/dev/null'], options)
}

test('a pull adds its layers up: bytes, percent, speed; ten times a second at most, the last always', async () => {
  await removeImage(name)
  const seen = []
  const result = await dokeres.image(name).pull({
    onProgress: (progress) => seen.push({ ...progress, at: performance.now() }),
  })
  assert.equal(result.status, 'downloaded')
  const last = seen.at(-1)
  assert.equal(last.phase, 'pull')
  assert.equal(last.percent, 100)
  assert.equal(last.current, last.total)
  assert.ok(last.total >= 24 << 20, `${last.total} bytes`)
  assert.ok(last.layers.length >= 4)
  for (const layer of last.layers)
    assert.match(layer.status, /complete|Already exists|^Status|^Digest|Pulling/)
  for (const [index, { at, current }] of seen.slice(1, -1).entries()) {
    assert.ok(at - seen[index].at > 80, 'not more often than ten times a second')
    assert.ok(current >= seen[index].current, 'what is downloaded stays downloaded')
  }
})

test("progress: 'plain' is a line for each change, on stderr", async () => {
  await removeImage(name)
  const { stdout, stderr } = await run(
    `dokeres.image('${name}').pull({ progress: 'plain' }).then(() => console.log('done'))`,
  )
  assert.equal(stdout, 'done\n')
  const lines = stderr.trim().split('\n')
  assert.ok(
    lines.every((line) => /^pull [\w.-]+: /.test(line)),
    stderr,
  )
  assert.ok(lines.some((line) => line.endsWith('Pull complete')))
  assert.equal(new Set(lines).size, lines.length, 'nothing is said twice')
})

test("progress: 'tty' draws on a terminal, and leaves the last state and the cursor there", async () => {
  await removeImage(name)
  const { stdout } = await run(
    `dokeres.image('${name}').pull({ progress: 'tty' }).then(() => console.log('done'))`,
    { tty: true, env: { TERM: 'xterm' } },
  )
  const plain = stdout.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
  assert.match(plain, /Pull complete/)
  assert.match(plain, /pull\s+100%/)
  assert.ok(plain.trimEnd().endsWith('done'))
  const cursor = [...stdout.matchAll(/\x1b\[\?25([hl])/g)].map(([, what]) => what)
  assert.ok(cursor.length === 0 || cursor.at(-1) === 'h', 'the cursor is back')
  const bare = stdout.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '\n').split(/[\r\n]+/)
  for (const line of bare) assert.ok([...line].length <= 80, `no line is wider: ${line}`)
})

test("progress: 'tty' without a terminal is lines; NO_COLOR means no colour", async () => {
  const build = (say) =>
    `dokeres.image(null, 'FROM ${BASE}\\nRUN echo ${uniqueName('x')}\\n').build({ progress: '${say}' })`
  const { stderr } = await run(build('tty'))
  assert.match(stderr, /^build [12]\/2: /m)
  assert.ok(!stderr.includes('\x1b'))
  const { stdout } = await run(build('tty'), { tty: true, env: { TERM: 'xterm', NO_COLOR: '1' } })
  assert.match(stdout, /RUN echo x-/)
  assert.doesNotMatch(stdout, /\x1b\[[0-9;]*m/, 'no colour at all')
})

test("a registry's words cannot steer the terminal", async () => {
  const fake = await fakeEngine((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const hostile = {
      status: 'Downloading \x1b[2J\x07\x1b]0;title\x07',
      id: 'a\x1b[31m',
      progressDetail: {},
    }
    response.end(`${JSON.stringify(hostile)}\n{"error":"enough"}\n`)
  })
  try {
    for (const [say, tty] of [
      ['plain', false],
      ['tty', true],
    ]) {
      const code = `new Dokeres('${fake.socketPath}').image('x').pull({ progress: '${say}' }).catch(() => {})`
      const { stdout, stderr } = await run(code, { tty, env: { TERM: 'xterm', NO_COLOR: '1' } })
      const said = stdout + stderr
      assert.match(said, /Downloading/)
      for (const bad of ['\x1b[2J', '\x07', '\x1b]0', '\x1b[31m']) {
        assert.ok(!said.includes(bad), JSON.stringify(said))
      }
    }
  } finally {
    await fake.close()
  }
})

test('what a callback throws ends the pull; a wrong `progress` is refused', async () => {
  await removeImage(name)
  const thrown = new Error('enough')
  const pull = dokeres.image(name).pull({
    onProgress() {
      throw thrown
    },
  })
  await assert.rejects(pull, (error) => error === thrown)
  await assert.rejects(dokeres.image(name).pull({ progress: 'bars' }), {
    code: 'INVALID_OPTION',
    path: 'progress',
  })
})

test('where there is nothing to do, nothing is shown, and nothing goes wrong', async () => {
  const seen = []
  const look = { onProgress: (progress) => seen.push(progress), onLine: (line) => seen.push(line) }
  const same = { name: uniqueName('same'), context: { Dockerfile: `FROM ${BASE}` } }
  try {
    const image = () => dokeres.image({ ...same, rebuild: 'changed' })
    await image().ensure()
    for (let n = 0; n < 100; n++) await image().ensure(look)
    assert.deepEqual(seen, [])
  } finally {
    await removeImage(same.name)
  }
})

test('40 layers on a small terminal', { skip: !hasTmux() && 'tmux is not there' }, async () => {
  const looked = new AbortController()
  const fake = await fakeEngine(async (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const say = (status, progressDetail) => {
      for (let layer = 0; layer < 40; layer++) {
        const id = layer.toString(16).padStart(12, '0')
        response.write(`${JSON.stringify({ status, id, progressDetail })}\n`)
      }
    }
    for (let round = 0; !looked.signal.aborted; round++) {
      say('Downloading', { current: Math.min(round * 1e6, 9e6), total: 1e7 })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    say('Pull complete', {})
    response.end('{"error":"enough"}\n')
  })
  const session = uniqueName('dokeres')
  const tmux = (...args) => execFileSync('tmux', ['-L', session, ...args], { encoding: 'utf8' })
  const shows = async (pattern) => {
    for (let tries = 0; ; tries++) {
      const screen = tmux('capture-pane', '-p', '-t', session)
      if (pattern.test(screen)) return screen
      assert.ok(tries < 200, `${pattern} is not on the screen:\n${screen}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  try {
    const code = `const { Dokeres } = require('${index}'); new Dokeres('${fake.socketPath}').image('x').pull({ progress: 'tty' }).catch((error) => console.log('END', error.code)).then(() => setTimeout(() => {}, 20000))`
    tmux(
      'new-session',
      '-d',
      '-x',
      '80',
      '-y',
      '24',
      '-s',
      session,
      `${process.execPath} -e "${code}"`,
    )
    const screens = []
    for (const [columns, rows] of [
      [80, 24],
      [60, 15],
      [100, 30],
    ]) {
      tmux('resize-window', '-t', session, '-x', `${columns}`, '-y', `${rows}`)
      await new Promise((resolve) => setTimeout(resolve, 500))
      screens.push(await shows(/… and \d+ more/))
    }
    looked.abort()
    for (const screen of screens) {
      assert.match(screen, /Downloading \[=*>? *\]/)
      assert.match(screen, /… and \d+ more/)
      assert.match(screen, /^pull\s+\d+%/m)
      assert.equal(screen.match(/^pull\s+\d+%/gm).length, 1, `one total line:\n${screen}`)
    }
    const end = await shows(/END PULL_FAILED/)
    assert.match(end, /Pull complete/)
  } finally {
    looked.abort()
    tmux('kill-server')
    await fake.close()
  }
})

function hasTmux() {
  try {
    execFileSync('tmux', ['-V'])
    return true
  } catch {
    return false
  }
}
