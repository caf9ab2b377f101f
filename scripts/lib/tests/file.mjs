// One test file, in a process of its own.
import { spawn } from 'node:child_process'
import { root } from '../run.mjs'

/** How long a file may take: the longest take a minute, on a busy machine two. */
const LIMIT = 300_000

/**
 * @typedef {{ file: string, passed: number, failed: number, seconds: number, output: string }} Result
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
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => parts.push(part))
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
        const output = Buffer.concat(parts).toString()
        const { passed, failed } = counts(output)
        const ended =
          code === 0 ? '' : overdue ? `not done in ${LIMIT / 1000} s` : `${signal ?? code}`
        const lost = ended && failed === 0
        const note = lost ? `✖ ${file}: ${ended}\n` : ''
        const seconds = (performance.now() - began) / 1000
        resolve({ file, passed, failed: failed + Number(lost), seconds, output: output + note })
      }, 100)
    })
  })
  return { file, result, kill: () => void child.kill('SIGKILL') }
}

/** @param {string} output the spec reporter's */
function counts(output) {
  const sum = (/** @type {RegExp} */ pattern) =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)
  return { passed: sum(/^ℹ pass (\d+)$/gm), failed: sum(/^ℹ (?:fail|cancelled) (\d+)$/gm) }
}
