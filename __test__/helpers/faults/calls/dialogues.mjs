// Streams, files, and what is talked with.
import { first, total, until } from './common.mjs'

/** @type {(context: import('./common.mjs').Context) => Promise<any>} */
const running = ({ d, w }) => d.container(w.running)
/** @type {(context: import('./common.mjs').Context) => Promise<any>} */
const ended = ({ d, w }) => d.container(w.ended)
/** A terminal-less `cat`. @type {(context: import('./common.mjs').Context) => Promise<any>} */
const cat = async ({ d, w, labels }) =>
  d.container((await w.start({ labels, stdin: true }, ['cat'])).id)
/** @type {(context: import('./common.mjs').Context) => Promise<any>} */
const detached = async ({ d, w }) => {
  const container = await d.container(w.running)
  return container.exec(['sh', '-c', 'sleep 0.2; exit 4'], { detach: true })
}
/** @type {(context: import('./common.mjs').Context) => Promise<any>} */
const asleep = async ({ d, w }) => {
  const container = await d.container(w.running)
  return container.exec(['sleep', '5'], { detach: true })
}

/** What is asked of a stream that the signal closes meanwhile. */
const CLOSED = ['STREAM_TRUNCATED']

/** @param {any} text @param {import('./common.mjs').Context} context */
const isLog = (text, { w }) => text === w.log

