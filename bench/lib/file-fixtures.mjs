// Fixtures that are files: a build context, a tar for a container, an engine that only swallows.
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { raw, shell } from './tools.mjs'

/** Bytes of each file of a context. */
const FILE = 10_000
const FOLDER = 500

/**
 * A build context of so many files that are sent; a tenth more lies there that `.dockerignore` leaves out.
 * One folder of them is what the Dockerfile copies. A small one beside it is for checks.
 * @param {import('./fixtures.mjs').Maker} maker @param {number} files
 * @returns {Promise<import('./fixtures.mjs').Made>}
 */
export async function makeTree(maker, files) {
  const folder = maker.folder('tree')
  const small = maker.folder('small')
  // Half of it can be compressed, as source text can.
  const noise = randomBytes(1 << 19).toString('hex')
  fill(folder, files, noise)
  fill(small, 50, noise)
  return {
    facts: { folder, small, files, bytes: files * FILE, copied: Math.min(files, FOLDER) * FILE },
    remove: () => {
      for (const path of [folder, small]) rmSync(path, { recursive: true, force: true })
    },
  }
}

/** @param {string} root @param {number} files @param {string} noise */
function fill(root, files, noise) {
  /** @param {string} folder @param {number} count @param {string} end */
  const write = (folder, count, end) => {
    for (let index = 0; index < count; index++) {
      const below = join(root, folder, `d${Math.floor(index / FOLDER)}`)
      if (index % FOLDER === 0) mkdirSync(below, { recursive: true })
      const at = (index * 7919) % (noise.length - FILE)
      writeFileSync(join(below, `file-${index}.${end}`), noise.slice(at, at + FILE))
    }
  }
  write('kept', files, 'txt')
  write('skipped', Math.ceil(files / 20), 'txt')
  write('kept', Math.ceil(files / 20), 'log')
  writeFileSync(join(root, '.dockerignore'), 'skipped\n**/*.log\n')
  writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\nCOPY kept/d0 /d0\n')
}

/**
 * A tar of one large file and a small one after it, in a container and on disk.
 * @param {import('./fixtures.mjs').Maker} maker @param {number} size
 * @returns {Promise<import('./fixtures.mjs').Made>}
 */
export async function makeArchive(maker, size) {
  const folder = maker.folder('archive')
  const last = randomBytes(1 << 16)
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'z-last'), last)
  const tar = join(folder, 'data.tar')
  const script =
    'head -c "$2" /dev/urandom > "$1/data/big"; tar -C "$1" -cf "$3" data/big data/z-last'
  await shell(script, folder, `${size}`, tar)
  rmSync(join(folder, 'data'), { recursive: true })
  const container = maker.base.container(null, { labels: maker.labels, network: 'none' }, 'true')
  await container.create()
  await container.putArchive('/', tar)
  return {
    facts: {
      id: container.id,
      tar,
      size,
      last: createHash('sha256').update(last).digest('hex'),
      lastSize: last.length,
    },
    remove: async () => {
      await container.remove({ force: true })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Two engines that swallow builds: one counts, the other keeps the bytes, for checks.
 * @param {import('./fixtures.mjs').Maker} maker
 * @returns {Promise<import('./fixtures.mjs').Made>}
 */
export async function makeSink(maker) {
  const folder = maker.folder('sink')
  const [socket, keeping, dump] = ['sink', 'keeping', 'dump'].map((name) => join(folder, name))
  const children = [[socket], [keeping, dump]].map((args) =>
    spawn(raw, ['sink', ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const remove = () => {
    for (const child of children) child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')))
  } catch (error) {
    remove()
    throw error
  }
  return { facts: { socket, keeping, dump }, remove }
}
