// Moves many bytes in and out of containers every way there is, and reports what came out of it and what it took.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { finished } from 'node:stream/promises'
import { Dokeres } from '../../index.js'

const [marked, bytes] = [String(process.argv[2]), Number(process.argv[3])]
const [name, value] = marked.split('=')
const CHUNK = 1 << 20
const folder = mkdtempSync(join(tmpdir(), 'dokeres-files-memory-'))
const image = new Dokeres().image(process.env.DOKERES_TEST_BASE)
/** @type {Record<string, { grown: number, blocked: number, seconds: number, right: boolean }>} */
const report = {}
const digest = await source(join(folder, 'source'))
const made = () => image.container(null, { labels: { [name]: value } }, 'sleep 300')
const [container, other] = [made(), made()]

try {
  await container.create()
  await other.create()
  // What is loaded and allocated once is no growth.
  await container.writeFile('/small', 'x')
  await container.copyFrom('/small', folder)
  await measured('copyTo', () => container.copyTo(`${folder}/source`, '/data'))
  await measured('copyFrom', async () => {
    await container.copyFrom('/data', `${folder}/out`)
    return digestOf(createReadStream(`${folder}/out`))
  })
  await measured('container to container', () =>
    other.copyTo({ container, path: '/data' }, '/data'),
  )
  await measured('getArchive, slowly', () => digestOf(content(other.getArchive('/data'), 1)))
  await measured('putArchive from getArchive', async () => {
    await other.putArchive('/tmp', container.getArchive('/data').readable())
    return digestOf(content(other.getArchive('/tmp/data')))
  })
  await measured('writeFile', async () => {
    await other.writeFile('/written', createReadStream(`${folder}/source`))
    return digestOf(content(other.getArchive('/written')))
  })
  await measured('exportRootfs', async () => {
    let size = 0
    for await (const chunk of other.exportRootfs()) size += chunk.length
    return size > 3 * bytes ? digest : `only ${size} bytes`
  })
} finally {
  await Promise.all([container.remove({ force: true }), other.remove({ force: true })])
  rmSync(folder, { recursive: true, force: true })
}
console.log(JSON.stringify(report))

/** A file in which no two blocks are the same, and its digest. @param {string} path */
async function source(path) {
  const [file, hash, chunk] = [createWriteStream(path), createHash('sha1'), randomBytes(CHUNK)]
  for (let at = 0; at < bytes; at += CHUNK) {
    for (let block = 0; block < CHUNK; block += 512) chunk.writeUInt32LE(at + block, block)
    hash.update(chunk)
    if (!file.write(Buffer.from(chunk))) await new Promise((resolve) => file.once('drain', resolve))
  }
  await finished(file.end())
  return hash.digest('hex')
}

/** @param {AsyncIterable<Buffer>} chunks */
async function digestOf(chunks) {
  const hash = createHash('sha1')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** The content of a tar of that one file. @param {AsyncIterable<Buffer>} tar @param {number} [pause] */
async function* content(tar, pause) {
  let [skipped, left] = [0, bytes]
  for await (const chunk of tar) {
    if (pause) await sleep(pause)
    const skip = Math.min(512 - skipped, chunk.length)
    skipped += skip
    const own = chunk.subarray(skip, skip + left)
    left -= own.length
    yield own
  }
}

/** @param {string} what @param {() => Promise<string | void>} work */
async function measured(what, work) {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let most = before
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const begun = Date.now()
  const found = (await work()) ?? digest
  delay.disable()
  clearInterval(look)
  report[what] = {
    grown: Math.round((most - before) / 2 ** 20),
    blocked: Math.round(delay.max / 1e6),
    seconds: (Date.now() - begun) / 1000,
    right: found === digest,
  }
}
