// A real job: compile a TypeScript project in a container, as a user's build script would.
// `npm run demo` brings all that it needs, an engine included.
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Dokeres } from 'dokeres'

const here = dirname(fileURLToPath(import.meta.url))
const sources = join(here, 'sources')
const artifacts = join(here, '..', '..', 'artifacts', 'demo')
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))

const dokeres = new Dokeres()
const engine = await dokeres.version()
say(`engine ${engine.Version} at ${dokeres.name} (${dokeres.endpoint.source})`)

// 1. The base image: there, or pulled.
const base = process.env.DOKERES_DEMO_BASE ?? process.env.DOKERES_TEST_NODE ?? 'node:22-alpine'
const basePhases = await ensure(dokeres.image(base))

// 2. The build image: there, or built. `localhost/…` so that no registry is asked for it.
const image = dokeres.image({
  name: 'localhost/dokeres-demo:1',
  dockerfile: join(here, 'Dockerfile'),
  context: typescript,
  buildArgs: { BASE: base },
})
const imagePhases = await ensure(image)
const { stdout } = await image.task(['--version'], { remove: true })
say(`${image.name} has TypeScript ${stdout.trim()}`)

// 3. The job: sources are mounted read-only, artifacts written to a writable mount.
await rm(artifacts, { recursive: true, force: true })
await mkdir(artifacts, { recursive: true })
say(`compiling ${sources}`)
const container = await image.run(
  'build-my-thing',
  {
    readonly: { [sources]: '/src' },
    writable: { [artifacts]: '/dist' },
    user: await owner(),
    remove: true,
    ifExists: 'replace',
  },
  ['--project', '/src', '--outDir', '/dist', '--listEmittedFiles'],
  null,
  process.stdout,
)
const { code } = await container.wait()
if (code !== 0) throw new Error(`the build failed with ${code}`)

// 4. The artifact is there and runs.
say(`artifacts in ${artifacts}: ${(await readdir(artifacts)).join(', ')}`)
say(execFileSync(process.execPath, [join(artifacts, 'main.mjs')], { encoding: 'utf8' }).trim())

const did = [...basePhases, ...imagePhases]
const pulled = did.includes('pulled') ? 'pulled the base image' : 'pulled nothing'
const built = did.includes('built') ? 'built the build image' : 'built nothing'
say(`done: ${pulled}, ${built}, compiled in a container`)

/**
 * Ensures an image and tells what that took.
 * @param {import('dokeres').DokeresImage} image
 * @returns {Promise<string[]>} of `pulled` and `built`
 */
async function ensure(image) {
  if (await image.exists()) {
    say(`${image.name} is there`)
    return []
  }
  say(`${image.name} is not there yet`)
  await image.ensure({ progress: 'plain' })
  const did = image.dockerfile ? 'built' : 'pulled'
  say(`${image.name} is ${did}`)
  return [did]
}

/** Whose the artifacts are to be: ours, where the engine runs as root on this machine. */
async function owner() {
  const { SecurityOptions } = await dokeres.info()
  const isRootless = String(SecurityOptions).includes('rootless')
  return process.getuid && process.getgid && !isRootless
    ? `${process.getuid()}:${process.getgid()}`
    : undefined
}

/** @param {string} text */
function say(text) {
  console.log(`demo │ ${text}`)
}
