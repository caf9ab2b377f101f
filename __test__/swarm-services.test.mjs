// dokeres.swarm.services and .tasks, on an engine of their own in swarm mode.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { api } from '../scripts/lib/engine/api.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { ownEngine } from './helpers/own-engine.mjs'

/** @type {Awaited<ReturnType<typeof ownEngine>>} */
let engine
/** @type {Dokeres} */
let dokeres
/** @type {import('../index.js').Swarm} */
let swarm
/** By its id no node looks for it in a registry. @type {import('../index.js').ServiceCreateOptions} */
let base

/** As the engine tells it. @param {string} path @returns {Promise<any>} */
const told = async (path) => (await api(engine.host, 'GET', path)).json
/** @param {string} name */
const tasksOf = (name) => swarm.tasks.list({ filters: { service: name } })
const soon = { timeout: '30s' }

before(async () => {
  engine = await ownEngine()
  dokeres = new Dokeres(engine.host)
  swarm = dokeres.swarm
  await swarm.init({ listenAddr: '127.0.0.1:0', advertiseAddr: '127.0.0.1' })
  const { Id } = await dokeres.images.inspect(engine.image)
  base = {
    image: Id,
    init: true,
    stopTimeout: 0,
    restart: { condition: 'any', delay: 0 },
    updateConfig: { monitor: '50ms' },
    rollbackConfig: { monitor: '50ms' },
  }
})

after(async () => {
  try {
    for (const { ID } of await swarm.services.list()) await swarm.services.remove(ID)
    await swarm.leave({ force: true })
  } finally {
    await engine.close()
  }
})

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('a service with all that belongs to it', async () => {
  const { services, secrets, configs, tasks } = swarm
  await secrets.create('password', 'hush')
  await configs.create('page', 'a page')
  await dokeres.networks.create('back', { driver: 'overlay' })
  const port = await freePort()
  const serve =
    'cp /etc/page /srv/index.html; cat /run/secrets/* >&2; echo >&2; id -u; httpd -f -p 80 -h /srv'
  const { ID } = await services.create('web', {
    ...base,
    command: ['sh', '-c', `${serve} || sleep 600`],
    env: { GREETING: 'hello', COUNT: 2 },
    labels: { kind: 'web' },
    containerLabels: { of: 'web' },
    hostname: 'web-{{.Task.Slot}}',
    extraHosts: ['db:10.0.0.9'],
    mounts: [{ type: 'tmpfs', target: '/srv', size: '1m' }],
    readonly: { '/etc/hostname': '/node-name' },
    mapped: { 80: { port, mode: 'host' } },
    networks: [{ name: 'back', aliases: ['pages'] }],
    secrets: [{ source: 'password', target: 'the-password', uid: 1000, mode: 0o400 }],
    configs: [{ source: 'page', target: '/etc/page' }],
    constraints: ['node.role == manager'],
    memory: '64m',
    reserve: { memory: '4m' },
    healthcheck: { test: 'true', interval: '1s' },
    extra: { TaskTemplate: { ContainerSpec: { Env: ['MORE=3'] } } },
  })
  const ready = await services.wait('web', soon)
  assert.deepEqual(ready, await told(`/services/${ID}`))
  assert.deepEqual(await services.inspect('web'), await told('/services/web'))
  assert.deepEqual(await services.list(), await told('/services'))
  assert.deepEqual(await services.list({ filters: { name: 'no such' } }), [])
  const [{ ServiceStatus }] = await services.list({ status: true })
  assert.deepEqual([ServiceStatus?.RunningTasks, ServiceStatus?.DesiredTasks], [1, 1])

  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'a page')
  const [task] = await tasksOf('web')
  assert.deepEqual(await tasks.inspect(task.ID), await told(`/tasks/${task.ID}`))
  const container = await dokeres.container(task.Status.ContainerStatus?.ContainerID ?? '')
  const { Config, HostConfig, NetworkSettings } = await container.inspect()
  assert.deepEqual(
    Config.Env?.filter((entry) => /^(GREETING|COUNT|MORE)/.test(entry)),
    ['COUNT=2', 'GREETING=hello', 'MORE=3'],
  )
  assert.equal(Config.Labels?.of, 'web')
  assert.equal(/** @type {any} */ (HostConfig).Memory, 64 << 20)
  assert.ok(NetworkSettings.Networks.back)
  const look =
    'hostname; stat -c "%u %a" /run/secrets/the-password; grep db /etc/hosts; wc -c < /node-name'
  const [stdout] = await container.exec('sh', '-c', look)
  assert.match(stdout, /^web-1\n1000 400\n10\.0\.0\.9\s+db\n[1-9]\d*\n$/)

  await assert.rejects(services.create('web', base), { code: 'NAME_CONFLICT' })
  await assert.rejects(secrets.remove('password'), (/** @type {any} */ error) => {
    assert.deepEqual([error.code, error.reason], ['CONFLICT', 'in-use'])
    return true
  })
})

