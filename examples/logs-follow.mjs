// Follow a container's output; leaving the loop closes the connection.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const command = ['sh', '-c', 'i=0; while :; do echo line $i; i=$((i + 1)); sleep 0.1; done']
const container = await image.run(null, { init: true }, command)

for await (const line of container.logs({ follow: true }).lines()) {
  console.log(line)
  if (line === 'line 3') break
}
await container.remove({ force: true })
