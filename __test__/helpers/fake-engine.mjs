// A scripted engine, for faults that a real one cannot be made to show.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * @param {import('node:http').RequestListener} handler
 */
export async function fakeEngine(handler) {
  const folder = await mkdtemp(join(tmpdir(), 'dokeres-fake-'))
  const socketPath = join(folder, 'docker.sock')
  /** @type {{ method?: string, url?: string }[]} */
  const requests = []
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  const server = createServer((request, response) => {
    requests.push({ method: request.method, url: request.url })
    request.resume()
    handler(request, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.listen(socketPath, () => resolve(undefined)))
  return {
    socketPath,
    requests,
    openSockets: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
