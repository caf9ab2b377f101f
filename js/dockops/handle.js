'use strict'

const { DokeresError } = require('../error.js')
const { callBack, invalid } = require('./both.js')
const { engineOf, isDockerode, isObject } = require('./docker.js')

// What `create` and `run` give: with a dockerode instance its own container, as ever; else ours, whose
// methods take a callback as dockerode's do, and then dockerode's options and results.

/**
 * Whose result is the engine's own.
 * @type {Record<string, (path: string, opts: any, id: string) => object>}
 */
const ASKED = {
  inspect: (path, query) => ({ path: `${path}/json`, query }),
  top: (path, query) => ({ path: `${path}/top`, query }),
  changes: (path, query) => ({ path: `${path}/changes`, query }),
  wait: (path, query) => ({ method: 'POST', path: `${path}/wait`, query }),
  resize: (path, query) => ({ method: 'POST', path: `${path}/resize`, query }),
  update: (path, body) => ({ method: 'POST', path: `${path}/update`, body }),
  commit: (_, opts, container) => ({
    method: 'POST',
    path: '/commit',
    query: { ...opts, container },
    body: {},
  }),
}

/** What does something: ours, with dockerode's options. @type {Record<string, (given: any) => any>} */
const DONE = {
  start: (given) => noStartOptions(given) && {},
  stop: ({ t, ...rest }) => ({ timeout: t, ...rest }),
  restart: ({ t, ...rest }) => ({ timeout: t, ...rest }),
  kill: (given) => given,
  pause: (given) => given,
  unpause: (given) => given,
  remove: ({ v, force, ...rest }) => ({
    ...(v === undefined ? {} : { volumes: isOn(v) }),
    ...(force === undefined ? {} : { force: isOn(force) }),
    ...rest,
  }),
  rename: (given) => (isObject(given) ? given.name : given),
}

const STREAMS = ['attach', 'exec', 'export', 'logs', 'stats']

/** dockerode's flags go into a query: 1 is true there. @param {any} flag */
const isOn = (flag) => flag === true || flag === 1 || flag === '1' || flag === 'true'

/**
 * The engine configures containers when it creates them, and no longer when it starts them.
 * @param {any} opts
 */
function noStartOptions(opts) {
  const names = isObject(opts) ? Object.keys(opts) : []
  if (names.length === 0) return true
  const message =
    `the engine takes no configuration at a container's start any more (${names.join(', ')}): ` +
    'give it to create() as HostConfig, or to run() as start'
  throw new DokeresError({ code: 'NOT_SUPPORTED', message, path: `opts.${names[0]}` })
}

/**
 * @param {any} docker as the collection was given it
 * @param {any} container ours
 */
function handle(docker, container) {
  if (isDockerode(docker)) return docker.getContainer(container.id)
  const engine = engineOf(docker)
  /** @param {string} name @param {(given: any) => Promise<any>} work */
  const accept = (name, work) => {
    const own = container[name]
    /** @param {...any} args */
    const value = (...args) => {
      const callback = args.at(-1)
      if (typeof callback !== 'function') return own.apply(container, args)
      callBack(work(args.length > 1 ? (args[0] ?? {}) : {}), callback)
    }
    Object.defineProperty(value, 'name', { value: name })
    Object.defineProperty(container, name, { value, writable: true, configurable: true })
  }
  for (const [name, request] of Object.entries(ASKED)) {
    accept(name, async (opts) => {
      if (!isObject(opts)) throw invalid('opts', 'an object with options is expected')
      return engine.request(request(`/containers/${container.id}`, opts, container.id))
    })
  }
  for (const [name, translated] of Object.entries(DONE)) {
    const own = container[name].bind(container)
    accept(name, async (given) => void (await own(translated(given))))
  }
  for (const name of STREAMS) {
    // Node streams, as dockerode gives them: its own, over the same connection.
    accept(name, async (opts) => engine.docker.getContainer(container.id)[name](opts))
  }
  return container
}

module.exports = { handle, noStartOptions }
