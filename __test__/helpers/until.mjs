import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, but not for ever. @param {() => boolean} condition @param {() => unknown} [tell] */
export async function until(condition, tell = () => '') {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 1500, `it did not come to that: ${tell()}`)
    await sleep(20)
  }
}
