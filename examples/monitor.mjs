// Stats, logs and events of all containers that fit, in one stream; those that start join it.
import { Dokeres } from 'dokeres'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const options = { labels: { example: 'monitor' }, init: true }
const script = ['sh', '-c', 'sleep 0.2; echo at work; sleep 4']
const first = await image.run('example-first', options, script)

const kinds = new Set()
for await (const record of dokeres.monitor({ label: 'example=monitor' })) {
  if (record.type === 'log') console.log(`${record.container.name}: ${record.line}`)
  if (record.type === 'event') console.log(`${record.container.name}: ${record.event.Action}`)
  if (record.type === 'stats' && !kinds.has('stats')) {
    console.log(`${record.container.name}: ${record.stats.pids} processes`)
  }
  kinds.add(record.type)
  if (record.type === 'event' && record.event.Action === 'die') break
}

// The logs of several, with names before the lines.
await image.task('echo second', { ...options, keep: true, name: 'example-second' })
const all = dokeres.logs({ label: 'example=monitor' }, { all: true })
for await (const line of all.lines()) console.log(line)

for (const name of [first.id, 'example-second']) {
  await (await dokeres.container(name)).remove({ force: true })
}
