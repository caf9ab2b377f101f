// Replies of the engine: their types are made of its published definition.
import { Dokeres, type EngineApi, type PluginGrant, type PluginPrivilege } from 'dokeres'
import { expectType } from './expect.js'

const dokeres = new Dokeres()

export async function replies() {
  const info = await dokeres.info()
  expectType<string>(info.ServerVersion)
  expectType<number>(info.NCPU)
  expectType<EngineApi.SwarmInfo | undefined>(info.Swarm)
  // What no definition has is there all the same, and unknown.
  expectType<unknown>(info.OfSomeLaterEngine)
  expectType<EngineApi.SystemVersionComponents[] | null | undefined>(
    (await dokeres.version()).Components,
  )

  const container = await dokeres.container('web')
  const inspected = await container.inspect()
  expectType<boolean>(inspected.State.Running)
  expectType<EngineApi.ContainerStateStatus>(inspected.State.Status)
  expectType<number | undefined>(inspected.HostConfig.NanoCpus)
  expectType<string[] | null | undefined>(inspected.Config.Env)
  // @ts-expect-error the definition has other words for it
  expectType<'asleep'>(inspected.State.Status)

  for await (const event of dokeres.events()) {
    expectType<bigint>(event.timeNano)
    expectType<number>(event.time)
    expectType<EngineApi.EventMessageType>(event.Type)
  }
  const { raw } = await container.stats()
  if (typeof raw === 'object') {
    expectType<number | bigint | undefined>(raw.memory_stats?.limit)
    expectType<number | undefined>(raw.cpu_stats?.online_cpus)
  }
  const usage = await dokeres.df()
  expectType<number | undefined>(usage.ImageUsage?.TotalSize)
  expectType<number | undefined>(usage.LayersSize)
}

export async function plugins() {
  const grant: PluginGrant = (privileges) => privileges.every(({ Name }) => Name === 'network')
  const installed = await dokeres.plugins.install('vieux/sshfs', { grant, settings: { DEBUG: 1 } })
  expectType<boolean>(installed.Enabled)
  expectType<PluginPrivilege[]>(await dokeres.plugins.privileges('vieux/sshfs'))
  await dokeres.plugins.install('vieux/sshfs', { grant: async () => true, enable: false })
  // @ts-expect-error neither a yes nor somebody to ask
  await dokeres.plugins.install('vieux/sshfs', { grant: 'all' })
  expectType<string>((await dokeres.plugins.push('registry.test/mine')).digest)
}

export async function checkpoints() {
  const container = await dokeres.container('web')
  await container.checkpoints.create('before', { exit: true })
  expectType<string[]>((await container.checkpoints.list()).map(({ Name }) => Name))
  await container.start({ checkpoint: 'before' })
  await container.checkpoints.remove('before')
}
