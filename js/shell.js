'use strict'

const { once } = require('node:events')
const { DokeresError, invalid } = require('./error.js')

/** ctrl-p ctrl-q, as the docker CLI has it. */
const [CTRL_P, CTRL_Q] = [0x10, 0x11]

/** How long a ctrl-p waits for its ctrl-q before it goes to the program. */
const PATIENCE = 500

const DEFAULT = ['/bin/sh', '-c', 'command -v bash >/dev/null && exec bash; exec sh']

/**
 * An interactive terminal on the process's own. In JavaScript because that terminal is Node's.
 * @param {any} container
 * @param {string | string[] | null} [command]
 * @param {any} [options]
 */
async function shell(container, command, options) {
  const { env, user, cwd, signal, ...unknown } = options ?? {}
  const [strange] = Object.keys(unknown)
  if (strange !== undefined) throw invalid(strange, 'there is no such option')
  signal?.throwIfAborted()
  const { stdin, stdout } = process
  if (!stdin.isTTY) {
    const message =
      'shell() needs a terminal, and stdin is none; use exec() for a command, execStream() for its streams'
    throw new DokeresError({ code: 'NOT_SUPPORTED', message })
  }
  const stream = container.execStream(command ?? DEFAULT, {
    env: { TERM: process.env.TERM ?? 'xterm', ...env },
    ...{ user, cwd, signal, tty: true, size: sizeOf(stdout) },
  })
  // Only when it has started: what fails before leaves the terminal alone.
  const running = await stream.handle().catch((/** @type {unknown} */ error) => {
    signal?.throwIfAborted()
    throw error
  })
  const restore = takeTerminal(stdin)
  const keys = forwardKeys(stdin, stream)
  const resized = () => void stream.resize(sizeOf(stdout)).catch(() => {})
  if (stdout.isTTY) stdout.on('resize', resized)
  /** @type {Buffer | undefined} */
  let first
  try {
    for await (const { data } of stream) {
      first ??= data
      if (!stdout.write(data)) await once(stdout, 'drain')
    }
  } finally {
    stdout.off('resize', resized)
    keys.stop()
    restore()
    await stream.close()
  }
  if (keys.detached) return { exitCode: null, detached: true }
  const { exitCode } = await running.wait({ signal })
  if (first?.toString('latin1').startsWith('OCI runtime exec failed') && exitCode > 125) {
    const message = `cannot run the command in the container: ${first.toString().trim()}`
    throw new DokeresError({ code: 'EXECUTABLE_NOT_FOUND', message, exitCode })
  }
  return { exitCode, detached: false }
}

/** @param {NodeJS.WriteStream} stdout */
function sizeOf({ columns, rows }) {
  return columns && rows ? { cols: columns, rows } : undefined
}

/**
 * Raw mode, until the function that this gives is called, or the process ends.
 * @param {NodeJS.ReadStream} stdin
 */
function takeTerminal(stdin) {
  const wasRaw = stdin.isRaw
  const restore = () => {
    process.off('exit', restore)
    stdin.setRawMode(wasRaw)
  }
  process.on('exit', restore)
  stdin.setRawMode(true)
  return restore
}

/**
 * What is typed goes to the program, at its pace, but for the keys that detach.
 * @param {NodeJS.ReadStream} stdin
 * @param {any} stream
 */
function forwardKeys(stdin, stream) {
  const wasFlowing = stdin.readableFlowing === true
  const state = { detached: false, stop }
  let held = false
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  /** @param {Buffer} typed */
  const send = async (typed) => {
    if (typed.length === 0) return
    stdin.pause()
    // A program that has ended reads no more; its end is told elsewhere.
    await stream.write(typed).catch(() => {})
    if (!stopped) stdin.resume()
  }
  const release = () => {
    held = false
    void send(Buffer.of(CTRL_P))
  }
  /** @param {Buffer | string} data */
  const typed = (data) => {
    clearTimeout(timer)
    let keys = Buffer.from(data)
    if (held) keys = Buffer.concat([Buffer.of(CTRL_P), keys])
    held = false
    const at = keys.indexOf(Buffer.of(CTRL_P, CTRL_Q))
    if (at >= 0) {
      state.detached = true
      void send(keys.subarray(0, at)).then(() => stream.close())
      return
    }
    if (keys.at(-1) === CTRL_P) {
      held = true
      timer = setTimeout(release, PATIENCE)
      keys = keys.subarray(0, -1)
    }
    void send(keys)
  }
  const ended = () => void stream.end().catch(() => {})
  let stopped = false
  function stop() {
    stopped = true
    clearTimeout(timer)
    stdin.off('data', typed).off('end', ended)
    if (!wasFlowing) stdin.pause()
  }
  stdin.on('data', typed).on('end', ended).resume()
  return state
}

module.exports = { shell }
