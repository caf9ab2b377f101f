// One part of the matrix as a test file's: on an engine of its own, of which nothing more is left.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { groups } from './calls/all.mjs'
import { runMatrix } from './matrix.mjs'
import { makeWorld } from './world.mjs'

/** @param {keyof typeof groups} title @param {number} least so many cells there are, or the table has shrunk */
export function testMatrix(title, least) {
  /** @type {any} */
  let world
  /** @type {string[]} */
  let had = []
  before(async () => {
    world = await makeWorld({ swarm: title === 'swarm' })
    had = await world.inventory()
  })
  after(() => world?.close())

  test(`${title}: each call by each fault`, async () => {
    const began = performance.now()
    const { cells, failures } = await runMatrix(world, groups[title])
    console.log(`${title}: ${cells} cells in ${Math.round((performance.now() - began) / 1000)} s`)
    assert.ok(failures.length === 0, `${failures.length} failures\n${failures.join('\n')}`)
    if (!process.env.DOKERES_MATRIX) assert.ok(cells >= least, `${cells} cells`)
  })

  test(`${title}: nothing is left on the engine`, async () => {
    const left = async () =>
      (await world.inventory()).filter((/** @type {string} */ one) => !had.includes(one))
    // An engine that was asked by a connection that broke may still be at it.
    for (let tries = 0; tries < 30 && (await left()).length > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.deepEqual(await left(), [])
  })
}
