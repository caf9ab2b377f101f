// A dashboard's work: the stats of 100 containers for 10 s.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { workloads } from '../lib/workload.mjs'

const SECONDS = 10
const CONTAINERS = 100

/** @param {import('../lib/workload.mjs').Run} run @returns {string[]} */
const ids = (run) => run.facts.talkers.ids.slice(0, CONTAINERS)

/** @param {import('../lib/workload.mjs').Run} run @param {number} samples */
function check(run, samples) {
  // The engine sends one a second, later where it is busy.
  const least = (ids(run).length * SECONDS) / 4
  assert.ok(samples >= least, `${samples} samples, not ${least}`)
  run.note({ samples })
}

/** As the docker CLI computes it. @param {any} now */
function percent(now) {
  const used = now.cpu_stats.cpu_usage.total_usage - now.precpu_stats.cpu_usage.total_usage
  const passed = now.cpu_stats.system_cpu_usage - now.precpu_stats.system_cpu_usage
  return passed > 0 ? (used / passed) * now.cpu_stats.online_cpus * 100 : 0
}

export default workloads({
  name: 'stats',
  title: 'stats of 100 containers, 10 s',
  needs: { talkers: 200 },
  share: 0.5,
  seconds: 50,
  figure: 'cpu',
  bound: 'the engine’s JSON, parsed once a sample',
  clients: {
    dokeres: async (run) => {
      /** @type {any[]} */
      const containers = await Promise.all(ids(run).map((id) => run.client.container(id)))
      let samples = 0
      await run.measure(async () => {
        const streams = containers.map((container) => container.statsStream())
        const ends = streams.map((stream) =>
          stream.forEach((/** @type {any} */ sample) => {
            if (sample.cpuPercent >= 0) samples++
          }),
        )
        await pause(SECONDS * 1000)
        await Promise.all(streams.map((stream) => stream.close()))
        await Promise.all(ends)
      })
      check(run, samples)
    },
    dockerode: async (run) => {
      let samples = 0
      await run.measure(async () => {
        const streams = await Promise.all(
          ids(run).map(async (id) => {
            const stream = await run.client.getContainer(id).stats({ stream: true })
            let rest = ''
            stream.setEncoding('utf8')
            stream.on('data', (/** @type {string} */ part) => {
              const lines = (rest + part).split('\n')
              rest = lines.pop() ?? ''
              for (const line of lines) if (line && percent(JSON.parse(line)) >= 0) samples++
            })
            return stream
          }),
        )
        await pause(SECONDS * 1000)
        for (const stream of streams) stream.destroy()
      })
      check(run, samples)
    },
    sdk: 'has no stream of them',
    cli: 'its figures are another process’s',
    limit: 'the time is given',
  },
})
