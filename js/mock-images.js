'use strict'

/**
 * @typedef {import('./mock-reply.js').Reply} Reply
 * @typedef {{ method: string, path: string, query: Record<string, string> }} Asked
 */

const EMPTY_TAR = Buffer.alloc(1024)
const ARCHITECTURE = /** @type {Record<string, string>} */ ({ x64: 'amd64', ia32: '386' })

/** @param {unknown} json @returns {Reply} */
const json = (json) => ({ status: 200, json })

/** What a mock says of images: all are there. @param {Asked} asked @param {string} fresh an id for what is new @returns {Reply} */
function ofImages({ method, path, query }, fresh) {
  const id = `sha256:${fresh}`
  if (path === '/build') {
    const said = [{ stream: 'Step 1/1 : FROM scratch\n' }, { aux: { ID: id } }]
    return { stream: [...said, { stream: `Successfully built ${fresh.slice(0, 12)}\n` }] }
  }
  if (path === '/images/create') {
    if (query.fromSrc) return { stream: [{ status: id }] }
    const name = query.tag ? `${query.fromImage}:${query.tag}` : query.fromImage
    return { stream: [{ status: `Status: Image is up to date for ${name}` }] }
  }
  if (path === '/images/json' || path === '/images/search') return json([])
  if (path === '/images/prune') return json({ ImagesDeleted: null, SpaceReclaimed: 0 })
  if (path === '/images/load') return { stream: [{ stream: 'Loaded image: mock:latest\n' }] }
  if (path === '/images/get') return { body: EMPTY_TAR }
  const [, name, action] = /^\/images\/(.+?)(?:\/(json|history|tag|push|get))?$/.exec(path) ?? []
  if (method === 'DELETE') return json([{ Untagged: name }])
  if (action === 'tag') return { status: 201 }
  if (action === 'history') return json([])
  if (action === 'get') return { body: EMPTY_TAR }
  if (action === 'push') {
    const aux = { Tag: query.tag || 'latest', Digest: `sha256:${fresh}`, Size: 0 }
    return { stream: [{ status: `The push refers to repository [${name}]` }, { aux }] }
  }
  const Architecture = ARCHITECTURE[process.arch] ?? process.arch
  return json({
    Id: name.startsWith('sha256:')
      ? name
      : `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)}`,
    RepoTags: name.startsWith('sha256:') ? [] : [name],
    ...{ RepoDigests: [], Created: '2020-01-01T00:00:00Z', Size: 0, Os: 'linux', Architecture },
    Config: { Cmd: ['sh'], Entrypoint: null, Env: [], Labels: null },
  })
}

/** What a mock's registries have of any name. @param {string} fresh an id for what is new @returns {Reply} */
function distributed(fresh) {
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
  const platform = { architecture: ARCHITECTURE[process.arch] ?? process.arch, os: 'linux' }
  const Descriptor = { mediaType, digest: `sha256:${fresh}`, size: 0 }
  return json({ Descriptor, Platforms: [platform] })
}

module.exports = { distributed, ofImages }
