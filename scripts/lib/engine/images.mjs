// The images that tests start from, brought into an engine through its API.
import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ask, call } from './api.mjs'
import { provide } from './install.mjs'
import { packBase, packNode } from './rootfs.mjs'
import { dir } from './state.mjs'

export const BASE = 'dokeres-test/base:latest'
export const NODE = 'dokeres-test/node:latest'

const CHANGES = ['CMD ["/bin/sh"]', 'ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin']

/** Where programs are unpacked that cannot be installed. */
export const tools = join(dir, 'tools')

/**
 * @param {string} url the engine's
 * @returns {Promise<string[]>} those that were not there before
 */
export async function bringImages(url) {
  const brought = []
  for (const [name, pack] of /** @type {const} */ ([[BASE, packBase], [NODE, packNode]])) {
    if ((await call(url, 'GET', `/images/${name}/json`)).status === 200) continue
    await importImage(url, name, await cached(name, pack))
    brought.push(name)
  }
  return brought
}

/** @param {string} name @param {typeof packBase} pack */
async function cached(name, pack) {
  const tar = join(dir, 'images', `${name.replace(/[/:]/g, '-')}.tar`)
  if (!existsSync(tar)) {
    mkdirSync(join(dir, 'images'), { recursive: true })
    await pack(tar, await provide('busybox', tools))
  }
  return tar
}

/** @param {string} url @param {string} name @param {string} tar */
async function importImage(url, name, tar) {
  const query = new URLSearchParams({ fromSrc: '-', ...splitTag(name) })
  for (const change of CHANGES) query.append('changes', change)
  await ask(url, 'POST', `/images/create?${query}`, { body: createReadStream(tar) })
}

/**
 * Copies an engine's image to a registry; the engine has it under that name too, then.
 * @param {string} url the engine's
 * @param {string} local @param {string} remote host:port/repository:tag
 * @param {{ username?: string, password?: string }} [auth]
 * @returns {Promise<string>} the digest that the registry has it by
 */
export async function push(url, local, remote, auth = {}) {
  const { repo, tag } = splitTag(remote)
  if (local !== remote) {
    await ask(url, 'POST', `/images/${local}/tag?${new URLSearchParams({ repo, tag })}`)
  }
  const credentials = Buffer.from(JSON.stringify(auth)).toString('base64url')
  const headers = { 'x-registry-auth': credentials }
  const { text } = await ask(url, 'POST', `/images/${repo}/push?tag=${tag}`, { headers })
  return /"Digest":"(sha256:[0-9a-f]+)"/.exec(text)?.[1] ?? ''
}

/** @param {string} url @param {string} name */
export async function untag(url, name) {
  const { status, json } = await call(url, 'DELETE', `/images/${name}?force=1`)
  if (status >= 400 && status !== 404) throw new Error(`removing ${name}: ${json?.message}`)
}

/** @param {string} name */
export function splitTag(name) {
  const match = /^(.*?)(?::([\w.-]+))?$/.exec(name)
  return { repo: match?.[1] ?? name, tag: match?.[2] ?? 'latest' }
}
