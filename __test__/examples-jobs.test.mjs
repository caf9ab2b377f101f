// The examples that are whole programs: builds, an integration test, a manager of runners, a monitor.
import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Dokeres } from '../index.js'
import { api, listByLabel, removeByLabel, removeImage, uniqueName } from './helpers/engine.mjs'
import { buildPostgres, findPostgres } from './helpers/postgres-image.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)

// An example that is a test is no part of this one.
const alone = { ...process.env, NODE_TEST_CONTEXT: undefined }

/** Runs an example to its end, whatever that is. @param {string[]} args */
function run(args, env = {}) {
  const options = { cwd: join(root, 'examples'), timeout: 90_000, env: { ...alone, ...env } }
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr })
    })
  })
}

/** Waits for what comes of itself. @template T @param {() => Promise<T>} ask @param {(now: T) => boolean} fits */
async function comesTo(ask, fits) {
  for (let tries = 0; ; tries++) {
    const now = await ask()
    if (fits(now)) return now
    assert.ok(tries < 200, `it does not come to that: ${now}`)
    await sleep(100)
  }
}

describe('parallel-builds', () => {
  const tools = 'localhost/dokeres-example/build-tools:1'

  test('one image, the same files twice, their sums as sha256sum has them', async () => {
    await removeImage(tools)
    const { code, stdout, stderr } = await run(['parallel-builds.mjs'])
    assert.equal(stderr, '')
    const [asked, ...lines] = stdout.trimEnd().split('\n')
    assert.equal(asked, `${tools}: asked for 6 times, built once`)
    assert.equal(lines.pop(), 'both builds are the same')
    assert.equal(lines.length, 3)
    const cwd = join(root, 'artifacts/parallel-builds/second')
    const check = execFileSync('sha256sum', ['-c'], { cwd, input: `${lines.join('\n')}\n` })
    assert.equal(String(check), 'backup/backup: OK\ngreet/greet: OK\ntidy/tidy: OK\n')
    assert.equal(String(execFileSync(join(cwd, 'greet/greet'), ['you'])), 'hello, you\n')
    assert.equal(code, 0)
    assert.match((await run(['parallel-builds.mjs'])).stdout, /asked for 6 times, was there\n/)
  })

  test('which project failed, with what it said; which is not the same twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dokeres-projects-'))
    const projects = {
      broken: 'echo compiling; echo "main.c: no such header" >&2; exit 3\n',
      dice: 'cat /proc/sys/kernel/random/uuid > /dist/dice; date > /dist/date\n',
    }
    for (const [name, script] of Object.entries(projects)) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'build.sh'), script)
    }
    try {
      const paths = Object.keys(projects).map((name) => join(folder, name))
      const { code, stderr } = await run(['parallel-builds.mjs', ...paths])
      assert.equal(code, 1)
      const [, log = ''] = /^broken failed:\n([^]*?)^not the same/m.exec(stderr) ?? []
      assert.deepEqual(log.trim().split('\n').sort(), ['compiling', 'main.c: no such header'])
      assert.equal(stderr.match(/^not the same twice: [0-9a-f]{64} {2}dice\/dice$/gm)?.length, 2)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

const postgres = findPostgres()

describe('integration-test', { skip: postgres ? false : 'there is no PostgreSQL' }, () => {
  const name = uniqueName('dokeres-postgres')
  const env = { DOKERES_EXAMPLE_POSTGRES: name }
  /** Its containers, and those of images that are made of it. */
  const there = async () => {
    const filters = encodeURIComponent(JSON.stringify({ ancestor: [name] }))
    const { json } = await api('GET', `/containers/json?all=1&filters=${filters}`)
    return json.map(({ Id, State }) => `${State} ${Id}`)
  }
  const args = ['--test-reporter=tap', 'integration-test.mjs']

  before(() => buildPostgres(dokeres, name, postgres))

  after(async () => {
    for (const each of await there())
      await api('DELETE', `/containers/${each.split(' ')[1]}?force=1&v=1`)
    await removeImage(`${name}-forgetful`)
    await removeImage(name)
  })

  test('a real PostgreSQL, not before it is ready, and gone afterwards', async () => {
    const { code, stdout } = await run(args, env)
    assert.match(stdout, /^# pass 3\n# fail 0$/m)
    assert.equal(code, 0)
    assert.deepEqual(await there(), [])
  })

  test('one that does not come up tells why', async () => {
    const dockerfile = `FROM ${name}\nENTRYPOINT ["env", "-u", "POSTGRES_PASSWORD", "/entrypoint"]\n`
    await dokeres.image(`${name}-forgetful`, dockerfile).build()
    const forgetful = { DOKERES_EXAMPLE_POSTGRES: `${name}-forgetful` }
    const { code, stdout, stderr } = await run(args, forgetful)
    assert.equal(code, 1)
    assert.match(stdout, /CONTAINER_EXITED/)
    assert.match(stderr, /You must specify POSTGRES_PASSWORD to a non-empty value/)
    assert.deepEqual(await there(), [])
  })

  test('killed in its midst it leaves nothing', async () => {
    const options = { cwd: join(root, 'examples'), env: { ...alone, ...env } }
    const child = spawn(process.execPath, args, options)
    await comesTo(there, (some) => some.some((one) => one.startsWith('running')))
    child.kill('SIGKILL')
    await comesTo(there, (some) => some.length === 0)
  })
})

test('runner-manager: jobs by two runners, one of them replaced, none left', async () => {
  const { code, stdout, stderr } = await run(['runner-manager.mjs'])
  assert.equal(stderr, '')
  assert.equal(code, 0)
  const lines = stdout.trimEnd().split('\n')
  const of = (job) =>
    lines.map((line) => line.split(' │ ')[1]).filter((line) => line?.startsWith(job))
  assert.deepEqual(of('lint').sort(), ['lint: 2 problems', 'lint: 7 files'])
  assert.deepEqual(of('test'), ['test: 12 tests', 'test: all pass'])
  assert.deepEqual(of('deploy'), ['deploy: begins', 'deploy: begins', 'deploy: is done'])
  assert.match(stdout, /^example-runner-\d │ is dead, deploy is run again$/m)
  for (const end of ['lint: exit code 2', 'test: exit code 0', 'deploy: exit code 0']) {
    assert.ok(lines.includes(end), `${end} in ${stdout}`)
  }
  assert.match(stdout, /^endless: .*timeout/m)
  const use = /^example-runner-\d: cpu \d+ %, \d+ bytes, \d+ processes$/gm
  assert.equal(stdout.match(use)?.length, 2)
  assert.equal(lines.at(-1), 'removed 2, left 0')
  assert.deepEqual(await listByLabel('runner.group=example-runner'), [])
})

describe('live-monitor', () => {
  const mark = uniqueName('example.live')
  const hostile =
    'printf "\\033[2J\\033]0;title\\007up \\033[31mand\\033[0m away\\r\\n"; exec sleep 600'
  const labels = { [mark]: 'yes' }
  const server = `dokeres-live-${process.pid}`
  const hasTmux = spawnSync('tmux', ['-V']).status === 0
  const tmux = (...args) => execFileSync('tmux', ['-L', server, ...args], { encoding: 'utf8' })

  before(async () => {
    await image.run(`${mark}-a`, { labels, init: true }, ['sh', '-c', hostile])
  })

  after(async () => {
    if (hasTmux) spawnSync('tmux', ['-L', server, 'kill-server'])
    await removeByLabel(mark)
  })

  const row = (name) =>
    new RegExp(`^${name} +running +\\d+\\.\\d +[\\d.]+[KM]iB +\\S+/\\S+ +\\d+`, 'm')

  test('--once writes the table, and nothing that steers a terminal', async () => {
    const { code, stdout } = await run(['live-monitor.mjs', '--once', mark])
    assert.equal(code, 0)
    assert.match(stdout, /^NAME +STATE +CPU % +MEM +NET I\/O +PIDS +LAST LOG LINE\n/)
    assert.match(stdout, row(`${mark}-a`))
    assert.match(stdout, /up and away\n$/)
    assert.doesNotMatch(stdout, /[^\P{Cc}\n]/u)
    const none = await run(['live-monitor.mjs', '--once', `${mark}=none`])
    assert.match(none.stdout, /^NAME .*\n$/)
  })

  test('without a terminal it writes lines until it is told to end', async () => {
    const child = spawn(process.execPath, ['examples/live-monitor.mjs', mark], { cwd: root })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (data) => (text += data))
    await comesTo(
      async () => text,
      (seen) => (seen.match(/up and away/g)?.length ?? 0) >= 3,
    )
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'close'), [0, null])
    assert.ok(!text.includes('\x1b'))
  })

  test(
    'on a terminal: drawn in place, come and go, left as it was',
    { skip: !hasTmux },
    async () => {
      tmux('new-session', '-d', '-x', '100', '-y', '20', 'env', 'PS1=host$ ', 'sh')
      const screen = async () => tmux('capture-pane', '-p')
      const shows = (pattern) => comesTo(screen, (seen) => pattern.test(seen))
      tmux(
        'send-keys',
        `echo before; ${process.execPath} ${root}examples/live-monitor.mjs ${mark}`,
        'Enter',
      )
      const alone = await shows(row(`${mark}-a`))
      assert.match(alone, /^containers: 1, at .*; q to leave\nNAME /)
      assert.match(alone, /up and away/)
      assert.doesNotMatch(alone, /before/)

      const second = await image.run(`${mark}-b`, { labels, init: true }, 'sleep 600')
      await shows(row(`${mark}-b`))
      await second.pause()
      await shows(new RegExp(`^${mark}-b +paused`, 'm'))
      await second.remove({ force: true })
      await comesTo(screen, (seen) => !seen.includes(`${mark}-b`) && seen.includes(`${mark}-a`))

      tmux('send-keys', 'q')
      await shows(/\nbefore\nhost\$ *\n*$/)
      tmux('send-keys', 'stty -a', 'Enter')
      await shows(/ icanon/)
      assert.equal(tmux('display-message', '-p', '#{cursor_flag} #{wrap_flag}').trim(), '1 1')
    },
  )
})
