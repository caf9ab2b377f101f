// A plugin of one's own: made of a directory, configured, and asked what it wants before it is trusted.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dokeres } from 'dokeres'

const { plugins } = new Dokeres()
const registry = process.env.DOKERES_TEST_REGISTRY ?? 'localhost:5000'
const name = `${registry}/example/plugin-${process.pid}:latest`
const folder = await mkdtemp(join(tmpdir(), 'example-plugin-'))

const config = {
  description: `made at ${new Date().toISOString()}`,
  entrypoint: ['/bin/plugin'],
  interface: { types: ['docker.volumedriver/1.0'], socket: 'plugin.sock' },
  network: { type: 'host' },
  env: [{ name: 'DEBUG', settable: ['value'], value: '0' }],
}

try {
  await mkdir(join(folder, 'rootfs'))
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  await plugins.create(name, folder)
  const { digest } = await plugins.push(name)
  await plugins.remove(name)
  console.log(`in the registry: ${digest.startsWith('sha256:')}`)

  // Without `grant` nothing is installed that wants more than a container of its own has.
  await plugins.install(name, { enable: false }).catch(({ code }) => console.log(code))
  const { Settings } = await plugins.install(name, {
    enable: false,
    settings: { DEBUG: 1 },
    grant: (privileges) =>
      privileges.every(({ Name, Value }) => `${Name} ${Value}` === 'network host'),
  })
  console.log(`installed with ${Settings.Env}`)
} finally {
  await plugins.remove(name, { force: true }).catch(() => {})
  await rm(folder, { recursive: true, force: true })
}
