// Moves an image of many bytes in and out, and reports what memory and patience that took.
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../../index.js'
import { header } from './tar.mjs'

const [repository, bytes] = [process.argv[2], Number(process.argv[3])]
const CHUNK = 1 << 20
const path = join(tmpdir(), `${repository}.tar`)
const { images } = new Dokeres()
/** @type {Record<string, { grown: number, blocked: number, seconds: number, size?: number }>} */
const report = {}

try {
  // What is loaded and allocated once is no growth.
  await images.list()
  await measured('import', async () => {
    await images.import(root(), { repository })
  })
  await measured('save as a stream', async () => {
    let size = 0
    let pause = 0
    for await (const chunk of images.save(repository)) {
      size += chunk.length
      // A slow reader: now and then it does not read for a while.
      if (size < pause) continue
      pause += bytes / 16
      await sleep(100)
    }
    return size
  })
  await measured('save to a path', async () => (await images.save(repository, path)).size)
  await images.remove(repository)
  await measured('load from a stream', async () => {
    await images.load(createReadStream(path))
  })
} finally {
  await images.remove(repository).catch(() => {})
  await rm(path, { force: true })
}
console.log(JSON.stringify(report))

async function* root() {
  const chunk = Buffer.alloc(CHUNK)
  yield header({ name: 'big', size: bytes, mode: 0o755 })
  for (let sent = 0; sent < bytes; sent += CHUNK) yield chunk
  yield Buffer.alloc(1024)
}

/** @param {string} name @param {() => Promise<number | void>} work */
async function measured(name, work) {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let most = before
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const begun = Date.now()
  const size = (await work()) ?? undefined
  delay.disable()
  clearInterval(look)
  report[name] = {
    grown: Math.round((most - before) / 2 ** 20),
    blocked: Math.round(delay.max / 1e6),
    seconds: (Date.now() - begun) / 1000,
    size,
  }
}
