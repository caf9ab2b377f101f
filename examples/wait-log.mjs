// Start a service, and go on as soon as it says that it is ready.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image('busybox')
const command = ['sh', '-c', 'sleep 0.3; echo "listening on port 8080"; sleep 60']
const container = await image.run(null, { init: true }, command)

const [, port] = await container.waitLog(/listening on port (\d+)/, { timeout: 10_000 })
console.log(`ready at ${await container.ip}:${port}`)
await container.remove({ force: true })
