// One test file, in a process of its own.
import { spawn } from 'node:child_process'
import { root } from '../run.mjs'

/** How long a file may take: the longest take a minute, on a busy machine two. */
const LIMIT = 300_000

/**
 * @typedef {object} Result
 * @property {string} file
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} failures the tests that failed, by name
 * @property {number} seconds
 * @property {string} output
 */

/**
 * Starts it. What it writes is kept until it has ended, as others run beside it.
 * @param {string} file
 * @returns {{ file: string, result: Promise<Result>, kill: () => void }}
 */
export function start(file) {
  const began = performance.now()
  // A file hangs, rather than fails, whose assertion leaves something open: it is not waited for for ever.
  const child = spawn('node', ['--expose-gc', '--test-reporter=spec', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  /** @type {Buffer[]} */
  const parts = []
  /** Of use only where something fails: tests provoke panics and warnings. @type {Buffer[]} */
  const errors = []
  child.stdout.on('data', (part) => parts.push(part))
  child.stderr.on('data', (part) => errors.push(part))
  let overdue = false
  const timer = setTimeout(() => {
    overdue = true
    child.kill('SIGKILL')
  }, LIMIT)
  /** @type {Promise<Result>} */
  const result = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      // What it has started may hold its output open; what it wrote itself is there in a moment.
      setTimeout(() => {
        for (const stream of [child.stdout, child.stderr]) stream.destroy()
        const told = Buffer.concat(parts).toString()
        const { passed, failed } = counts(told)
        const ended =
          code === 0 ? '' : overdue ? `not done in ${LIMIT / 1000} s` : `${signal ?? code}`
        const lost = ended && failed === 0
        const note = lost ? `✖ ${file}: ${ended}\n` : ''
        const output = failed > 0 || lost ? `${Buffer.concat(errors)}${told}${note}` : told
        const seconds = (performance.now() - began) / 1000
        const failures = failing(told + note)
        resolve({ file, passed, failed: failed + Number(lost), failures, seconds, output })
      }, 100)
    })
  })
  return { file, result, kill: () => void child.kill('SIGKILL') }
}

/** @param {string} output */
function failing(output) {
  const lines = [...output.matchAll(/^ *✖ (.+)$/gm)].map(([, line]) => line)
  return [...new Set(lines)].filter((line) => line !== 'failing tests:')
}

/** @param {string} output the spec reporter's */
function counts(output) {
  const sum = (/** @type {RegExp} */ pattern) =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)
  return { passed: sum(/^ℹ pass (\d+)$/gm), failed: sum(/^ℹ (?:fail|cancelled) (\d+)$/gm) }
}
