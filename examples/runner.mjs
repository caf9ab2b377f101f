// A runner with limits: its output from the first byte, its end noticed at once, nothing left behind.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
/** @type {string[]} */
const lines = []

const { exitCode, oomKilled } = await image.task(['sh', '-c', 'echo working; sleep 0.2; exit 3'], {
  memory: '64m',
  cpus: 0.5,
  ulimits: { nofile: 256 },
  network: 'none',
  timeout: '30s',
  reject: false,
  onStdout: (chunk) => lines.push(chunk.toString().trim()),
})
console.log(`${lines}: exit code ${exitCode}${oomKilled ? ', out of memory' : ''}`)

// One that goes on, and is removed when this block is left, whatever happens in it.
{
  const service = await image.run({
    command: ['sh', '-c', 'sleep 60'],
    memory: '64m',
    restart: 'on-failure:3',
    init: true,
  })
  try {
    const { HostConfig } = await service.inspect()
    console.log(`${await service.isRunning}, ${Number(HostConfig.Memory) / 2 ** 20} MiB at most`)
  } finally {
    await service.remove({ force: true })
  }
}
