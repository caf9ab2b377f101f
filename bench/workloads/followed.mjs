// Many containers that say a little: 200, of which each writes 1 kB a second, followed for 10 s.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { counter } from '../lib/gather.mjs'
import { workloads } from '../lib/workload.mjs'

const SECONDS = 10
const PER_SECOND = 1000

/** @param {import('../lib/workload.mjs').Run} run @param {number} bytes */
function check(run, bytes) {
  // The first second goes by while they are connected.
  const least = run.facts.talkers.ids.length * PER_SECOND * (SECONDS - 2)
  assert.ok(bytes >= least, `${bytes} bytes, not ${least}`)
  run.note({ bytes })
}

export default workloads({
  name: 'followed',
  title: '200 containers followed, 1 kB/s each',
  needs: { talkers: 200 },
  share: 0.5,
  seconds: 60,
  figure: 'cpu',
  bound:
    'a wake-up of the JavaScript thread for each write; what comes together is handed over together',
  clients: {
    dokeres: async (run) => {
      /** @type {any[]} */
      const containers = await Promise.all(
        run.facts.talkers.ids.map((/** @type {string} */ id) => run.client.container(id)),
      )
      let bytes = 0
      await run.measure(async () => {
        const streams = containers.map((container) => container.logs({ follow: true, tail: 0 }))
        const ends = streams.map((stream) =>
          stream.forEach((/** @type {{ data: Buffer }} */ { data }) => void (bytes += data.length)),
        )
        await pause(SECONDS * 1000)
        await Promise.all(streams.map((stream) => stream.close()))
        await Promise.all(ends)
      })
      check(run, bytes)
    },
    dockerode: async (run) => {
      const { stream: out, counted } = counter()
      out.setMaxListeners(0)
      await run.measure(async () => {
        const streams = await Promise.all(
          run.facts.talkers.ids.map(async (/** @type {string} */ id) => {
            const options = { follow: true, tail: 0, stdout: true, stderr: true }
            const stream = await run.client.getContainer(id).logs(options)
            run.client.modem.demuxStream(stream, out, out)
            return stream
          }),
        )
        await pause(SECONDS * 1000)
        for (const stream of streams) stream.destroy()
      })
      check(run, counted.bytes)
    },
    sdk: async (run) => {
      const { stream: out, counted } = counter()
      await run.measure(async () => {
        for (const id of run.facts.talkers.ids) {
          const options = { follow: true, tail: '0', stdout: true, stderr: true }
          // It has no way to end it; the process's end does.
          run.client.containerLogs(id, out, out, options).catch(() => {})
        }
        await pause(SECONDS * 1000)
      })
      check(run, counted.bytes)
    },
    cli: 'follows one container a process',
    limit: 'the time is given',
  },
})
