// `shell()`: a real terminal (tmux's), and a process on it that is looked at from outside.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Dokeres } from '../index.js'
import { api, assertNothingLeft, label } from './helpers/engine.mjs'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'shell' }
const root = fileURLToPath(new URL('..', import.meta.url))
const hasTmux = spawnSync('tmux', ['-V']).status === 0
const options = { skip: hasTmux ? false : 'there is no tmux' }
const server = `dokeres-${process.pid}`
let shared

const tmux = (...args) => execFileSync('tmux', ['-L', server, ...args], { encoding: 'utf8' })

before(async () => {
  shared = await image.run(null, { labels, init: true }, 'sleep 300')
})

after(async () => {
  if (hasTmux) spawnSync('tmux', ['-L', server, 'kill-server'])
  await shared.remove({ force: true })
  await assertNothingLeft(`${label}=shell`)
})

/** What the test's own process does on the terminal. */
const program = (call, before = '') => `
  const { Dokeres } = require(${JSON.stringify(`${root}index.js`)})
  ${before}
  new Dokeres().container('${shared.id}').then((container) => ${call}).then(
    (result) => console.log('RESULT ' + JSON.stringify(result)),
    (error) => console.log('ERROR ' + (error.code ?? error.message)),
  )`

let windows = 0

/** A terminal with a shell of the host's on it. */
function terminal(size = [80, 24]) {
  const name = `w${windows++}`
  const [cols, rows] = size.map(String)
  tmux('new-session', '-d', '-s', name, '-x', cols, '-y', rows, 'env', 'PS1=host$ ', 'sh')
  const screen = () => tmux('capture-pane', '-p', '-J', '-t', name)
  const type = (...keys) => tmux('send-keys', '-t', name, ...keys)
  const line = (text) => {
    tmux('send-keys', '-t', name, '-l', text)
    type('Enter')
  }
  const shows = async (pattern) => {
    for (let tries = 0; ; tries++) {
      const seen = screen()
      if (pattern.test(seen)) return seen
      assert.ok(tries < 200, `no ${pattern} in:\n${seen}`)
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
  }
  const modes = async () => {
    const mark = `${Math.random()}`.slice(2)
    line(`clear; stty -a; echo "$((1))-${mark}"`)
    const seen = await shows(new RegExp(`1-${mark}\\n`))
    type('clear', 'Enter')
    await shows(/^host\$ *\n*$/)
    // Without its size, and however the window breaks the lines.
    const shown = seen.slice(seen.indexOf('intr ='), seen.indexOf(`1-${mark}`))
    return shown.replace(/\s+/g, ' ').trim()
  }
  /** Runs a program of Node's there. */
  const node = (code) => line(`clear; ${process.execPath} -e '${code.replaceAll("'", `'\\''`)}'`)
  const resize = (cols, rows) => tmux('resize-window', '-t', name, '-x', `${cols}`, '-y', `${rows}`)
  return { name, screen, type, line, shows, modes, node, resize }
}

async function processes() {
  const { json } = await api('GET', `/containers/${shared.id}/top?ps_args=-eo+pid,args`)
  return json.Processes.map((columns) => columns.at(-1)).join('\n')
}

test(
  'a session: raw, sized, resized, its exit code, and the terminal as it was',
  options,
  async () => {
    const t = terminal([90, 28])
    const modes = await t.modes()
    assert.match(modes, / icanon.* echo /s)
    t.node(
      program(`container.shell(['sh'], { env: { PS1: 'inside# ', GREETING: 'hi' }, cwd: '/tmp' })`),
    )
    await t.shows(/inside# /)
    t.line('echo "$GREETING $(pwd) $TERM"; stty size')
    await t.shows(/hi \/tmp \S+\n28 90/)
    t.resize(100, 30)
    await new Promise((resolve) => setTimeout(resolve, 500))
    t.line('stty size')
    await t.shows(/30 100/)
    // Ctrl-C is the program's: it ends the sleep, not the session.
    t.line('sleep 7791; echo "came $((40 + 2))"')
    await new Promise((resolve) => setTimeout(resolve, 300))
    t.type('C-c')
    t.line('echo alive $?')
    await t.shows(/alive 130/)
    assert.doesNotMatch(t.screen(), /came 42/)
    t.line('exit 7')
    await t.shows(/RESULT \{"exitCode":7,"detached":false\}/)
    assert.equal(await t.modes(), modes)
  },
)

test('ctrl-p ctrl-q detaches; one ctrl-p goes through', options, async () => {
  const t = terminal()
  const modes = await t.modes()
  t.node(
    program(
      `container.shell(['sh', '-c', 'stty raw -echo; echo up; while :; do dd bs=1 count=1 2>/dev/null | od -An -tx1; done'])`,
    ),
  )
  await t.shows(/up/)
  t.type('C-p')
  await t.shows(/10/)
  t.type('C-p', 'x')
  await t.shows(/10\s+10\s+78/)
  t.type('C-p', 'C-q')
  await t.shows(/RESULT \{"exitCode":null,"detached":true\}/)
  assert.equal(await t.modes(), modes)
  assert.match(await processes(), /od -An/)
})

test('the terminal is restored after an abort, an error and a signal', options, async () => {
  const t = terminal()
  const modes = await t.modes()
  const abort = `container.shell(['sleep', '7793'], { signal: AbortSignal.timeout(700) })`
  t.node(program(abort))
  await t.shows(/ERROR 23/)
  assert.equal(await t.modes(), modes)
  assert.doesNotMatch(await processes(), /7793/)

  t.node(program(`container.shell(['nosuchprogram'])`))
  await t.shows(/ERROR EXECUTABLE_NOT_FOUND/)
  assert.equal(await t.modes(), modes)

  const leave = 'setTimeout(() => { console.log("LEAVING"); process.exit(3) }, 900)'
  t.node(program(`container.shell(['sleep', '7794'])`, leave))
  await t.shows(/LEAVING[^]*\nhost\$ *\n*$/)
  assert.equal(await t.modes(), modes)

  t.node(
    program(
      `container.shell(['sh', '-c', 'echo pid; sleep 7795'])`,
      'console.log(process.pid + " is me")',
    ),
  )
  const [, pid] = /(\d+) is me[^]*pid/.exec(await t.shows(/is me[^]*\npid/))
  await new Promise((resolve) => setTimeout(resolve, 200))
  process.kill(Number(pid), 'SIGTERM')
  await t.shows(/Terminated/i)
  assert.equal(await t.modes(), modes)
})

test('an exception elsewhere restores it too', options, async () => {
  const t = terminal()
  const modes = await t.modes()
  t.node(
    program(
      `container.shell(['sleep', '7796'])`,
      'setTimeout(() => { throw new Error("elsewhere") }, 900)',
    ),
  )
  // The host's shell is back: what was typed before that would go to the program.
  await t.shows(/Error: elsewhere[^]*\nhost\$ *\n*$/)
  assert.equal(await t.modes(), modes)
})

test('without a terminal it rejects, and says what to use', async () => {
  const output = execFileSync(process.execPath, ['-e', program(`container.shell()`)], {
    input: '',
    encoding: 'utf8',
  })
  assert.equal(output, 'ERROR NOT_SUPPORTED\n')
  await assert.rejects(shared.shell('sh', { users: 'x' }), {
    code: 'INVALID_OPTION',
    path: 'users',
  })
})
