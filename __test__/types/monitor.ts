import {
  Dokeres,
  type DokeresContainer,
  type DokeresErrorCode,
  type DokeresStream,
  type EngineEvent,
  type EventHandlers,
  type EventSubscription,
  type LogLine,
  type MonitorRecord,
  type StatsSample,
} from 'dokeres'
import { expectType } from './expect.js'

const dokeres = new Dokeres()
const { signal } = new AbortController()

export async function stats(container: DokeresContainer): Promise<void> {
  const sample = await container.stats({ raw: 'text', signal })
  expectType<number>(sample.cpuPercent + sample.memory.percent + sample.block.read + sample.pids)
  expectType<number | undefined>(sample.net.interfaces['eth0']?.rxDropped)
  expectType<DokeresStream<StatsSample>>(container.statsStream({ raw: false }))
  // @ts-expect-error no such option
  await container.stats({ oneshot: true })
}

export async function events(container: DokeresContainer): Promise<void> {
  for await (const event of dokeres.events({ filters: { type: 'container' }, since: '1h' })) {
    expectType<string | undefined>(event.Actor.Attributes['name'])
  }
  expectType<DokeresStream<EngineEvent>>(container.events({ event: ['die'] }, { reconnect: false }))
  // @ts-expect-error the filters are the first argument
  container.events(null, { filters: {} })

  const handlers: EventHandlers = { 'container:health_status: healthy': () => {} }
  const subscription: EventSubscription = dokeres.on(
    {
      ...handlers,
      'container:die': async ({ Actor }) => expectType<string>(Actor.ID),
      '*': () => {},
    },
    { filters: { label: ['a=b'] }, onError: (error) => console.error(error), signal },
  )
  await subscription.ready
  await subscription.unref().stop()
  // @ts-expect-error of what kind of thing?
  dokeres.on({ die: () => {} })
  // @ts-expect-error it has no end
  dokeres.on({ '*': () => {} }, { until: new Date() })
}

export async function several(container: DokeresContainer): Promise<void> {
  const merged = dokeres.logs([container, 'db'], { follow: true, restarts: true, prefix: false })
  expectType<DokeresStream<LogLine>>(merged)
  for await (const { container, stream, line, time } of merged) {
    expectType<string>(container.name + line + time)
    expectType<'stdout' | 'stderr' | 'console'>(stream)
  }
  dokeres.logs({ label: 'a=b' }, { all: true, tail: 10, since: new Date() })
  // @ts-expect-error one alone has its own logs()
  dokeres.logs('db')

  const monitor: DokeresStream<MonitorRecord> = dokeres.monitor({ name: 'web' }, { tail: 5 })
  await monitor.forEach((record) => {
    if (record.type === 'stats') expectType<number>(record.stats.memory.usage)
    else if (record.type === 'log') expectType<string>(record.line)
    else if (record.type === 'event') expectType<string>(record.event.Action)
    else expectType<DokeresErrorCode>(record.error.code)
  })
}
