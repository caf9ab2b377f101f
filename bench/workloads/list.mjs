// One large reply: a list of many containers.
import assert from 'node:assert/strict'
import { docker, read, times } from '../lib/tools.mjs'
import { workloads } from '../lib/workload.mjs'

/**
 * @param {(client: any) => Promise<any[]>} list
 * @returns {import('../lib/workload.mjs').Measured}
 */
const listing = (list) => async (run) => {
  /** @type {any[]} */
  let last = []
  await run.measure(() => times(run.count, 1, async () => (last = await list(run.client))))
  const found = new Set(last.map(({ Id }) => Id))
  assert.ok(run.facts.containers.ids.every((/** @type {string} */ id) => found.has(id)))
}

/** @type {import('../lib/workload.mjs').Workload['clients']} */
const clients = {
  dokeres: listing((client) => client.containers.listAll()),
  dockerode: listing((client) => client.listContainers({ all: true })),
  sdk: listing((client) => client.containerList({ all: true })),
  cli: async (run) => {
    let printed = ''
    await run.measure(() =>
      times(run.count, 1, async () => {
        printed = await docker(['ps', '--all', '--no-trunc', '--format', '{{.ID}}'])
      }),
    )
    assert.ok(printed.split('\n').length > run.facts.containers.size)
  },
  limit: async (run) => {
    const bytes = await run.measure(() => read('get', run.count, 1, '/containers/json?all=1'))
    assert.ok(bytes > run.count * run.facts.containers.size * 300, `${bytes} bytes`)
  },
}

const bound = 'the engine makes the list; only this process’s own time can be saved'

export default workloads(
  {
    name: 'list-300',
    title: '10 lists of 300 containers',
    count: 10,
    needs: { containers: 300 },
    share: 1,
    seconds: 25,
    figure: 'wall',
    bound,
    clients,
  },
  {
    name: 'list-3000',
    title: '10 lists of 3,000 containers',
    count: 10,
    needs: { containers: 3000 },
    share: 1,
    seconds: 60,
    figure: 'wall',
    bound,
    // Making and removing them takes longer than all the rest.
    onlyByName: true,
    clients,
  },
)
