'use strict'

const { writeSync } = require('node:fs')
const { join } = require('node:path')
/** @type {any} */
const binding = require('./native.js')
const { command } = require('./script.js')

/** How long a clean-up may hold the process's end up. */
const PATIENCE = 10_000

const ROUNDS = 3

const SIGNALS = /** @type {NodeJS.Signals[]} */ (
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP']
)

/** The reaper's script, which also does what has to be done when this process cannot wait any more. */
const HELPER = join(__dirname, 'reaper.js')

/**
 * Sessions that are cleaned up at exit. One list for the process, whatever the copies of dokeres in
 * it: two that each took the other for the user's own handler of a signal would both wait.
 *
 * @typedef {{ made: () => number, done: number, underway: () => boolean, close: () => void, settle: () => void, cleanup: () => Promise<void>, task: () => string | null }} Entry
 * @type {{ entries: Entry[], listening: boolean }}
 */
const shared = /** @type {any} */ (
  /** @type {any} */ (globalThis)[Symbol.for('dokeres.sessions')] ??= {
    entries: [],
    listening: false,
  }
)

let saysFarewell = false

/**
 * A session that ends with the process.
 * @param {unknown} handle the engine
 * @param {boolean} atExit whether it is cleaned up at exit; else only the reaper watches it
 */
function session(handle, atExit) {
  // Here and below, not above: loading Node's own modules is most of what loading this package costs.
  const { isMainThread } = require('node:worker_threads')
  if (isMainThread && !saysFarewell) {
    saysFarewell = true
    process.once('exit', () => binding.reaperFarewell())
  }
  if (!atExit) return
  shared.entries.push({
    made: () => binding.sessionMade(handle),
    done: 0,
    underway: () => binding.sessionUnderway(handle),
    close: () => binding.sessionClose(handle),
    settle: () => binding.sessionSettle(handle),
    cleanup: () => binding.sessionCleanup(handle),
    task: () => binding.sessionTask(handle),
  })
  if (shared.listening) return
  shared.listening = true
  process.on('beforeExit', () => void cleanUp())
  process.on('exit', atLast)
  if (isMainThread) for (const signal of SIGNALS) process.on(signal, onSignal)
}

/** Those that have made something since they were last cleaned up. */
function dirty() {
  return shared.entries.filter((entry) => entry.made() !== entry.done)
}

async function cleanUp() {
  // What the program makes meanwhile is cleaned up too; one that goes on and on is not waited for.
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      dirty().map(async (entry) => {
        const made = entry.made()
        try {
          await entry.cleanup()
        } catch (error) {
          process.emitWarning(/** @type {Error} */ (error))
        }
        // Also where it failed: trying for ever would keep the process from ending.
        entry.done = made
      }),
    )
  }
}

/** The loop turns no more: another process does it, while this one waits. */
function atLast() {
  // Calls that were under way go on in threads of ours: what they have not asked for yet they never will,
  // and what they have asked for is found when it is there.
  for (const entry of shared.entries) entry.close()
  const entries = dirty()
  for (const entry of entries) entry.settle()
  const tasks = entries.map((entry) => entry.task()).filter((task) => task !== null)
  if (tasks.length === 0) return
  // What the engine is still making can be found only when it is done: then it is looked for again.
  const last = entries.some((entry) => entry.underway()) ? '' : 'bye\n'
  const { spawnSync } = require('node:child_process')
  const [program, ...args] = command(HELPER)
  const { status } = spawnSync(program, args, {
    input: `${tasks.join('')}hurry\n${last}`,
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: PATIENCE,
    env: { ...process.env, NODE_OPTIONS: '', ELECTRON_RUN_AS_NODE: '1' },
  })
  if (status === 0) return
  try {
    writeSync(2, '(dokeres) Warning: not all containers could be removed at exit\n')
  } catch {
    // Nobody listens any more.
  }
}

let ending = false

/** @param {NodeJS.Signals} signal */
function onSignal(signal) {
  // Who listens as well decides whether the process ends; if it does, `atLast` comes.
  if (!ending && listeners(signal) > 1) return
  const again = ending
  ending = true
  const end = () => {
    for (const each of SIGNALS) process.off(each, onSignal)
    process.kill(process.pid, signal)
  }
  // Asked twice, it goes at once.
  if (again) return end()
  const patience = setTimeout(end, PATIENCE)
  for (const entry of shared.entries) entry.close()
  void cleanUp().then(() => {
    clearTimeout(patience)
    end()
  })
}

/**
 * How many listen to a signal, us included. Those of the package `signal-exit` do not count: they end
 * the process only where nobody else listens.
 * @param {NodeJS.Signals} signal
 */
function listeners(signal) {
  const known = /** @type {any} */ (process)
  const passive = known[Symbol.for('signal-exit emitter')] ?? known.__signal_exit_emitter__
  return process.listenerCount(signal) - (passive?.count ?? 0)
}

module.exports = { session }
