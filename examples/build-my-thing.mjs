// Ensure an image (there, else pulled, else built), and run a build in it.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Dokeres } from 'dokeres'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url))

const image = new Dokeres().image({
  name: 'localhost/my-build-image:v1',
  dockerfile: path('build-my-thing/Dockerfile'),
  buildArgs: { BASE: process.env.DOKERES_TEST_BASE ?? 'busybox' },
})
const container = await image.run('build-my-thing', {
  readonly: { [path('build-my-thing/sources')]: '/src' },
  writable: { [path('../artifacts/build-my-thing')]: '/dist' },
  createPaths: true,
  remove: true,
})
await container.wait()
console.log(await readFile(path('../artifacts/build-my-thing/hello.txt'), 'utf8'))
