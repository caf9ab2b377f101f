// Containers to wait for, that go with the tests of their file.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { Dokeres } from '../../index.js'
import { assertNothingLeft, label } from './engine.mjs'

/** @param {string} file what marks its containers */
export function waiting(file) {
  const image = new Dokeres().image(process.env.DOKERES_TEST_BASE)
  const labels = { [label]: file }
  /** @type {import('dokeres').DokeresContainer[]} */
  const made = []

  after(async () => {
    await Promise.all(made.map((container) => container.remove({ force: true, volumes: true })))
    await assertNothingLeft(`${label}=${file}`)
  })

  /** @param {any} of an image @param {string[]} command @param {any} [options] */
  async function running(of, command, options) {
    const container = await of.run(null, { labels, init: true, ...options }, command)
    made.push(container)
    return container
  }

  /** @param {string} script @param {any} [options] */
  const saying = (script, options) => running(image, ['sh', '-c', script], options)

  return { image, labels, made, running, saying }
}

/** A rejection, and that it came soon. @param {Promise<unknown>} promise */
export async function fails(promise, within = 5000) {
  const begun = Date.now()
  const error = await promise.then(
    (value) => assert.fail(`it resolved to ${JSON.stringify(value)}`),
    (reason) => reason,
  )
  assert.ok(Date.now() - begun < within, `after ${Date.now() - begun} ms: ${error.message}`)
  return error
}
