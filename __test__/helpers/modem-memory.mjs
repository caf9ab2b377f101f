// Moves 500 MB from one container to another by dockerode over our modem; reports what that took.
import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import Docker from 'dockerode'
import { Modem } from '../../modem.js'

const [name, value] = String(process.argv[2]).split('=')
const MIB = 500
const docker = new Docker({ modem: new Modem() })
const options = {
  Image: process.env.DOKERES_TEST_BASE,
  Labels: { [name]: value },
  HostConfig: { NetworkMode: 'none' },
}
const fill = `dd if=/dev/urandom of=/part bs=1M count=25 2>/dev/null
for i in $(seq 20); do cat /part; done > /data; rm /part; md5sum /data | cut -c1-32 > /sum`
const source = await docker.createContainer({ ...options, Cmd: ['sh', '-c', fill] })
const target = await docker.createContainer({ ...options, Cmd: ['md5sum', '/tmp/data'] })
const report = { grown: 0, seconds: 0, right: false }
try {
  await source.start()
  await source.wait()
  globalThis.gc?.()
  const begun = Date.now()
  const before = process.memoryUsage.rss()
  let most = before
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  let bytes = 0
  const hash = createHash('md5')
  const through = new Transform({
    transform(chunk, _encoding, done) {
      // The tar's header is before it, its end behind it.
      const from = Math.max(0, 512 - bytes)
      const to = Math.min(chunk.length, 512 + MIB * 2 ** 20 - bytes)
      if (to > from) hash.update(chunk.subarray(from, to))
      bytes += chunk.length
      done(null, chunk)
    },
  })
  const archive = await source.getArchive({ path: '/data' })
  archive.on('error', (/** @type {Error} */ error) => through.destroy(error))
  await target.putArchive(archive.pipe(through), { path: '/tmp' })
  clearInterval(look)
  report.grown = Math.round((most - before) / 2 ** 20)
  report.seconds = (Date.now() - begun) / 1000
  await target.start()
  await target.wait()
  const there = (await target.logs({ stdout: true })).subarray(8).toString().slice(0, 32)
  report.right = bytes > MIB * 2 ** 20 && there === hash.digest('hex')
} finally {
  await Promise.all([source.remove({ force: true }), target.remove({ force: true })])
}
console.log(JSON.stringify(report))
