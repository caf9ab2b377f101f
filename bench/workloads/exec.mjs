// Commands in a running container: output and exit code of each.
import assert from 'node:assert/strict'
import { gather } from '../lib/gather.mjs'
import { docker, read, times } from '../lib/tools.mjs'
import { workloads } from '../lib/workload.mjs'

const COMMAND = ['echo', 'hello']

/** @param {any} container */
async function dockerode(container) {
  const exec = await container.exec({ Cmd: COMMAND, AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({})
  const { stdout } = await gather(container.modem, stream)
  return { stdout, exitCode: (await exec.inspect()).ExitCode }
}

/**
 * @param {number} atOnce
 * @param {(client: any, id: string) => any} prepare
 * @returns {import('../lib/workload.mjs').Measured}
 */
const executing = (atOnce, prepare) => async (run) => {
  const exec = await prepare(run.client, run.facts.idle.id)
  let right = 0
  await run.measure(() =>
    times(run.count, atOnce, async () => {
      const { stdout, exitCode } = await exec()
      if (stdout === 'hello\n' && exitCode === 0) right++
    }),
  )
  assert.equal(right, run.count)
}

export default workloads(
  ...[1, 16].map((atOnce) => ({
    name: `exec-${atOnce}`,
    title: `200 execs, ${atOnce === 1 ? 'one after another' : `${atOnce} at a time`}`,
    count: 200,
    needs: { idle: 0 },
    share: 0.2,
    seconds: 35,
    figure: /** @type {const} */ ('wall'),
    bound: 'runc, which starts a process in the container',
    clients: {
      dokeres: executing(atOnce, async (client, id) => {
        const container = await client.container(id)
        return () => container.exec(...COMMAND)
      }),
      dockerode: executing(atOnce, (client, id) => () => dockerode(client.getContainer(id))),
      sdk: 'upgrades without a body, which the engine refuses',
      cli: executing(atOnce, (_, id) => async () => ({
        stdout: await docker(['exec', id, ...COMMAND]),
        exitCode: 0,
      })),
      limit: async (/** @type {import('../lib/workload.mjs').Run} */ run) => {
        await run.measure(() => read('exec', run.count, atOnce, run.facts.idle.id))
      },
    },
  })),
)
