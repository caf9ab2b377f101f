import {
  type CleanupResult,
  ContainerCollection,
  type ContainerSummary,
  Dokeres,
  DokeresContainer,
  DokeresStream,
} from 'dokeres'
import { expectType } from './expect.js'

const dokeres = new Dokeres({ session: true, cleanupOnExit: true, reaper: true })
new Dokeres({ session: 'ci-4711', reaper: null })
// @ts-expect-error a name or a boolean
new Dokeres({ session: 4711 })

const containers: ContainerCollection = dokeres.containers
const { signal } = new AbortController()

export async function lists(): Promise<void> {
  const [one] = await containers.list({ all: true, filters: { label: ['a=b'], status: 'exited' } })
  expectType<ContainerSummary | undefined>(one)
  expectType<unknown>(one?.['Whatever'])
  expectType<number | undefined>(one?.Ports[0]?.PublicPort)
  expectType<ContainerSummary[]>(await containers.listAll({ limit: 3, size: true, signal }))
  // @ts-expect-error the list's name says which
  await containers.listRunning({ all: true })
  await containers.listStopped()
  await containers.listGroup('localhost:5000/team/app', { limit: 1 })
  await containers.listGroupRunning('node')
  await containers.listImage('alpine:3')
  expectType<Map<number, ContainerSummary>>(await containers.activePorts())
}

export async function works(): Promise<void> {
  expectType<DokeresContainer>(await containers.create({ image: 'a', name: 'b', memory: '1g' }))
  await containers.run({ image: 'a', command: ['ls'], outputStream: process.stdout })
  // @ts-expect-error of which image?
  await containers.create({ name: 'b' })
  expectType<void>(await containers.start('id'))
  await containers.stop('id', { timeout: 1 })
  await containers.restart('id', { timeout: 1, signal })
  await containers.kill('id', { signal: 'SIGINT' })
  await containers.remove('id', { force: true, volumes: true })
  await containers.stopRemove('id', { timeout: 1, volumes: true })
  await containers.clean('id', { timeout: 1 })
  expectType<string[]>(await containers.stopGroup('a', { concurrency: 2, timeout: 1 }))
  expectType<string[]>(await containers.removeGroup('a', { force: true, volumes: true }))
  expectType<string[]>(await containers.stopRemoveGroup('a', { timeout: 0 }))
  await containers.stopImage('a')
  await containers.removeImage('a', { force: true })
  await containers.stopRemoveImage('a', { signal })
  // @ts-expect-error stopping needs no force
  await containers.stopGroup('a', { force: true })
  expectType<string[]>(await containers.removeStopped({ filters: { label: 'a' } }))
  const { ContainersDeleted, SpaceReclaimed } = await containers.prune({ dryRun: true })
  expectType<string[] | null>(ContainersDeleted)
  expectType<number>(SpaceReclaimed)
  const result: CleanupResult = await dokeres.cleanup({ olderThan: '1h', dryRun: true })
  expectType<string | undefined>(result.removed[0]?.session)
  expectType<string | null>(dokeres.session)
}

export async function lives(container: DokeresContainer): Promise<void> {
  expectType<string[][]>((await container.top('-ef')).Processes)
  expectType<0 | 1 | 2 | undefined>((await container.changes())[0]?.Kind)
  expectType<DokeresContainer>(await container.update({ memory: '1g', restart: 'always' }))
  await container.update({ extra: { BlkioWeight: 10 } })
  // @ts-expect-error the engine's name goes into `extra`
  await container.update({ Memory: 1 })
  expectType<DokeresContainer>(await container.resize({ cols: 80, rows: 24 }))
  expectType<DokeresContainer>(await container.rename('new'))
  expectType<string>(await container.commit({ repository: 'a', tag: 'b', changes: ['CMD ls'] }))
  expectType<string>(await container.export('a', 'b'))
  expectType<string>(await container.export())
  expectType<DokeresStream<Buffer>>(container.exportRootfs())
  const { host, port } = await container.port('53/udp', { timeout: '1s' })
  expectType<string>(host + port.toFixed())
  expectType<string>(await container.url(443, 'https'))
}

export async function options(): Promise<void> {
  await containers.run({
    image: 'a',
    devices: ['/dev/fuse'],
    sysctls: { 'net.core.somaxconn': 1024 },
    volumes: { data: '/data' },
    mounts: [
      { type: 'bind', source: '/a', target: '/b', readonly: true },
      { type: 'tmpfs', target: '/c', size: '1m', mode: 0o1777 },
    ],
    stopSignal: 'SIGINT',
    groupAdd: ['audio', 1234],
  })
  // @ts-expect-error a tmpfs has no source
  await containers.run({ image: 'a', mounts: [{ type: 'tmpfs', source: '/a', target: '/b' }] })
}
