// A private image registry, on loopback: the one address that engines trust without TLS.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { within } from './network.mjs'
import { isAlive, lastLines, launch } from './processes.mjs'
import { sleep } from './say.mjs'

const NAME = 'registry'

/** Where a registry started with this folder keeps its images. @param {string} folder */
export function storageOf(folder) {
  return join(folder, 'registry')
}

/**
 * @param {string} folder
 * @param {{ program?: string, netns?: string, htpasswd?: string }} [options]
 * @returns {Promise<string>} its host:port, which answers
 */
export async function startRegistry(folder, { program = 'docker-registry', netns, htpasswd } = {}) {
  mkdirSync(storageOf(folder), { recursive: true })
  const port = await freePort()
  const config = {
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: storageOf(folder) }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
    ...(htpasswd && { auth: { htpasswd: { realm: 'dokeres', path: htpasswd } } }),
  }
  const file = join(folder, 'registry.yml')
  // YAML includes JSON.
  writeFileSync(file, JSON.stringify(config))
  const registry = await launch(folder, NAME, within(netns, [program, 'serve', file]), {
    // It would send traces there.
    env: { OTEL_TRACES_EXPORTER: 'none' },
  })
  for (let waited = 0; !isListening(registry.pid, port); waited += 20) {
    if (!isAlive(registry) || waited > 20_000) {
      throw new Error(`the registry has not started:\n${lastLines(folder, NAME)}`)
    }
    await sleep(20)
  }
  return `127.0.0.1:${port}`
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Read from the process's own tables: it may be in a namespace where we cannot connect. @param {number} pid @param {number} port */
function isListening(pid, port) {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} `
  try {
    const table = readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    // 0A: it listens.
    return table.split('\n').some((row) => row.includes(local) && / 0A /.test(row))
  } catch {
    return false
  }
}
