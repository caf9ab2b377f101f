// Programs beside the ones that are compared: raw (see raw.rs), curl, tar, the docker CLI.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { socket } from './clients.mjs'

const source = fileURLToPath(new URL('raw.rs', import.meta.url))
export const raw = fileURLToPath(new URL('../../.cache/bench/raw', import.meta.url))

/** Compiles raw.rs where it has changed. */
export function compileRaw() {
  const made = statSync(raw, { throwIfNoEntry: false })
  if (made && made.mtimeMs > statSync(source).mtimeMs) return
  mkdirSync(dirname(raw), { recursive: true })
  execFileSync('rustc', ['--edition', '2024', '-O', '-o', raw, source], { stdio: 'inherit' })
}

/**
 * Runs a program to its end. What it prints is gathered, unless it goes elsewhere.
 * @param {string} program @param {readonly string[]} args
 * @param {{ output?: number | 'ignore', input?: number, env?: NodeJS.ProcessEnv }} [options] descriptors
 * @returns {Promise<string>}
 */
export function program(program, args, { output, input, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = /** @type {const} */ ([input ?? 'ignore', output ?? 'pipe', 'pipe'])
    const child = spawn(program, args, { stdio: [...stdio], env })
    /** @type {Buffer[]} */
    const parts = []
    let errors = ''
    child.stdout?.on('data', (part) => parts.push(part))
    child.stderr?.on('data', (part) => (errors = (errors + part).slice(-4000)))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(parts).toString())
      else
        reject(
          new Error(`${program} ${args.join(' ').slice(0, 300)}: exit code ${code}: ${errors}`),
        )
    })
  })
}

/** A shell's pipeline. @param {string} script @param {readonly string[]} args `$1` and on */
export const shell = (script, ...args) =>
  program('bash', ['-o', 'pipefail', '-c', script, 'sh', ...args])

/**
 * The docker CLI, on the engine or another.
 * @param {readonly string[]} args @param {Parameters<typeof program>[2] & { socket?: string }} [options]
 */
export const docker = (args, { socket: path = socket(), ...options } = {}) =>
  program('docker', args, {
    ...options,
    env: { ...process.env, DOCKER_HOST: `unix://${path}`, DOCKER_BUILDKIT: '0' },
  })

/** A reply read and thrown away; resolves to its bytes. @param {string} path @param {string[]} more */
export async function curl(path, ...more) {
  const to = ['--unix-socket', socket(), '--output', '/dev/null', '--write-out', '%{size_download}']
  const printed = await program('curl', ['-sS', '--fail', ...to, ...more, `http://d${path}`])
  return Number(printed)
}

/** @param {'get' | 'exec' | 'task'} verb @param {number} count @param {number} atOnce @param {string} what */
export async function read(verb, count, atOnce, what) {
  return Number(await program(raw, [verb, socket(), `${count}`, `${atOnce}`, what]))
}

/**
 * So many times, some at once.
 * @param {number} count @param {number} atOnce @param {(index: number) => Promise<unknown>} work
 */
export async function times(count, atOnce, work) {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, worker))
}
