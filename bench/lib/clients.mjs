// The clients, each made for the engine of the environment. Nothing else of them is loaded with one.
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

/** The versions of what is compared, for the record. */
export function versions() {
  return {
    dokeres: require('dokeres/package.json').version,
    dockerode: require('../../node_modules/dockerode/package.json').version,
    sdk: require('../../node_modules/@docker/node-sdk/package.json').version,
  }
}
