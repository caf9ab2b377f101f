// A compiler whose C library is as old as a released addon may need: that of `napi build --use-napi-cross`,
// which cannot unpack it with a Node before 22.20, and asks for whichever version is the newest.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { canInstall, install } from '../engine/packages.mjs'
import { has, must, root } from '../run.mjs'

const VERSION = '1.0.0'

/**
 * Fetches it, once, and tells how Rust and the C that Rust's crates have are to be built with it.
 * @param {string} triple `…-linux-gnu`
 * @returns {Promise<Record<string, string>>} environment variables
 */
export async function oldGlibc(triple) {
  const [machine] = triple.split('-')
  const folder = join(root, '.cache', 'toolchains', `${triple}-${VERSION}`)
  if (!existsSync(join(folder, 'bin'))) {
    const name = `@napi-rs/cross-toolchain-${process.arch}-target-${machine}`
    await unpack(`${name}@${VERSION}`, folder, `package/${triple}.tar.xz`)
  }
  const tool = (/** @type {string} */ name) => join(folder, 'bin', `${triple}-${name}`)
  const variable = triple.replaceAll('-', '_')
  return {
    [`CARGO_TARGET_${variable.toUpperCase()}_LINKER`]: tool('gcc'),
    [`CC_${variable}`]: tool('gcc'),
    [`AR_${variable}`]: tool('ar'),
  }
}

/** @param {string} name @param {string} folder @param {string} inner the archive in the archive */
async function unpack(name, folder, inner) {
  const part = `${folder}.part`
  if (!(await has('xz')) && canInstall()) install(['xz-utils'])
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  await must('npm', ['pack', name, '--pack-destination', part], { quiet: true })
  const [tarball] = readdirSync(part)
  await must('tar', ['-xzf', join(part, tarball), '-C', part])
  mkdirSync(folder, { recursive: true })
  await must('tar', ['-xJf', join(part, inner), '-C', folder])
  rmSync(part, { recursive: true })
}
