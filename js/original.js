'use strict'

// What users of @hackbg/dokeres 4 and @hackbg/dock 2 find besides the classes. docs/migrating.md
// says what changed and why.

const { StringDecoder } = require('node:string_decoder')
/** @type {any} */
const binding = require('./native.js')
const { DokeresError, invalid } = require('./error.js')
const { LineTransformStream } = require('./line-transform.js')
const { dockerode } = require('./modem/dockerode.js')
const { mockDockerode, mockDockerodeContainer, mockStream } = require('./original-mock.js')
const { readableOf } = require('./stream.js')

const { Dokeres, DokeresImage, DokeresContainer } = binding

const LONGEST_LINE = 1 << 20

/**
 * Where the engine is by the environment's word: `DOCKER_HOST`, a unix socket's as its bare path, or
 * the platform's default.
 */
const socketPath =
  process.env.DOCKER_HOST?.replace(/^unix:\/\//, '') ||
  (process.platform === 'win32' ? '//./pipe/docker_engine' : '/var/run/docker.sock')

/**
 * What an engine says as a stream of JSON, message by message; resolves when it has ended.
 * @param {unknown} _dockerode not needed any more
 * @param {any} stream
 * @param {(event: any) => unknown} [callback] what it throws ends it, and is what this rejects with
 */
async function follow(_dockerode, stream, callback) {
  if (stream == null || typeof stream[Symbol.asyncIterator] !== 'function') return
  const decoder = new StringDecoder('utf8')
  let rest = ''
  /** @param {string} line */
  const tell = async (line) => {
    if (line.trim() === '') return
    const event = JSON.parse(line)
    await callback?.(event)
    const message = event.errorDetail?.message ?? event.error
    if (message)
      throw new DokeresError({ code: 'SERVER_ERROR', message: `the engine says: ${message}` })
  }
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) await tell(line)
  }
  await tell(rest + decoder.end())
}

/**
 * Resolves when a container's log has said something; rejects where it ends without.
 * @param {any} container one of ours, or dockerode's
 * @param {string | RegExp} expected
 * @param {boolean} [thenDetach] false: the filter goes on being told of lines after that
 * @param {number} [waitSeconds] how long to wait after that, for good measure
 * @param {(line: string) => unknown} [logFilter] is told of each line
 */
async function waitUntilLogsSay(
  container,
  expected,
  thenDetach = true,
  waitSeconds = 0,
  logFilter,
) {
  const { modem } = container
  const isOurs = container instanceof DokeresContainer
  const ours =
    isOurs || !(modem?.socketPath || modem?.host)
      ? container
      : await new Dokeres({ modem }).container(container.id)
  const logs = ours instanceof DokeresContainer ? ours.logs({ follow: true }) : undefined
  await waitStream(logs ? readable(logs) : await logsOf(ours), expected, thenDetach, logFilter)
  // What goes on for the filter's sake keeps no process.
  if (!thenDetach) logs?.unref()
  if (waitSeconds > 0) await new Promise((resolve) => setTimeout(resolve, waitSeconds * 1000))
}

/** Output as a Node stream; destroyed, it closes at once. @param {any} logs */
function readable(logs) {
  const pieces = async function* () {
    for await (const { data } of logs) yield data
  }
  return readableOf(pieces(), logs, { objectMode: false })
}

/** dockerode's, in either of its two ways. @param {any} container */
function logsOf(container) {
  const options = { stdout: true, stderr: true, follow: true }
  return new Promise((resolve, reject) => {
    const given = container.logs(
      options,
      (/** @type {unknown} */ error, /** @type {any} */ stream) =>
        error ? reject(error) : resolve(stream),
    )
    if (typeof given?.then === 'function') given.then(resolve, reject)
  })
}

/**
 * The same of a stream.
 * @param {any} stream
 * @param {string | RegExp} expected
 * @param {boolean} [thenDetach] destroys it; else it flows on
 * @param {(text: string) => unknown} [trail] is told of each line
 */
