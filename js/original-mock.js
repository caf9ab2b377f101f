'use strict'

const { Readable } = require('node:stream')

/** A stream that has ended already. */
function mockStream() {
  return Readable.from([], { objectMode: false })
}

/**
 * What the original's users pass for a dockerode container.
 * @param {(call: any) => any} [callback] is told of each call of `logs`; gives its callback's arguments
 */
function mockDockerodeContainer(callback = () => {}) {
  return {
    id: 'mockmockmock',
    /** @param {any} options @param {(error: any, stream: any) => void} [done] */
    logs(options, done) {
      const given = callback({ createContainer: options })
      const [error, stream] = Array.isArray(given) ? given : [null, mockStream()]
      if (done) return done(error, stream)
      return error ? Promise.reject(error) : Promise.resolve(stream)
    },
    async start() {},
    async stop() {},
    async kill() {},
    async remove() {},
    async attach() {
      return mockStream()
    },
    async wait() {
      return { Error: null, StatusCode: 0 }
    },
    async inspect() {
      return {
        ...{ Image: ' ', Name: null, Args: null, Path: null },
        State: { Running: null },
        NetworkSettings: { IPAddress: null },
      }
    },
  }
}

/**
 * What the original's users pass for a dockerode. `new Dokeres(mockDockerode())` is a
 * `Dokeres.mock()`: its modem leads to an engine that is none, which is there once it is looked at.
 * @param {(call: any) => any} [callback] is told of calls
 */
function mockDockerode(callback = () => {}) {
  /** @type {ReturnType<typeof import('./mock.js').serve> | undefined} */
  let server
  const reached = () =>
    (server ??= require('./mock.js').serve((request) => {
      const given = callback(request)
      // What the original's callbacks gave for `logs`.
      return Array.isArray(given) ? undefined : given
    }))
  return {
    getImage() {
      return { async inspect() {}, async remove() {}, async tag() {} }
    },
    getContainer() {
      return mockDockerodeContainer(callback)
    },
    /** @param {string} _name @param {any} [options] @param {any} [done] */
    async pull(_name, options, done = options) {
      if (typeof done === 'function') done(null, mockStream())
      return mockStream()
    },
    async buildImage() {
      return mockStream()
    },
    async createContainer() {
      return mockDockerodeContainer(callback)
    },
    /** @param {...any} args */
    async run(...args) {
      callback({ run: args })
      return [{ Error: null, StatusCode: 0 }, mockDockerodeContainer(callback)]
    },
    modem: {
      get socketPath() {
        return reached().path
      },
      /** @param {any} _stream @param {(error: any, output: any) => void} complete */
      followProgress(_stream, complete) {
        complete(null, [])
      },
    },
  }
}

module.exports = { mockDockerode, mockDockerodeContainer, mockStream }
