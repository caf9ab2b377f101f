// Handlers for what happens at the engine; they go on when the engine is restarted.
import { Dokeres } from 'dokeres'

const dokeres = new Dokeres()
const subscription = dokeres.on(
  {
    'container:start': ({ Actor }) => console.log(`${Actor.Attributes.name} has started`),
    'container:die': ({ Actor: { Attributes } }) =>
      console.log(`${Attributes.name} has ended with ${Attributes.exitCode}`),
    'container:destroy': () => {
      throw new Error('a handler that fails does not end it')
    },
  },
  { filters: { label: 'example=events' }, onError: (error) => console.log(String(error)) },
)
await subscription.ready

const image = dokeres.image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const options = { labels: { example: 'events' } }
const container = await image.run('example-events', options, ['sh', '-c', 'exit 3'])
await container.wait()
await container.remove()

// What has happened by then, as a stream with an end.
const filters = { container: 'example-events', event: 'destroy' }
for await (const { Action, time } of dokeres.events({ filters, since: '10s', until: new Date() })) {
  console.log(Action, time > 0)
}
await subscription.stop()
