'use strict'

const { CONTAINER, SYSTEM } = require('./mock-calls.js')
const { MockContainer, MockExec } = require('./mock-container.js')
const { distributed, ofImages } = require('./mock-images.js')
const { MockPlaces } = require('./mock-places.js')
const { failure, json, unknown } = require('./mock-reply.js')

/**
 * @typedef {import('./mock-reply.js').Reply} Reply
 * @typedef {{ method: string, path: string, query: Record<string, string>, body: any }} Asked
 */

/** An engine that has every image and every container that is asked for, and runs nothing. */
class MockEngine {
  /** @type {Map<string, MockContainer>} */
  containers = new Map()
  /** @type {Map<string, MockExec>} */
  execs = new Map()
  #count = 0
  /** Names and ids of what has been removed: those are not there. @type {Set<string>} */
  #gone = new Set()
  /** Who follows the events. @type {Set<(event: any) => void>} */
  followers = new Set()
  places = new MockPlaces({
    id: () => this.#id(),
    container: (reference) => this.#wanted(reference),
    containers: () => this.containers.values(),
  })

  #id() {
    return (++this.#count).toString(16).padStart(8, '0').repeat(8)
  }

  /** @param {string} action @param {MockContainer} container @param {object} [more] */
  #tell = (action, container, more) => {
    const now = Date.now()
    const Attributes = {
      ...container.config.Labels,
      image: container.config.Image,
      name: container.name,
    }
    const Actor = { ID: container.id, Attributes: { ...Attributes, ...more } }
    const times = { time: Math.floor(now / 1000), timeNano: now * 1e6 }
    const event = { Type: 'container', Action: action, Actor, scope: 'local', ...times }
    if (action === 'destroy') {
      this.containers.delete(container.id)
      this.places.left(container)
      this.#gone.add(container.id).add(container.name)
    }
    for (const follower of this.followers) follower(event)
  }

  /** @param {string} reference an id, the beginning of one, or a name */
  container(reference) {
    const name = reference.replace(/^\//, '')
    for (const each of this.containers.values()) if (each.name === name) return each
    for (const each of this.containers.values()) if (each.id.startsWith(name)) return each
    return undefined
  }

  /** The id that a script gave to the container that was made last. @param {string} id */
  rename(id) {
    const last = [...this.containers.values()].at(-1)
    if (!last) return
    this.containers.delete(last.id)
    last.id = id
    this.containers.set(id, last)
  }

  /** @param {string} name @param {any} config */
  #create(name, config) {
    const id = this.#id()
    const container = new MockContainer(id, name || `mock_${this.#count}`, config ?? {}, this.#tell)
    this.containers.set(id, container)
    this.#gone.delete(container.name)
    this.places.joined(container, config)
    this.#tell('create', container)
    return container
  }

  /** What the engine says where no script says otherwise. @param {Asked} asked @returns {Reply} */
  reply(asked) {
    const { method, path } = asked
    const [, kind, rest] = /^\/([^/]+)(?:\/(.*))?$/.exec(path) ?? []
    if (kind === 'containers') return this.#ofContainers(asked, rest ?? '')
    if (kind === 'images' || path === '/build') return ofImages(asked, this.#id())
    if (kind === 'exec') return this.#ofExecs(asked, rest ?? '')
    if (path === '/commit') return json({ Id: `sha256:${this.#id()}` }, 201)
    if (path === '/system/df') return json(this.#measured())
    const name = rest ?? ''
    if (kind === 'distribution') return distributed(this.#id())
    const place =
      kind === 'networks'
        ? this.places.ofNetworks(asked, name)
        : kind === 'volumes' && this.places.ofVolumes(asked, name)
    const known = SYSTEM[`${method === 'HEAD' ? 'GET' : method} ${path}`]
    return place || known?.() || unknown(asked)
  }

  /**
   * One that is there, or that who is tested takes for granted.
   * @param {string} reference @param {boolean} [running]
   */
  #wanted(reference, running = true) {
    const known = this.container(reference)
    if (known || this.#gone.has(reference)) return known
    const container = this.#create(reference, { Image: 'mock' })
    if (running) container.start()
    return container
  }

  #measured() {
    const nothing = { LayersSize: 0, Images: [], BuildCache: [], BuilderSize: 0 }
    const Containers = [...this.containers.values()].map((container) => container.listed())
    return { ...nothing, Containers, Volumes: this.places.measured() }
  }

  /** @param {Asked} asked @param {string} rest @returns {Reply} */
  #ofContainers({ method, path, query, body }, rest) {
    if (rest === 'json') return json(this.#list(query))
    if (rest === 'prune') return json({ ContainersDeleted: [], SpaceReclaimed: 0 })
    if (rest === 'create') {
      const taken = query.name && this.container(query.name)
      if (!taken) {
        const { id, warnings } = this.#create(query.name, body)
        return json({ Id: id, Warnings: warnings }, 201)
      }
      const who = `The container name "/${query.name}" is already in use by container "${taken.id}"`
      return failure(409, `Conflict. ${who}.`)
    }
    const [, reference, action = ''] = /^(.+?)(?:\/([a-z]+))?$/.exec(rest) ?? []
    // Nobody takes one for granted to remove it, and finds that it runs.
    const container = this.#wanted(reference ?? '', method !== 'DELETE')
    if (!container) return failure(404, `No such container: ${reference}`)
    if (`${method} ${action}` === 'GET json') return json(this.#inspected(container))
    const did = CONTAINER[`${method} ${action}`]
    if (did) return did(container, query, body)
    if (`${method} ${action}` === 'POST exec') {
      if (!container.running) return failure(409, `Container ${container.id} is not running`)
      const exec = new MockExec(this.#id(), container, body ?? {})
      this.execs.set(exec.id, exec)
      return json({ Id: exec.id }, 201)
    }
    return unknown({ method, path })
  }

  /** @param {Asked} asked @param {string} rest @returns {Reply} */
  #ofExecs({ method }, rest) {
    const [id, action] = rest.split('/')
    const exec = this.execs.get(id)
    if (!exec) return failure(404, `No such exec instance: ${id}`)
    if (method === 'GET') return json(exec.inspect())
    // Attached to or not, it has nothing to do.
    return action === 'start' ? { status: 200, stream: [] } : { status: 200 }
  }

  /** @param {MockContainer} container */
  #inspected(container) {
    const shown = container.inspect()
    const { Networks: usual, ...rest } = shown.NetworkSettings
    const Networks = this.places.of(container, usual)
    return { ...shown, NetworkSettings: { ...rest, Networks } }
  }

  /** @param {Record<string, string>} query */
  #list({ all, filters }) {
    const wanted = read(filters)
    const everything = ['1', 'true'].includes(all) || wanted.status.length > 0
    const listed = [...this.containers.values()].filter(({ running }) => running || everything)
    return listed
      .map((container) => ({
        ...container.listed(),
        NetworkSettings: { Networks: this.places.of(container) },
      }))
      .filter(({ Id, Names, Labels, State, Image }) => {
        const labels = Object.entries(Labels).flatMap(([name, value]) => [name, `${name}=${value}`])
        const has = /** @type {Record<string, (text: string) => boolean>} */ ({
          id: (text) => Id.startsWith(text),
          name: (text) => Names[0].includes(text),
          status: (text) => State === text,
          ancestor: (text) => Image === text,
        })
        const any = Object.entries(has).every(
          ([name, test]) => wanted[name].length === 0 || wanted[name].some(test),
        )
        return any && wanted.label.every((/** @type {string} */ text) => labels.includes(text))
      })
  }

  /** Whether an event is what a follower's filters ask for. @param {any} event @param {string} filters */
  static matches({ Type, Action, Actor }, filters) {
    const wanted = read(filters)
    const one = (/** @type {string[]} */ list, /** @type {string[]} */ values) =>
      list.length === 0 || list.some((text) => values.includes(text))
    const labels = Object.entries(Actor.Attributes).map(([name, value]) => `${name}=${value}`)
    return (
      one(wanted.type, [Type]) &&
      one(wanted.event, [Action]) &&
      one(wanted.container, [Actor.ID, Actor.Attributes.name]) &&
      wanted.label.every((text) => labels.includes(text) || text in Actor.Attributes)
    )
  }
}

/** The engine's filters, in either of the forms that it takes. @param {string | undefined} filters */
function read(filters) {
  const given = filters ? JSON.parse(filters) : {}
  return /** @type {Record<string, string[]>} */ (
    new Proxy(given, {
      get(_, name) {
        const value = given[name] ?? []
        return Array.isArray(value) ? value : Object.keys(value)
      },
    })
  )
}

module.exports = { MockEngine }
