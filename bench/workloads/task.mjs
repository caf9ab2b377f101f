// Containers run to their end: output, exit code, and nothing left.
import assert from 'node:assert/strict'
import { gather, sink } from '../lib/gather.mjs'
import { docker, read, times } from '../lib/tools.mjs'
import { workloads } from '../lib/workload.mjs'

const label = ['--label', `dokeres.bench=${process.env.BENCH_LABEL}`]
const COMMAND = ['echo', 'hello']
/** By it is removed what is left where something fails. */
const labels = { 'dokeres.bench': process.env.BENCH_LABEL ?? '' }
const options = (/** @type {string} */ Image) => ({
  Image,
  Labels: labels,
  Cmd: COMMAND,
  AttachStdout: true,
  AttachStderr: true,
  HostConfig: { NetworkMode: 'none' },
})

/** As its guide has it. @param {any} client @param {string} image */
async function dockerode(client, image) {
  const container = await client.createContainer(options(image))
  const stream = await container.attach({ stream: true, stdout: true, stderr: true })
  const output = gather(container.modem, stream)
  await container.start()
  const [{ StatusCode }, { stdout }] = await Promise.all([container.wait(), output])
  await container.remove()
  return { stdout, exitCode: StatusCode }
}

/** Its attach does not take the output apart, so that comes from the logs, followed: they come late. @param {any} client @param {string} image */
async function sdk(client, image) {
  const { Id } = await client.containerCreate(options(image))
  await client.containerStart(Id)
  const [stdout, stderr] = [sink(), sink()]
  const all = { follow: true, stdout: true, stderr: true }
  await client.containerLogs(Id, stdout.stream, stderr.stream, all)
  const { StatusCode } = await client.containerWait(Id)
  await client.containerDelete(Id)
  return { stdout: stdout.text(), exitCode: StatusCode }
}

/**
 * @param {number} atOnce
 * @param {(client: any, image: string) => () => Promise<{ stdout: string, exitCode: number }>} prepare
 * @returns {import('../lib/workload.mjs').Measured}
 */
const running = (atOnce, prepare) => async (run) => {
  const task = prepare(run.client, run.facts.base.name)
  let right = 0
  await run.measure(() =>
    times(run.count, atOnce, async () => {
      const { stdout, exitCode } = await task()
      if (stdout === 'hello\n' && exitCode === 0) right++
    }),
  )
  assert.equal(right, run.count)
}

export default workloads(
  ...[1, 16].map((atOnce) => ({
    name: `task-${atOnce}`,
    title: `200 tasks, ${atOnce === 1 ? 'one after another' : `${atOnce} at a time`}`,
    count: 200,
    needs: { base: 0 },
    share: 0.1,
    seconds: 45,
    figure: /** @type {const} */ ('wall'),
    bound: 'the engine and runc, which make, start and remove a container',
    clients: {
      dokeres: running(atOnce, (client, name) => {
        const image = client.image(name)
        return () => image.task(COMMAND, { network: 'none', labels })
      }),
      dockerode: running(atOnce, (client, name) => () => dockerode(client, name)),
      sdk: running(atOnce, (client, name) => () => sdk(client, name)),
      cli: running(atOnce, (_, name) => async () => ({
        stdout: await docker(['run', '--rm', '--network', 'none', ...label, name, ...COMMAND]),
        exitCode: 0,
      })),
      limit: async (/** @type {import('../lib/workload.mjs').Run} */ run) => {
        await run.measure(() => read('task', run.count, atOnce, run.facts.base.name))
      },
    },
  })),
)
