// Swarm, by dockerode over our modem, on an engine of its own in swarm mode.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, test } from 'node:test'
import Docker from 'dockerode'
import { Dokeres } from 'dokeres'
import { ownEngine } from './helpers/own-engine.mjs'

/** @type {Awaited<ReturnType<typeof ownEngine>>} */
let engine
/** @type {any} */
let docker

before(async () => {
  engine = await ownEngine()
  docker = new Docker({ modem: new Dokeres(engine.host).modem })
})

after(() => engine.close())

test('a swarm, its services, tasks, secrets, configs and nodes', async () => {
  await assert.rejects(docker.swarmInspect(), { statusCode: 503, code: 'SERVER_ERROR' })
  const id = await docker.swarmInit({
    ListenAddr: '127.0.0.1:0',
    AdvertiseAddr: '127.0.0.1',
    ForceNewCluster: false,
  })
  assert.match(id, /^\w{20,}$/)
  const { Spec, Version } = await docker.swarmInspect()
  await docker.swarmUpdate({ version: Version.Index, ...Spec, Labels: { own: 'yes' } })
  assert.deepEqual((await docker.swarmInspect()).Spec.Labels, { own: 'yes' })
  await assert.rejects(docker.swarmInit({ ListenAddr: '127.0.0.1:0' }), { statusCode: 503 })

  const [found] = await docker.listNodes()
  assert.equal(found.ID, id)
  const node = docker.getNode(id)
  const known = await node.inspect()
  await node.update({ version: known.Version.Index, ...known.Spec, Labels: { disk: 'fast' } })
  assert.equal((await node.inspect()).Spec.Labels.disk, 'fast')

  const Data = Buffer.from('hush').toString('base64')
  for (const kind of ['Secret', 'Config']) {
    const { id: made } = await docker[`create${kind}`]({ Name: 'own', Data })
    const object = docker[`get${kind}`](made)
    const { Version: version, Spec: spec } = await object.inspect()
    await object.update({ version: version.Index, ...spec, Labels: { a: 'b' } })
    assert.equal((await docker[`list${kind}s`]())[0].Spec.Labels.a, 'b')
    await object.remove()
    await assert.rejects(object.inspect(), { statusCode: 404 })
  }

  const TaskTemplate = {
    ContainerSpec: { Image: engine.image, Command: ['sh', '-c', 'echo a task; sleep 600'] },
  }
  const Mode = { Replicated: { Replicas: 1 } }
  const service = await docker.createService({ Name: 'own', TaskTemplate, Mode })
  const [task] = await until(async () => {
    const tasks = await docker.listTasks({ filters: { service: ['own'] } })
    return tasks.filter((/** @type {any} */ { Status }) => Status.State === 'running')
  })
  assert.equal((await docker.getTask(task.ID).inspect()).ServiceID, service.id)
  const options = { stdout: true, stderr: true }
  const logs = await until(async () => service.logs(options))
  assert.match(logs.toString(), /a task\n$/)
  assert.match((await docker.getTask(task.ID).logs(options)).toString(), /a task\n$/)
  const before = await service.inspect()
  await service.update({ version: before.Version.Index, ...before.Spec, Labels: { c: 'd' } })
  const [listed] = await docker.listServices({ filters: { name: ['own'] } })
  assert.equal(listed.Spec.Labels.c, 'd')
  await service.remove()
  await docker.swarmLeave({ force: true })
  await assert.rejects(docker.listServices(), { statusCode: 503 })
})

/** @template {{ length: number }} T @param {() => Promise<T>} look @returns {Promise<T>} */
async function until(look) {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look()
    if (found.length > 0) return found
    await sleep(100)
  }
  throw new Error('it did not come')
}
