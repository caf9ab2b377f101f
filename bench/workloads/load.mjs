// What it costs to have the package at all: `require`, then the first call.
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { open } from '../lib/clients.mjs'
import { status } from '../lib/measure.mjs'
import { workloads } from '../lib/workload.mjs'

const require = createRequire(import.meta.url)

/**
 * @param {string} client @param {string} name
 * @param {(made: any) => Promise<unknown>} call
 * @returns {import('../lib/workload.mjs').Measured}
 */
const loading = (client, name, call) => async (run) => {
  const bare = status('VmRSS') / 1024
  await run.measure(() => require(name))
  run.note({ rssGrown: status('VmRSS') / 1024 - bare })
  const { made, close } = await open(client)
  await call(made)
  run.note({ threadsAfterCall: status('Threads') })
  if (client === 'dokeres') run.note({ addonMB: statSync(addon()).size / 1e6 })
  await close()
}

function addon() {
  const loaded = Object.keys(require.cache).find((path) => /[\\/]dokeres\.[\w-]+\.node$/.test(path))
  if (!loaded) throw new Error('no addon was loaded')
  return loaded
}

export default workloads({
  name: 'load',
  title: '`require` of the package',
  needs: {},
  share: 1,
  seconds: 10,
  figure: 'wall',
  bound: 'how much JavaScript is compiled; of ours mapping and relocating the addon',
  isCold: true,
  clients: {
    dokeres: loading('dokeres', 'dokeres', (made) => made.ping()),
    dockerode: loading('dockerode', 'dockerode', (made) => made.ping()),
    sdk: loading('sdk', '@docker/node-sdk', (made) => made.systemPing()),
    cli: 'is no library',
    limit: 'there is none',
  },
})
