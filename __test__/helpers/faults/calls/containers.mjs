// Containers: one by one and by groups.

/** A container by the proxied client. @type {(context: import('./common.mjs').Context) => Promise<any>} */
const created = async ({ d, w, labels }) => d.container((await w.create({ labels })).id)
/** @type {(context: import('./common.mjs').Context) => Promise<any>} */
const started = async ({ d, w, labels }) => d.container((await w.start({ labels })).id)
/** @type {(context: import('./common.mjs').Context) => Promise<any>} */
const running = ({ d, w }) => d.container(w.running)
/** @param {any} all @param {import('./common.mjs').Context} context */
const hasRunning = (all, { w }) => all.some((/** @type {any} */ { Id }) => Id === w.running)
/** @param {string} what @param {any} [options] */
const list = (what, options) => ({
  run: (/** @type {import('./common.mjs').Context} */ { d, o }) =>
    d.containers[what]({ ...options, ...o }),
  right: hasRunning,
})
/** One container whose image has a group of its own. @type {(context: import('./common.mjs').Context) => Promise<any>} */
const grouped = async ({ w, plain, name, labels }) => {
  await plain.images.tag(w.image, `${name}:1`)
  return w.create({ labels }, `${name}:1`)
}

/** @param {string} what @param {(context: import('./common.mjs').Context) => string} of */
const batch = (what, of) => ({
  prepare: grouped,
  run: (/** @type {import('./common.mjs').Context} */ context) =>
    context.d.containers[what](of(context), context.o),
  right: (/** @type {any} */ done) => Array.isArray(done),
  wraps: ['PARTIAL_FAILURE'],
  costs: true,
})
const group = (/** @type {import('./common.mjs').Context} */ { name }) => name
const image = (/** @type {import('./common.mjs').Context} */ { name }) => `${name}:1`

