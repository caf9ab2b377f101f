// Start commands in a container and leave them to themselves: wait for one, end another.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const container = await image.run(null, { init: true }, ['sleep', '300'])
try {
  const script = ['sh', '-c', 'sleep 0.5; echo done > /tmp/result; exit 3']
  const job = await container.exec(script, { detach: true, env: { JOB: 1 } })
  const { exitCode } = await job.wait({ timeout: '10s' })
  console.log(
    `exit code ${exitCode}: ${(await container.exec('cat', '/tmp/result')).stdout.trim()}`,
  )

  const service = await container.exec('sleep 200', { detach: true })
  await service.wait({ timeout: 200 }).catch(({ code }) => console.log(`still running: ${code}`))
  await service.kill('SIGTERM')
  console.log(`ended: ${(await service.wait()).exitCode}`)
  console.log((await service.inspect()).Running)

  // What takes too long is ended in the container, not just given up.
  await container.exec('sleep 1000', { timeout: 300 }).catch(({ code }) => console.log(code))
  const left = await container.exec('ps')
  console.log(left.stdout.includes('sleep 1000') ? 'it is left' : 'nothing is left')
} finally {
  await container.remove({ force: true })
}
