// A shell on a terminal, somebody who types, and what is to be seen of it: as an asciicast, version 2.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

export const COLUMNS = 80
export const ROWS = 20

const PROMPT = '\u001b[1;32m❯\u001b[0m '

/** What is typed, and how long it is looked at then. @type {[string, number][]} */
const SCRIPT = [
  ['cat ten-lines.mjs', 1500],
  ['node ten-lines.mjs && ls artifacts', 1200],
  ["sed -i 's/readonly/readOnly/' ten-lines.mjs # a mistake", 300],
  ['node ten-lines.mjs', 3000],
]

/** @param {import('./stage.mjs').Stage} stage @returns {Promise<string>} */
export async function record({ host, project }) {
  const shell = `stty cols ${COLUMNS} rows ${ROWS}; exec bash --norc --noprofile --noediting`
  const terminal = spawn('script', ['-qefc', shell, '/dev/null'], {
    cwd: project,
    env: {
      PATH: `${project}/node_modules/.bin:${process.env.PATH}`,
      HOME: project,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      PS1: PROMPT,
      DOCKER_HOST: host,
    },
  })
  /** @type {[number, 'o', string][]} */
  const events = []
  let screen = ''
  const begun = performance.now()
  const note = (/** @type {string} */ data) => {
    events.push([Math.round(performance.now() - begun) / 1000, 'o', data])
    screen += data
  }
  terminal.stdout.setEncoding('utf8').on('data', note).resume()
  const isPrompted = async (/** @type {number} */ times) => {
    while (screen.split(PROMPT).length <= times) {
      if (terminal.exitCode !== null) throw new Error(`the shell has ended: ${screen}`)
      await pause(10)
    }
  }
  await isPrompted(1)
  await pause(300)
  for (const [at, [command, look]] of SCRIPT.entries()) {
    for (const key of command) {
      terminal.stdin.write(key)
      await pause(20)
    }
    await pause(200)
    terminal.stdin.write('\r')
    await isPrompted(at + 2)
    await pause(look)
  }
  note('')
  terminal.stdout.off('data', note).resume()
  terminal.stdin.end('exit\r')
  await once(terminal, 'close')
  const header = { version: 2, width: COLUMNS, height: ROWS, title: 'Ten lines of dokeres' }
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('')
}
