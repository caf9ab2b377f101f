// Bringing an engine up: one that answers, or a private one.
import { mkdirSync } from 'node:fs'
import { api, answers } from './api.mjs'
import { SWARM_BRIDGE, isThere } from './bridge.mjs'
import { startEngine } from './daemon.mjs'
import { down } from './down.mjs'
import { makeImages } from './images.mjs'
import { canInstall, install } from './packages.mjs'
import { startRegistry } from './registry.mjs'
import { folder, read, write } from './state.mjs'

const DEFAULT = 'unix:///var/run/docker.sock'

/**
 * @param {{ private: boolean, release?: import('./daemon.mjs').Release }} options
 * @returns {Promise<import('./state.mjs').State>}
 */
export async function up(options) {
  const running = read()
  if (running && (await answers(running.host))) return running
  // What a crash left behind goes first.
  await down({ quiet: true })
  mkdirSync(folder, { recursive: true })
  try {
    const state = await engine(options)
    write(state)
    if (canInstall()) {
      install(['docker-registry'])
      Object.assign(state, await startRegistry())
      write(state)
    }
    state.images = await makeImages(state.host, state.dockerd !== undefined)
    write(state)
    await api(state.host, 'GET', '/_ping')
    return state
  } catch (error) {
    await down({ quiet: true })
    throw error
  }
}

/**
 * @param {{ private: boolean, release?: import('./daemon.mjs').Release }} options
 * @returns {Promise<import('./state.mjs').State>}
 */
async function engine(options) {
  const found = process.env.DOCKER_HOST || DEFAULT
  const found_ = found.startsWith('unix://') && (await answers(found))
  if (found_ && !(options.private && canInstall())) {
    if (options.private)
      say('a private engine needs root on Debian or Ubuntu; using the one there is')
    say(`using the engine at ${found}`)
    return { host: found, images: [] }
  }
  if (!canInstall()) {
    throw new Error(
      `no engine answers at ${found}, and one can be installed only as root on Debian or Ubuntu; ` +
        'start one and set DOCKER_HOST',
    )
  }
  install(['docker.io', 'busybox-static', 'iptables', 'iproute2'])
  say('starting a private engine')
  const { release } = options
  const hadSwarmBridge = isThere(SWARM_BRIDGE)
  return { ...(await startEngine({ release })), hadSwarmBridge, images: [] }
}

/** @param {string} message */
function say(message) {
  console.error(`engine: ${message}`)
}
