// Where the recording is made: an engine that has no image yet, a registry behind a line as slow as that of a home, so
// that a download takes a while, and a folder with the ten lines in it.
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, request as ask } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Dokeres } from 'dokeres'
import { deleteBridge } from '../engine/bridge.mjs'
import { startEngine } from '../engine/daemon.mjs'
import { clear, endStrays } from '../engine/down.mjs'
import { kill } from '../engine/processes.mjs'
import { push } from '../engine/publish.mjs'
import { root } from '../run.mjs'

/** @typedef {{ host: string, project: string, strike: () => Promise<void> }} Stage */

/** 24 MBit/s. */
const BYTES_A_MILLISECOND = 3000
/** Layers of the base, in kB: the more of them there are, the more there is to see. */
const LAYERS = [900, 3400, 2100, 5200]

/** @returns {Promise<Stage>} */
export async function setStage() {
  const { DOCKER_HOST, DOKERES_TEST_BASE, DOKERES_TEST_REGISTRY } = process.env
  if (!DOCKER_HOST || !DOKERES_TEST_BASE || !DOKERES_TEST_REGISTRY) {
    throw new Error('say: scripts/engine run --private -- node scripts/recording.mjs')
  }
  await publishBase(DOCKER_HOST, DOKERES_TEST_BASE, `${DOKERES_TEST_REGISTRY}/library/busybox`)
  const line = await slowLine(DOKERES_TEST_REGISTRY)
  const folder = await mkdtemp(join(tmpdir(), 'dokeres-stage-'))
  const engine = await startEngine({
    folder: join(folder, 'engine'),
    args: ['--registry-mirror', `http://${line.address}`],
  })
  const project = join(folder, 'project')
  await mkdir(join(project, 'node_modules'), { recursive: true })
  await symlink(root, join(project, 'node_modules', 'dokeres'))
  await writeFile(join(project, 'package.json'), '{ "private": true }\n')
  await cp(join(root, 'examples', 'ten-lines.mjs'), join(project, 'ten-lines.mjs'))
  return {
    host: engine.host,
    project,
    async strike() {
      await kill(engine.dockerd)
      await endStrays(join(folder, 'engine'))
      deleteBridge(engine.bridge)
      clear(join(folder, 'engine'))
      line.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A busybox of several layers. @param {string} host @param {string} base @param {string} remote */
async function publishBase(host, base, remote) {
  const dokeres = new Dokeres(host)
  const lines = LAYERS.map((size, at) => `RUN head -c ${size}000 /dev/urandom > /usr/${at}`)
  const name = 'dokeres-recording/busybox:latest'
  const image = dokeres.image({
    name,
    context: { Dockerfile: [`FROM ${base}`, ...lines].join('\n') },
  })
  await image.build()
  await push(host, name, `${remote}:latest`)
  await image.remove({ force: true })
}

/** The registry, as it is reached over a slow line. @param {string} registry */
async function slowLine(registry) {
  const [host, port] = registry.split(':')
  const server = createServer((request, response) => {
    const { method, url: path } = request
    // The registry's redirects and addresses are not to lead around the line: it is asked as itself.
    const headers = { ...request.headers, host: registry }
    const outgoing = ask({ host, port, method, path, headers, agent: false })
    outgoing.on('response', async (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, incoming.headers)
      for await (const chunk of incoming) {
        response.write(chunk)
        await pause(chunk.length / BYTES_A_MILLISECOND)
      }
      response.end()
    })
    outgoing.on('error', () => request.socket.destroy())
    request.pipe(outgoing)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { address: `127.0.0.1:${own}`, close }
}
