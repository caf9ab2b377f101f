// Tars out of a container and into one.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { curl, docker, program, shell } from '../lib/tools.mjs'
import { socket } from '../lib/clients.mjs'
import { workloads } from '../lib/workload.mjs'

/** @typedef {AsyncIterable<Buffer>} Chunks */

/** @param {Chunks} chunks */
async function count(chunks) {
  let bytes = 0
  for await (const chunk of chunks) bytes += chunk.length
  return bytes
}

/** A tar of the two files: a header each and for the folder, padding, two blocks at the end. */
function expected(/** @type {any} */ { size, lastSize }) {
  const padded = (/** @type {number} */ bytes) => Math.ceil(bytes / 512) * 512
  return 3 * 512 + padded(size) + padded(lastSize) + 2 * 512
}

/**
 * @param {(client: any, id: string, path: string) => Promise<Chunks>} get
 * @returns {import('../lib/workload.mjs').Measured}
 */
const getting = (get) => async (run) => {
  const { archive } = run.facts
  const bytes = await run.measure(async () => count(await get(run.client, archive.id, '/data')))
  assert.equal(bytes, expected(archive))
  /** @type {Buffer[]} */
  const parts = []
  for await (const part of await get(run.client, archive.id, '/data/z-last')) parts.push(part)
  const content = Buffer.concat(parts).subarray(512, 512 + archive.lastSize)
  assert.equal(createHash('sha256').update(content).digest('hex'), archive.last)
}

/**
 * @param {(client: any, id: string, tar: string) => Promise<unknown>} put
 * @returns {import('../lib/workload.mjs').Measured}
 */
const putting = (put) => async (run) => {
  const { id, tar, size, last } = run.facts.archive
  // What an earlier one has put there must not pass for this one's.
  const empty = 'd=$(mktemp -d); mkdir "$d/data"; touch "$d/data/big" "$d/data/z-last"'
  await shell(`${empty}; tar -C "$d" -c data | docker cp - "$1:/tmp"; rm -r "$d"`, id)
  await run.measure(() => put(run.client, id, tar))
  const script = `docker cp "$1:/tmp/data/$2" - | tar -xO | eval "$3"`
  const sum = await shell(script, id, 'z-last', 'sha256sum | cut -d" " -f1')
  assert.equal(sum.trim(), last)
  assert.equal(Number(await shell(script, id, 'big', 'wc -c')), size)
}

const common = { needs: { archive: 500e6 }, share: 0.3, figure: /** @type {const} */ ('wall') }

export default workloads(
  {
    ...common,
    name: 'archive-get',
    title: 'getArchive of 500 MB',
    seconds: 35,
    bound: 'the engine, which makes the tar',
    clients: {
      dokeres: getting(async (client, id, path) => (await client.container(id)).getArchive(path)),
      dockerode: getting((client, id, path) => client.getContainer(id).getArchive({ path })),
      sdk: 'takes 2 s for 10 MB and minutes for 150',
      cli: async (run) => {
        const { archive } = run.facts
        const script = 'docker cp "$1:/data" - | wc -c'
        const printed = await run.measure(() => shell(script, archive.id))
        assert.equal(Number(printed), expected(archive))
      },
      limit: async (run) => {
        const { archive } = run.facts
        const path = `/containers/${archive.id}/archive?path=/data`
        assert.equal(await run.measure(() => curl(path)), expected(archive))
      },
    },
  },
  {
    ...common,
    name: 'archive-put',
    title: 'putArchive of 500 MB',
    seconds: 45,
    bound: 'the engine, which unpacks the tar to its disk',
    clients: {
      dokeres: putting(async (client, id, tar) =>
        (await client.container(id)).putArchive('/tmp', tar),
      ),
      dockerode: putting((client, id, tar) =>
        client.getContainer(id).putArchive(tar, { path: '/tmp' }),
      ),
      sdk: 'resolves and has put nothing',
      cli: putting(async (_, id, tar) => {
        const input = openSync(tar, 'r')
        try {
          await docker(['cp', '-', `${id}:/tmp`], { input })
        } finally {
          closeSync(input)
        }
      }),
      limit: putting((_, id, tar) => {
        const url = `http://d/containers/${id}/archive?path=/tmp`
        const send = ['-X', 'PUT', '-H', 'content-type: application/x-tar', '-T', tar]
        return program('curl', ['-sS', '--fail', '--unix-socket', socket(), ...send, url])
      }),
    },
  },
)
