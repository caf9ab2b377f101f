// The platforms that there is an addon for: what `napi.targets` says, in npm's words.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTriple } from '@napi-rs/cli'
import { root } from '../run.mjs'

/** @typedef {{ triple: string, platform: string, package: string, addon: string, os: string, cpu: string, libc?: string }} Target */

/** @returns {Target[]} */
export function targets() {
  /** @type {{ name: string, napi: { binaryName: string, targets: string[] } }} */
  const { name, napi } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return napi.targets.map((triple) => {
    const { platform: os, arch: cpu, abi, platformArchABI: platform } = parseTriple(triple)
    const libc = os === 'linux' ? { libc: abi === 'musl' ? 'musl' : 'glibc' } : {}
    const addon = `${napi.binaryName}.${platform}.node`
    return { triple, platform, package: `${name}-${platform}`, addon, os, cpu, ...libc }
  })
}

/** The one of this machine. */
export function ownTarget() {
  const { header } = /** @type {any} */ (process.report).getReport()
  const libc = header.glibcVersionRuntime ? 'glibc' : 'musl'
  const own = targets().find(
    ({ os, cpu, libc: wanted }) =>
      os === process.platform && cpu === process.arch && (!wanted || wanted === libc),
  )
  if (!own) throw new Error(`there is no addon for ${process.platform} on ${process.arch}`)
  return own
}
