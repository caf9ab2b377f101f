// Fixtures that are images: a large one, saved as well, and one that only the registry has.
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { push } from '../../scripts/lib/engine/publish.mjs'
import { shell } from './tools.mjs'

const unique = () => randomBytes(4).toString('hex')

/**
 * An image of one layer of so many bytes.
 * @param {import('./fixtures.mjs').Maker} maker @param {number} size
 * @returns {Promise<import('./fixtures.mjs').Made>}
 */
export async function makeImage(maker, size) {
  const folder = maker.folder('image')
  const [tar, saved] = ['layer.tar', 'saved.tar'].map((name) => join(folder, name))
  await shell(
    'head -c "$2" /dev/urandom > "$1/big"; tar -C "$1" -cf "$3" big',
    folder,
    `${size}`,
    tar,
  )
  rmSync(join(folder, 'big'))
  const repository = `dokeres-bench/large-${unique()}`
  const name = `${repository}:1`
  await maker.dokeres.images.import(tar, { repository, tag: '1' })
  rmSync(tar)
  const image = maker.dokeres.image(name)
  const { Id: id, RootFS } = await image.inspect()
  const { size: bytes } = await image.save(saved)
  return {
    facts: { name, id, layer: RootFS?.Layers?.[0], saved, bytes, output: join(folder, 'out.tar') },
    remove: async () => {
      if (await image.exists()) await image.remove({ force: true })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * An image with a layer of its own, which the registry has and the engine has not.
 * @param {import('./fixtures.mjs').Maker} maker
 * @returns {Promise<import('./fixtures.mjs').Made>}
 */
export async function makeRemote(maker) {
  const registry = process.env.DOKERES_TEST_REGISTRY
  if (!registry) throw new Error('a registry is needed: run it by `scripts/engine run -- …`')
  const name = `${registry}/dokeres-bench/remote-${unique()}:1`
  const folder = maker.folder('remote')
  writeFileSync(join(folder, 'layer'), randomBytes(8 << 20))
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY layer /\n')
  const local = maker.dokeres.image({ name: `dokeres-bench/local-${unique()}:1`, context: folder })
  await local.build()
  const image = maker.dokeres.image(name)
  try {
    await push(process.env.DOCKER_HOST ?? '', local.name ?? '', name)
    await image.remove({ force: true })
  } finally {
    await local.remove({ force: true })
  }
  return {
    facts: { name },
    remove: async () => {
      if (await image.exists()) await image.remove({ force: true })
    },
  }
}
