// Putting an image into the registry, and only there: for what is to be pulled.
import { api } from './api.mjs'

/**
 * Pushes an image under another name.
 * @param {string} host @param {string} local @param {string} remote with its tag
 */
export async function push(host, local, remote) {
  const [, repo, tag] = /** @type {RegExpMatchArray} */ (remote.match(/^(.*):([^:/]+)$/))
  const path = `/images/${local}/tag?repo=${encodeURIComponent(repo)}&tag=${tag}`
  const tagged = await api(host, 'POST', path)
  if (tagged.status !== 201) throw new Error(`tagging ${local} failed: ${tagged.text}`)
  const headers = { 'x-registry-auth': Buffer.from('{}').toString('base64') }
  const pushed = await api(host, 'POST', `/images/${repo}/push?tag=${tag}`, { headers })
  if (pushed.status !== 200 || pushed.text.includes('"error"')) {
    throw new Error(`pushing ${remote} failed: ${pushed.text}`)
  }
}

/**
 * Moves an image of the engine's into the registry; where it is there already, nothing is done.
 * @param {import('./state.mjs').State} state
 * @param {string} local
 * @returns {Promise<string>} the name to pull it by
 */
export async function publish({ host, registryAddress }, local) {
  if (!registryAddress) return local
  const remote = `${registryAddress}/${local}`
  const found = await fetch(
    `http://${remote.replace('/', '/v2/').replace(/:([^:/]+)$/, '/manifests/$1')}`,
  )
  if (found.ok) return remote
  await push(host, local, remote)
  for (const name of [remote, local]) await api(host, 'DELETE', `/images/${name}?force=1`)
  return remote
}
