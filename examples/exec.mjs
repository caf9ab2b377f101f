// Run commands in a running container, which is removed at the end whatever happens.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const container = await image.run(null, { remove: true, init: true }, ['sleep', '60'])
try {
  const [stdout] = await container.exec('echo', 'two words')
  console.log(stdout.trim())

  const { exitCode, stderr } = await container.exec(['ls', '/nowhere'], { timeout: '5s' })
  console.log(exitCode, stderr.trim())
} finally {
  // On Node 24 and in TypeScript: `await using container = …` does this.
  await container.remove({ force: true })
}
