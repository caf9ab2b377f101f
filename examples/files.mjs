// Files in and out of a container that is never started: what `docker cp` does, and what it does not.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Dokeres, DokeresError } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const folder = await mkdtemp(join(tmpdir(), 'dokeres-example-'))
const [first, second] = [image.container(), image.container()]
try {
  await Promise.all([first.create(), second.create()])

  // Directories are made as needed.
  await first.writeFile('/app/config/settings.json', '{"answer":42}', { mode: 0o600, uid: 1000 })
  console.log(await first.readFile('/app/config/settings.json', { encoding: 'utf8' }))

  // A directory, less what patterns of a .dockerignore leave out; `/.` says: what is in it.
  const examples = fileURLToPath(new URL('.', import.meta.url))
  await first.copyTo(`${examples}/.`, '/app', { ignore: ['*', '!files.mjs'] })

  // From container to container the bytes stream through; nothing is gathered here.
  await second.copyTo({ container: first, path: '/app' }, '/copy')
  const { size, mode, isFile } = await second.stat('/copy/config/settings.json')
  console.log(size, mode.toString(8), isFile)

  await second.copyFrom('/copy', `${folder}/out`)
  console.log((await readdir(`${folder}/out`)).join(' '))
  const source = await readFile(new URL(import.meta.url))
  console.log(source.equals(await readFile(`${folder}/out/files.mjs`)))

  let bytes = 0
  for await (const chunk of second.exportRootfs()) bytes += chunk.length
  console.log(bytes > 1_000_000)

  await second.readFile('/copy/nothing')
} catch (error) {
  if (!(error instanceof DokeresError)) throw error
  console.log(`${error.code}: ${error.path}`)
} finally {
  await Promise.all([first.remove({ force: true }), second.remove({ force: true })])
  await rm(folder, { recursive: true })
}
