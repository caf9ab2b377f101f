// A large image, saved to a file and loaded from one.
import assert from 'node:assert/strict'
import { createReadStream, createWriteStream, rmSync, statSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { docker, program, shell } from '../lib/tools.mjs'
import { socket } from '../lib/clients.mjs'
import { workloads } from '../lib/workload.mjs'

/**
 * @param {(client: any, image: any) => Promise<unknown>} save
 * @returns {import('../lib/workload.mjs').Measured}
 */
const saving = (save) => async (run) => {
  const { image } = run.facts
  await run.measure(() => save(run.client, image))
  assert.equal(statSync(image.output).size, image.bytes)
  const script = 'tar -xOf "$1" --wildcards "*/layer.tar" | sha256sum | cut -d" " -f1'
  assert.equal(`sha256:${(await shell(script, image.output)).trim()}`, image.layer)
  rmSync(image.output)
}

/**
 * @param {(client: any, file: string) => Promise<unknown>} load
 * @returns {import('../lib/workload.mjs').Measured}
 */
const loading = (load) => async (run) => {
  const { name, id, saved } = run.facts.image
  await docker(['image', 'rm', '--force', id])
  await run.measure(() => load(run.client, saved))
  const found = await docker(['image', 'inspect', '--format', '{{.Id}}', name])
  assert.equal(found.trim(), id)
}

const common = {
  needs: { image: 500e6 },
  share: 0.3,
  figure: /** @type {const} */ ('wall'),
}

export default workloads(
  {
    ...common,
    name: 'image-save',
    title: 'image of 500 MB, saved to a file',
    seconds: 40,
    bound: 'the engine, which makes the tar on its disk first',
    clients: {
      dokeres: saving((client, { name, output }) => client.image(name).save(output)),
      dockerode: saving(async (client, { name, output }) =>
        pipeline(await client.getImage(name).get(), createWriteStream(output)),
      ),
      sdk: saving((client, { name, output }) =>
        client.imageGet(name, Writable.toWeb(createWriteStream(output))),
      ),
      cli: saving((_, { name, output }) => docker(['save', '--output', output, name])),
      limit: saving((_, { name, output }) =>
        program('curl', [
          '-sS',
          '--fail',
          '--unix-socket',
          socket(),
          '-o',
          output,
          `http://d/images/${name}/get`,
        ]),
      ),
    },
  },
  {
    ...common,
    name: 'image-load',
    title: 'image of 500 MB, loaded from a file',
    seconds: 45,
    bound: 'the engine, which checks and unpacks the layer',
    clients: {
      dokeres: loading((client, file) => client.images.load(file)),
      dockerode: loading(async (client, file) => {
        const stream = await client.loadImage(file, {})
        await new Promise((resolve, reject) =>
          client.modem.followProgress(stream, (/** @type {unknown} */ error) =>
            error ? reject(error) : resolve(undefined),
          ),
        )
      }),
      sdk: loading((client, file) => client.imageLoad(Readable.toWeb(createReadStream(file)))),
      cli: loading((_, file) => docker(['load', '--quiet', '--input', file])),
      limit: loading((_, file) => {
        const send = ['-X', 'POST', '-H', 'content-type: application/x-tar', '-T', file]
        const args = [
          '-sS',
          '--fail',
          '--unix-socket',
          socket(),
          ...send,
          'http://d/images/load?quiet=1',
        ]
        return program('curl', args)
      }),
    },
  },
)
