// What is asked of the engine itself.
import { uniqueName } from '../../engine.mjs'
import { first } from './common.mjs'

/** @type {import('./common.mjs').Calls} */
export const calls = {
  'Dokeres.ping': { run: ({ d, o }) => d.ping(o), right: ({ apiVersion }) => apiVersion > '1' },
  'Dokeres.version': { run: ({ d, o }) => d.version(o), right: (v) => v.Version },
  'Dokeres.info': { run: ({ d, o }) => d.info(o), right: (info) => info.ServerVersion },
  'Dokeres.df': { alone: 'df', run: ({ d, o }) => d.df(o), right: (df) => df.Images.length > 0 },
  'Dokeres.diagnose': {
    costs: true,
    run: ({ d, o }) => d.diagnose(o),
    right: (all) => all.endpoint,
  },
  'Dokeres.request': {
    raw: true,
    run: ({ d, o }) => d.request({ path: '/info', ...o }),
    right: (info) => info.ServerVersion,
  },
  'Dokeres.container': {
    run: ({ d, w, o }) => d.container(w.running, o),
    right: (container, { w }) => container.id === w.running,
  },
  'Dokeres.events': {
    run: ({ d, w, o }) => first(d.events({ since: w.since, until: w.until, ...o })),
    right: (events, { w }) => events.some((/** @type {any} */ { id }) => id === w.running),
  },
  'Dokeres.events that resume': {
    run: ({ d, w, o }) => first(d.events({ since: w.since, ...o }), 2),
    right: (events) => events.length === 2 && events.every((/** @type {any} */ e) => e.Type),
    once: true,
  },
  'Dokeres.monitor': {
    costs: true,
    run: ({ d, w, o }) => first(d.monitor({ id: [w.running] }, { tail: 'all', ...o }), 2),
    right: (records) => records.length === 2,
    once: true,
  },
  'Dokeres.logs': {
    costs: true,
    run: ({ d, w, o }) => d.logs([w.running, w.ended], { prefix: false, ...o }).text(),
    right: (text, { w }) => text.split('\n').sort().join() === w.mergedLog,
  },
  'Dokeres.cleanup': {
    prepare: ({ w, name, labels }) => w.create({ labels: { ...labels, 'dokeres.session': name } }),
    run: ({ d, name, o }) => d.cleanup({ session: name, ...o }),
    right: ({ removed }) => removed.length === 1,
    wraps: ['PARTIAL_FAILURE'],
  },
  'Dokeres.pruneBuild': {
    run: ({ d, o }) => d.pruneBuild({ filters: { id: 'none' }, ...o }),
    right: ({ CachesDeleted }) => !CachesDeleted?.length,
  },
  'Dokeres.auth': {
    run: ({ d, w, o }) =>
      d.auth({ username: 'me', password: 'hush', serverAddress: `http://${w.registry}`, ...o }),
    right: ({ Status }) => Status === 'Login Succeeded',
  },
  'Dokeres.distribution': {
    run: ({ d, w, o }) => d.distribution(w.published, o),
    right: ({ Descriptor }) => Descriptor.digest,
  },

  'NetworkCollection.list': {
    run: ({ d, o }) => d.networks.list(o),
    right: (all) => all.some((/** @type {any} */ { Name }) => Name === 'bridge'),
  },
  'NetworkCollection.inspect': {
    run: ({ d, w, o }) => d.networks.inspect(w.network, o),
    right: ({ Name }, { w }) => Name === w.network,
  },
  'NetworkCollection.create': {
    alone: 'networks',
    run: ({ d, name, labels, o }) => d.networks.create(name, { labels, internal: true, ...o }),
    right: ({ Id }) => Id,
    names: true,
  },
  'NetworkCollection.remove': {
    alone: 'networks',
    prepare: ({ plain, name, labels }) => plain.networks.create(name, { labels, internal: true }),
    run: ({ d, name, o }) => d.networks.remove(name, o),
    removes: true,
  },
  'NetworkCollection.connect': {
    alone: 'networks',
    prepare: ({ w, labels }) => w.create({ labels, network: 'bridge' }),
    run: ({ d, w, thing, o }) => d.networks.connect(w.network, thing.id, o),
  },
  'NetworkCollection.disconnect': {
    alone: 'networks',
    prepare: ({ w, labels }) => w.create({ labels, network: w.network }),
    run: ({ d, w, thing, o }) => d.networks.disconnect(w.network, thing.id, { force: true, ...o }),
  },
  'NetworkCollection.prune': {
    alone: 'networks',
    prepare: ({ plain, name, labels }) => plain.networks.create(name, { labels, internal: true }),
    run: ({ d, label, name, o }) =>
      d.networks.prune({ filters: { label: `${label}=${name}` }, ...o }),
    right: ({ NetworksDeleted }, { name }) => NetworksDeleted.includes(name),
  },
  'NetworkCollection.nextFreeAddress': {
    run: ({ d, w, o }) => d.networks.nextFreeAddress(w.network, o),
    right: (address) => /^\d+\.\d+\.\d+\.\d+$/.test(address),
  },

  'VolumeCollection.list': {
    run: ({ d, o }) => d.volumes.list(o),
    right: ({ Volumes }, { w }) => Volumes.some((/** @type {any} */ v) => v.Name === w.volume),
  },
  'VolumeCollection.inspect': {
    run: ({ d, w, o }) => d.volumes.inspect(w.volume, o),
    right: ({ Name }, { w }) => Name === w.volume,
  },
  'VolumeCollection.create': {
    run: ({ d, name, labels, o }) => d.volumes.create(name, { labels, ...o }),
    right: ({ Name }, { name }) => Name === name,
    names: true,
  },
  'VolumeCollection.remove': {
    prepare: ({ plain, name, labels }) => plain.volumes.create(name, { labels }),
    run: ({ d, name, o }) => d.volumes.remove(name, o),
    removes: true,
  },
  'VolumeCollection.prune': {
    alone: 'volumes',
    prepare: ({ plain, name, labels }) => plain.volumes.create(name, { labels }),
    run: ({ d, label, name, o }) =>
      d.volumes.prune({ filters: { label: `${label}=${name}` }, ...o }),
    right: ({ VolumesDeleted }, { name }) => VolumesDeleted.includes(name),
  },
  'VolumeCollection.backup': {
    costs: true,
    run: ({ d, w, name, o }) =>
      d.volumes.backup(w.volume, `${w.folder}/${name}.tar`, { image: w.image, ...o }),
    right: ({ size }) => size >= 1024,
    file: '.tar',
  },
  'VolumeCollection.restore': {
    costs: true,
    run: ({ d, w, name, o }) =>
      d.volumes.restore(name, `${w.folder}/backup.tar`, { image: w.image, ...o }),
    right: ({ created }) => created === true,
  },

  'PluginCollection.list': { run: ({ d, o }) => d.plugins.list(o), right: Array.isArray },
  'PluginCollection.inspect': {
    costs: true,
    run: ({ d, o }) => d.plugins.inspect('none', o).catch(missing),
    right: (found) => found === 'missing',
  },
  'PluginCollection.remove': {
    costs: true,
    run: ({ d, o }) => d.plugins.remove('none', o).catch(missing),
    right: (found) => found === 'missing',
  },
  'PluginCollection.set': {
    costs: true,
    run: ({ d, o }) => d.plugins.set(uniqueName('none'), ['A=b'], o).catch(missing),
    right: (found) => found === 'missing',
  },
  'PluginCollection.enable': {
    costs: true,
    run: ({ d, o }) => d.plugins.enable('none', o).catch(missing),
    right: (found) => found === 'missing',
  },
  'PluginCollection.disable': {
    costs: true,
    run: ({ d, o }) => d.plugins.disable('none', o).catch(missing),
    right: (found) => found === 'missing',
  },
}

/** The right answer where nothing of the name is there. @param {any} error */
function missing(error) {
  if (error.code === 'NOT_FOUND') return 'missing'
  throw error
}
