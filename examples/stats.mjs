// What a container uses, as `docker stats` shows it: once, and a sample a second.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const busy = ['sh', '-c', 'while :; do :; done']
const container = await image.run(null, { cpus: 0.5, memory: '64m', init: true }, busy)
try {
  const { cpuPercent, memory, net } = await container.stats()
  console.log(`cpu ${cpuPercent.toFixed()} %, ${memory.usage} of ${memory.limit} bytes`)
  console.log(`received ${net.rx} bytes over ${Object.keys(net.interfaces).join(', ')}`)

  let samples = 0
  for await (const { memory } of container.statsStream()) {
    console.log(`memory ${memory.percent.toFixed(1)} %`)
    if (++samples === 2) break
  }
} finally {
  await container.remove({ force: true })
}
