// The modem over TLS and ssh, and in a process that ends by itself.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { Modem } from 'dokeres/modem'
import { startSshd } from './helpers/sshd.mjs'
import { startTlsEngine } from './helpers/tls-engine.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @param {string} script @param {Record<string, string | undefined>} [environment] */
async function run(script, environment) {
  const head = `const Docker = require('dockerode'); const { Modem } = require('dokeres/modem');`
  const options = { cwd: root, timeout: 20_000, env: { ...process.env, ...environment } }
  const work = `${head} (async () => { ${script} })()`
  return (await promisify(execFile)(process.execPath, ['-e', work], options)).stdout
}

test('TLS, with what is given and with what the environment says', async () => {
  const engine = await startTlsEngine()
  const folder = await mkdtemp(join(tmpdir(), 'dokeres-modem-certs-'))
  try {
    const { port } = engine
    const [ca, cert, key] = await Promise.all(
      [engine.ca, engine.cert, engine.key].map((path) => readFile(path)),
    )
    const modem = new Modem({ host: '127.0.0.1', port, ca: [ca], cert, key })
    assert.equal(modem.protocol, 'https')
    assert.equal((await new Docker({ modem }).ping()).toString(), 'OK')
    const plain = new Docker({ modem: new Modem({ host: '127.0.0.1', port }) })
    await assert.rejects(plain.ping(), { statusCode: 400 })
    const stranger = new Modem({ host: 'https://127.0.0.1', port, ...engine.foreign })
    await assert.rejects(new Docker({ modem: stranger }).ping(), { code: 'TLS_ERROR' })
    for (const name of /** @type {const} */ (['ca', 'cert', 'key'])) {
      await copyFile(engine[name], join(folder, `${name}.pem`))
    }
    const environment = {
      DOCKER_HOST: `tcp://127.0.0.1:${port}`,
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: folder,
    }
    const ping = `console.log(String(await new Docker({ modem: new Modem() }).ping()))`
    assert.equal(await run(ping, environment), 'OK\n')
  } finally {
    await engine.stop()
    await rm(folder, { recursive: true, force: true })
  }
})

test('ssh, by the system’s own', async () => {
  const sshd = await startSshd()
  try {
    const modem = new Modem({
      protocol: 'ssh',
      host: '127.0.0.1',
      port: sshd.port,
      username: sshd.user,
      agentForward: false,
      sshOptions: {
        configFile: sshd.configFile,
        identityFile: sshd.identityFile,
        readyTimeout: 5000,
      },
    })
    const docker = new Docker({ modem })
    assert.equal((await docker.ping()).toString(), 'OK')
    await assert.rejects(docker.getContainer('nope').inspect(), { statusCode: 404 })
  } finally {
    await sshd.stop()
  }
})

test('a stream that is read keeps the process, one that is let go of does not', async () => {
  const events = `const s = await new Docker({ modem: new Modem() }).getEvents();`
  assert.equal(
    await run(`${events} s.unref(); s.on('data', () => {}); console.log('out')`),
    'out\n',
  )
  const closed = `${events} s.on('data', () => {}); s.on('close', () => console.log('closed'));
    setTimeout(() => s.destroy(), 200).unref()`
  assert.equal(await run(closed), 'closed\n')
})
