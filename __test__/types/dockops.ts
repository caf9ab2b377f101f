import { createReadStream } from 'node:fs'
import { type ContainerSummary, Dokeres, DokeresContainer, type ImageSummary } from 'dokeres'
import {
  type Callback,
  type GroupAndTag,
  type PortBindings,
  Containers,
  Images,
  createDocker,
  logEvents,
  portBindings,
} from 'dokeres/dockops'
import { expectType } from './expect.js'

const docker = createDocker()
expectType<Dokeres>(docker)
createDocker({ dockerhost: process.env['DOCKER_HOST'] ?? null })
createDocker('tcp://host:2375')
// @ts-expect-error an address
createDocker(4243)

const { signal } = new AbortController()
const containers = new Containers(docker)
expectType<Containers>(Containers('unix:///a.sock'))
class Own extends Containers {}
new Own()

const images: Images = new Images({ host: 'a', port: 2375 })
// @ts-expect-error there is no such level
logEvents(containers, 'loud')
logEvents(images, 'silly')
expectType<PortBindings>(portBindings(80, 8080))

const done: Callback = (error: Error | null) => expectType<Error | null>(error)

export async function bothWays(): Promise<void> {
  const create = { Image: 'a', ExposedPorts: portBindings(80), HostConfig: {}, Whatever: 1 }
  expectType<DokeresContainer>(await containers.create(create, { signal }))
  containers.run({ create, start: { PortBindings: portBindings(80) } }, (error, container) => {
    expectType<DokeresContainer>(container)
    expectType<unknown>(error)
  })
  const made = await containers.create(create)
  made.inspect((_error, state) => expectType<string>(state.Id))
  made.stop({ t: 1 }, done)
  expectType<string>((await made.inspect()).Id)
  await made.stop({ timeout: 1 })
  // @ts-expect-error of which image?
  await containers.create({ Cmd: ['ls'] })
  // @ts-expect-error it is startRetries
  await containers.run({ create, retries: 1 })

  expectType<void>(await containers.stop('id', { timeout: 1 }))
  expectType<void>(containers.stop('id', done))
  expectType<void>(containers.stop('id', { timeout: 1 }, done))
  containers.start('id', {}, done)
  containers.start('id', done)
  await containers.start('id', null, { signal })
  containers.clean('id', done)
  containers.remove('id', { force: true }, done)
  await containers.stopRemove('id', { volumes: true })

  expectType<ContainerSummary[]>(await containers.list())
  await containers.list(true, { limit: 1 })
  containers.list((_error, list) => expectType<ContainerSummary[]>(list))
  containers.list(true, (_error, list) => expectType<ContainerSummary[]>(list))
  expectType<ContainerSummary[]>(await containers.listAll())
  containers.listStopped((_error, list) => expectType<ContainerSummary[]>(list))
  await containers.listGroup('group', { filters: { label: 'a' } })
  const ports = await containers.activePorts()
  expectType<string | undefined>(ports['8080']?.Image)
  expectType<void>(await containers.stopGroup('group', { concurrency: 4 }))
  containers.stopRemoveImage('a:b', done)
  expectType<ContainerSummary[]>(await containers.removeStopped({ filters: { label: 'a' } }))

  images.build(createReadStream('a.tar'), 'a:b', done)
  await images.buildStream('a.tar', 'a:b', { noCache: true, signal })
  // @ts-expect-error the context comes first
  await images.build('a.tar', 'a:b', { context: '.' })
  expectType<ImageSummary[]>(await images.listGroup('a'))
  images.removeGroup('a', done)
  expectType<GroupAndTag | null>(Images.deserializeImageName('a:b'))
  images.on('info', (...words) => console.log(...words)).once('debug', console.log)
}

/** As dockerode's own types have it. */
interface TheirContainer {
  id: string
  theirs(): void
}

export async function withDockerode(theirs: {
  modem: object
  getContainer(id: string): TheirContainer
}): Promise<void> {
  const created = await new Containers(theirs).create({ Image: 'a' })
  expectType<TheirContainer>(created)
  new Images(theirs)
}
