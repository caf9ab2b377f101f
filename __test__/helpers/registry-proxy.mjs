// A registry that misbehaves as told: a proxy on the loopback, with the real one behind it.
import { createServer, request as ask } from 'node:http'
import { Transform, pipeline } from 'node:stream'

/**
 * What a script is told of a request.
 * @typedef {object} Asked
 * @property {string} method
 * @property {string} path
 * @property {'ping' | 'manifest' | 'blob' | 'upload' | 'other'} kind
 */

/**
 * @typedef {object} Limits how much is passed through, before `atLimit`
 * @property {number} [up] bytes of the request's body
 * @property {number} [down] bytes of the response's
 * @property {() => void} [atLimit] default: nothing more ever comes
 */

/**
 * @typedef {object} Exchange
 * @property {import('node:http').IncomingMessage} request
 * @property {import('node:http').ServerResponse} response
 * @property {(limits?: Limits) => void} pass
 */

/** @typedef {(exchange: Exchange) => void} Fault */
/** @typedef {(asked: Asked) => Fault | undefined} Script a request without a fault is passed through */

/**
 * @param {string} registry `host:port` of the real one
 * @param {Script} [first]
 */
export async function startRegistryProxy(registry, first = () => undefined) {
  let script = first
  /** @type {Asked[]} */
  const requests = []
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  const server = createServer((request, response) => {
    const asked = describe(request)
    requests.push(asked)
    const exchange = {
      request,
      response,
      pass: (/** @type {Limits} */ limits = {}) => pass(limits),
    }
    const pass = (/** @type {Limits} */ limits) => forward(registry, exchange, limits)
    const fault = script(asked)
    if (fault) fault(exchange)
    else pass({})
  })
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    address: `127.0.0.1:${port}`,
    requests,
    openSockets: () => sockets.size,
    /** From here on; what was asked before is forgotten. @param {Script} [next] */
    behave(next = () => undefined) {
      script = next
      requests.length = 0
    },
    hangUp,
    async close() {
      hangUp()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** @param {number} status @param {string} body @param {string} [type] @returns {Fault} */
export function answer(status, body, type = 'text/html') {
  return ({ request, response }) => {
    request.resume()
    response.writeHead(status, { 'content-type': type })
    response.end(body)
  }
}

/** An error as registries word it. @param {number} status @param {string} code @param {string} message */
export const registryError = (status, code, message) =>
  answer(status, JSON.stringify({ errors: [{ code, message, detail: null }] }), 'application/json')

export const tooManyRequests = registryError(
  429,
  'TOOMANYREQUESTS',
  'You have had enough for today',
)

/** The connection breaks after so many bytes of the response. @param {number} bytes @returns {Fault} */
export const cutDownload =
  (bytes) =>
  ({ request, pass }) =>
    pass({ down: bytes, atLimit: () => request.socket.destroy() })

/** The connection breaks after so many bytes of the request. @param {number} bytes @returns {Fault} */
export const cutUpload =
  (bytes) =>
  ({ request, pass }) =>
    pass({ up: bytes, atLimit: () => request.socket.destroy() })

/** The connection breaks before anything is answered. @type {Fault} */
export const cut = ({ request }) => void request.socket.destroy()

/** No more than so many bytes of the response ever come. @param {number} [bytes] @returns {Fault} */
export const stall = (bytes = 0) => (bytes === 0 ? () => {} : ({ pass }) => pass({ down: bytes }))

/** What is not even HTTP. @type {Fault} */
export const garbage = ({ request }) => void request.socket.end('%PDF-1.4 \0\x01\x02 nonsense\r\n')

/** @param {import('node:http').IncomingMessage} request @returns {Asked} */
function describe({ method = '', url = '' }) {
  const [path] = url.split('?')
  const kinds = /** @type {const} */ ([
    ['ping', /^\/v2\/$/],
    ['manifest', /\/manifests\/[^/]+$/],
    ['upload', /\/blobs\/uploads\//],
    ['blob', /\/blobs\/[^/]+$/],
  ])
  const [kind = 'other'] = kinds.find(([, pattern]) => pattern.test(path)) ?? []
  return { method, path, kind }
}

/** @param {string} registry @param {Exchange} exchange @param {Limits} limits */
function forward(registry, { request, response }, { up = Infinity, down = Infinity, atLimit }) {
  const [host, port] = registry.split(':')
  const { method, url: path } = request
  // With the host that was asked for, the registry's own addresses of uploads lead here again.
  const outgoing = ask({ host, port, method, path, headers: request.headers, agent: false })
  outgoing.on('response', (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.headers)
    pipeline(incoming, upTo(down, atLimit), response, () => {})
  })
  outgoing.on('error', () => request.socket.destroy())
  response.on('close', () => outgoing.destroy())
  pipeline(request, upTo(up, atLimit), outgoing, () => {})
}

/** @param {number} bytes @param {(() => void) | undefined} then once they are through */
function upTo(bytes, atLimit) {
  let left = bytes
  return new Transform({
    transform(chunk, _encoding, done) {
      const part = chunk.subarray(0, left)
      left -= part.length
      this.push(part)
      // Without `done` nothing more comes; the pause lets what was passed arrive.
      if (left > 0) done()
      else setTimeout(() => atLimit?.(), 50)
    },
  })
}