test('logs of a service and of a task, and which line is of which', async () => {
  const { services, tasks } = swarm
  const { stdout, stderr } = await services.logs('web').collect()
  assert.deepEqual([String(stdout), String(stderr)], ['0\n', 'hush\n'])
  const [task] = await tasksOf('web')
  assert.equal(await tasks.logs(task.ID, { stderr: false }).text(), '0\n')
  const detailed = await services.logs('web', { details: true, stderr: false }).text()
  assert.ok(detailed.includes(`com.docker.swarm.task.id=${task.ID} 0\n`), detailed)

  await services.create('clock', {
    ...base,
    replicas: 2,
    command: ['sh', '-c', 'while sleep 0.1; do echo "$HOSTNAME"; done'],
    hostname: 'clock-{{.Task.Slot}}',
  })
  const seen = new Set()
  for await (const line of services.logs('clock', { follow: true }).lines()) {
    seen.add(line)
    if (seen.size === 2) break
  }
  assert.deepEqual([...seen].sort(), ['clock-1', 'clock-2'])
  await services.remove('clock')

  // A terminal's output is in no frames.
  await services.create('screen', { ...base, tty: true, command: "sh -c 'echo seen; sleep 600'" })
  for await (const { stream, data } of services.logs('screen', { follow: true })) {
    assert.deepEqual([stream, String(data)], ['console', 'seen\r\n'])
    break
  }
  await services.remove('screen')
  await assert.rejects(services.logs('screen').text(), { code: 'NOT_FOUND' })
  await assert.rejects(tasks.logs('nothing').text(), { code: 'NOT_FOUND' })
})

test('update, at the same time too, rollback and scale', async () => {
  const { services } = swarm
  const changed = { ...base, env: { A: 1 }, labels: { a: 1 } }
  await services.create({ ...changed, name: 'app', command: 'sleep 600' })
  const look = async () => (await told('/services/app')).Spec
  const begun = await services.wait('app', soon)
  await assert.rejects(services.rollback('app'), { code: 'CONFLICT', reason: 'no-previous' })

  await services.update('app', { env: { A: 2 }, labels: { b: 2 } })
  const ready = await services.wait('app', soon)
  assert.ok(ready.Version.Index > begun.Version.Index)
  const spec = await look()
  assert.deepEqual(spec.TaskTemplate.ContainerSpec.Env, ['A=2'])
  assert.deepEqual(spec.TaskTemplate.ContainerSpec.Args, ['sleep', '600'])
  assert.deepEqual(spec.Labels, { b: '2' })
  const running = (await tasksOf('app')).filter(({ Status }) => Status.State === 'running')
  assert.deepEqual(
    running.map(({ Spec }) => Spec.ContainerSpec?.Env),
    [['A=2']],
  )

  await services.rollback('app')
  await services.wait('app', soon)
  assert.deepEqual((await look()).TaskTemplate.ContainerSpec.Env, ['A=1'])
  assert.deepEqual((await look()).Labels, { a: '1' })

  const version = (await services.inspect('app')).Version.Index
  await Promise.all([
    services.scale('app', 2),
    services.update('app', { labels: { c: 3 } }),
    services.update('app', { maxReplicasPerNode: 5 }),
    services.update('app', { updateConfig: { parallelism: 0 } }),
  ])
  const all = await look()
  assert.equal(all.Mode.Replicated.Replicas, 2)
  assert.deepEqual(all.Labels, { c: '3' })
  assert.equal(all.TaskTemplate.Placement.MaxReplicas, 5)
  assert.equal(all.UpdateConfig.Parallelism, 0)
  assert.equal(all.UpdateConfig.Monitor, 50e6)
  const stale = services.update('app', { labels: {}, version })
  await assert.rejects(stale, { code: 'CONFLICT', reason: 'out-of-sequence' })

  await services.update('app', { force: true, replicas: 1 })
  assert.equal((await look()).TaskTemplate.ForceUpdate, 1)
  await services.remove('app')
  await assert.rejects(services.remove('app'), { code: 'NOT_FOUND' })
  await services.remove('app', { force: true })
})

