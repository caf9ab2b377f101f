// An interactive shell in a container, on this process's own terminal: raw mode, its size followed,
// ctrl-p ctrl-q to leave it alone, and the terminal as it was afterwards, however it ends.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const container = await image.run({ command: ['sleep', '600'], init: true, hostname: 'example' })
try {
  const { exitCode, detached } = await container.shell(['sh'], {
    env: { PS1: 'in $(hostname) # ' },
  })
  console.log(detached ? 'left it to itself' : `it ended with ${exitCode}`)
} finally {
  await container.remove({ force: true })
}
