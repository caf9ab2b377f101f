// The packages as they are published. Not by `napi prepublish`, which packs and publishes in one go: what
// was tested is to be the very files that are published.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { must, root } from '../run.mjs'
import { targets } from './targets.mjs'

/** @typedef {{ main: string, platforms: Record<string, string>, missing: string[] }} Packed */

/**
 * Packs the main package, and one for each platform whose addon is there.
 * @param {string} destination a folder
 * @param {{ addons?: string, placeholders?: boolean }} [options] `addons` is the folder that has them, the
 *   project's by default; with `placeholders`, platforms without one get a package without one
 * @returns {Promise<Packed>} the tarballs' paths, by platform; `missing` are platforms without an addon
 */
export async function pack(destination, { addons = root, placeholders = false } = {}) {
  mkdirSync(destination, { recursive: true })
  const stage = mkdtempSync(join(tmpdir(), 'dokeres-pack-'))
  try {
    const version = await stageMain(join(stage, 'main'))
    const main = await npmPack(join(stage, 'main'), destination)
    /** @type {Packed} */
    const packed = { main, platforms: {}, missing: [] }
    for (const { platform, addon } of targets()) {
      const [source, folder] = [join(addons, addon), join(stage, platform)]
      const there = existsSync(source)
      if (!there) packed.missing.push(platform)
      if (!there && !placeholders) continue
      cpSync(join(root, 'npm', platform), folder, { recursive: true })
      copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
      if (there) copyFileSync(source, join(folder, addon))
      edit(folder, { version, type: 'commonjs' })
      packed.platforms[platform] = await npmPack(folder, destination)
    }
    return packed
  } finally {
    rmSync(stage, { recursive: true })
  }
}

/**
 * The main package ships no addon: it asks for those of the platforms, of which npm takes the one that fits.
 * @param {string} folder
 */
async function stageMain(folder) {
  const { output } = await must('npm', ['pack', '--dry-run', '--json'], { quiet: true })
  for (const { path } of firstOf(output).files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    copyFileSync(join(root, path), join(folder, path))
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const optionalDependencies = Object.fromEntries(
    targets().map((target) => [target.package, version]),
  )
  edit(folder, { optionalDependencies }, ['scripts', 'devDependencies', 'napi'])
  return version
}

/**
 * Changes a package.json. Where npm is to vouch for where a package comes from, it has to name the
 * repository that it is published from, which is the workflow's to know.
 * @param {string} folder @param {Record<string, unknown>} changes @param {string[]} [without]
 */
function edit(folder, changes, without = []) {
  const file = join(folder, 'package.json')
  const manifest = { ...JSON.parse(readFileSync(file, 'utf8')), ...changes }
  for (const field of without) delete manifest[field]
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env
  if (server && name) manifest.repository = { type: 'git', url: `git+${server}/${name}.git` }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}

/** @param {string} folder @param {string} destination @returns {Promise<string>} the tarball's path */
async function npmPack(folder, destination) {
  const args = ['pack', '--json', '--pack-destination', resolve(destination), folder]
  const { output } = await must('npm', args, { quiet: true })
  return join(resolve(destination), firstOf(output).filename)
}

/**
 * What `npm pack --json` says, less the warnings before it.
 * @param {string} output
 * @returns {{ filename: string, files: { path: string }[] }}
 */
function firstOf(output) {
  const said = JSON.parse(output.slice(output.search(/^[[{]/m)))
  return Object.values(said)[0]
}
