// A container's life between run and remove: what goes on in it, its limits, its ports, an image of it.
import { Dokeres } from 'dokeres'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE ?? 'busybox')

const container = await image.run({
  command: ['sh', '-c', 'echo kept > /kept; exec sleep 60'],
  mapped: { 80: '127.0.0.1:0' },
  memory: '64m',
  cpus: 0.5,
  pidsLimit: 32,
  ulimits: { nofile: 256 },
  capDrop: ['ALL'],
  sysctls: { 'net.ipv4.ip_unprivileged_port_start': 0 },
  tmpfs: { '/tmp': 'size=1m' },
  healthcheck: { test: 'test -e /kept', interval: '1s' },
  restart: 'on-failure:3',
  stopTimeout: 0,
  // Whatever else the engine knows.
  extra: { HostConfig: { OomScoreAdj: 100 } },
})
try {
  const { Processes } = await container.top('-o pid,args')
  console.log(`${Processes.length} process at ${(await container.url(80)).replace(/\d+$/, '…')}`)

  // Limits can be changed while it runs; what is not given stays.
  await container.update({ memory: '128m', memorySwap: '256m', pidsLimit: 64 })
  const { HostConfig } = await container.inspect()
  console.log(`${Number(HostConfig.Memory) / 2 ** 20} MiB, ${HostConfig.PidsLimit} processes`)

  await container.pause()
  const changed = (await container.changes()).map(({ Path }) => Path)
  await container.unpause()
  console.log(`changed: ${changed.filter((path) => path === '/kept')}`)

  // A wait that is begun before the stop does not miss the end.
  const ended = container.wait({ condition: 'next-exit' })
  await container.stop()
  console.log(`exit code ${(await ended).code}`)

  const repository = 'dokeres-example/lifecycle'
  await container.commit({ repository, tag: 'kept', changes: ['CMD ["cat", "/kept"]'] })
  const { stdout } = await dokeres.image(`${repository}:kept`).task()
  console.log(`in the image of it: ${stdout.trim()}`)
  await dokeres.images.remove(`${repository}:kept`)
} finally {
  await container.remove({ force: true })
}
