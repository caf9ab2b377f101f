// A second engine that asks for certificates, and a plain TCP door to the first.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deleteBridge } from '../../scripts/lib/engine/bridge.mjs'
import { startEngine } from '../../scripts/lib/engine/daemon.mjs'
import { clear } from '../../scripts/lib/engine/down.mjs'
import { end, freePort } from '../../scripts/lib/engine/processes.mjs'

export async function startTlsEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-tls-'))
  const own = authority(folder, 'own')
  const server = issue(folder, 'server', own, 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  const client = issue(folder, 'client', own, 'extendedKeyUsage=clientAuth')
  const other = authority(folder, 'other')
  const stranger = issue(folder, 'stranger', other, 'extendedKeyUsage=clientAuth')
  const port = await freePort()
  const { dockerd, bridge } = await startEngine({
    folder: join(folder, 'engine'),
    // Podman serves no TLS.
    ...(process.env.DOKERES_ENGINE_RELEASE === 'podman' && { release: '' }),
    args: [
      ...['--tlsverify', '--tlscacert', own.cert, '--tlscert', server.cert, '--tlskey', server.key],
      ...['-H', `tcp://127.0.0.1:${port}`],
    ],
  })
  return {
    url: `tcp://127.0.0.1:${port}`,
    port,
    ca: own.cert,
    cert: client.cert,
    key: client.key,
    foreign: { ca: other.cert, cert: stranger.cert, key: stranger.key },
    async stop() {
      await end(dockerd)
      deleteBridge(bridge)
      clear(folder)
    },
  }
}

/** @param {string} folder @param {string} name */
function authority(folder, name) {
  const [cert, key] = [join(folder, `${name}-ca.pem`), join(folder, `${name}-ca-key.pem`)]
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-keyout',
    key,
    '-out',
    cert,
  )
  return { cert, key }
}

/** @param {string} folder @param {string} name @param {{ cert: string, key: string }} ca @param {string} extension */
function issue(folder, name, ca, extension) {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)]
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)]
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    key,
    '-out',
    request,
  )
  writeFileSync(extensions, extension)
  openssl(
    'x509',
    '-req',
    '-in',
    request,
    '-CA',
    ca.cert,
    '-CAkey',
    ca.key,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    extensions,
    '-out',
    cert,
  )
  return { cert, key }
}

/** @param {string[]} args */
function openssl(...args) {
  execFileSync('openssl', args, { stdio: 'pipe' })
}

/** @param {string} socketPath */
export async function startTcpProxy(socketPath) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  // A half-closed side stays open the other way, as the engine's own sockets do.
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: socketPath, allowHalfOpen: true })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('error', () => far.destroy()).pipe(far)
    far.on('error', () => near.destroy()).pipe(near)
    near.on('close', () => far.destroy())
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    port,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