test('jobs, and services on each node', async () => {
  const { services } = swarm
  const job = { ...base, restart: null, updateConfig: null, rollbackConfig: null }
  await services.create('job', {
    ...job,
    mode: 'replicated-job',
    replicas: 3,
    maxConcurrent: 2,
    command: 'true',
  })
  const { Spec } = await services.wait('job', soon)
  assert.deepEqual(Spec.Mode, { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 3 } })
  const done = (await tasksOf('job')).filter(({ Status }) => Status.State === 'complete')
  assert.equal(done.length, 3)

  const fails = { ...job, command: "sh -c 'exit 3'", restart: /** @type {const} */ ('none') }
  await services.create('fails', { ...fails, mode: 'replicated-job' })
  await assert.rejects(services.wait('fails', soon), (/** @type {any} */ error) => {
    assert.equal(error.code, 'CONTAINER_EXITED')
    return /service fails .*0 of 1 .*exit \(3\)/.test(error.message)
  })

  await services.create('everywhere', { ...base, mode: 'global', command: 'sleep 600' })
  await services.wait('everywhere', soon)
  assert.equal((await tasksOf('everywhere')).length, 1)
  await assert.rejects(services.scale('everywhere', 2), { code: 'BAD_REQUEST' })
  await assert.rejects(services.update('everywhere', { replicas: 2 }), {
    code: 'INVALID_OPTION',
    path: 'replicas',
  })
  await services.scale('job', 1)
  assert.deepEqual((await told('/services/job')).Spec.Mode.ReplicatedJob, {
    MaxConcurrent: 1,
    TotalCompletions: 1,
  })
})

test('what cannot run says why, and what is missing is named', async () => {
  const { services } = swarm
  await services.create('nowhere', { ...base, constraints: ['node.labels.disk == fast'] })
  await assert.rejects(services.wait('nowhere', { timeout: '1s' }), (/** @type {any} */ error) => {
    assert.equal(error.code, 'TIMEOUT')
    return /0 of 1 tasks run; .*no suitable node/.test(error.message)
  })
  const missing = { ...base, networks: ['no-such'] }
  await assert.rejects(services.create('lost', missing), { code: 'NETWORK_NOT_FOUND' })
  for (const path of ['secrets', 'configs']) {
    await assert.rejects(
      services.create('lost', {
        ...base,
        [path]: ['page', 'no-such'].slice(+(path === 'secrets')),
      }),
      {
        code: 'NOT_FOUND',
        path: `${path}[${+(path === 'configs')}]`,
      },
    )
  }
  await assert.rejects(services.inspect('lost'), { code: 'NOT_FOUND' })
  await assert.rejects(services.wait('lost'), { code: 'NOT_FOUND' })
  const wrong = services.create('lost', { ...base, mapped: { 80: [8080], 81: [8080] } })
  await assert.rejects(wrong, { code: 'BAD_REQUEST' })
})

test('the nodes get the credentials, nobody else', async () => {
  /** @type {[string | undefined, unknown][]} */
  const sent = []
  const fake = await fakeEngine(async (request, response) => {
    let text = ''
    for await (const data of request) text += data
    sent.push([request.url, request.headers['x-registry-auth']])
    const Spec = { TaskTemplate: { ContainerSpec: { Image: 'registry.test/app' } } }
    const service = { ID: 's', Version: { Index: 3 }, Spec }
    response.end(JSON.stringify(request.method === 'GET' ? service : { ID: 's', More: 1 }))
  })
  try {
    const { services } = new Dokeres(fake.socketPath).swarm
    const auth = { username: 'me', password: 'sesame' }
    const made = await services.create('app', { image: 'registry.test/app', auth })
    assert.deepEqual(made, { ID: 's', More: 1 })
    await services.update('app', { auth, labels: {} })
    await services.update('app', { labels: {} })
    const last = sent.filter(([url]) => /create|update/.test(url ?? ''))
    const read = last.map(([, header]) =>
      header ? JSON.parse(Buffer.from(String(header), 'base64url').toString()) : null,
    )
    assert.deepEqual(
      read.map((credential) => credential?.serveraddress ?? null),
      ['registry.test', 'registry.test', null],
    )
    assert.equal(read[0].password, 'sesame')
    assert.equal(last[1][0], '/services/s/update?version=3')
    const wrong = services.create('app', { image: 'a', auth: /** @type {any} */ ('sesame') })
    await assert.rejects(wrong, (/** @type {any} */ error) => {
      assert.deepEqual([error.code, error.path], ['INVALID_OPTION', 'auth'])
      return !error.message.includes('sesame')
    })
  } finally {
    await fake.close()
  }
})
