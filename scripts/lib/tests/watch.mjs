// Whether the engine still answers. One of 20.10 locks up once in a while when containers leave a network
// while others do: in libnetwork a goroutine holds the network and waits for the controller
// (`getSvcRecords`), another the controller and waits for the network (`processEndpointDelete`). Every
// call about networks then hangs, starting and removing containers among them, until it is killed.
import { setTimeout as sleep } from 'node:timers/promises'
import { api } from '../engine/api.mjs'

const PAUSE = 5_000
const PATIENCE = 30_000

/**
 * @param {string} host
 * @param {AbortSignal} signal ends it
 * @returns {Promise<boolean>} whether the engine has locked up; false when it was ended
 */
export async function locksUp(host, signal) {
  while (!signal.aborted) {
    try {
      await api(host, 'GET', '/networks', { signal: AbortSignal.timeout(PATIENCE) })
    } catch (error) {
      // One that is gone is another matter: tests say so themselves.
      if (/** @type {any} */ (error).code === 'ABORT_ERR') return true
    }
    await sleep(PAUSE, undefined, { signal }).catch(() => {})
  }
  return false
}