function waitStream(stream, expected, thenDetach = true, trail) {
  const pattern =
    expected instanceof RegExp
      ? new RegExp(expected.source, expected.flags.replace(/[gy]/g, ''))
      : expected
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      const decoder = new StringDecoder('utf8')
      let rest = ''
      let found = false
      /** @param {string} line @param {boolean} isWhole */
      const look = (line, isWhole) => {
        if (isWhole && trail) trail(line)
        if (found || !(typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line)))
          return
        found = true
        if (thenDetach) {
          stream.off('data', onData)
          stream.destroy()
        }
        resolve()
      }
      /** @param {Buffer | string} data */
      const onData = (data) => {
        const lines = (rest + (typeof data === 'string' ? data : decoder.write(data))).split('\n')
        // What never ends its line is looked at near its end.
        rest = (lines.pop() ?? '').slice(-LONGEST_LINE)
        try {
          for (const line of lines) look(line, true)
          // A prompt, say, ends with no line.
          if (!found) look(rest, false)
        } catch (error) {
          stream.destroy()
          reject(error)
        }
      }
      const ended = () => {
        const message = `the log ended without saying ${expected}`
        reject(new DokeresError({ code: 'CONTAINER_EXITED', message }))
      }
      stream.on('data', onData)
      stream.on('error', reject)
      stream.on('end', ended)
      stream.on('close', ended)
    })
  )
}

/**
 * The original's `Container.create(image, …)`: the image is there, the container made, not started.
 * @this {any}
 * @param {...any} args
 */
async function create(...args) {
  const container = new this(...args)
  return container.create()
}

/** @this {any} @param {any} image @param {...any} args */
async function run(image, ...args) {
  if (image instanceof DokeresImage) return image.run(...args)
  throw invalid('image', 'expected a DokeresImage')
}

/** The original's names of failures, and our codes. */
const CODES = {
  NoDockerode: 'INVALID_OPTION',
  NotDockerode: 'INVALID_OPTION',
  NoNameNorDockerfile: 'NO_NAME_NOR_DOCKERFILE',
  NoDockerfile: 'NO_DOCKERFILE',
  NoImage: 'NO_NAME',
  NoContainer: 'NO_CONTAINER',
  ContainerAlreadyCreated: 'CONTAINER_ALREADY_CREATED',
  NoName: 'NO_NAME',
  PullFailed: 'PULL_FAILED',
  BuildFailed: 'BUILD_FAILED',
}

/** `error instanceof Errors.PullFailed` is `error.code === 'PULL_FAILED'`. */
class Errors extends DokeresError {
  static [Symbol.hasInstance](/** @type {unknown} */ value) {
    return value instanceof DokeresError
  }
}

for (const [name, code] of Object.entries(CODES)) {
  class Failure extends DokeresError {
    /** @param {string} [message] */
    constructor(message = `${name} (${code})`) {
      super({ code, message })
    }

    static [Symbol.hasInstance](/** @type {any} */ value) {
      return value instanceof DokeresError && /** @type {any} */ (value).code === code
    }
  }
  Object.defineProperty(Failure, 'name', { value: name })
  Object.defineProperty(Errors, name, { value: Failure, enumerable: true })
}

const NAME = 'Docker is dockerode’s own class'

/**
 * What both of the original's packages called `Docker`: dockerode (in dokeres), and the names of the
 * docker engine (in dock), as `Docker.Engine`.
 */
class Docker {
  static Engine = Dokeres
  static Image = DokeresImage
  static Container = DokeresContainer
  static LineTransformStream = LineTransformStream
  static follow = follow
  static waitStream = waitStream
  static mockDockerode = mockDockerode
  static mockDockerodeContainer = mockDockerodeContainer
  static mockStream = mockStream
  static defaultSocketPath = socketPath

  /** The class of dockerode itself. */
  static get Docker() {
    return dockerode(NAME)
  }

  /** @param {any} [options] dockerode's */
  constructor(options) {
    const Dockerode = dockerode(NAME)
    return new Dockerode(options)
  }

  static [Symbol.hasInstance](/** @type {any} */ value) {
    return typeof value?.getContainer === 'function' && typeof value.modem === 'object'
  }
}

module.exports = {
  ...{ Docker, Errors, create, follow, run, socketPath, waitUntilLogsSay },
  ...{ mockDockerode, mockDockerodeContainer, mockStream },
}
