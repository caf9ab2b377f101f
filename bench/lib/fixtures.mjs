// What workloads need: made once, before they are measured, through dokeres, and removed at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dokeres } from 'dokeres'
import { makeImage, makeRemote } from './image-fixtures.mjs'
import { makeArchive, makeSink, makeTree } from './file-fixtures.mjs'
import { times } from './tools.mjs'

/**
 * @typedef {object} Made
 * @property {any} facts what the workload is told
 * @property {() => unknown} [remove]
 */

/**
 * @typedef {object} Maker
 * @property {Dokeres} dokeres
 * @property {import('dokeres').Image} base
 * @property {Record<string, string>} labels of all containers
 * @property {(name: string) => string} folder a new one
 */

const SLEEP = 'exec sleep 100000'
/** Lines are of 100 bytes, with their break. */
const LINE = 100
const AT_ONCE = 8
/** Marks the containers of this run; those of its children too. */
const LABEL = `${process.pid}`
process.env.BENCH_LABEL = LABEL

/** @type {Record<string, (maker: Maker, size: number) => Promise<Made>>} */
const MAKERS = {
  /** A container that runs and does nothing. */
  idle: async (maker) => {
    const container = await maker.base.run(null, options(maker), ['sh', '-c', SLEEP])
    return { facts: { id: container.id }, remove: () => container.remove({ force: true }) }
  },

  /** Containers that were created, never started. */
  containers: async (maker, size) => {
    const made = Array.from({ length: size }, () =>
      maker.base.container(null, options(maker), 'true'),
    )
    await times(size, AT_ONCE, (index) => made[index].create())
    return {
      facts: { size, ids: made.map(({ id }) => id) },
      remove: () => times(size, AT_ONCE, (index) => made[index].remove({ force: true })),
    }
  },

  /** A container that has written so many bytes of numbered lines. */
  logs: async (maker, size) => {
    const lines = Math.max(1, Math.round(size / LINE))
    const text = 'x'.repeat(LINE - 9)
    const script = `awk 'BEGIN { for (i = 0; i < ${lines}; i++) printf "%08d${text}\\n", i }'`
    const container = await maker.base.run(null, options(maker), ['sh', '-c', script])
    const { code } = await container.wait()
    if (code !== 0) throw new Error(`the writer of logs ended with ${code}`)
    return {
      facts: { id: container.id, lines, bytes: lines * LINE },
      remove: () => container.remove({ force: true }),
    }
  },

  /** Containers that write 1 kB a second each. */
  talkers: async (maker, size) => {
    const script = `while :; do echo ${'y'.repeat(999)}; sleep 1; done`
    const made = Array.from({ length: size }, () =>
      maker.base.container(null, options(maker), ['sh', '-c', script]),
    )
    const remove = () =>
      times(size, AT_ONCE, async (index) => void (await made[index].remove({ force: true })))
    await times(size, AT_ONCE, (index) => made[index].start())
    return { facts: { ids: made.map(({ id }) => id) }, remove }
  },

  base: async ({ base }) => ({ facts: { name: base.name } }),
  tree: makeTree,
  sink: makeSink,
  image: makeImage,
  archive: makeArchive,
  remote: makeRemote,
}

/** @param {Maker} maker */
function options({ labels }) {
  return { labels, network: 'none', init: true, stopTimeout: 0 }
}

/** Makes and keeps fixtures; one of a name and a size serves all who need it. */
export class Fixtures {
  /** @type {Map<string, Made>} */
  #made = new Map()
  #folder = mkdtempSync(join(tmpdir(), 'dokeres-bench-'))
  #dokeres = new Dokeres()
  #labels = { 'dokeres.bench': LABEL }
  /** @type {import('dokeres').Image | undefined} */
  #base

  /** @param {Record<string, number>} needs @param {number} scale */
  static sizes(needs, scale) {
    return Object.entries(needs).map(([name, full]) => ({
      name,
      size: full === 0 ? 0 : Math.max(1, Math.round(full * scale)),
      key: full === 0 ? name : `${name} ${Math.max(1, Math.round(full * scale))}`,
    }))
  }

  /** @param {Record<string, number>} needs @param {number} scale */
  async have(needs, scale) {
    /** @type {Record<string, any>} */
    const facts = {}
    for (const { name, size, key } of Fixtures.sizes(needs, scale)) {
      let made = this.#made.get(key)
      if (!made) {
        made = await MAKERS[name](await this.#maker(), size)
        this.#made.set(key, made)
      }
      facts[name] = made.facts
    }
    return facts
  }

  /** Removes those that nobody needs any more. @param {ReadonlySet<string>} needed keys */
  async keep(needed) {
    for (const [key, made] of this.#made) {
      if (needed.has(key)) continue
      this.#made.delete(key)
      await made.remove?.()
    }
  }

  /** All of it, and what was half made when something failed. */
  async remove() {
    try {
      await this.keep(new Set())
    } finally {
      const left = await this.#dokeres.containers.listAll({
        filters: { label: [`dokeres.bench=${LABEL}`] },
      })
      await times(left.length, AT_ONCE, (index) =>
        this.#dokeres.containers.remove(left[index].Id, { force: true }),
      )
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  /** @returns {Promise<Maker>} */
  async #maker() {
    this.#base ??= await this.#dokeres.image(process.env.DOKERES_TEST_BASE ?? 'busybox').ensure()
    return {
      dokeres: this.#dokeres,
      base: this.#base,
      labels: this.#labels,
      folder: (name) => mkdtempSync(join(this.#folder, `${name}-`)),
    }
  }
}
