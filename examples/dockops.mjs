// What was written for dockops goes on with another name in its first line: callbacks as ever, or
// promises, and the same events.
import { Containers, Images, createDocker, logEvents, portBindings } from 'dokeres/dockops'

const docker = createDocker(process.env.DOCKER_HOST)
const images = new Images(docker)
const containers = new Containers(docker)
logEvents(images, 'info')
containers.on('info', (...words) => console.log(words.slice(0, 2).join(' ')))

const group = 'dokeres-example/dockops'
const base = process.env.DOKERES_TEST_BASE ?? 'busybox'
const page = 'RUN mkdir /www && echo Hello World > /www/index.html\nCMD httpd -f -p 1337 -h /www\n'
// A tar stream, or any other context of ours.
await images.build({ Dockerfile: `FROM ${base}\n${page}` }, `${group}:uno`)

const PortBindings = portBindings(1337)
const create = { Image: `${group}:uno`, ExposedPorts: PortBindings, StopSignal: 'SIGKILL' }
const container = await containers.run({ create, start: { PortBindings }, startRetries: 2 })
await container.waitFor({ port: 1337 })
// Of IPv4; an engine may choose another port for IPv6.
const url = await container.url(1337)
const ports = await containers.activePorts()
if (ports[new URL(url).port]?.Id !== container.id) throw new Error('the port is another’s')
console.log((await (await fetch(url)).text()).trim())

containers.stopRemoveGroup(group, (error) => {
  if (error) throw error
  containers.listGroup(group, async (_error, left) => {
    console.log(`${left.length} are left`)
    await images.removeGroup(group)
  })
})
