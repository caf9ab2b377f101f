// A private registry on the loopback, where engines ask for no TLS.
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { freePort, start, until } from './processes.mjs'
import { folder, registryRoot } from './state.mjs'

/**
 * @param {{ root?: string, config?: string, auth?: string[], address?: string }} [options]
 *   `auth`: lines of its configuration
 * @returns {Promise<{ registry: number, registryAddress: string }>}
 */
export async function startRegistry({
  root = registryRoot,
  config = join(folder, 'registry.yml'),
  auth = [],
  address = '127.0.0.1',
} = {}) {
  mkdirSync(root, { recursive: true })
  const port = await freePort()
  const lines = [
    'version: 0.1',
    'log: { level: error }',
    'storage:',
    `  filesystem: { rootdirectory: "${root}" }`,
    '  delete: { enabled: true }',
    `http: { addr: "${address}:${port}" }`,
    ...auth,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const log = `${config}.log`
  const pid = start('docker-registry', ['serve', config], log)
  await until(pid, () => listens(address, port), log)
  return { registry: pid, registryAddress: `${address}:${port}` }
}

/** @param {string} host @param {number} port @returns {Promise<boolean>} */
function listens(host, port) {
  return new Promise((resolve) => {
    request({ host, port, path: '/v2/', agent: false })
      .on('response', (response) => resolve(Boolean(response.resume())))
      .on('error', () => resolve(false))
      .end()
  })
}
