// A build context of many files: packed and sent to an engine that swallows it, and built by the real one.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open, socket } from '../lib/clients.mjs'
import { docker, program, shell } from '../lib/tools.mjs'
import { workloads } from '../lib/workload.mjs'

/** @typedef {import('../lib/workload.mjs').Run} Run */
/** @typedef {(client: any, folder: string, name: string, socket: string) => Promise<unknown>} Build */

/** The members that GNU tar takes, as the `.dockerignore` has it. */
const TAR = 'tar -C "$1" --exclude=./skipped --exclude="*.log" --sort=name -cf - .'

/** @type {Build} */
const dokeres = (client, folder, name) =>
  client.image({ name, context: folder, builder: 'classic', noCache: true }).build()

/** @param {any} client @param {string} folder @param {string} name */
async function dockerode(client, folder, name) {
  const src = ['Dockerfile', '.dockerignore', 'kept', 'skipped']
  const stream = await client.buildImage({ context: folder, src }, { t: name, nocache: true })
  await new Promise((resolve, reject) => {
    client.modem.followProgress(
      stream,
      (/** @type {unknown} */ error, /** @type {any[]} */ output) => {
        const failed = error ?? output.find((record) => record.error)
        if (failed) reject(failed)
        else resolve(output)
      },
    )
  })
}

/** @type {Build} */
const cli = (_, folder, name, path) =>
  docker(['build', '--quiet', '--no-cache', '--tag', name, folder], { socket: path })

/** The names in what was sent, of a tar that is compressed or not. @param {string} file */
async function names(file) {
  const list = await program('tar', ['--list', '--auto-compress', '--file', file])
  const paths = list.split('\n').map((path) => path.replace(/^\.\//, ''))
  return paths.filter((path) => path !== '' && !path.endsWith('/')).sort()
}

/**
 * @param {string} client @param {Build} build
 * @returns {import('../lib/workload.mjs').Measured}
 */
const packing = (client, build) => async (run) => {
  const { tree, sink } = run.facts
  const counting = await open(client, sink.socket)
  await run.measure(() => build(counting.made, tree.folder, 'bench/pack:1', sink.socket))
  const sunk = await program('curl', ['-sS', '--unix-socket', sink.socket, 'http://d/sunk'])
  const { bytes } = JSON.parse(sunk)
  run.note({ sentMB: bytes / 1e6 })
  // dockerode compresses.
  assert.ok(bytes > tree.bytes / 10, `${bytes} bytes were sent`)
  await counting.close()
  const keeping = await open(client, sink.keeping)
  await build(keeping.made, tree.small, 'bench/pack:1', sink.keeping)
  const sent = await names(sink.dump)
  const expected = Array.from({ length: 50 }, (_, index) => `kept/d0/file-${index}.txt`)
  const missing = expected.filter((name) => !sent.includes(name))
  assert.deepEqual(missing, [], 'missing of the context')
  assert.deepEqual(
    sent.filter((name) => name.startsWith('skipped') || name.endsWith('.log')),
    [],
    'sent, but ignored',
  )
  rmSync(sink.dump)
  await keeping.close()
}

/** @param {Build} build @returns {import('../lib/workload.mjs').Measured} */
const building = (build) => async (run) => {
  const name = `dokeres-bench/built-${randomBytes(4).toString('hex')}:1`
  await run.measure(() => build(run.client, run.facts.tree.folder, name, socket()))
  const size = await docker(['image', 'inspect', '--format', '{{.Size}}', name])
  await docker(['image', 'rm', '--force', name])
  assert.equal(Number(size), run.facts.tree.copied)
}

const common = { share: 0.2, figure: /** @type {const} */ ('wall') }

export default workloads(
  {
    ...common,
    name: 'context-pack',
    title: 'context of 50,000 files, packed and sent',
    needs: { tree: 50_000, sink: 0 },
    seconds: 40,
    bound: 'opening and reading files; the limit is GNU tar to a pipe',
    clients: {
      dokeres: packing('dokeres', dokeres),
      dockerode: packing('dockerode', dockerode),
      sdk: 'packs no directory',
      cli: packing('cli', cli),
      limit: async (run) => {
        const { folder, bytes } = run.facts.tree
        const printed = await run.measure(() => shell(`${TAR} | wc -c`, folder))
        assert.ok(Number(printed) > bytes)
      },
    },
  },
  {
    ...common,
    name: 'context-build',
    title: 'context of 50,000 files, built',
    needs: { tree: 50_000 },
    seconds: 60,
    bound: 'the engine, which unpacks the context to its disk',
    clients: {
      dokeres: building(dokeres),
      dockerode: building(dockerode),
      sdk: 'packs no directory',
      cli: building(cli),
      // The tar is there already: what is left is the engine's own time.
      limit: async (run) => {
        const folder = mkdtempSync(join(tmpdir(), 'dokeres-bench-tar-'))
        const tar = join(folder, 'context.tar')
        try {
          await shell(`${TAR} > "$2"`, run.facts.tree.folder, tar)
          const post = ['-X', 'POST', '-H', 'content-type: application/x-tar', '-T', tar]
          await building((_, __, name, path) => {
            const url = `http://d/build?nocache=1&rm=1&t=${encodeURIComponent(name)}`
            return program('curl', ['-sS', '--fail', '--unix-socket', path, ...post, url])
          })(run)
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      },
    },
  },
)
