// Containers made, run, waited for and removed, one by one and many at once.
import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { Thrown, rejects, running } from './common.mjs'

/** @param {import('./common.mjs').Context} context */
const base = ({ d, w }) => d.image(w.image)
/** @param {import('./common.mjs').Context} context */
const settings = ({ labels, o }) => ({
  labels,
  network: 'none',
  extra: { StopSignal: 'SIGKILL' },
  ...o,
})

/** @type {import('./common.mjs').Workloads} */
export const containers = {
  'a life': async (context) => {
    const { labels, o } = context
    const image = base(context)
    const container = image.container(null, { labels, network: 'none' }, 'sleep 100')
    await container.create(o)
    await container.start(o)
    const waiting = container.wait(o)
    waiting.catch(() => {})
    await container.exec('true')
    await container.stop({ timeout: 0, ...o })
    assert.equal((await waiting).code, 137)
    await container.remove(o)
  },
  'a task': async (context) => {
    const { stdout, stderr } = await base(context).task(['sh', '-c', 'echo out; cat >&2'], {
      ...settings(context),
      stdin: 'in',
    })
    assert.deepEqual([stdout, stderr], ['out\n', 'in'])
  },
  'a task that fails': (context) =>
    rejects(
      context,
      () => base(context).task(['sh', '-c', 'exit 3'], settings(context)),
      'EXIT_CODE',
    ),
  'a task that takes too long': (context) =>
    rejects(
      context,
      () => base(context).task('sleep 60', { timeout: 200, ...settings(context) }),
      'TIMEOUT',
    ),
  'a task that says too much': (context) =>
    rejects(
      context,
      () => base(context).task('yes', { maxBuffer: 5000, ...settings(context) }),
      'MAX_BUFFER',
    ),
  'a task whose callback throws': (context) => {
    const onStdout = () => {
      throw new Thrown()
    }
    const work = () => base(context).task('echo hello', { onStdout, ...settings(context) })
    return rejects(context, work, 'THROWN')
  },
  'a task without its program': (context) =>
    rejects(context, () => base(context).task('nosuch', settings(context)), 'EXECUTABLE_NOT_FOUND'),
  'run with its output somewhere': async (context) => {
    let size = 0
    const outputStream = new Writable({
      write(chunk, _encoding, done) {
        size += chunk.length
        done()
      },
    })
    const ended = new Promise((resolve) => outputStream.once('finish', resolve))
    const image = base(context)
    const command = ['sh', '-c', 'echo hello']
    await image.run(null, settings(context), command, null, outputStream)
    await ended
    assert.equal(size, 6)
  },
  'waiting for what does not come': async (context) => {
    const container = await running(context)
    const condition = { timeout: 150, ...context.o }
    await rejects(context, () => container.waitFor({ log: 'never' }, condition), 'TIMEOUT')
  },
  'waiting for what has ended': async (context) => {
    const container = await context.d.container(context.w.ended)
    await rejects(context, () => container.waitLog('never', context.o), 'CONTAINER_EXITED')
  },
  'folders there and back': async (context) => {
    const { w, name, o } = context
    const container = await running(context)
    const [from, to] = [`${w.folder}/${name}.in`, `${w.folder}/${name}.out`]
    try {
      await mkdir(from)
      for (let n = 0; n < 20; n++) await writeFile(`${from}/${n}`, 'x'.repeat(n * 500))
      await container.copyTo(from, `/tmp/${name}`, o)
      await container.copyFrom(`/tmp/${name}`, to, o)
      assert.equal((await readFile(`${to}/7`)).length, 3500)
    } finally {
      await container.exec('rm', '-rf', `/tmp/${name}`)
      for (const path of [from, to]) await rm(path, { recursive: true, force: true })
    }
  },
  'a batch, some of which fail': async (context) => {
    const { d, w, labels, o } = context
    const made = await Promise.all([1, 2, 3].map(() => w.create({ labels })))
    await d.containers.remove(made[0].id, o)
    const results = await Promise.allSettled(
      [...made, { id: 'nosuch' }].map(({ id }) => d.containers.remove(id, o)),
    )
    for (const result of results.slice(1, 3)) {
      if (result.status === 'rejected') throw result.reason
    }
  },
}
