'use strict'

// The reaper: reads sessions from its standard input, a line of JSON each, and removes their
// containers when that ends. It ends when the process that holds the other end does, however it does.

const { Dokeres } = require('../index.js')

/** The pauses between attempts, in ms: an engine that is just being restarted is waited for. */
const ATTEMPTS = [200, 500, 1000, 2000, 5000, 10_000, 20_000, 20_000]

/**
 * When to look again after a sudden end: the engine may still have been making a container, whose id
 * nobody was told any more.
 */
const LOOKS = [500, 2000]

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** @param {string} line @param {number[]} attempts */
async function sweep(line, attempts) {
  const { options, session } = JSON.parse(line)
  const dokeres = new Dokeres(options)
  for (const ms of attempts) {
    try {
      await dokeres.cleanup({ session })
      return
    } catch {
      await pause(ms)
    }
  }
  throw new Error(`session ${session} could not be cleaned up`)
}

async function main() {
  let text = ''
  // A pipe that breaks has ended, too.
  process.stdin.setEncoding('utf8')
  await new Promise((resolve) => {
    process.stdin.on('data', (data) => (text += data))
    process.stdin.on('end', resolve).on('error', resolve)
  })
  // The last line may have been cut off with its writer.
  const lines = text.split('\n').slice(0, -1)
  const tasks = new Set(lines.filter((line) => line.startsWith('{')))
  // Where somebody waits for this to be done, one more attempt is all.
  const attempts = lines.includes('hurry') ? ATTEMPTS.slice(0, 2) : ATTEMPTS
  const sweepAll = async () => {
    const swept = await Promise.allSettled([...tasks].map((line) => sweep(line, attempts)))
    if (swept.some(({ status }) => status === 'rejected')) process.exitCode = 1
  }
  await sweepAll()
  if (lines.includes('bye')) return
  for (const ms of LOOKS) {
    await pause(ms)
    await sweepAll()
  }
}

// What ends the other process is no reason to leave things behind: a terminal that closes, a service
// manager that stops all of a service.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, () => {})

void main()
