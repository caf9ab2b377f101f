import { Dokeres } from 'dokeres'

const context = { Dockerfile: 'FROM busybox\nWORKDIR /src\n' }
const image = new Dokeres().image({ name: 'localhost/my-image:v1', context })
await image.ensure({ progress: 'tty' }) // There? Else pulled, else built.

const { stdout } = await image.task('tar -czvf /dist/it.tgz package.json', {
  readonly: { './package.json': '/src/package.json' },
  writable: { './artifacts': '/dist' },
  createPaths: true,
})
console.log(`packed: ${stdout.trim()}`)
