/**
 * `import { Modem } from 'dokeres/modem'`: a drop-in for docker-modem, beneath dockerode.
 * @module dokeres/modem
 */

import type { Agent } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'

/** What `new Modem(…)` takes: docker-modem's options, and what else the connection can do. */
export interface ModemOptions {
  /** A name or an address, or a URL. */
  host?: string
  /** The TCP port. Default: 2375, with TLS 2376. */
  port?: number | string
  /** Default: `https` where TLS material is given, else `http`. */
  protocol?: 'http' | 'https' | 'ssh'
  /** A socket's or named pipe's path, or a function that finds it. */
  socketPath?: string | (() => string | Promise<string>)
  /** Put before each path, for engines behind a proxy. */
  pathPrefix?: string
  /** For ssh. */
  username?: string
  /** An API version, as `v1.41`; without one the engine's own. */
  version?: string
  /** PEM as a text or a Buffer, or the path of a file. */
  key?: string | Buffer
  /** The client's certificate. */
  cert?: string | Buffer
  /** The authority to trust. */
  ca?: string | Buffer | (string | Buffer)[]
  /** Whether the server's certificate is checked. */
  tlsVerify?: boolean
  /** Milliseconds that the engine may take to begin its reply, or be silent within one that is read whole. */
  timeout?: number
  /** Milliseconds that connecting may take. */
  connectionTimeout?: number
  /** Sent with each request. */
  headers?: Record<string, string>
  /** One of Node's own: its `maxSockets` and TLS material are taken over. */
  agent?: Agent
  /** Whether ssh forwards its agent. */
  agentForward?: boolean
  /** Options of the system's ssh, or those of ssh2 that it has as well. */
  sshOptions?: ModemSshOptions
  /** A context of docker's, by name. */
  context?: string
  /** How many short calls may be under way at a time. */
  maxConnections?: number
  /** The class of promises that dockerode is to use. */
  Promise?: PromiseConstructorLike
}

/** How `ssh` is called. */
export interface ModemSshOptions {
  /** A private key's path, as `ssh -i`. */
  identityFile?: string
  /** A configuration's path, as `ssh -F`. */
  configFile?: string
  /** The path of the known hosts. */
  knownHosts?: string
  /** For `-o`, as `['StrictHostKeyChecking=accept-new']`. */
  options?: string[]
  /** The agent's socket. */
  agent?: string
  /** Forwards the agent, as `ssh -A`. */
  agentForward?: boolean
  /** Whom to log in as. */
  username?: string
  /** Where to log in. */
  host?: string
  /** Its port. Default: 22. */
  port?: number | string
  /** Milliseconds. */
  readyTimeout?: number
  /** Milliseconds. */
  keepaliveInterval?: number
}

/** A request, as dockerode dials it. */
export interface DialOptions {
  /** Ends in `?` where `options` are the query. */
  path: string
  /** `GET`, `POST`, … */
  method?: string
  /** The query, the body of a POST, or both: `_query` and `_body` tell them apart. */
  options?: any
  /** Headers besides the modem's own. */
  headers?: Record<string, string | string[]>
  /** The body: a file's path, bytes, or a stream. */
  file?: string | Uint8Array | NodeJS.ReadableStream
  /** `true` for those that are good, a text for what the others mean. */
  statusCodes: Record<number, true | string>
  /** The reply as a stream. */
  isStream?: boolean
  /** The connection itself, for both directions. */
  hijack?: boolean
  /** As `hijack`. */
  openStdin?: boolean
  /** Send an empty body as well. */
  allowEmpty?: boolean
  /** Credentials for the registry: `X-Registry-Auth`. */
  authconfig?: Record<string, any>
  /** Credentials for several registries: `X-Registry-Config`. */
  registryconfig?: Record<string, any>
  /** Ends the request. */
  abortSignal?: AbortSignal
}

/** A reply's head: on the streams that `dial` gives. */
export interface ReplyHead {
  /** The HTTP status. */
  statusCode: number
  /** The words beside it. */
  statusMessage: string
  /** By their names in lower case. */
  headers: Record<string, string>
  /** Names and values in turn, as they came. */
  rawHeaders: string[]
}

/** A reply that is read as it comes. */
export interface ReplyStream extends Readable, ReplyHead {
  /** Lets the process end while it is open. */
  unref(): this
  /** Takes `unref()` back. */
  ref(): this
}

/** A connection that has been taken over; `end` ends our side only. */
export interface DialogueStream extends Duplex, ReplyHead {
  /** Lets the process end while it is open. */
  unref(): this
  /** Takes `unref()` back. */
  ref(): this
}

/**
 * A drop-in for docker-modem: `new Docker({ modem: new Modem(options) })` is dockerode over this
 * package's native connection. Without an address: `DOCKER_HOST`, and then as `new Dokeres()` finds it.
 */
export declare class Modem {
  /** @throws {DokeresError} `INVALID_OPTION`, `NOT_SUPPORTED` */
  constructor(options?: ModemOptions | null)
  /** Where the engine is, by TCP. */
  host?: string
  /** Its port. */
  port?: number | string
  /** `http`, `https` or `ssh`. */
  protocol: string
  /** The path of its socket. */
  socketPath?: string | (() => string | Promise<string>)
  /** What is put before each path. */
  pathPrefix: string
  /** Whom ssh logs in as. */
  username?: string
  /** The API version that is put before each path. */
  version?: string
  /** The time limit of replies, in milliseconds. */
  timeout?: number
  /** The time limit of connecting, in milliseconds. */
  connectionTimeout?: number
  /** What goes with every request. */
  headers: Record<string, string>
  /** What ssh is told. */
  sshOptions: ModemSshOptions
  /** The class that promises are made of. */
  Promise: PromiseConstructorLike
  /**
   * Sends a request: `callback(error, reply)`, with JSON, a Buffer, or a stream. A refusal is a
   * `DokeresError` with `statusCode`, `reason` and `json`.
   */
  dial(options: DialOptions, callback: (error: any, reply?: any) => void): void
  /** What `dial` calls: for who looks at or changes a request before it is sent. */
  buildRequest(
    request: {
      path: string
      method: string
      headers: Record<string, any>
      signal?: AbortSignal | undefined
    },
    context: Partial<DialOptions>,
    data: any,
    callback: (error: any, reply?: any) => void,
  ): void
  /** The options as a query string; what is an object as JSON. */
  buildQuerystring(options: Record<string, any>): string
  /** Takes stdout and stderr of a stream apart. A sink that is full pauses the stream. */
  demuxStream(
    stream: NodeJS.ReadableStream,
    stdout: NodeJS.WritableStream | Writable,
    stderr: NodeJS.WritableStream | Writable,
  ): void
  /**
   * Reads a stream of JSON lines to its end. A line that tells of an error makes it one. Who destroys
   * the stream hears no more.
   */
  followProgress(
    stream: NodeJS.ReadableStream,
    onFinished: (error: Error | null, output: any[]) => void,
    onProgress?: (line: any) => void,
  ): void
  /** The path of the socket that it connects to, where it is one. */
  getSocketPath(): Promise<string | undefined>
}
