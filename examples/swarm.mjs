// A swarm of one: a service with a secret, changed, taken back, scaled; and a job of several runs.
import { Dokeres, DokeresError } from 'dokeres'

const { swarm, images } = new Dokeres()
const { Id } = await images.inspect(process.env.DOKERES_TEST_BASE ?? 'busybox')

try {
  await swarm.inspect()
} catch (error) {
  if (!(error instanceof DokeresError && error.reason === 'not-a-manager')) throw error
  console.log(error.code)
  await swarm.init({ listenAddr: '127.0.0.1', advertiseAddr: '127.0.0.1' })
}

await swarm.secrets.create('example-password', 'open sesame')
await swarm.services.create('example-web', {
  // By its id: no node looks for it in a registry.
  image: Id,
  command: ['sh', '-c', 'echo "$GREETING: $(cat /run/secrets/password)"; sleep 600'],
  env: { GREETING: 'hello' },
  secrets: [{ source: 'example-password', target: 'password' }],
  init: true,
  stopTimeout: 0,
  restart: { condition: 'any', delay: 0 },
  updateConfig: { monitor: '50ms' },
})
await swarm.services.wait('example-web', { timeout: '30s' })
for await (const line of swarm.services.logs('example-web', { follow: true }).lines()) {
  console.log(line)
  break
}

// The version that the engine wants is read for you; who is outrun tries again.
await Promise.all([
  swarm.services.update('example-web', { labels: { tier: 'front' } }),
  swarm.services.scale('example-web', 2),
  swarm.nodes.update('self', { labels: { disk: 'fast' } }),
])
const { Spec } = await swarm.services.wait('example-web', { timeout: '30s' })
console.log(Spec.Labels, Spec.Mode.Replicated)

await swarm.services.create('example-job', {
  image: Id,
  command: 'true',
  mode: 'replicated-job',
  replicas: 3,
  maxConcurrent: 2,
  constraints: ['node.labels.disk == fast'],
})
await swarm.services.wait('example-job', { timeout: '30s' })
const tasks = await swarm.tasks.list({ filters: { service: 'example-job' } })
console.log(tasks.filter(({ Status }) => Status.State === 'complete').length, 'runs')

await Promise.all(['example-web', 'example-job'].map((name) => swarm.services.remove(name)))
await swarm.secrets.remove('example-password')
await swarm.leave({ force: true })
