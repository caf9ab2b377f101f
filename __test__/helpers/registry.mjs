// The registry from behind: its files.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(process.env.DOKERES_TEST_REGISTRY_ROOT ?? '', 'docker/registry/v2')

/**
 * Loses a layer: its blob is gone, the manifest still names it.
 * @param {string} image `host:port/repository:tag`
 * @param {number} index the layer's
 */
export async function deleteBlob(image, index) {
  const [, repository, tag] = /** @type {RegExpMatchArray} */ (image.match(/^[^/]+\/(.*):([^:]+)$/))
  const link = join(root, 'repositories', repository, '_manifests/tags', tag, 'current/link')
  const manifest = JSON.parse(
    await readFile(join(blob((await readFile(link, 'utf8')).trim()), 'data'), 'utf8'),
  )
  await rm(blob(manifest.layers[index].digest), { recursive: true })
}

/** @param {string} digest `sha256:…` */
function blob(digest) {
  const hex = digest.replace('sha256:', '')
  return join(root, 'blobs/sha256', hex.slice(0, 2), hex)
}
