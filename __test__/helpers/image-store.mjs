// A scripted engine that has images: what it lists, what has happened on it, what it refuses.
import { fakeEngine } from './fake-engine.mjs'

/**
 * What the test may change while it runs.
 * @typedef {{
 *   now: number, images: any[], containers: any[], events: any[],
 *   refused: Record<string, number>, removing?: (name: string) => unknown, dead?: boolean,
 *   did: string[],
 * }} State `now` in seconds
 */

/** @param {Partial<State>} given */
export async function imageStore(given) {
  /** @type {State} */
  const state = { now: 1e9, images: [], containers: [], events: [], refused: {}, did: [], ...given }
  const fake = await fakeEngine(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    const path = decodeURIComponent(pathname.replace(/^\/v[\d.]+/, ''))
    const reply = (json, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    }
    if (path === '/info') return reply({ SystemTime: `${iso(state.now)}.500000000Z` })
    if (path === '/images/json') return reply(state.images)
    if (path === '/containers/json') return reply(state.containers)
    if (path === '/events') {
      state.did.push(`events until ${searchParams.get('until')}`)
      return response.end(state.events.map((event) => JSON.stringify(event)).join('\n'))
    }
    const [, name, action] = path.match(/^\/images\/(.*?)(\/json|\/tag)?$/) ?? []
    const found = state.images.find(({ Id, RepoTags }) => Id === name || RepoTags?.includes(name))
    if (!found) return reply({ message: `No such image: ${name}` }, 404)
    if (action === '/json') return reply({ Id: found.Id, Metadata: { LastTagTime: found.tagged } })
    if (action === '/tag') {
      const tag = `${searchParams.get('repo')}:${searchParams.get('tag')}`
      state.did.push(`tag ${name} ${tag}`)
      return reply(null, 201)
    }
    state.did.push(`remove ${name}`)
    await state.removing?.(name)
    if (state.dead) return request.socket.destroy()
    const status = state.refused[name]
    if (status)
      return reply(
        { message: status === 404 ? `No such image: ${name}` : `refused: ${name}` },
        status,
      )
    found.RepoTags = found.RepoTags?.filter((tag) => tag !== name)
    reply(
      found.RepoTags?.length ? [{ Untagged: name }] : [{ Untagged: name }, { Deleted: found.Id }],
    )
  })
  return Object.assign(fake, { state })
}

/** @param {number} seconds */
const iso = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19)

/** An entry of its list; the number is the id. @param {number} number @param {string[]} tags */
export function listed(number, tags, created = 1000) {
  const Id = `sha256:${String(number).repeat(64)}`
  return { Id, RepoTags: tags, RepoDigests: [], Created: created, Size: 10, ParentId: '' }
}

/** @param {number} time @param {string} action @param {string} image */
export function imageEvent(time, action, image) {
  return { Type: 'image', Action: action, Actor: { ID: image, Attributes: {} }, time }
}

/** @param {number} time @param {string} action @param {string} image */
export function containerEvent(time, action, image) {
  return { Type: 'container', Action: action, Actor: { ID: 'c', Attributes: { image } }, time }
}
