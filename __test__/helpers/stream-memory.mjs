// Reads much of a container's output, one way, and reports the digest, what it took of memory, and more.
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../../index.js'

const [way, size, pause] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const image = new Dokeres().image(process.env.DOKERES_TEST_BASE)
const hash = createHash('sha256')
let bytes = 0
let chunks = 0
let least = 0
let most = 0

/** Lines of random text to stdout, their digest to stderr. */
const script = `head -c ${Math.floor((size / 76) * 57)} /dev/urandom | base64 -w 4000 > /tmp/x
sha256sum /tmp/x >&2; cat /tmp/x`
/** Nothing of it is kept on a disk. */
const flood = `echo none >&2; head -c ${size} /dev/zero`
const command = ['sh', '-c', way === 'flood' ? flood : script]

/** @type {Record<string, () => Promise<string>>} */
const ways = {
  async logs() {
    const container = await image.run({ command })
    try {
      return await digested(container.logs({ follow: true }))
    } finally {
      await container.remove({ force: true })
    }
  },
  attach,
  flood: attach,
  async exec() {
    const container = await image.run({ command: ['sleep', '600'] })
    let said = ''
    try {
      const { exitCode } = await container.exec(command, {
        maxBuffer: 2 * size,
        onStdout: read,
        onStderr: (chunk) => void (said += chunk),
      })
      return exitCode === 0 ? said : `exit code ${exitCode}`
    } finally {
      await container.remove({ force: true })
    }
  },
}

async function attach() {
  const none = { HostConfig: { LogConfig: { Type: 'none' } } }
  const container = image.container({ command, extra: none })
  await container.create()
  try {
    const stream = container.attach({ stdout: true, stderr: true })
    const [said] = await Promise.all([digested(stream), container.start()])
    return said
  } finally {
    await container.remove({ force: true })
  }
}

/** @param {AsyncIterable<{ stream: string, data: Buffer }>} stream */
async function digested(stream) {
  let said = ''
  for await (const { stream: from, data } of stream) {
    if (from === 'stderr') said += data
    else await read(data)
  }
  return said
}

/** @param {Buffer} data */
async function read(data) {
  bytes += data.length
  chunks++
  hash.update(data)
  if (chunks % 64 === 0) most = Math.max(most, process.memoryUsage.rss())
  least ||= process.memoryUsage.rss()
  if (pause) await sleep(pause)
}

const said = await ways[way]()
const grown = Math.round((most - least) / 2 ** 20)
console.log(
  JSON.stringify({ bytes, chunks, grown, digest: hash.digest('hex'), said: said.split(' ')[0] }),
)