/** @type {import('./common.mjs').Calls} */
export const calls = {
  'ContainerCollection.list': list('list'),
  'ContainerCollection.listAll': list('listAll'),
  'ContainerCollection.listRunning': list('listRunning'),
  'ContainerCollection.listStopped': {
    run: ({ d, o }) => d.containers.listStopped(o),
    right: (all, { w }) => all.some((/** @type {any} */ { Id }) => Id === w.ended),
  },
  'ContainerCollection.listGroup': {
    run: ({ d, w, o }) => d.containers.listGroup(w.image.split(':')[0], o),
    right: hasRunning,
  },
  'ContainerCollection.listGroupRunning': {
    run: ({ d, w, o }) => d.containers.listGroupRunning(w.image.split(':')[0], o),
    right: hasRunning,
  },
  'ContainerCollection.listImage': {
    run: ({ d, w, o }) => d.containers.listImage(w.image, o),
    right: hasRunning,
  },
  'ContainerCollection.activePorts': {
    run: ({ d, o }) => d.containers.activePorts(o),
    right: (ports, { w }) => ports.get(w.port)?.Id === w.running,
  },
  'ContainerCollection.create': {
    run: ({ d, w, name, labels, o }) => d.containers.create({ image: w.image, name, labels, ...o }),
    right: ({ id }) => id.length === 64,
  },
  'ContainerCollection.run': {
    run: ({ d, w, name, labels, o }) =>
      d.containers.run({ image: w.image, name, labels, network: 'none', command: 'true', ...o }),
    right: ({ id }) => id.length === 64,
    costs: true,
  },
  'ContainerCollection.start': {
    prepare: created,
    run: ({ d, thing, o }) => d.containers.start(thing.id, o),
    costs: true,
  },
  'ContainerCollection.stop': {
    prepare: started,
    run: ({ d, thing, o }) => d.containers.stop(thing.id, { timeout: 0, ...o }),
    costs: true,
  },
  'ContainerCollection.restart': {
    prepare: created,
    run: ({ d, thing, o }) => d.containers.restart(thing.id, { timeout: 0, ...o }),
    costs: true,
  },
  'ContainerCollection.kill': {
    prepare: started,
    run: ({ d, thing }) => d.containers.kill(thing.id, { signal: 'SIGUSR1' }),
    costs: true,
  },
  'ContainerCollection.remove': {
    prepare: created,
    run: ({ d, thing, o }) => d.containers.remove(thing.id, { force: true, ...o }),
    removes: true,
  },
  'ContainerCollection.stopRemove': {
    prepare: created,
    run: ({ d, thing, o }) => d.containers.stopRemove(thing.id, o),
    removes: true,
    costs: true,
  },
  'ContainerCollection.clean': {
    prepare: created,
    run: ({ d, thing, o }) => d.containers.clean(thing.id, o),
    removes: true,
    costs: true,
  },
  'ContainerCollection.stopGroup': batch('stopGroup', group),
  'ContainerCollection.removeGroup': batch('removeGroup', group),
  'ContainerCollection.stopRemoveGroup': batch('stopRemoveGroup', group),
  'ContainerCollection.stopImage': batch('stopImage', image),
  'ContainerCollection.removeImage': batch('removeImage', image),
  'ContainerCollection.stopRemoveImage': batch('stopRemoveImage', image),
  'ContainerCollection.removeStopped': {
    prepare: created,
    run: ({ d, label, name, o }) =>
      d.containers.removeStopped({ filters: { label: `${label}=${name}` }, ...o }),
    right: Array.isArray,
    wraps: ['PARTIAL_FAILURE'],
    costs: true,
  },
  'ContainerCollection.prune': {
    alone: 'containers',
    prepare: created,
    run: ({ d, label, name, o }) =>
      d.containers.prune({ filters: { label: `${label}=${name}` }, ...o }),
    right: ({ ContainersDeleted }) => ContainersDeleted.length === 1,
    costs: true,
  },

  'DokeresContainer.create': {
    run: ({ d, w, name, labels, o }) =>
      d.image(w.image).container(name, { labels, network: 'none' }, 'true').create(o),
    right: ({ id }) => id.length === 64,
  },
  'DokeresContainer.start': {
    prepare: created,
    run: ({ thing, o }) => thing.start(o),
    costs: true,
  },
  'DokeresContainer.stop': {
    prepare: started,
    run: ({ thing, o }) => thing.stop({ timeout: 0, ...o }),
    costs: true,
  },
  'DokeresContainer.restart': {
    prepare: created,
    run: ({ thing, o }) => thing.restart({ timeout: 0, ...o }),
    costs: true,
  },
  'DokeresContainer.kill': {
    prepare: started,
    run: ({ thing }) => thing.kill({ signal: 'SIGUSR1' }),
    costs: true,
  },
  'DokeresContainer.pause': {
    prepare: started,
    run: ({ thing, o }) => thing.pause(o),
    costs: true,
  },
  'DokeresContainer.unpause': {
    prepare: started,
    run: ({ thing, o }) => thing.unpause(o),
    costs: true,
  },
  'DokeresContainer.rename': {
    prepare: created,
    run: ({ thing, name, o }) => thing.rename(`${name}-new`, o),
  },
  'DokeresContainer.update': {
    prepare: created,
    run: ({ thing, o }) => thing.update({ memory: '64m', memorySwap: '64m', ...o }),
  },
  'DokeresContainer.remove': {
    prepare: created,
    run: ({ thing, o }) => thing.remove({ force: true, ...o }),
    removes: true,
  },
  'DokeresContainer.inspect': {
    prepare: running,
    run: ({ thing, o }) => thing.inspect(o),
    right: ({ Id }, { w }) => Id === w.running,
  },
  'DokeresContainer.isRunning': {
    prepare: running,
    run: ({ thing }) => thing.isRunning,
    right: (is) => is === true,
  },
  'DokeresContainer.ip': {
    prepare: running,
    run: ({ thing }) => thing.ip,
    right: (ip) => /^\d+\./.test(ip),
  },
  'DokeresContainer.top': {
    prepare: running,
    run: ({ thing, o }) => thing.top(null, o),
    right: ({ Processes }) => Processes.length > 0,
  },
  'DokeresContainer.changes': {
    prepare: running,
    run: ({ thing, o }) => thing.changes(o),
    right: (all) => all.some((/** @type {any} */ { Path }) => Path === '/tmp/file'),
  },
  'DokeresContainer.port': {
    prepare: running,
    run: ({ thing, o }) => thing.port(80, { timeout: '1s', ...o }),
    right: ({ port }, { w }) => port === w.port,
  },
  'DokeresContainer.url': {
    prepare: running,
    run: ({ thing, o }) => thing.url(80, 'http', { timeout: '1s', ...o }),
    right: (url, { w }) => url.endsWith(`:${w.port}`),
  },
  'DokeresContainer.resize': {
    prepare: running,
    run: ({ thing, o }) => thing.resize({ cols: 80, rows: 24, ...o }).catch(noTerminal),
  },
  'DokeresContainer.commit': {
    prepare: ({ d, w }) => d.container(w.ended),
    run: ({ thing, name, o }) => thing.commit({ repository: name, tag: '1', ...o }),
    right: (id) => id.startsWith('sha256:'),
    names: true,
  },
  'DokeresContainer.export': {
    prepare: ({ d, w }) => d.container(w.ended),
    run: ({ thing, name, o }) => thing.export(name, '1', o),
    right: (id) => id.startsWith('sha256:'),
    names: true,
  },
  'DokeresContainer.wait': {
    prepare: ({ d, w }) => d.container(w.ended),
    run: ({ thing, o }) => thing.wait(o),
    right: ({ code }) => code === 3,
  },
}

/** What the engine says of one without a terminal is no concern of this. @param {any} error */
function noTerminal(error) {
  if (!['SERVER_ERROR', 'CONFLICT'].includes(error.code) || /a proxy says no/.test(error.message)) {
    throw error
  }
}
