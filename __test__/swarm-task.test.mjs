// task() on a swarm of two nodes: as on one machine, its replicas each for itself.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DokeresError } from 'dokeres'
import { swarmForTasks, users } from './helpers/swarm-tasks.mjs'
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

test('replicas over both nodes: output and exit code of each', { skip }, async () => {
  const script = 'echo "out $DOKERES_REPLICA $(hostname)"; echo "err $DOKERES_REPLICA" >&2'
  const result = await sh(script, {
    env: { own: 'yes' },
    labels: { marked: 'yes' },
    hostname: 'replica-{{.Task.Slot}}',
    swarm: { replicas: 4, placement: { maxReplicasPerNode: 2 } },
  })
  assert.deepEqual(
    result.replicas.map((/** @type {any} */ { index, exitCode, signal, stdout, stderr }) => [
      ...[index, exitCode, signal, stdout, stderr],
    ]),
    [0, 1, 2, 3].map((n) => [n, 0, null, `out ${n} replica-${n}\n`, `err ${n}\n`]),
  )
  assert.deepEqual([result.exitCode, result.signal, result.oomKilled], [0, null, false])
  assert.equal(result.stdout, [0, 1, 2, 3].map((n) => `out ${n} replica-${n}\n`).join(''))
  assert.equal(result.stderr, 'err 0\nerr 1\nerr 2\nerr 3\n')
  assert.equal(result.output.length, result.stdout.length + result.stderr.length)
  const nodes = new Set(result.replicas.map((/** @type {any} */ { node }) => node.id))
  assert.deepEqual(nodes, new Set([swarm.manager.id, swarm.worker.id]))
  for (const { node, container, task, startedAt, finishedAt, durationMs } of result.replicas) {
    assert.ok(node.hostname && container.name.endsWith(task.id))
    assert.match(container.id, /^[0-9a-f]{64}$/)
    assert.ok(Date.parse(startedAt) > 0 && Date.parse(finishedAt) > 0 && durationMs >= 0)
  }
  assert.deepEqual(await swarm.left(), [])
})

test('no more than maxConcurrent at once', { skip }, async () => {
  const { replicas } = await sh('date +%s%N | cut -c1-13; sleep 0.5; date +%s%N | cut -c1-13', {
    swarm: { replicas: 4, maxConcurrent: 2 },
  })
  const spans = replicas.map((/** @type {any} */ { stdout }) =>
    stdout.trim().split('\n').map(Number),
  )
  const at = (/** @type {number} */ moment) =>
    spans.filter(([from, to]) => from <= moment && moment < to).length
  assert.ok(Math.max(...spans.map(([from]) => at(from))) <= 2, JSON.stringify(spans))
})

test('constraints and raw fields decide where', { skip }, async () => {
  const { replicas } = await sh('hostname', {
    swarm: { replicas: 3, constraints: ['node.role==worker'] },
  })
  assert.deepEqual(
    new Set(replicas.map((/** @type {any} */ { node }) => node.id)),
    new Set([swarm.worker.id]),
  )
  const Constraints = [`node.id==${swarm.manager.id}`]
  const raw = await sh('true', {
    swarm: { extra: { TaskTemplate: { Placement: { Constraints } } } },
  })
  assert.equal(raw.replicas[1].node.id, swarm.manager.id)
})

test('one that fails: EXIT_CODE with all of them, each run once', { skip }, async () => {
  const script = 'echo "run $DOKERES_REPLICA"; test $DOKERES_REPLICA != 1 || exit 3'
  const job = { replicas: 5, maxConcurrent: 2 }
  await assert.rejects(sh(script, { swarm: job }), (/** @type {any} */ error) => {
    assert.ok(error instanceof DokeresError)
    assert.deepEqual([error.code, error.exitCode], ['EXIT_CODE', 3], error.message)
    const replicas = /** @type {any} */ (error).replicas
    assert.deepEqual(
      replicas.map((/** @type {any} */ { exitCode }) => exitCode),
      [0, 3, 0, 0, 0],
    )
    assert.equal(error.stdout, 'run 0\nrun 1\nrun 2\nrun 3\nrun 4\n')
    assert.deepEqual(error.logs, ['run 1'])
    assert.equal(error.container?.id, replicas[1].container.id)
    assert.match(error.stack ?? '', /swarm-task\.test\.mjs/)
    return true
  })
  assert.deepEqual(await swarm.left(), [])
})

test('all that run at once fail: the others run all the same', { skip }, async () => {
  const script = 'echo "run $DOKERES_REPLICA"; exit $DOKERES_REPLICA'
  const job = { replicas: 4, maxConcurrent: 1 }
  const { exitCode, stdout } = await sh(`${script}`, { reject: false, swarm: job })
  assert.deepEqual([exitCode, stdout], [1, 'run 0\nrun 1\nrun 2\nrun 3\n'])
  assert.deepEqual(await swarm.left(), [])
})

test('a constraint that no node meets: the time is up, and it says why', { skip }, async () => {
  const job = { constraints: ['node.labels.nothing==here'] }
  await assert.rejects(sh('true', { timeout: '1s', swarm: job }), {
    code: 'TIMEOUT',
    message: /2 of 2 replicas had not ended: no suitable node/,
  })
})

test('credentials go to the nodes', { skip }, async () => {
  const name = swarm.closed
  const job = { swarm: { replicas: 2, placement: { maxReplicasPerNode: 1 } } }
  await assert.rejects(swarm.dokeres.image(name).task('true', job), { code: 'IMAGE_UNAVAILABLE' })
  const auth = { username: 'somebody', password: users.somebody }
  const { replicas } = await swarm.dokeres.image({ name, auth }).task('echo hello', job)
  assert.deepEqual(
    replicas.map(({ stdout }) => stdout),
    ['hello\n', 'hello\n'],
  )
  assert.notEqual(replicas[0]?.node.id, replicas[1]?.node.id)
})
