// An engine of a test's own, to be stopped, killed and started again while others go on with theirs.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deleteBridge } from '../../scripts/lib/engine/bridge.mjs'
import { startEngine } from '../../scripts/lib/engine/daemon.mjs'
import { clear, endStrays } from '../../scripts/lib/engine/down.mjs'
import { kill, sleep } from '../../scripts/lib/engine/processes.mjs'
import { isAlive } from '../../scripts/lib/engine/state.mjs'

/** Starts an engine that has the base image. @param {string[]} args of dockerd */
export const ownEngine = (...args) => engineIn(mkdtempSync(join(tmpdir(), 'dokeres-own-')), args)

/**
 * The same on a file system of its own, with so much room.
 * @param {{ size: string, inodes?: number }} room as tmpfs takes them
 */
export function smallEngine({ size, inodes = 0 }) {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-own-'))
  const root = join(folder, 'root')
  mkdirSync(root)
  const options = `size=${size},nr_inodes=${inodes}`
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'dokeres-test', root])
  return engineIn(folder, [])
}

/** @param {string} folder @param {string[]} args */
async function engineIn(folder, args) {
  const image = process.env.DOKERES_TEST_BASE ?? ''
  let running = await startEngine({ folder, args })
  const { host } = running
  execFileSync('sh', ['-c', `docker save ${image} | docker -H ${host} load`], { stdio: 'pipe' })
  return {
    host,
    image,

    /** Ends it, in an orderly way or not. @param {'SIGTERM' | 'SIGKILL'} signal */
    async stop(signal) {
      // Once: asked a third time an engine leaves its shutdown, and all it has, as they are.
      if (isAlive(running.dockerd)) process.kill(running.dockerd, signal)
      for (let tries = 0; isAlive(running.dockerd) && tries < 2000; tries++) await sleep(10)
      deleteBridge(running.bridge)
    },

    /** @param {{ release?: string }} [options] of another one, it is upgraded */
    async start(options) {
      running = await startEngine({ folder, args, ...options })
    },

    /** Takes it down, with its containers, to the last file. */
    async close() {
      await kill(running.dockerd)
      await endStrays(folder)
      deleteBridge(running.bridge)
      clear(folder)
    },
  }
}
