// What a swarm of one node is asked.

/** @param {import('./common.mjs').Context} context */
const service = ({ w, plain, name }) =>
  plain.swarm.services.create(name, { image: w.imageId, replicas: 0 })
/** @param {any} all */
const some = (all) => all.length > 0
/** @type {(what: 'secrets' | 'configs') => import('./common.mjs').Calls} */
const data = (what) => {
  const of = what === 'secrets' ? 'SecretCollection' : 'ConfigCollection'
  const prepare = (/** @type {import('./common.mjs').Context} */ { plain, name }) =>
    plain.swarm[what].create(name, 'hush')
  return {
    [`${of}.create`]: {
      run: ({ d, name, o }) => d.swarm[what].create(name, 'hush', o),
      right: ({ ID }) => ID,
      names: true,
    },
    [`${of}.list`]: { prepare, run: ({ d, o }) => d.swarm[what].list(o), right: some, costs: true },
    [`${of}.inspect`]: {
      prepare,
      run: ({ d, name, o }) => d.swarm[what].inspect(name, o),
      right: ({ Spec }, { name }) => Spec.Name === name,
      costs: true,
    },
    [`${of}.update`]: {
      prepare,
      run: ({ d, name, o }) => d.swarm[what].update(name, { labels: { a: 'b' }, ...o }),
      costs: true,
    },
    [`${of}.remove`]: {
      prepare,
      run: ({ d, name, o }) => d.swarm[what].remove(name, o),
      removes: true,
      costs: true,
    },
  }
}
/** @param {string} what @param {any[]} [rest] @returns {import('./common.mjs').Call} */
const node = (what, rest = []) => ({
  alone: 'node',
  run: ({ d, w, o }) => d.swarm.nodes[what](w.node, ...rest, o),
  costs: true,
})

/** @type {import('./common.mjs').Calls} */
export const calls = {
  'Swarm.inspect': { run: ({ d, o }) => d.swarm.inspect(o), right: ({ ID }) => ID },
  'Swarm.joinTokens': { run: ({ d, o }) => d.swarm.joinTokens(o), right: (all) => all.Worker },
  'Swarm.rotateJoinTokens': {
    alone: 'swarm',
    run: ({ d, o }) => d.swarm.rotateJoinTokens({ worker: true, ...o }),
    right: (all) => all.Worker,
    costs: true,
  },
  'Swarm.unlockKey': { run: ({ d, o }) => d.swarm.unlockKey(o), costs: true },
  'Swarm.update': {
    alone: 'swarm',
    run: ({ d, o }) => d.swarm.update({ taskHistoryLimit: 3, ...o }),
    costs: true,
  },
  'NodeCollection.list': { run: ({ d, o }) => d.swarm.nodes.list(o), right: some },
  'NodeCollection.inspect': {
    run: ({ d, w, o }) => d.swarm.nodes.inspect(w.node, o),
    right: ({ ID }, { w }) => ID === w.node,
  },
  'NodeCollection.promote': node('promote'),
  'NodeCollection.activate': node('activate'),
  'NodeCollection.pause': node('pause'),
  'NodeCollection.drain': node('drain'),
  'NodeCollection.update': {
    ...node('update'),
    run: ({ d, w, o }) => d.swarm.nodes.update(w.node, { labels: { a: 'b' }, ...o }),
  },
  'ServiceCollection.create': {
    run: ({ d, w, name, o }) =>
      d.swarm.services.create(name, { image: w.imageId, replicas: 0, ...o }),
    right: ({ ID }) => ID,
    names: true,
  },
  'ServiceCollection.list': { run: ({ d, o }) => d.swarm.services.list(o), right: some },
  'ServiceCollection.inspect': {
    run: ({ d, w, o }) => d.swarm.services.inspect(w.service, o),
    right: ({ Spec }, { w }) => Spec.Name === w.service,
  },
  'ServiceCollection.update': {
    prepare: service,
    run: ({ d, name, o }) => d.swarm.services.update(name, { labels: { a: 'b' }, ...o }),
    costs: true,
  },
  'ServiceCollection.scale': {
    prepare: service,
    run: ({ d, name, o }) => d.swarm.services.scale(name, 0, o),
    costs: true,
  },
  'ServiceCollection.rollback': {
    prepare: async (context) => {
      await service(context)
      const { plain, name } = context
      await plain.swarm.services.update(name, { labels: { a: 'b' } })
    },
    run: ({ d, name, o }) => d.swarm.services.rollback(name, o),
    costs: true,
  },
  'ServiceCollection.wait': {
    prepare: service,
    run: ({ d, name, o }) => d.swarm.services.wait(name, { timeout: '3s', ...o }),
    right: ({ Spec }, { name }) => Spec.Name === name,
    waits: true,
    costs: true,
  },
  'ServiceCollection.remove': {
    prepare: service,
    run: ({ d, name, o }) => d.swarm.services.remove(name, o),
    removes: true,
    costs: true,
  },
  'ServiceCollection.logs': {
    run: ({ d, w, o }) => d.swarm.services.logs(w.service, o).text(),
    right: (text) => text === 'hello\n',
  },
  'TaskCollection.list': { run: ({ d, o }) => d.swarm.tasks.list(o), right: some },
  'TaskCollection.inspect': {
    run: ({ d, w, o }) => d.swarm.tasks.inspect(w.task, o),
    right: ({ ID }, { w }) => ID === w.task,
  },
  'TaskCollection.logs': {
    run: ({ d, w, o }) => d.swarm.tasks.logs(w.task, o).text(),
    right: (text) => text === 'hello\n',
    costs: true,
  },
  ...data('secrets'),
  ...data('configs'),
}
