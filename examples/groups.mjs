// Many containers at once: those of a group (a repository, whatever the tag), a few at a time. What can
// be done is done, and what could not be is told one by one.
import { Dokeres, DokeresError } from 'dokeres'

const dokeres = new Dokeres()
const { containers, images } = dokeres
const group = 'dokeres-example/workers'
const names = [`${group}:1`, `${group}:2`]
const dockerfile = `FROM ${process.env.DOKERES_TEST_BASE ?? 'busybox'}\nLABEL example=groups\n`
await dokeres.image({ dockerfile, tags: names }).build()

for (const image of [...names, ...names]) {
  await containers.run({
    image,
    command: ['sleep', '60'],
    mapped: { 80: '127.0.0.1:0' },
    stopTimeout: 0,
  })
}
const running = await containers.listGroupRunning(group)
const ports = await containers.activePorts()
const published = [...ports].filter(([, { Id }]) => running.some((each) => each.Id === Id))
console.log(`${running.length} run, ${published.length} ports of the host are theirs`)

console.log(`stopped ${(await containers.stopImage(names[0] ?? '')).length}`)
try {
  await containers.removeGroup(group)
} catch (error) {
  if (!(error instanceof DokeresError) || error.code !== 'PARTIAL_FAILURE') throw error
  const failed = error.results?.filter(({ ok }) => !ok) ?? []
  console.log(`${failed.length} of ${error.results?.length} failed: ${failed[0]?.error?.code}`)
}
console.log(`removed ${(await containers.stopRemoveGroup(group, { concurrency: 4 })).length}`)

// One that will not go by itself: stopped, killed and removed until it is gone.
const { id } = await containers.run({
  image: names[0] ?? '',
  command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'],
  restart: 'always',
})
await containers.clean(id, { timeout: 1 })
console.log(`${(await containers.listGroup(group)).length} are left`)
await images.removeGroup(group)