/** @type {import('./common.mjs').Calls} */
export const calls = {
  'DokeresContainer.logs': {
    prepare: ended,
    run: ({ thing, o }) => thing.logs(o).text(),
    right: isLog,
  },
  'DokeresContainer.logs that follow': {
    prepare: ended,
    run: ({ thing, o }) => thing.logs({ follow: true, ...o }).text(),
    right: isLog,
  },
  'DokeresContainer.logs that resume': {
    prepare: ended,
    run: async ({ thing, o }) => {
      const lines = thing.logs({ follow: true, restarts: true, ...o }).lines()
      return `${(await first(lines, 5)).join('\n')}\n`
    },
    right: isLog,
    once: true,
  },
  'DokeresStream.forEach': {
    costs: true,
    prepare: ended,
    run: async ({ thing, o }) => {
      let text = ''
      await thing.logs(o).forEach((/** @type {any} */ { data }) => void (text += data))
      return text
    },
    right: isLog,
  },
  'DokeresStream.lines': {
    costs: true,
    prepare: ended,
    run: async ({ thing, o }) => `${(await first(thing.logs(o).lines())).join('\n')}\n`,
    right: isLog,
  },
  'DokeresStream.collect': {
    prepare: ended,
    run: async ({ thing, o }) => (await thing.logs(o).collect()).output,
    right: isLog,
  },
  'DokeresStream.text': {
    costs: true,
    prepare: ended,
    run: ({ thing, o }) => thing.logs(o).text(),
    right: isLog,
  },
  'DokeresStream.readable': {
    costs: true,
    prepare: ended,
    run: async ({ thing, o }) => {
      let text = ''
      for await (const { data } of thing.logs(o).readable()) text += data
      return text
    },
    right: isLog,
  },
  'DokeresContainer.stats': {
    prepare: running,
    run: ({ thing, o }) => thing.stats(o),
    right: ({ memory }) => memory.usage > 0,
  },
  'DokeresContainer.statsStream': {
    prepare: running,
    run: ({ thing, o }) => first(thing.statsStream(o), 1),
    right: ([sample]) => sample.memory.usage > 0,
  },
  'DokeresContainer.events': {
    prepare: running,
    run: ({ thing, w, o }) => first(thing.events(null, { since: w.since, until: w.until, ...o })),
    right: (events) => events.length > 1,
  },
  'ContainerCollection.monitor': {
    run: ({ d, w, o }) =>
      first(d.containers.monitor({ id: [w.running] }, { tail: 'all', ...o }), 2),
    right: (records) => records.length === 2,
    once: true,
  },
  'DokeresContainer.waitLog': {
    prepare: running,
    run: ({ thing, o }) => thing.waitLog('ready', { timeout: '4s', ...o }),
    right: (found) => found === 'ready',
    waits: true,
  },
  'DokeresContainer.waitFor': {
    prepare: running,
    run: ({ thing, o }) =>
      thing.waitFor([{ running: true }, { log: 'ready' }], { timeout: '4s', ...o }),
    right: (all) => all.length === 2,
    waits: true,
  },
  'DokeresContainer.waitFor of a command': {
    costs: true,
    prepare: running,
    run: ({ thing, o }) => thing.waitFor({ exec: ['true'] }, { timeout: '4s', ...o }),
    right: ({ exec }) => exec.exitCode === 0,
    waits: true,
  },
  'DokeresContainer.attach': {
    prepare: running,
    run: ({ thing, o }) => until(thing.attach({ logs: true, ...o }), 'second'),
    right: (text) => text === 'ready\nsecond\n',
  },
  'AttachStream.write': {
    wraps: CLOSED,
    prepare: cat,
    run: async ({ thing, o }) => {
      const stream = thing.attach({ stdin: true, ...o })
      try {
        await stream.write('hello\n')
        return await until(stream, 'hello\n')
      } finally {
        await stream.close()
      }
    },
    right: (said) => said === 'hello\n',
    costs: true,
  },
  'AttachStream.end': {
    wraps: CLOSED,
    costs: true,
    prepare: running,
    run: async ({ thing, o }) => {
      const stream = thing.execStream(['cat'], { stdin: true, ...o })
      await stream.write('hello\n')
      await stream.end()
      return stream.text()
    },
    right: (said) => said === 'hello\n',
  },
  'AttachStream.resize': {
    wraps: CLOSED,
    costs: true,
    prepare: running,
    run: async ({ thing, o }) => {
      const stream = thing.execStream(['sh', '-c', 'read x; stty size'], {
        tty: true,
        stdin: true,
        ...o,
      })
      try {
        await stream.resize({ cols: 70, rows: 20 })
        await stream.write('\n')
        return await stream.text()
      } finally {
        await stream.close()
      }
    },
    right: (said) => said.includes('20 70'),
  },
  'DokeresContainer.execStream': {
    prepare: running,
    run: ({ thing, o }) => thing.execStream(['echo', 'hello'], o).text(),
    right: (said) => said === 'hello\n',
  },
  'ExecStream.wait': {
    wraps: CLOSED,
    costs: true,
    prepare: running,
    run: async ({ thing, o }) => {
      const stream = thing.execStream(['sh', '-c', 'exit 4'], o)
      await stream.text()
      return stream.wait(o)
    },
    right: ({ exitCode }) => exitCode === 4,
  },
  'ExecStream.handle': {
    wraps: CLOSED,
    costs: true,
    prepare: running,
    run: async ({ thing, o }) => {
      const stream = thing.execStream(['echo', 'hello'], o)
      const handle = await stream.handle()
      await stream.text()
      return handle.inspect(o)
    },
    right: ({ ID }) => ID.length === 64,
  },
  'ExecStream.kill': {
    wraps: CLOSED,
    prepare: running,
    run: async ({ thing, o }) => {
      const stream = thing.execStream(['sleep', '5'], o)
      try {
        await stream.kill('SIGKILL', o)
        return await stream.wait(o)
      } finally {
        await stream.close()
      }
    },
    right: ({ exitCode }) => exitCode === 137,
    costs: true,
  },
  'DokeresContainer.exec': {
    prepare: running,
    run: ({ thing, o }) => thing.exec(['sh', '-c', 'echo out; echo err >&2; exit 4'], { ...o }),
    right: ({ stdout, stderr, exitCode }) => `${stdout}${stderr}${exitCode}` === 'out\nerr\n4',
  },
  'ExecHandle.inspect': {
    prepare: detached,
    run: ({ thing, o }) => thing.inspect(o),
    right: ({ ID }) => ID.length === 64,
  },
  'ExecHandle.wait': {
    prepare: detached,
    run: ({ thing, o }) => thing.wait(o),
    right: ({ exitCode }) => exitCode === 4,
  },
  'ExecHandle.kill': {
    prepare: asleep,
    run: ({ thing, o }) => thing.kill('SIGKILL', o),
    costs: true,
  },

  'DokeresContainer.stat': {
    prepare: running,
    run: ({ thing, o }) => thing.stat('/tmp/file', o),
    right: ({ name }) => name === 'file',
  },
  'DokeresContainer.getArchive': {
    prepare: running,
    run: ({ thing, o }) => total(thing.getArchive('/tmp/file', o)),
    right: (size) => size >= 1024,
  },
  'DokeresContainer.exportRootfs': {
    prepare: ({ d, w }) => d.container(w.tiny),
    run: ({ thing, o }) => total(thing.exportRootfs(o)),
    right: (size) => size >= 1024,
  },
  'DokeresContainer.readFile': {
    prepare: running,
    run: ({ thing, o }) => thing.readFile('/tmp/file', { encoding: 'utf8', ...o }),
    right: (text) => text === 'content\n',
  },
  'DokeresContainer.writeFile': {
    prepare: running,
    run: ({ thing, name, o }) => thing.writeFile(`/tmp/${name}`, 'x'.repeat(5000), o),
    uploads: true,
  },
  'DokeresContainer.putArchive': {
    prepare: running,
    run: ({ thing, w, o }) => thing.putArchive('/tmp', w.tar, o),
    uploads: true,
  },
  'DokeresContainer.copyTo': {
    prepare: running,
    run: ({ thing, w, name, o }) => thing.copyTo(`${w.folder}/source`, `/tmp/${name}`, o),
    uploads: true,
  },
  'DokeresContainer.copyFrom': {
    prepare: running,
    run: ({ thing, w, name, o }) => thing.copyFrom('/tmp/file', `${w.folder}/${name}.copy`, o),
    file: '.copy',
  },
}
