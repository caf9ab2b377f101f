// Reproducible builds in parallel: one build image, made once however many ask for it; each project built
// in a container that sees its sources and nothing else, twice; and both builds are the same to the byte.
import { createHash } from 'node:crypto'
import { readFile, readdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Dokeres, DokeresError } from 'dokeres'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url))
const artifacts = path('../artifacts/parallel-builds')
const tools = 'localhost/dokeres-example/build-tools:1'

// Yours, where you name them: `node parallel-builds.mjs ~/projects/*`. Each has a build.sh.
const named = process.argv.slice(2)
const folder = path('parallel-builds/projects')
const projects =
  named.length > 0
    ? named.map((name) => resolve(name))
    : (await readdir(folder)).map((name) => join(folder, name))

// Whatever happens to this program, no container stays.
const dokeres = new Dokeres({ cleanupOnExit: true })
/** @type {Map<string, string>} */
const failed = new Map()

/** Builds one project. @param {string} project @param {string} destination */
async function build(project, destination) {
  // Each asks for the image itself, as programs do that know nothing of one another.
  const image = dokeres.image({
    name: tools,
    dockerfile: path('parallel-builds/Dockerfile'),
    extraFiles: ['bundle'],
    buildArgs: { BASE: process.env.DOKERES_TEST_BASE ?? 'busybox' },
    rebuild: 'changed',
  })
  await image.task(null, {
    readonly: { [project]: '/src' },
    writable: { [destination]: '/dist' },
    createPaths: true,
    // Nothing of this machine, of today or of the network comes in.
    env: { SOURCE_DATE_EPOCH: 1_700_000_000, TZ: 'UTC', LC_ALL: 'C' },
    hostname: 'build',
    network: 'none',
    readonlyRootfs: true,
    tmpfs: '/tmp',
    timeout: '10m',
  })
}

/** Builds all of them, as many at once as there are processors. @param {string} destination */
async function buildAll(destination) {
  await rm(destination, { recursive: true, force: true })
  const queue = projects.values()
  const worker = async () => {
    for (const project of queue) {
      const name = basename(project)
      await build(project, join(destination, name)).catch((error) => {
        if (!(error instanceof DokeresError)) throw error
        // Of a program that failed, what it wrote; of all else, what there is to say.
        failed.set(name, error.code === 'EXIT_CODE' ? `${error.output}` : error.message)
      })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return sums(destination)
}

/** The SHA-256 of every file, as `sha256sum` writes it. @param {string} destination */
async function sums(destination) {
  const files = await readdir(destination, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath ?? file.path, file.name))
  const lines = paths.sort().map(async (file) => {
    const sum = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    return `${sum}  ${file.slice(destination.length + 1)}`
  })
  return Promise.all(lines)
}

let builds = 0
const events = dokeres.events({ filters: { type: 'image', event: 'tag' } })
const counting = events.forEach(
  ({ Actor }) => void (builds += Actor.Attributes.name === tools ? 1 : 0),
)
const first = await buildAll(join(artifacts, 'first'))
const second = await buildAll(join(artifacts, 'second'))
await events.close()
await counting

const how = builds === 0 ? 'was there' : builds === 1 ? 'built once' : `built ${builds} times`
console.log(`${tools}: asked for ${2 * projects.length} times, ${how}`)
for (const line of first) console.log(line)
const differ = [...first, ...second].filter(
  (line) => !first.includes(line) || !second.includes(line),
)
for (const [name, log] of failed) console.error(`${name} failed:\n${log.trimEnd()}`)
for (const line of differ) console.error(`not the same twice: ${line}`)
if (failed.size === 0 && differ.length === 0) console.log('both builds are the same')
else process.exitCode = 1
