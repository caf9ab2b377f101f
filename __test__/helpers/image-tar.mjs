// Images made by hand: tars as `docker save` makes them, with any date, name and label.
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { tarOf, untar } from './tar.mjs'

const CREATED = '2020-01-01T00:00:00Z'

/**
 * The tar of an image that was built at another time. It has one layer of its own of `size` bytes,
 * or the layers of `base`, which can be run.
 * @param {{ tags?: string[], created?: string, labels?: Record<string, string>, base?: string, size?: number }} image
 */
export async function imageTar({ tags = [], created = CREATED, labels = {}, base, size = 16 }) {
  const saved = base ? untar(await save(base)) : {}
  const [entry] = base ? JSON.parse(String(saved['manifest.json'])) : []
  const layer = tarOf({ file: randomBytes(size) })
  const config = base
    ? JSON.parse(String(saved[entry.Config]))
    : {
        architecture: process.arch === 'x64' ? 'amd64' : process.arch,
        os: 'linux',
        config: { Cmd: ['/file'] },
        rootfs: { type: 'layers', diff_ids: [digest(layer)] },
      }
  // Something of its own: images with the same contents are one image.
  const Labels = { ...labels, own: randomBytes(8).toString('hex') }
  const text = JSON.stringify({
    ...config,
    created,
    config: { ...config.config, Labels },
    history: config.rootfs.diff_ids.map(() => ({ created })),
  })
  const id = digest(text)
  const name = `${id.slice(7)}.json`
  const layers = base
    ? Object.fromEntries(entry.Layers.map((/** @type {string} */ path) => [path, saved[path]]))
    : { 'layer.tar': layer }
  const manifest = [{ Config: name, RepoTags: tags, Layers: Object.keys(layers) }]
  return { id, data: tarOf({ ...layers, [name]: text, 'manifest.json': JSON.stringify(manifest) }) }
}

/** Loads such an image, past dokeres. @param {Parameters<typeof imageTar>[0]} image its id */
export async function loadOld(image) {
  const { id, data } = await imageTar(image)
  const reply = await ask('POST', '/images/load?quiet=1', data)
  if (!String(reply).includes('Loaded image')) throw new Error(`not loaded: ${reply}`)
  return id
}

/** @param {string} name */
function save(name) {
  return ask('GET', `/images/get?names=${encodeURIComponent(name)}`)
}

/**
 * @param {string} method @param {string} path @param {Buffer} [body]
 * @returns {Promise<Buffer>}
 */
function ask(method, path, body) {
  const socketPath = (process.env.DOCKER_HOST ?? '').replace('unix://', '')
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/x-tar' } : {}
    const outgoing = request({ socketPath, method, path, headers, agent: false })
    outgoing.on('error', reject)
    outgoing.on('response', async (response) => {
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      resolve(Buffer.concat(chunks))
    })
    outgoing.end(body)
  })
}

/** @param {string | Buffer} data */
function digest(data) {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}
