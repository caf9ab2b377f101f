// A process of its own that uses dokeres: what becomes of it, and of its containers, is seen from outside.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

const index = JSON.stringify(createRequire(import.meta.url).resolve('../../index.js'))

/**
 * Runs a script in which `dokeres`, `image` and `labels` are there. What it says with `say()` can be
 * waited for.
 * @param {{ options: object, labels: object, script: string, env?: object, limit?: number }} what
 */
export function child({ options, labels, script, env, limit = 30_000 }) {
  const prelude = `const { Dokeres, DokeresError } = require(${index})
    const say = (...words) => require('node:fs').writeSync(1, words.join(' ') + '\\n')
    const dokeres = new Dokeres(${JSON.stringify(options)})
    const image = dokeres.image(process.env.DOKERES_TEST_BASE), labels = ${JSON.stringify(labels)}
    const sleeping = (more) => image.run(null, { labels, ...more }, 'sleep 300')
    const forever = () => setInterval(() => {}, 1000)
    ;(async () => {${script}})()`
  const process_ = spawn(process.execPath, ['-e', prelude], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const output = { stdout: '', stderr: '' }
  const timer = setTimeout(() => process_.kill('SIGKILL'), limit)
  const begun = performance.now()
  process_.stdout.on('data', (data) => (output.stdout += data))
  process_.stderr.on('data', (data) => (output.stderr += data))
  const ended = new Promise((resolve) => {
    process_.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, ...output, ms: performance.now() - begun })
    })
  })
  return {
    pid: /** @type {number} */ (process_.pid),
    /** @type {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string, ms: number }>} */
    ended,
    write: (/** @type {string} */ text) => process_.stdin.write(text),
    kill: (/** @type {NodeJS.Signals} */ signal) => process_.kill(signal),
    /** @param {RegExp} words @returns {Promise<RegExpExecArray>} */
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = words.exec(output.stdout)
          if (match) resolve(match)
        }
        look()
        process_.stdout.on('data', look)
        process_.on('close', () =>
          reject(new Error(`it ended without ${words}:\n${output.stdout}${output.stderr}`)),
        )
      }),
  }
}
