// A volume's content in a file, and back into another volume.
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dokeres } from 'dokeres'

const dokeres = new Dokeres()
const { volumes } = dokeres
const image = dokeres.image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const file = join(tmpdir(), `example-volumes-${process.pid}.tar.gz`)
const [from, to] = ['example-volumes-from', 'example-volumes-to']

try {
  await volumes.create(from, { labels: { purpose: 'example' } })
  await image.task(['sh', '-c', 'echo kept > /data/note'], { volumes: { [from]: '/data' } })

  // No container runs for it: a tar, compressed because the name says so.
  const { size } = await volumes.backup(from, file)
  console.log(`backed up: ${size > 0}`)

  const { created } = await volumes.restore(to, file)
  const { stdout } = await image.task(['cat', '/data/note'], { volumes: { [to]: '/data' } })
  console.log(`restored into a new volume: ${created}, ${stdout.trim()}`)

  const { VolumesDeleted } = await volumes.prune({
    filters: { all: true, label: 'purpose=example' },
    dryRun: true,
  })
  console.log(`a prune would take ${VolumesDeleted}`)
} finally {
  for (const name of [from, to]) await volumes.remove(name, { force: true })
  await rm(file, { force: true })
}
