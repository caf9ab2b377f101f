// All calls, and what is not among them.
import { calls as containers } from './containers.mjs'
import { calls as dialogues } from './dialogues.mjs'
import { calls as engine } from './engine.mjs'
import { calls as images } from './images.mjs'
import { calls as swarm } from './swarm.mjs'

export const groups = { engine, images, containers, dialogues, swarm }

const NO_IO = 'asks nothing of the engine'
const WHOLE =
  'changes the whole engine, which all others are on; its requests are those of its like'
const PLUGIN = 'needs a plugin that works, which plugins.test.mjs has'
const CRIU = 'needs an experimental engine with criu, which checkpoints.test.mjs has'

/** Public methods without cells of their own, with the reason. @type {Record<string, string>} */
export const WITHOUT = {
  'Dokeres.image': NO_IO,
  'Dokeres.on': 'hands on what `Dokeres.events` brings',
  'DokeresImage.container': NO_IO,
  'ImageCollection.parseReference': NO_IO,
  'ImageCollection.gc': 'calls `ImageCollection.clean` by a clock',
  'ImageCollection.search': 'asks the Docker Hub, which is not for tests to depend on',
  'DokeresContainer.shell': "takes the process's own terminal; `execStream` is what it does",
  'DokeresStream.close': NO_IO,
  'DokeresStream.ref': NO_IO,
  'DokeresStream.unref': NO_IO,
  'Swarm.init': WHOLE,
  'Swarm.join': WHOLE,
  'Swarm.leave': WHOLE,
  'Swarm.unlock': WHOLE,
  'NodeCollection.demote': WHOLE,
  'NodeCollection.remove': WHOLE,
  'PluginCollection.create': PLUGIN,
  'PluginCollection.install': PLUGIN,
  'PluginCollection.privileges': PLUGIN,
  'PluginCollection.push': PLUGIN,
  'PluginCollection.upgrade': PLUGIN,
  'CheckpointCollection.create': CRIU,
  'CheckpointCollection.list': CRIU,
  'CheckpointCollection.remove': CRIU,
}
