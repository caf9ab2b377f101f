// Long-lived processes: started apart from this one, ended by their pid, never by name.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { isAlive } from './state.mjs'

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} log
 * @param {Record<string, string>} [more] of its environment
 * @returns {number} its pid
 */
export function start(program, args, log, more = {}) {
  const output = openSync(log, 'a')
  // dockerd takes the docker CLI's variables for its own flags.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('DOCKER_')),
  )
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...env, ...more },
  })
  closeSync(output)
  child.on('error', () => {})
  child.unref()
  if (child.pid === undefined) throw new Error(`${program} cannot be started; is it installed?`)
  return child.pid
}

/**
 * Waits until `ready` says so, or the process has ended.
 * @param {number} pid
 * @param {() => Promise<boolean>} ready
 * @param {string} log
 */
export async function until(pid, ready, log) {
  for (let tries = 0; tries < 300; tries++) {
    if (await ready()) return
    if (!isAlive(pid)) break
    await sleep(100)
  }
  await end(pid)
  throw new Error(`it did not come up; its log ends:\n${readFileSync(log, 'utf8').slice(-3000)}`)
}

/** @param {number} pid asks it to end, insists after 15 s, and waits until it has */
export async function end(pid) {
  // Once each: dockerd takes a third SIGTERM for an order to leave everything as it is.
  for (const [signal, patience] of /** @type {const} */ ([
    ['SIGTERM', 1500],
    ['SIGKILL', 500],
  ])) {
    try {
      if (isAlive(pid)) process.kill(pid, signal)
    } catch {
      return
    }
    for (let pause = 0; pause < patience && isAlive(pid); pause++) await sleep(10)
  }
}

/** Ends it at once, where it is still there. @param {number} pid */
export async function kill(pid) {
  if (!(pid > 1) || !isAlive(pid)) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return
  }
  for (let pause = 0; pause < 100 && isAlive(pid); pause++) await sleep(10)
}

/** @returns {Promise<number>} a port of the loopback that is free now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

/** @param {number} ms @returns {Promise<void>} */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
