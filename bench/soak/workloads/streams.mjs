// Streams that are broken off, thrown in, cut, left to the garbage collector.
import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Thrown, pause, rejects, running, some, talker } from './common.mjs'

/** @param {import('./common.mjs').Context} context */
const followed = async (context) =>
  (await talker(context)).logs({ follow: true, tail: 10, ...context.o })

/** @type {import('./common.mjs').Workloads} */
export const streams = {
  'logs followed, left': async (context) => some(await followed(context), context.dice.whole(20)),
  'logs followed by lines, left': async (context) =>
    some((await followed(context)).lines(), context.dice.whole(20)),
  'logs, the callback returns false': async (context) => {
    let left = context.dice.whole(20)
    await (await followed(context)).forEach(() => left-- > 0)
  },
  'logs, the callback throws': async (context) => {
    let left = context.dice.whole(20)
    const work = async () =>
      (await followed(context)).forEach(() => {
        if (left-- <= 0) throw new Thrown()
      })
    await rejects(context, work, 'THROWN')
  },
  'logs, the callback rejects': async (context) => {
    const stream = await followed(context)
    const work = async () => {
      await pause(5)
      throw new Thrown()
    }
    await rejects(context, () => stream.forEach(work), 'THROWN')
  },
  'logs to a Writable that fails': async (context) => {
    const broken = new Writable({ objectMode: true, write: (_c, _e, done) => done(new Thrown()) })
    const readable = (await followed(context)).readable()
    await rejects(context, () => pipeline(readable, broken), 'THROWN')
  },
  'logs as a Readable, destroyed': async (context) => {
    const readable = (await followed(context)).readable()
    readable.on('error', () => {})
    await new Promise((resolve) => readable.once('data', resolve).once('close', resolve))
    readable.destroy(context.dice.chance(0.5) ? new Thrown() : undefined)
  },
  'logs, cut while somebody waits': async (context) => {
    const stream = await followed(context)
    const read = some(stream, 1e6)
    read.catch(() => {})
    await pause(context.dice.time(1, 100))
    await stream.close()
    await read
  },
  'logs of several, left': async (context) => {
    const { d, w, o } = context
    await some(d.logs([w.talker, w.running], { follow: true, tail: 5, ...o }), 8)
  },
  'streams of all kinds, dropped': async (context) => {
    const { d, w, o, dice } = context
    const container = await talker(context)
    /** @param {AsyncIterable<unknown>} stream Some are read from, others opened; nobody ever closes them. */
    const drop = (stream) => {
      if (dice.chance(0.5))
        stream[Symbol.asyncIterator]()
          .next()
          .catch(() => {})
    }
    drop(container.logs({ follow: true, tail: 1, ...o }))
    drop(container.statsStream(o))
    drop(container.events(null, o))
    drop(container.attach(o))
    drop(d.events(o))
    drop(d.monitor({ id: [w.talker] }, o))
    drop(d.images.save([w.small], o))
    await pause(dice.time(1, 50))
  },
  'an archive, dropped': async (context) => {
    const { id } = await context.w.create({ labels: context.labels })
    const container = await context.d.container(id)
    await container.getArchive('/bin', context.o)[Symbol.asyncIterator]().next()
    // An engine lets nobody else at a container while it sends of it: the collector is to end that.
    globalThis.gc?.()
    await pause(1)
    globalThis.gc?.()
    await container.inspect()
  },
  'stats, left': async (context) =>
    some((await talker(context)).statsStream(context.o), 1 + context.dice.whole(2)),
  'events, left': async (context) =>
    some(context.d.events({ since: context.w.since, ...context.o }), 1 + context.dice.whole(9)),
  'events, handed on': async ({ d, o }) => {
    const subscription = d.on({ '*': () => {} }, { onError: () => {}, ...o })
    await subscription.ready
    await subscription.stop()
  },
  'monitor, left': async ({ d, w, o }) => some(d.monitor({ id: [w.talker] }, o), 3),
  'attach, left': async ({ d, w, labels, o }) => {
    const { id } = await w.start({ labels }, ['sh', '-c', 'echo ready; sleep 100'])
    await some((await d.container(id)).attach({ logs: true, ...o }), 1)
  },
  'attach, written to and cut': async ({ d, w, labels, dice, o }) => {
    const { id } = await w.start({ labels, stdin: true }, ['cat'])
    const stream = (await d.container(id)).attach({ stdin: true, ...o })
    try {
      for (let left = 3; left > 0; left--) await stream.write(Buffer.alloc(dice.time(1, 50_000)))
      if (dice.chance(0.5)) await stream.end()
      await some(stream, 1)
    } finally {
      await stream.close()
    }
  },
  'exec with input': async (context) => {
    const { dice, o } = context
    const size = dice.time(1, 300_000)
    const stdin = Readable.from([Buffer.alloc(size >> 1, 'a'), Buffer.alloc(size - (size >> 1))])
    const { stdout } = await (await running(context)).exec(['wc', '-c'], { stdin, ...o })
    assert.equal(Number(stdout), size)
  },
  'exec whose input fails': async (context) => {
    const container = await running(context)
    const stdin = (async function* () {
      yield 'some'
      throw new Thrown()
    })()
    const work = () => container.exec(['cat'], { stdin, ...context.o })
    await rejects(context, work, 'THROWN')
  },
  'exec whose callback throws': async (context) => {
    const container = await running(context)
    const onStdout = () => {
      throw new Thrown()
    }
    await rejects(context, () => container.exec(['ls'], { onStdout, ...context.o }), 'THROWN')
  },
  'exec that takes too long': async (context) => {
    const container = await running(context)
    const options = { timeout: 100, ...context.o }
    await rejects(context, () => container.exec(['sleep', '60'], options), 'TIMEOUT')
  },
  'exec streamed, left': async (context) => {
    const stream = (await running(context)).execStream(['yes'], context.o)
    await some(stream, 1 + context.dice.whole(30))
    await stream.kill('SIGKILL').catch(() => {})
  },
  'archive, left': async (context) =>
    some((await running(context)).getArchive('/bin', context.o), 1 + context.dice.whole(3)),
  'archive put whose source fails': async (context) => {
    const container = await running(context)
    const source = (async function* () {
      yield context.w.tar.subarray(0, 600)
      throw new Thrown()
    })()
    const work = () => container.putArchive('/tmp', source, context.o)
    await rejects(context, work, 'THROWN')
  },
  'image saved, left': async ({ d, w, o, dice }) =>
    some(d.images.save([w.image], o), 1 + dice.whole(5)),
}
