// An engine that ends under every kind of open call: each call ends soon, with an error that says so,
// and the same client goes on with the engine that comes after.
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres, DokeresError } from '../index.js'
import { uniqueName } from './helpers/engine.mjs'
import { ownEngine } from './helpers/own-engine.mjs'
import { startRegistryProxy, stall } from './helpers/registry-proxy.mjs'

const REGISTRY = process.env.DOKERES_TEST_REGISTRY ?? ''
const LOST = ['ENGINE_UNREACHABLE', 'STREAM_TRUNCATED']

/**
 * Each goes on until something ends it. An orderly end of the engine ends the programs too, which some
 * calls are told of before it goes.
 * @type {Record<string, { open: (context: any) => Promise<any>, codes?: string[], ends?: boolean }>}
 */
const OPEN = {
  wait: { open: ({ container }) => container.wait(), ends: true },
  stop: { open: ({ stubborn }) => stubborn.stop({ timeout: 60 }), ends: true },
  'logs that follow': {
    open: ({ container }) => container.logs({ follow: true }).text(),
    ends: true,
  },
  'events that do not resume': {
    open: ({ dokeres }) => dokeres.events({ reconnect: false }).text(),
  },
  'a stream of stats': {
    open: ({ container }) => container.statsStream().forEach(() => {}),
    ends: true,
  },
  attach: { open: ({ container }) => container.attach().text(), ends: true },
  exec: { open: ({ container }) => container.exec(['sleep', '1000']), ends: true },
  'a stream of a command': {
    open: ({ container }) => container.execStream(['sleep', '1000']).text(),
    ends: true,
  },
  'a task': {
    open: ({ image }) => image.task(['sleep', '1000'], { init: true, network: 'none' }),
    codes: ['EXIT_CODE'],
    ends: true,
  },
  'a build': {
    open: ({ dokeres, engine }) =>
      dokeres.images.build({
        name: uniqueName('build'),
        builder: 'classic',
        context: { Dockerfile: `FROM ${engine.image}\nRUN sleep 1000` },
      }),
    codes: ['BUILD_FAILED'],
  },
  'a pull': { open: ({ dokeres, remote }) => dokeres.images.pull(remote), codes: ['PULL_FAILED'] },
  'an upload': { open: ({ dokeres }) => dokeres.images.load(new PassThrough()) },
  'waiting for a line': {
    open: ({ container }) => container.waitLog('never', { timeout: '60s' }),
    codes: ['CONTAINER_EXITED'],
    ends: true,
  },
  'waiting for a port': {
    open: ({ container }) => container.waitFor({ port: 9 }, { timeout: '60s' }),
    codes: ['CONTAINER_EXITED'],
    ends: true,
  },
}

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
  test(`${signal} under every kind of open call`, async () => {
    const engine = await ownEngine()
    const registry = await startRegistryProxy(REGISTRY, () => stall())
    try {
      const dokeres = new Dokeres(engine.host)
      const image = dokeres.image(engine.image)
      const options = { init: true, network: 'none' }
      const container = await image.run('sleeper', options, ['sleep', '1000'])
      const script = 'trap : TERM; echo ready; while :; do sleep 0.1; done'
      const stubborn = await image.run('stubborn', { network: 'none' }, ['sh', '-c', script])
      await stubborn.waitLog('ready')
      const remote = `${registry.address}/nothing:1`
      const context = { engine, dokeres, image, container, stubborn, remote }
      const calls = Object.entries(OPEN).map(([name, { open, codes = [], ends }]) => ({
        name,
        right: [...LOST, ...codes],
        ends: ends === true && signal === 'SIGTERM',
        settled: open(context).then(
          (value) => ({ value }),
          (error) => ({ error }),
        ),
      }))
      // All of them have begun by then: the last thing that any does is to run something.
      await sleep(2500)
      const stopped = engine.stop(signal)
      if (signal === 'SIGKILL') await stopped
      for (const { name, right, ends, settled } of calls) {
        const outcome = await Promise.race([settled, sleep(25_000, undefined)])
        assert.ok(outcome, `${name} hangs`)
        if (!('error' in outcome)) {
          assert.ok(ends, `${name} is a success: ${JSON.stringify(outcome.value)}`)
          continue
        }
        const { error } = outcome
        assert.ok(error instanceof DokeresError, `${name}: ${error?.stack}`)
        const told = `${name}: ${error.code} ${error.message}`
        assert.ok(right.includes(error.code), told)
        assert.doesNotMatch(error.message, /\n/, told)
      }
      await stopped
      await assert.rejects(dokeres.ping(), { code: 'ENGINE_UNREACHABLE' })

      await engine.start()
      assert.equal((await image.task(['echo', 'back'], { network: 'none' })).stdout, 'back\n')
      await container.start()
      assert.equal((await container.exec(['echo', 'again'])).stdout, 'again\n')
    } finally {
      await registry.close()
      await engine.close()
    }
  })
}

test('another engine takes the socket over: the same client goes on with that', async () => {
  const engines = [await ownEngine(), await ownEngine()]
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-socket-'))
  const socket = join(folder, 'docker.sock')
  try {
    const [first, second] = engines.map(({ host }) => host.replace('unix://', ''))
    symlinkSync(/** @type {string} */ (first), socket)
    const dokeres = new Dokeres(socket)
    const ids = []
    for (const { host } of engines) ids.push((await new Dokeres(host).info()).ID)
    assert.equal((await dokeres.info()).ID, ids[0])
    symlinkSync(/** @type {string} */ (second), `${socket}.new`)
    renameSync(`${socket}.new`, socket)
    await engines[0]?.stop('SIGKILL')
    // What was open is of the old one; nothing that was asked of that is asked again in vain.
    for (let n = 0; n < 10; n++) assert.equal((await dokeres.info()).ID, ids[1])
    const many = Array.from({ length: 20 }, () => dokeres.containers.listAll())
    assert.deepEqual((await Promise.all(many)).flat(), [])
  } finally {
    for (const engine of engines) await engine.close()
    rmSync(folder, { recursive: true })
  }
})

test('no more processes: it is said, and what was there lives on', async () => {
  const dokeres = new Dokeres()
  const image = dokeres.image(process.env.DOKERES_TEST_BASE ?? '')
  const options = { pidsLimit: 4, network: 'none', init: true }
  const script = 'for n in 1 2 3 4 5 6 7 8; do sleep 1000 & done; echo full; wait'
  const container = await image.run(uniqueName('pids'), options, ['sh', '-c', script])
  try {
    await container.waitLog(/can't fork|full/)
    const { exitCode, stderr } = await container
      .exec(['sh', '-c', 'true & true & wait'])
      .catch((/** @type {any} */ error) => {
        assert.ok(error instanceof DokeresError, String(error?.stack))
        return { exitCode: -1, stderr: error.message }
      })
    assert.ok(exitCode !== 0, stderr)
    assert.ok(await dokeres.ping())
  } finally {
    await container.remove({ force: true })
  }
})
