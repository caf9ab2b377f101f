'use strict'

// What a mock remembers of containers and commands: enough that what our methods do makes sense.

const NEVER = '0001-01-01T00:00:00Z'

/** @returns {{ promise: Promise<void>, resolve: () => void }} */
function signal() {
  let resolve = () => {}
  const promise = /** @type {Promise<void>} */ (new Promise((done) => (resolve = done)))
  return { promise, resolve }
}

/**
 * A container that runs until it is stopped, or until somebody waits for its end: its program then
 * has nothing left to do once the output that was scripted is out.
 */
class MockContainer {
  state = { Status: 'created', ExitCode: 0, StartedAt: NEVER, FinishedAt: NEVER }
  started = signal()
  ended = signal()
  removed = signal()
  created = new Date().toISOString()
  /** @type {string[]} */
  warnings = []
  /** How many wait for its end. */
  waiting = 0
  /** The output that is being written: the end comes after it. @type {Set<Promise<unknown>>} */
  writing = new Set()

  /**
   * @param {string} id @param {string} name @param {any} config the body of its creation
   * @param {(action: string, container: MockContainer, attributes?: object) => void} tell
   */
  constructor(id, name, config, tell) {
    this.id = id
    this.name = name
    const { HostConfig, NetworkingConfig: _, ...rest } = config
    this.config = rest
    this.host = HostConfig ?? {}
    this.tell = tell
  }

  get running() {
    return this.state.Status === 'running' || this.state.Status === 'paused'
  }

  start() {
    if (this.running) return false
    const StartedAt = new Date().toISOString()
    this.state = { ...this.state, Status: 'running', ExitCode: 0, StartedAt, FinishedAt: NEVER }
    this.started.resolve()
    this.tell('start', this)
    this.#finish()
    return true
  }

  /** @param {number} code */
  exit(code) {
    if (!this.running) return false
    const FinishedAt = new Date().toISOString()
    this.state = { ...this.state, Status: 'exited', ExitCode: code, FinishedAt }
    this.tell('die', this, { exitCode: String(code) })
    const { ended } = this
    // Who waits from now on waits for another run.
    this.started = signal()
    this.ended = signal()
    ended.resolve()
    return true
  }

  /**
   * Resolves to its exit code when it has ended (or been removed).
   * @param {string} condition
   * @param {number} [code] what a script says it ends with
   */
  async wait(condition, code) {
    if (code !== undefined) this.scripted = code
    if (condition === 'not-running' && !this.running && this.state.Status !== 'created') {
      return this.state.ExitCode
    }
    this.waiting++
    this.#finish()
    await (condition === 'removed' ? this.removed : this.ended).promise
    return this.state.ExitCode
  }

  /** Ends it where it runs and somebody waits for that, but not before its output is out. */
  async #finish() {
    const { ended } = this
    if (!this.running || this.waiting === 0) return
    // The reply to who started it, or began to wait, goes first.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.writing.size > 0) await Promise.allSettled(this.writing)
    if (ended !== this.ended || !this.exit(this.scripted ?? 0)) return
    this.waiting = 0
    if (this.host.AutoRemove) this.remove()
  }

  remove() {
    this.exit(137)
    this.tell('destroy', this)
    this.gone = true
    this.ended.resolve()
    this.removed.resolve()
  }

  get command() {
    return [...(this.config.Entrypoint ?? []), ...(this.config.Cmd ?? [])]
  }

  get ports() {
    /** @type {Record<string, unknown>} */
    const ports = {}
    for (const port of Object.keys(this.config.ExposedPorts ?? {})) ports[port] = null
    for (const [port, bindings] of Object.entries(this.host.PortBindings ?? {})) {
      ports[port] = (bindings ?? []).map(
        (/** @type {any} */ binding, /** @type {number} */ index) => ({
          HostIp: binding.HostIp || '127.0.0.1',
          // Where the engine would choose one.
          HostPort: Number(binding.HostPort) ? binding.HostPort : String(49152 + index),
        }),
      )
    }
    return ports
  }

  inspect() {
    const { Status, ...times } = this.state
    const flags = { Running: this.running, Paused: Status === 'paused', Restarting: false }
    const [Path = '', ...Args] = this.command
    return {
      Id: this.id,
      Name: `/${this.name}`,
      Created: this.created,
      Image: this.config.Image,
      ...{ Path, Args, RestartCount: 0, Mounts: [] },
      State: { Status, ...flags, OOMKilled: false, Dead: false, Pid: 0, Error: '', ...times },
      Config: { Labels: {}, Env: [], Tty: false, ...this.config },
      HostConfig: { NetworkMode: 'default', AutoRemove: false, ...this.host },
      NetworkSettings: {
        IPAddress: '172.17.0.2',
        Ports: this.ports,
        Networks: { bridge: { IPAddress: '172.17.0.2' } },
      },
    }
  }

  /** As a list of containers has it. */
  listed() {
    const { Image, Labels } = this.config
    const Ports = Object.entries(this.ports).flatMap(([port, bindings]) => {
      const [number, Type] = port.split('/')
      const own = { PrivatePort: Number(number), Type: Type ?? 'tcp' }
      const published = /** @type {any[] | null} */ (bindings)?.map(({ HostIp, HostPort }) => ({
        ...{ IP: HostIp, ...own, PublicPort: Number(HostPort) },
      }))
      return published ?? [own]
    })
    return {
      Id: this.id,
      Names: [`/${this.name}`],
      ...{ Image, ImageID: Image, Command: this.command.join(' '), Ports, Mounts: [] },
      Created: Math.floor(Date.parse(this.created) / 1000),
      Labels: Labels ?? {},
      State: this.state.Status,
      Status: this.running ? 'Up' : `Exited (${this.state.ExitCode})`,
    }
  }
}

/** A command in a container. */
class MockExec {
  state = { Running: false, ExitCode: /** @type {number | null} */ (null) }

  /** @param {string} id @param {MockContainer} container @param {any} config */
  constructor(id, container, config) {
    this.id = id
    this.container = container
    this.config = config
  }

  inspect() {
    const { Cmd: [entrypoint, ...args] = [], Tty } = this.config
    const ProcessConfig = { entrypoint, arguments: args, tty: Boolean(Tty) }
    return { ID: this.id, ContainerID: this.container.id, ...this.state, Pid: 0, ProcessConfig }
  }
}

module.exports = { MockContainer, MockExec }
