// A way to an engine that can be cut and mended.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** @param {string} target the engine's socket */
export async function cuttable(target = (process.env.DOCKER_HOST ?? '').replace('unix://', '')) {
  const path = join(mkdtempSync(join(tmpdir(), 'dokeres-cut-')), 'docker.sock')
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(target)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one)
      one.on('close', () => other.destroy())
      one.on('error', () => {})
      one.pipe(other)
    }
    return undefined
  })
  await new Promise((resolve) => server.listen(path, () => resolve(undefined)))
  return {
    path,
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    mend() {
      isCut = false
    },
    close() {
      this.cut()
      server.close()
      rmSync(dirname(path), { recursive: true, force: true })
    },
  }
}
