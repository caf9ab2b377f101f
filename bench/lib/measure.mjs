// What one process uses while it works. Linux, for it reads /proc.
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

/** Milliseconds between the monitor's timers; what it finds beyond that is delay. */
const RESOLUTION = 10

/** @typedef {ReturnType<typeof snapshot>} Snapshot */

/**
 * The figures of one measurement; times in milliseconds, memory in MB.
 * @typedef {Record<string, number>} Figures
 */

/** Nanoseconds that this process's main thread was on a processor. */
function mainThread() {
  const text = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8')
  return Number(text.split(' ')[0])
}

/** @param {string} name a line of /proc/self/status */
export function status(name) {
  const text = readFileSync('/proc/self/status', 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1])
}

function snapshot() {
  return {
    process: process.cpuUsage(),
    main: mainThread(),
    loop: performance.eventLoopUtilization(),
    wall: performance.now(),
  }
}

/**
 * @template T
 * @param {() => T | Promise<T>} work
 * @param {boolean} [watched] whether the loop's delay is: that takes 5 ms of the processor a second, which is
 *   much where little else is done
 * @returns {Promise<{ value: T, figures: Figures }>}
 */
export async function measure(work, watched = true) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  if (watched) delay.enable()
  // The monitor's first timers run before what is measured.
  await new Promise((resolve) => setTimeout(resolve, 3 * RESOLUTION))
  delay.reset()
  const began = snapshot()
  const value = await work()
  const wall = performance.now() - began.wall
  const main = mainThread() - began.main
  const { user, system } = process.cpuUsage(began.process)
  const { utilization } = performance.eventLoopUtilization(began.loop)
  // A loop that was blocked until now has not told of it yet.
  await new Promise((resolve) => setTimeout(resolve, RESOLUTION))
  delay.disable()
  /** @param {number} nanoseconds */
  const beyond = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION)
  return {
    value,
    figures: {
      wall,
      cpu: main / 1e6,
      processCpu: (user + system) / 1e3,
      elu: utilization,
      ...(watched && { delayP99: beyond(delay.percentile(99)), delayMax: beyond(delay.max) }),
      rss: status('VmHWM') / 1024,
      threads: status('Threads'),
    },
  }
}
