// Many small requests: inspects of one container.
import assert from 'node:assert/strict'
import { docker, read, times } from '../lib/tools.mjs'
import { workloads } from '../lib/workload.mjs'

/**
 * @param {number} atOnce
 * @param {(client: any, id: string) => (() => Promise<any>) | Promise<() => Promise<any>>} prepare
 * @returns {import('../lib/workload.mjs').Measured}
 */
const inspecting = (atOnce, prepare) => async (run) => {
  const { id } = run.facts.idle
  const inspect = await prepare(run.client, id)
  let right = 0
  await run.measure(() =>
    times(run.count, atOnce, async () => {
      if ((await inspect()).Id === id) right++
    }),
  )
  assert.equal(right, run.count)
}

/** @param {number} atOnce @returns {import('../lib/workload.mjs').Measured} */
const limit = (atOnce) => async (run) => {
  const path = `/containers/${run.facts.idle.id}/json`
  const bytes = await run.measure(() => read('get', run.count, atOnce, path))
  assert.ok(bytes > run.count * 1000, `${bytes} bytes`)
}

/** @param {number} atOnce */
const clients = (atOnce) => ({
  dokeres: inspecting(atOnce, async (client, id) => {
    const container = await client.container(id)
    return () => container.inspect()
  }),
  dockerode: inspecting(atOnce, (client, id) => () => client.getContainer(id).inspect()),
  sdk: inspecting(atOnce, (client, id) => () => client.containerInspect(id)),
  limit: limit(atOnce),
})

export default workloads(
  {
    name: 'inspect-sequence',
    title: '2,000 inspects, one after another',
    count: 2000,
    needs: { idle: 0 },
    share: 1,
    seconds: 30,
    figure: 'wall',
    bound: 'the engine’s own time for a request, and two switches of threads',
    clients: {
      ...clients(1),
      cli: async (run) => {
        const { id } = run.facts.idle
        const ids = Array.from({ length: run.count }, () => id)
        const printed = await run.measure(() => docker(['inspect', '--format', '{{.Id}}', ...ids]))
        assert.equal(printed, `${id}\n`.repeat(run.count))
      },
    },
  },
  {
    name: 'inspect-50',
    title: '2,000 inspects, 50 at a time',
    count: 2000,
    needs: { idle: 0 },
    share: 1,
    seconds: 20,
    figure: 'wall',
    bound: 'the engine’s own time for a request; beyond that `JSON.parse` on the JavaScript thread',
    clients: { ...clients(50), cli: 'asks one after another' },
  },
)
