// What the usual recipes for images mean to do: make sure one is there, build one from files in
// memory, push and pull it, and clean up what is no longer used.
import { Dokeres, DokeresError } from 'dokeres'

const base = process.env.DOKERES_TEST_BASE ?? 'busybox'
const registry = process.env.DOKERES_TEST_REGISTRY ?? 'localhost:5000'
const dokeres = new Dokeres()

await dokeres.image(base).ensure({ progress: 'plain' })

const name = `${registry}/dokeres-examples/greeting:1`
const image = dokeres.image({
  name,
  // Built again only where these files, or an option, have changed.
  rebuild: 'changed',
  context: {
    Dockerfile: `FROM ${base}\nCOPY . /greeting\nCMD ["/greeting/greet.sh"]\n`,
    'greet.sh': { content: '#!/bin/sh\necho "hello from $(hostname)"\n', mode: 0o755 },
  },
  labels: { 'example.made-by': 'dokeres-examples' },
})
await image.ensure()
console.log((await image.task(null, { hostname: 'memory' })).stdout.trim())

const { digest } = await image.push()
await image.remove()
const pulled = await image.pull()
console.log(`${pulled.status}, the digest is the same: ${pulled.digest === digest}`)

try {
  await dokeres.image(`${registry}/dokeres-examples/none`).pull()
} catch (error) {
  if (!(error instanceof DokeresError)) throw error
  console.log(`${error.code}: ${error.reason}`)
}

const { removed, reclaimed } = await dokeres.images.clean({
  olderThan: 0,
  filters: { label: 'example.made-by=dokeres-examples' },
})
console.log(`cleaned ${removed.flatMap(({ tags }) => tags).length}, ${reclaimed > 0}`)
