// dockerode over this package's connection: one line is another, all else stays.
// @ts-ignore: dockerode brings no types of its own
import Docker from 'dockerode'
import { Modem } from 'dokeres/modem'

const docker = new Docker({ modem: new Modem() })
const container = await docker.createContainer({
  Image: process.env.DOKERES_TEST_BASE ?? 'busybox',
  Cmd: ['sleep', '60'],
})
try {
  await container.start()
  const exec = await container.exec({
    Cmd: ['tr', 'a-z', 'A-Z'],
    AttachStdin: true,
    AttachStdout: true,
  })
  const stream = await exec.start({ hijack: true, stdin: true })
  docker.modem.demuxStream(stream, process.stdout, process.stderr)
  // The command reads its end of file; its answer still comes.
  stream.end('hello from dockerode\n')
  await new Promise((resolve) => stream.on('end', resolve))
  console.log(`exit code ${(await exec.inspect()).ExitCode}`)
} finally {
  await container.remove({ force: true })
}

try {
  await docker.getContainer('there-is-none').inspect()
} catch (error) {
  const { code, statusCode, reason } = /** @type {any} */ (error)
  console.log(`${code}: ${statusCode} ${reason}`)
}
