// What an engine's users need to know of it.
import { folder, registryRoot } from './state.mjs'
import { BASE, NODE } from './images.mjs'

/**
 * @param {import('./state.mjs').State} state
 * @returns {Record<string, string>}
 */
export function environment(state) {
  return {
    DOCKER_HOST: state.host,
    DOKERES_ENGINE_DIR: folder,
    ...(state.release && { DOKERES_ENGINE_RELEASE: state.release }),
    DOKERES_TEST_BASE: BASE,
    DOKERES_TEST_NODE: NODE,
    ...(state.registryAddress && {
      DOKERES_TEST_REGISTRY: state.registryAddress,
      DOKERES_TEST_REGISTRY_ROOT: registryRoot,
    }),
  }
}

/** @param {import('./state.mjs').State} state */
export function exports_(state) {
  return Object.entries(environment(state))
    .map(([name, value]) => `export ${name}='${value}'`)
    .join('\n')
}
