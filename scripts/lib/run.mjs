import { AsyncLocalStorage } from 'node:async_hooks'
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @param {Buffer | string} part */
const show = (part) => process.stdout.write(part)

/** The project's root. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * How programs are run: what runs beside something else keeps its output until it is done, and takes only
 * what the other leaves of the processors.
 * @type {AsyncLocalStorage<{ write(part: Buffer | string): unknown, isLow: boolean }>}
 */
export const manner = new AsyncLocalStorage()

/**
 * Runs a program in the project's root and shows its output as it comes.
 * @param {string} program
 * @param {string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options] `quiet` keeps the output to itself
 * @returns {Promise<{ code: number, output: string }>} both streams, in the order in which they came
 */
export function run(program, args, { quiet = false, env = {} } = {}) {
  const { write, isLow } = manner.getStore() ?? { write: show, isLow: false }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // npm and npx are batch files there.
      shell: process.platform === 'win32',
    })
    if (isLow && child.pid) setPriority(child.pid, constants.priority.PRIORITY_LOW)
    /** @type {Buffer[]} */
    const parts = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ part) => {
        parts.push(part)
        if (!quiet) write(part)
      })
    }
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const output = Buffer.concat(parts).toString()
      resolve({ code: code ?? (signal ? 1 : 0), output })
    })
  })
}

/**
 * Like `run`, but a failure throws.
 * @param {string} program
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function must(program, args, options) {
  const result = await run(program, args, options)
  if (result.code === 0) return result
  if (options?.quiet) (manner.getStore()?.write ?? show)(result.output)
  throw new Error(`${program} ${args.join(' ')} ended with ${result.code}`)
}

/**
 * Whether a program is there.
 * @param {string} program
 * @param {string[]} [args]
 */
export async function has(program, args = ['--version']) {
  return run(program, args, { quiet: true }).then(
    ({ code }) => code === 0,
    () => false,
  )
}
