// Clients of all kinds: made and let go of, wrong ones, and those that stand in for others.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { Dokeres } from 'dokeres'
import { Containers, createDocker } from 'dokeres/dockops'
import { Modem } from 'dokeres/modem'
import { pause, rejects } from './common.mjs'

/** It has no types. @type {any} */
const Docker = createRequire(import.meta.url)('dockerode')

/** @param {import('./common.mjs').Context} context */
const socketPath = ({ w }) => w.engine.host.replace('unix://', '')

/** What nobody should ask for. @type {((d: any, w: any) => unknown)[]} */
const WRONG = [
  (d, w) => d.image(w.image).task('true', { nosuch: 1 }),
  (d, w) => d.image(w.image).task('true', { env: 7 }),
  (d, w) => d.image(w.image).run(null, { mapped: { 80: {} } }),
  (d, w) => d.image(w.image).run(null, { memory: 'much' }),
  (d) => d.image('UPPER CASE:').ensure(),
  (d, w) => d.container(w.running).then((/** @type {any} */ c) => c.exec(['ls'], { timeout: -1 })),
  (d, w) => d.container(w.running).then((/** @type {any} */ c) => c.logs({ tail: 'some' }).text()),
  (d) => d.containers.list({ filters: 3 }),
  (d) => d.images.pull('a b'),
  (d) => d.networks.create(null),
  (d) => d.request({ method: 3 }),
  (d) => d.ping({ signal: 'now' }),
]

/** @type {import('./common.mjs').Workloads} */
export const clients = {
  'clients, made and dropped': async (context) => {
    const made = Array.from({ length: 4 }, () => new Dokeres(context.w.engine.host))
    await Promise.all(made.map((d) => d.ping(context.o)))
    const { d: other } = { d: new Dokeres({ socketPath: socketPath(context), session: true }) }
    await other.image(context.w.image).container(null, { labels: context.labels }).create(context.o)
    await other.cleanup(context.o)
  },
  'calls that nobody waits for': async ({ d, w, dice }) => {
    const leaving = new AbortController()
    const o = { signal: leaving.signal }
    for (const call of [d.info(o), d.containers.list(o), d.images.list(o), d.ping(o)]) {
      call.catch(() => {})
    }
    d.container(w.running, o).then(
      (container) => container.wait(o).catch(() => {}),
      () => {},
    )
    await pause(dice.time(1, 60))
    leaving.abort()
  },
  'an engine that is not there': (context) =>
    rejects(
      context,
      () => new Dokeres(`unix://${context.w.folder}/none.sock`).ping(context.o),
      'ENGINE_UNREACHABLE',
    ),
  'an engine that refuses': (context) =>
    rejects(context, () => new Dokeres('tcp://127.0.0.1:9').ping(context.o), 'ENGINE_UNREACHABLE'),
  'a registry for an engine': (context) =>
    rejects(context, () => new Dokeres(`tcp://${context.w.registry}`).info(context.o), 'NOT_FOUND'),
  'bad input': async (context) => {
    const ask = WRONG[context.dice.whole(WRONG.length)]
    await rejects(
      context,
      async () => ask?.(context.d, context.w),
      'INVALID_OPTION',
      'INVALID_REFERENCE',
    )
  },
  'requests of any kind': async (context) => {
    const { d, o } = context
    await d.request({ path: '/images/json', query: { all: true }, ...o })
    await rejects(context, () => d.request({ path: '/nosuch', ...o }), 'NOT_FOUND')
  },
  'dockerode over our modem': async (context) => {
    const { w, labels } = context
    const docker = new Docker({ modem: new Modem({ socketPath: socketPath(context) }) })
    await docker.listContainers()
    /** @type {any} */
    const logs = await docker.getContainer(w.talker).logs({ follow: true, stdout: true, tail: 1 })
    await new Promise((resolve) => logs.once('data', resolve))
    logs.destroy()
    const made = await docker.createContainer({ Image: w.image, Cmd: ['true'], Labels: labels })
    await made.remove()
    const exec = await docker.getContainer(w.running).exec({
      ...{ Cmd: ['cat'], AttachStdin: true, AttachStdout: true },
    })
    const stream = await exec.start({ hijack: true, stdin: true })
    stream.end('hello')
    await new Promise((resolve) => stream.on('end', resolve).resume())
    await assert.rejects(docker.getContainer('nosuch').inspect(), { statusCode: 404 })
  },
  'dockerode from ours': async ({ d, w, o }) => {
    const inspected = d.docker.getContainer(w.running).inspect({ abortSignal: o.signal })
    // As docker-modem has it: an error of its own for an abort.
    await inspected.catch((/** @type {any} */ error) => {
      throw error.name === 'AbortError' ? error.cause : error
    })
  },
  dockops: async (context) => {
    const { w } = context
    const containers = new Containers(createDocker({ socketPath: socketPath(context) }))
    containers.on('info', () => {})
    assert.ok((await containers.listRunning()).length > 0)
    await new Promise((resolve, reject) => {
      containers.listImage(w.image, (/** @type {any} */ error, /** @type {any} */ all) =>
        error ? reject(error) : resolve(all),
      )
    })
  },
  'a mock': async (context) => {
    const mock = Dokeres.mock()
    try {
      await mock.image('some/image').run(null, {}, 'true')
      await mock.ping(context.o)
    } finally {
      await mock.close()
    }
  },
}
