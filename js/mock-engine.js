'use strict'

const { MockContainer, MockExec } = require('./mock-container.js')
const { ofImages } = require('./mock-images.js')

/**
 * @typedef {import('./mock-reply.js').Reply} Reply
 * @typedef {{ method: string, path: string, query: Record<string, string>, body: any }} Asked
 */

const EMPTY_TAR = Buffer.alloc(1024)

/** @param {unknown} json @param {number} [status] @returns {Reply} */
const json = (json, status = 200) => ({ status, json })
/** @param {number} status @param {string} message @returns {Reply} */
const failure = (status, message) => ({ status, json: { message } })
/** @type {Reply} */
const NOTHING = { status: 204 }

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
    this.#tell('create', container)
    return container
  }

  /** What the engine says where no script says otherwise. @param {Asked} asked @returns {Reply} */
  reply(asked) {
    const { method, path } = asked
    const [, kind, rest] = /^\/([^/]+)(?:\/(.*))?$/.exec(path) ?? []
    if (kind === 'containers') return this.#ofContainers(asked, rest ?? '')
    if (kind === 'images' || kind === 'build') return ofImages(asked, this.#id())
    if (kind === 'exec') return this.#ofExecs(asked, rest ?? '')
    if (path === '/commit') return json({ Id: `sha256:${this.#id()}` }, 201)
    const known = SYSTEM[`${method === 'HEAD' ? 'GET' : method} ${path}`]
    if (known) return known()
    return failure(501, `the mock has no reply of its own to ${method} ${path}: give it a handler`)
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
    let container = this.container(reference ?? '')
    if (!container && !this.#gone.has(reference)) {
      // One that who is tested takes for granted.
      container = this.#create(reference, { Image: 'mock' })
      if (method !== 'DELETE') container.start()
    }
    if (!container) return failure(404, `No such container: ${reference}`)
    const did = CONTAINER[`${method} ${action}`]
    if (did) return did(container, query, body)
    if (`${method} ${action}` === 'POST exec') {
      if (!container.running) return failure(409, `Container ${container.id} is not running`)
      const exec = new MockExec(this.#id(), container, body ?? {})
      this.execs.set(exec.id, exec)
      return json({ Id: exec.id }, 201)
    }
    return failure(501, `the mock has no reply of its own to ${method} ${path}: give it a handler`)
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

  /** @param {Record<string, string>} query */
  #list({ all, filters }) {
    const wanted = read(filters)
    const everything = ['1', 'true'].includes(all) || wanted.status.length > 0
    const listed = [...this.containers.values()].filter(({ running }) => running || everything)
    return listed
      .map((container) => container.listed())
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

/** @type {Record<string, (container: MockContainer, query: Record<string, string>, body: any) => Reply>} */
const CONTAINER = {
  'GET json': (container) => json(container.inspect()),
  'POST start': (container) => (container.start() ? NOTHING : { status: 304 }),
  'POST stop': (container) => (container.exit(0) ? NOTHING : { status: 304 }),
  'POST kill': (container) =>
    container.exit(137) ? NOTHING : failure(409, `Container ${container.id} is not running`),
  'POST restart'(container) {
    container.exit(0)
    container.start()
    return NOTHING
  },
  'POST pause': (container) => turned(container, 'running', 'paused'),
  'POST unpause': (container) => turned(container, 'paused', 'running'),
  'POST rename'(container, { name }) {
    container.name = name
    return NOTHING
  },
  'POST update': () => json({ Warnings: null }),
  'POST resize': () => ({ status: 200 }),
  'POST wait': () => ({ status: 200 }),
  'POST attach': () => ({ status: 200 }),
  'GET logs': () => ({ status: 200 }),
  'GET top'(container) {
    const Processes = [['1', container.command.join(' ')]]
    return json({ Titles: ['PID', 'CMD'], Processes })
  },
  'GET changes': () => json([]),
  'GET stats': () => json({ read: new Date().toISOString(), cpu_stats: {}, memory_stats: {} }),
  'GET export': () => ({ body: EMPTY_TAR }),
  'PUT archive': () => ({ status: 200 }),
  'GET archive': missing,
  'HEAD archive'(container, { path }) {
    // A folder, as far as who wants to put something there is concerned.
    if (path !== '/') return missing(container, { path })
    const stat = {
      name: '/',
      size: 4096,
      mode: 0x800001ed,
      mtime: container.created,
      linkTarget: '',
    }
    const text = Buffer.from(JSON.stringify(stat)).toString('base64')
    return { status: 200, headers: { 'X-Docker-Container-Path-Stat': text } }
  },
  'DELETE ': removal,
}

/** @param {MockContainer} container @param {Record<string, string>} query @returns {Reply} */
function missing(container, { path }) {
  return failure(404, `Could not find the file ${path} in container ${container.id}`)
}

/** @param {MockContainer} container @param {string} from @param {string} to @returns {Reply} */
function turned(container, from, to) {
  if (container.state.Status !== from)
    return failure(409, `Container ${container.id} is not ${from}`)
  container.state.Status = to
  return NOTHING
}

/** @param {MockContainer} container @param {Record<string, string>} query @returns {Reply} */
function removal(container, { force }) {
  if (container.running && !['1', 'true'].includes(force)) {
    const advice = 'Stop the container before attempting removal or force remove'
    return failure(409, `You cannot remove a running container ${container.id}. ${advice}`)
  }
  container.remove()
  return NOTHING
}

const VERSION = { Version: '28.0.0', ApiVersion: '1.48', MinAPIVersion: '1.24', Os: 'linux' }

/** @type {Record<string, () => Reply>} */
const SYSTEM = {
  'GET /_ping': () => ({
    body: 'OK',
    headers: { 'Api-Version': VERSION.ApiVersion, Ostype: 'linux', 'Builder-Version': '1' },
  }),
  'GET /version': () => json(VERSION),
  'GET /info': () =>
    json({ ID: 'mock', Name: 'mock', OSType: 'linux', ServerVersion: VERSION.Version }),
  'GET /events': () => ({ status: 200 }),
  'GET /networks': () => json([]),
  'GET /volumes': () => json({ Volumes: [], Warnings: null }),
}

module.exports = { MockEngine }
