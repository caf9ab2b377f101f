// An engine with no room left, and one with no inodes left: whatever writes says so, what is asked for
// only reads works on, nothing half-made stays, and with room again all goes on.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Dokeres, DokeresError } from '../index.js'
import { imageTar } from './helpers/image-tar.mjs'
import { smallEngine } from './helpers/own-engine.mjs'

const MIB = 1 << 20
const CONTEXT = (/** @type {string} */ image, /** @type {string} */ run) => ({
  Dockerfile: `FROM ${image}\nRUN ${run}\n`,
})

/**
 * What runs out, how it is used up within a container, and what then does not fit.
 * @type {Record<string, { room: any, use: string, files: Record<string, Buffer>, run: string }>}
 */
const LIMITS = {
  room: {
    room: { size: '48m' },
    use: 'dd if=/dev/zero of=/ballast bs=64k; true',
    files: { big: Buffer.alloc(4 * MIB, 'x') },
    run: 'dd if=/dev/zero of=/more bs=1M count=8',
  },
  inodes: {
    room: { size: '200m', inodes: 2500 },
    use: 'mkdir /ballast; n=0; while : > /ballast/$n; do n=$((n + 1)); done 2>/dev/null; true',
    files: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, Buffer.from('x')])),
    run: 'for n in 1 2 3 4 5 6 7 8 9; do touch /more$n || exit 1; done',
  },
}

for (const [what, { room, use, files, run }] of Object.entries(LIMITS)) {
  test(`no ${what} left`, async () => {
    const engine = await smallEngine(room)
    const { data: another } = await imageTar({ tags: ['another:1'], size: 4 * MIB })
    const folder = mkdtempSync(join(tmpdir(), 'dokeres-disk-'))
    for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, name), data)
    try {
      const dokeres = new Dokeres(engine.host)
      const image = dokeres.image(engine.image)
      const container = await image.run('hog', { init: true, network: 'none' }, ['sleep', '1000'])
      await container.exec(['sh', '-c', use])
      const before = await names(dokeres)

      const writes = {
        copyTo: () => container.copyTo(folder, '/copied'),
        writeFile: async () => {
          for (const [name, data] of Object.entries(files))
            await container.writeFile(`/${name}`, data)
        },
        'a classic build': () => build(dokeres, engine.image, run, 'classic'),
        'a build by BuildKit': () => build(dokeres, engine.image, run, 'buildkit'),
        'a task': () => image.task(['sh', '-c', run], { network: 'none' }),
        load: () => dokeres.images.load(another),
      }
      for (const [name, write] of Object.entries(writes)) {
        const failure = await write().then(
          () => assert.fail(`${name} is a success`),
          (/** @type {any} */ error) => error,
        )
        assert.ok(failure instanceof DokeresError, `${name}: ${failure?.stack}`)
        const told = `${name}: ${failure.code} ${failure.message}`
        assert.match(failure.message, /no space left.*; the engine's disk is full: `docker/, told)
      }

      // What only reads goes on.
      assert.equal(await image.exists(), true)
      assert.equal((await container.inspect()).State.Running, true)
      const read = container.readFile('/etc/passwd')
      if (what === 'inodes' && Number.parseInt((await dokeres.version()).Version, 10) >= 26) {
        // These make links in the container for it.
        await assert.rejects(read, /no space left.*; the engine's disk is full/)
      } else {
        assert.match(String(await read), /root:/)
      }
      assert.deepEqual(await names(dokeres), before, 'nothing half-made is left')

      await container.remove({ force: true })
      assert.equal((await image.task(['echo', 'room'], { network: 'none' })).stdout, 'room\n')
    } finally {
      await engine.close()
      rmSync(folder, { recursive: true })
    }
  })
}

/** @param {Dokeres} dokeres */
async function names(dokeres) {
  const containers = await dokeres.containers.listAll()
  const images = await dokeres.images.list({ all: true })
  return [...containers.map(({ id }) => id), ...images.map(({ id }) => id)].sort()
}

/** @param {Dokeres} dokeres @param {string} image @param {string} run @param {any} builder */
const build = (dokeres, image, run, builder) =>
  dokeres.images.build({ name: 'too:big', builder, context: CONTEXT(image, run) })
