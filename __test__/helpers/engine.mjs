// The engine as an outsider sees it: what tests check dokeres against goes another way.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { api as call } from '../../scripts/lib/engine/api.mjs'
import { push } from '../../scripts/lib/engine/publish.mjs'

const host = process.env.DOCKER_HOST ?? ''

/** Marks what one file's tests make: `${label}=<file>`. */
export const label = `dokeres.test.${randomBytes(4).toString('hex')}`

/** @param {string} method @param {string} path @param {unknown} [body] @param {Record<string, string>} [headers] */
export function api(method, path, body, headers) {
  return call(host, method, path, { body, headers })
}

/** @param {string} prefix */
export function uniqueName(prefix) {
  return `${prefix}-${randomBytes(4).toString('hex')}`.toLowerCase()
}

/** @param {{ since: number, filters: Record<string, string[]> }} query `since` in seconds, with fractions */
export async function countEvents({ since, filters }) {
  const query = new URLSearchParams({
    since: since.toFixed(9),
    // The clock cuts off fractions of milliseconds: the latest event must not be missed by them.
    // Podman has nothing to tell of a time that is over.
    until: (
      (Date.now() + (process.env.DOKERES_ENGINE_RELEASE === 'podman' ? 500 : 2)) /
      1000
    ).toFixed(9),
    filters: JSON.stringify(filters),
  })
  const { text } = await api('GET', `/events?${query}`)
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** @param {string} name */
export async function removeImage(name) {
  await api('DELETE', `/images/${name}?force=1`)
}

/** @param {string} local @param {string} remote gets the name and goes to the registry under it */
export const pushToRegistry = (local, remote) => push(host, local, remote)

/** @param {string} marked `name=value` @returns {Promise<string[]>} the containers that have it */
export async function listByLabel(marked) {
  const filters = encodeURIComponent(JSON.stringify({ label: [marked] }))
  const { json } = await api('GET', `/containers/json?all=1&filters=${filters}`)
  return json.map((/** @type {any} */ container) => `${container.Names} ${container.State}`)
}

/** @param {string} marked */
export async function assertNothingLeft(marked) {
  const left = await listByLabel(marked)
  await removeByLabel(marked)
  assert.deepEqual(left, [], 'containers are left')
}

/** What a test that failed has left, so that the next one does not fail for it. @param {string} marked */
export async function removeByLabel(marked) {
  const filters = encodeURIComponent(JSON.stringify({ label: [marked] }))
  const { json } = await api('GET', `/containers/json?all=1&filters=${filters}`)
  for (const { Id } of json) await api('DELETE', `/containers/${Id}?force=1&v=1`)
}
