// The clients, each made for the engine of the environment. Nothing else of them is loaded with one.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The engine's socket. The suite needs one, for curl and raw read the same. */
export function socket() {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  const path = /^unix:\/\/(.+)$/.exec(host)?.[1]
  if (!path) throw new Error(`the bench needs an engine at a unix socket, not ${host}`)
  return path
}

/**
 * @param {string} client @param {string} [path] another engine's socket
 * @returns {Promise<{ made: any, close: () => Promise<void> }>}
 */
export async function open(client, path = socket()) {
  if (client === 'dokeres') {
    const { Dokeres } = require('dokeres')
    return { made: new Dokeres({ socketPath: path }), close: async () => {} }
  }
  if (client === 'dockerode') {
    /** @type {any} */
    const Docker = require('dockerode')
    return { made: new Docker({ socketPath: path }), close: async () => {} }
  }
  if (client === 'sdk') {
    const { DockerClient } = require('@docker/node-sdk')
    const made = await DockerClient.fromDockerHost(`unix:${path}`)
    return { made, close: () => made.close() }
  }
  return { made: undefined, close: async () => {} }
}

/** Where the packages of the clients are. @type {Record<string, string>} */
const PACKAGES = {
  dokeres: '.',
  dockerode: 'node_modules/dockerode',
  sdk: 'node_modules/@docker/node-sdk',
}

/** @param {string} client */
function packageOf(client) {
  const file = new URL(`../../${PACKAGES[client]}/package.json`, import.meta.url)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** @param {string} client */
export function isInstalled(client) {
  if (client === 'cli') return spawnSync('docker', ['--version']).status === 0
  return client === 'limit' || packageOf(client) !== undefined
}

/** The versions of what is compared, for the record. @returns {Record<string, string>} */
export function versions() {
  return Object.fromEntries(
    Object.keys(PACKAGES).map((client) => [client, packageOf(client)?.version ?? 'none']),
  )
}
