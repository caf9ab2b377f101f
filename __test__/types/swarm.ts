import {
  type ConfigInspect,
  Dokeres,
  type LogChunk,
  type NodeInspect,
  type SecretInspect,
  type ServiceCreated,
  type ServiceInspect,
  type Swarm,
  type SwarmInspect,
  type SwarmUnlockKey,
  type TaskInspect,
} from 'dokeres'
import { expectType } from './expect.js'

const swarm: Swarm = new Dokeres().swarm
const { services, tasks, nodes, secrets, configs } = swarm
const { signal } = new AbortController()

export async function cluster(): Promise<void> {
  expectType<string>(await swarm.init({ advertiseAddr: 'eth0', certExpiry: '48h', signal }))
  await swarm.join({ remoteAddrs: ['10.0.0.1:2377'], token: 't' })
  // @ts-expect-error without a token
  await swarm.join({ remoteAddrs: '10.0.0.1:2377' })
  expectType<SwarmInspect>(await swarm.inspect())
  expectType<string>((await swarm.joinTokens()).Worker)
  expectType<string>((await swarm.rotateJoinTokens({ worker: false })).Manager)
  expectType<SwarmUnlockKey>(await swarm.unlockKey({ rotate: true }))
  await swarm.unlock('key')
  await swarm.update({ autolock: true, version: 3 })
  // @ts-expect-error of what is there only
  await swarm.init({ version: 3 })
  await swarm.leave({ force: true })
}

export async function members(): Promise<void> {
  expectType<ServiceCreated>(await services.create('web', { image: 'a', replicas: 2 }))
  await services.create({ name: 'web', image: 'a', mode: 'replicated-job', maxConcurrent: 2 })
  // @ts-expect-error of which image?
  await services.create('web', { replicas: 2 })
  await services.create('web', {
    image: 'a',
    mapped: { 80: 8080, '53/udp': { port: 53, mode: 'host' }, 90: true },
    secrets: ['a', { source: 'b', target: '/c', mode: 0o400 }],
    networks: ['a', { name: 'b', aliases: ['c'] }],
    restart: 'on-failure:3',
    auth: true,
  })
  await services.update('web', { env: { A: 1 }, restart: { condition: 'none' }, force: true })
  // @ts-expect-error it cannot be renamed
  await services.update('web', { name: 'other' })
  await services.rollback('web')
  await services.scale('web', 3, { signal })
  expectType<ServiceInspect>(await services.wait('web', { timeout: '1m' }))
  expectType<ServiceInspect[]>(await services.list({ status: true, filters: { mode: 'global' } }))
  for await (const chunk of services.logs('web', { follow: true })) expectType<LogChunk>(chunk)
  expectType<TaskInspect[]>(await tasks.list({ filters: { service: 'web' } }))
  expectType<string | undefined>((await tasks.inspect('id')).NodeID)
  expectType<NodeInspect>(await nodes.inspect('self'))
  await nodes.update('a', { availability: 'drain', role: 'worker', labels: { a: 1 } })
  // @ts-expect-error no such role
  await nodes.update('a', { role: 'leader' })
  await nodes.promote('a')
  await nodes.demote('a', { signal })
  await nodes.drain('a')
  expectType<string>((await secrets.create('a', Buffer.from('b'))).ID)
  await configs.create({ name: 'a', data: 'b', templating: 'golang' })
  // @ts-expect-error only secrets have one
  await configs.create('a', 'b', { driver: 'c' })
  expectType<SecretInspect>(await secrets.inspect('a'))
  expectType<ConfigInspect>(await configs.inspect('a'))
  await secrets.update('a', { labels: {} })
  await secrets.remove('a', { force: true })
}
