// task() on a swarm: what ends it early, and what does not.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { api } from '../scripts/lib/engine/api.mjs'
import { swarmForTasks } from './helpers/swarm-tasks.mjs'
import { whyNoTwoNodes } from './helpers/two-nodes.mjs'

const skip = whyNoTwoNodes() ?? false

/** @type {Awaited<ReturnType<typeof swarmForTasks>>} */
let swarm

before(async () => {
  if (!skip) swarm = await swarmForTasks()
})

after(() => swarm?.close())

/** @param {string} script @param {any} [options] @returns {Promise<any>} */
const sh = (script, options) => swarm.sh(script, options)

test('timeout and abort end the containers, wherever they run', { skip }, async () => {
  await assert.rejects(
    sh('echo begun; sleep 300', { timeout: '2s', stopTimeout: 1 }),
    (/** @type {any} */ error) => {
      assert.equal(error.code, 'TIMEOUT')
      assert.deepEqual(error.logs, ['begun'])
      return true
    },
  )
  assert.deepEqual(await swarm.left(), [])
  for (const delay of [0, 300, 1500]) {
    const signal = AbortSignal.timeout(delay)
    await assert.rejects(
      sh('sleep 300', { signal, init: true }),
      (error) => error === signal.reason,
    )
    assert.deepEqual(await swarm.left(), [], `after ${delay} ms`)
  }
})

test('a node that is lost: its replicas run elsewhere, each counts once', { skip }, async () => {
  const script = 'echo "run $DOKERES_REPLICA"; sleep 4; echo done'
  const running = sh(script, {
    swarm: { replicas: 4 },
  })
  const onWorker = async () =>
    (await api(swarm.worker.host, 'GET', '/containers/json')).json.length === 2
  while (!(await onWorker())) await sleep(50)
  await swarm.lose(swarm.worker)
  const { replicas, stdout } = await running
  assert.equal(stdout, [0, 1, 2, 3].map((n) => `run ${n}\ndone\n`).join(''))
  assert.deepEqual(
    replicas.map((/** @type {any} */ { node }) => node.id),
    [0, 1, 2, 3].map(() => swarm.manager.id),
  )
  assert.deepEqual(await swarm.left(), [])
})
