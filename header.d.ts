/// <reference types="node" />
/// <reference lib="esnext.disposable" />

// The hand-written half of the types. The `#[napi]` classes follow it in index.d.ts, which
// `npm run build` writes from this file and from the `///` comments in src/binding.

/**
 * `import { Dokeres } from 'dokeres'`: it begins with {@link Dokeres}. Pages by topic, with examples, are in the
 * package's repository, in `docs/`.
 * @module dokeres
 */

import { Transform, type Readable, type Writable } from 'node:stream'
import type { InspectOptions as UtilInspectOptions, inspect } from 'node:util'
import type * as EngineApi from './engine-api.js'

/** The types of the engine's JSON, of its published API definition: `EngineApi.ContainerState`. */
export type { EngineApi }

export { Dokeres as Engine, DokeresImage as Image, DokeresContainer as Container }

/**
 * A span of time: a number of milliseconds, or a text with units, `'10s'`, `'1m30s'`, `'250ms'`
 * (`ms`, `s`, `m`, `h`).
 */
export type Duration = number | string

/** An amount of memory: bytes, or a text with a unit of 1024, `'512m'` (`b`, `k`, `m`, `g`, `t`). */
export type ByteSize = number | string

/**
 * A command: its words, or one text that is split as a POSIX shell splits it (quotes and
 * backslashes). No shell runs either way: for `$VARIABLES`, `|` or `*`, say `['sh', '-c', '…']`.
 */
export type Command = string | readonly string[]

/** Names and values, as for `env` and `labels`. Numbers and booleans are written as text. */
export type TextMap = Readonly<Record<string, string | number | boolean | null | undefined>>

/** What a program may be given to read: all of it at once, or in pieces. */
export type Input =
  | string
  | Uint8Array
  | Readable
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>

/** What output is given as: `'utf8'` is `string`, `'buffer'` is `Buffer`. */
export type Encoding = 'utf8' | 'buffer'

/** What every method that returns a promise takes. */
export interface Abortable {
  /**
   * Ends the call: its connection is closed, nothing half-made is left, and the promise rejects with
   * `signal.reason`. An already aborted signal rejects before anything is sent.
   */
  signal?: AbortSignal | null
}

/**
 * What an engine's reply has in any case, `K`, and what it has but may have as `null`, `N`: the
 * definition calls nearly all of it optional.
 */
export type Always<T, K extends keyof T, N extends keyof T = never> = T & {
  [P in K]-?: NonNullable<T[P]>
} & { [P in N]-?: Exclude<T[P], undefined> }

// ── Errors ────────────────────────────────────────────────────────────────────────────────────

/** What failed: `error.code`. The words are stable; `error.message` is for people. */
export type DokeresErrorCode =
  /** An option that does not exist or is of the wrong type; `path` names it. */
  | 'INVALID_OPTION'
  /** Not the name of an image. */
  | 'INVALID_REFERENCE'
  /** `image()` was given neither a name nor a Dockerfile. */
  | 'NO_NAME_NOR_DOCKERFILE'
  /** An image without a name cannot be pulled. */
  | 'NO_NAME'
  /** An image without a Dockerfile or context cannot be built. */
  | 'NO_DOCKERFILE'
  /** There is no container yet, or no longer: it has not been created, or has been removed. */
  | 'NO_CONTAINER'
  /** `create()` on what has been created. */
  | 'CONTAINER_ALREADY_CREATED'
  /** No daemon answers; `endpoint` tells where one was sought and why there. */
  | 'ENGINE_UNREACHABLE'
  /** The daemon's socket may not be opened. */
  | 'PERMISSION_DENIED'
  /** The TLS handshake failed, or a certificate or key is not one. */
  | 'TLS_ERROR'
  /** It took longer than the `timeout` that was given. */
  | 'TIMEOUT'
  /** The engine does not have that image. */
  | 'IMAGE_NOT_FOUND'
  /** `ensure()`: not there, not to be pulled, and nothing to build it from; `cause` says why not. */
  | 'IMAGE_UNAVAILABLE'
  /** `reason` says why, see {@link PullFailure}. */
  | 'PULL_FAILED'
  /** `reason` says why, in the same words. */
  | 'PUSH_FAILED'
  /** `step`, `instruction`, `exitCode` and `log` say where. */
  | 'BUILD_FAILED'
  /** The registry or the engine wants (other) credentials. */
  | 'UNAUTHORIZED'
  /** The credential helper of the docker configuration failed. */
  | 'CREDENTIAL_HELPER'
  /** The engine has no container of that id or name. */
  | 'CONTAINER_NOT_FOUND'
  /** A container of that name is there already; see {@link RunOptions.ifExists}. */
  | 'NAME_CONFLICT'
  /** A host port of `mapped` is taken. */
  | 'PORT_IN_USE'
  /** A host path of `readonly` or `writable` does not exist; see {@link RunOptions.createPaths}. */
  | 'BIND_SOURCE_MISSING'
  /** The image has no such program, or it cannot be executed. */
  | 'EXECUTABLE_NOT_FOUND'
  /** The container ended before what was waited for; `container` and `logs` tell how. */
  | 'CONTAINER_EXITED'
  /** The program ended with a code other than 0; the error carries the whole result. */
  | 'EXIT_CODE'
  /** The engine has no network of that id or name. */
  | 'NETWORK_NOT_FOUND'
  /** The engine has no volume of that name. */
  | 'VOLUME_NOT_FOUND'
  /** A container has that volume. */
  | 'VOLUME_IN_USE'
  /** A container is made of that image; see {@link ImageRemoveOptions.force}. */
  | 'IMAGE_IN_USE'
  /** The engine's 409 where no other code says more. */
  | 'CONFLICT'
  /** The engine's 404 where no other code says more. */
  | 'NOT_FOUND'
  /** The engine's 400 where no other code says more. */
  | 'BAD_REQUEST'
  /** The engine's 403. */
  | 'FORBIDDEN'
  /** This engine, or this version of dokeres, cannot do that. */
  | 'NOT_SUPPORTED'
  /** The engine's 500 where no other code says more. */
  | 'SERVER_ERROR'
  /** The engine broke off in the middle of an answer. */
  | 'STREAM_TRUNCATED'
  /** The engine's answer is not what its protocol allows. */
  | 'PROTOCOL_ERROR'
  /** Some of several failed. */
  | 'PARTIAL_FAILURE'
  /** More output than `maxBuffer` allows to keep, or a reply, a line or a file too large for memory. */
  | 'MAX_BUFFER'
  /** A bug of dokeres: please report it. */
  | 'INTERNAL'

/** Why a pull failed: `reason` of `PULL_FAILED` and of `IMAGE_UNAVAILABLE`. */
export type PullFailure =
  'not-found' | 'unauthorized' | 'rate-limited' | 'no-space' | 'network' | 'no-matching-platform'

/** What an error knows of the container it is about; what is not known is absent. */
export interface ContainerFacts {
  /** The full id, 64 hexadecimal digits. */
  id?: string
  /** The name, without the engine's leading slash. */
  name?: string
  /** The engine's word: `created`, `running`, `paused`, `restarting`, `exited`, `dead`. */
  state?: string
  /** The exit code, where it has ended. */
  exitCode?: number
  /** Whether the kernel killed it for its memory. */
  oomKilled?: boolean
}

/**
 * Every failure, except an abort (that rejects with `signal.reason`) and what a callback of the
 * caller's threw (that is handed back as it is). `stack` shows the caller's own frames.
 */
export declare class DokeresError extends Error {
  /** For the caller's own tests: dokeres makes its errors itself. */
  constructor(facts: {
    code: DokeresErrorCode
    message: string
    cause?: unknown
    [fact: string]: unknown
  })
  /** Always that, as other errors have theirs. */
  name: 'DokeresError'
  /** What failed, in a stable word. */
  code: DokeresErrorCode
  /** What failed, on what, and, where that is known, what to do about it: one sentence. */
  message: string
  /** The HTTP status of the engine's reply, where there was one. */
  statusCode?: number
  /**
   * Why, in a stable word: of `PULL_FAILED` and `IMAGE_UNAVAILABLE`, a {@link PullFailure}; of a swarm,
   * `not-a-manager`, `in-a-swarm`, `not-in-a-swarm`, `manager`, `locked`, `not-locked`, `token`, `unreachable`,
   * `joining`, `in-use`, `no-previous` or `out-of-sequence`.
   */
  reason?: PullFailure | (string & {})
  /** The endpoint, where the connection to it is what failed. */
  endpoint?: Endpoint
  /** The image's name, where the failure is about one. */
  image?: string
  /** The container, where the failure is about one. */
  container?: ContainerFacts
  /** The last lines of the container's output, at most 20. */
  logs?: string[]
  /** The option that is wrong: `'mapped.80'`; of copying, the path that is not there. */
  path?: string
  /** `BUILD_FAILED`: the step, as the builder counts: `'3/7'`. */
  step?: string
  /** `BUILD_FAILED`: the instruction of that step: `'RUN npm ci'`. */
  instruction?: string
  /** `BUILD_FAILED`, `EXIT_CODE`, `CONTAINER_EXITED`: the exit code of the program. */
  exitCode?: number
  /** `BUILD_FAILED`: what the builder wrote, its last lines. */
  log?: string[]
  /** `PARTIAL_FAILURE`: how each went. */
  results?: Array<{
    target: string
    ok: boolean
    error?: { code: DokeresErrorCode; message: string }
  }>
  /** `EXIT_CODE` of a task: as in {@link TaskResult}. */
  signal?: string | null
  /** `EXIT_CODE` of a task: as in {@link TaskResult}. */
  oomKilled?: boolean
  /** `EXIT_CODE`: the program's standard output. */
  stdout?: string | Buffer
  /** `EXIT_CODE`: the program's standard error. */
  stderr?: string | Buffer
  /** `EXIT_CODE` of a task: both streams in recorded order. */
  output?: string | Buffer
  /** `EXIT_CODE` of a task: as in {@link TaskResult}. */
  startedAt?: string
  /** `EXIT_CODE` of a task: as in {@link TaskResult}. */
  finishedAt?: string
  /** `EXIT_CODE` of a task: as in {@link TaskResult}. */
  durationMs?: number
  /** Of a task on a swarm: the replicas that had come to their end; `EXIT_CODE`: all of them. */
  replicas?: ReplicaResult<string | Buffer>[]
  /** `EXIT_CODE` of a task on a swarm: as in {@link SwarmTaskResult}. */
  service?: { id: string; name: string }
  /** The failure behind this one: of `IMAGE_UNAVAILABLE`, that of the pull. */
  cause?: unknown
}

// ── Connecting ────────────────────────────────────────────────────────────────────────────────

/**
 * How to reach the engine. What is absent is sought in this order: `DOCKER_HOST`, `DOCKER_CONTEXT`,
 * `currentContext` of the docker configuration, the platform's default socket, well-known sockets.
 */
export interface DokeresOptions {
  /**
   * A URL (`unix://`, `npipe://`, `tcp://`, `http://`, `https://`, `ssh://`), a socket's path, or,
   * where `port` is given, a host's name.
   */
  host?: string | null
  /** The path of a unix socket or of a named pipe. */
  socketPath?: string | null
  /** The TCP port, 1 to 65535, where `host` has none. Default: 2375, with TLS 2376, ssh 22. */
  port?: number | null
  /** Default: `https` where TLS material is given, else `http`. */
  protocol?: 'http' | 'https' | 'ssh' | 'tcp' | null
  /** The authority to trust: PEM in memory, or a file's path. Default: the system's. */
  ca?: PemSource | null
  /** The client's certificate (chain): PEM in memory, or a file's path. */
  cert?: PemSource | null
  /** The client's private key: PEM in memory, or a file's path. */
  key?: PemSource | null
  /** Whether the daemon's certificate is verified, default true. */
  tlsVerify?: boolean | null
  /** For `ssh://`. The system's `ssh` does the work, so `~/.ssh/config` and agents apply. */
  sshOptions?: SshOptions | null
  /** The name of a docker context, its TLS material included; `INVALID_OPTION` if there is none. */
  context?: string | null
  /** Headers to send with every request. */
  headers?: TextMap | null
  /** How long making a connection may take; `ENGINE_UNREACHABLE` after that. Default: 5 seconds. */
  connectTimeout?: Duration | null
  /**
   * How long the engine may take to begin its reply to an ordinary call, and may be silent within it;
   * `TIMEOUT` after that. Wait, pull, build, logs and the like have none. Default: 60 seconds.
   */
  timeout?: Duration | null
  /** The most connections for ordinary calls at once; streams have their own. Default 64. */
  maxConnections?: number | null
  /**
   * Whose the containers are that this `Dokeres` makes: they get the label `dokeres.session`, by which
   * `cleanup()` finds them. `true`: a session of its own; a name: one that others may share (a CI job's
   * id, say); `false`: no label, for containers that are to stay, which are never cleaned up.
   * Default true.
   */
  session?: boolean | string | null
  /**
   * Removes what this `Dokeres` has made, and is still there, when the process ends: by itself, by
   * `process.exit()`, by an exception, or by SIGINT, SIGTERM or SIGHUP where the program does not
   * listen to those itself. Default false.
   */
  cleanupOnExit?: boolean | null
  /**
   * Has a helper process remove what this `Dokeres` has made, and is still there, when this process is
   * gone, however it went: SIGKILL and crashes are no exception. The helper is a
   * small Node process, started with the first container. Default false.
   */
  reaper?: boolean | null
}

/** PEM text, its bytes, or the path of a file that has it. */
export type PemSource = string | Uint8Array

/** Options of the system's `ssh`, over what its own configuration says. */
export interface SshOptions {
  /** A private key's path, as `ssh -i`. Default: those that ssh finds by itself, or its agent's. */
  identityFile?: string | null
  /** A configuration's path, as `ssh -F`. Default: `~/.ssh/config`. */
  configFile?: string | null
  /** The path of the known hosts. Default: `~/.ssh/known_hosts`. */
  knownHosts?: string | null
  /** More options, each as after `ssh -o`: `['BatchMode=yes']`. */
  options?: readonly string[] | null
}

/** A dockerode object, or any that has a docker-modem `modem`: its address, TLS, ssh, headers and limits serve. */
export interface DockerodeLike {
  /** The docker-modem that it goes by. */
  modem: object
}

/** Where the engine is, and why there. */
export interface Endpoint {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`; `null` until it is known, or if none was found. */
  url: string | null
  /** What decided it: `option`, `DOCKER_HOST`, a context, a default; `null` where none was found. */
  source: string | null
  /** All that was considered, in order; the last is what `url` is. */
  tried: EndpointAttempt[]
}

/** One place where the engine was sought. */
export interface EndpointAttempt {
  /** The place, as in {@link Endpoint.url}. */
  url: string
  /** Why it was considered, as in {@link Endpoint.source}. */
  source: string
  /** Why it was passed over. */
  error?: string
}

/** A call of the engine's HTTP API. */
export interface EngineRequest extends Abortable {
  /** Default: `GET`. */
  method?: string | null
  /** The path, without a version: `/containers/json`. */
  path: string
  /** Query parameters; objects and lists are sent as JSON, as the engine wants its `filters`. */
  query?: Readonly<Record<string, unknown>> | null
  /** Sent as JSON. */
  body?: unknown
  /** Headers besides those that every request has. */
  headers?: TextMap | null
}

/** What the engine says of itself before anything else: the headers of `GET /_ping`. */
export interface Ping {
  /** The newest API version it knows, like `'1.41'`. */
  apiVersion: string | null
  /** `'linux'` or `'windows'`. */
  osType: string | null
  /** The builder it would choose: `'1'` classic, `'2'` BuildKit. */
  builderVersion: string | null
  /** Whether it has its experiments on: checkpoints, say. */
  experimental: boolean
  /** `'inactive'`, `'active/manager'` and the like; `null` where the engine does not tell. */
  swarm: string | null
}

/** The engine's reply to `GET /version`: every field, unrenamed. */
export type EngineVersion = Always<
  EngineApi.SystemVersion,
  'Version' | 'ApiVersion' | 'Os' | 'Arch'
>

/** The engine's reply to `GET /info`: every field, unrenamed. */
export type EngineInfo = Always<
  EngineApi.SystemInfo,
  | 'ID'
  | 'Name'
  | 'ServerVersion'
  | 'Containers'
  | 'Images'
  | 'Driver'
  | 'NCPU'
  | 'MemTotal'
  | 'OSType'
  | 'Architecture'
>

/** The engine's reply to `GET /system/df`: every field, unrenamed. */
export type DiskUsage = EngineApi.SystemDataUsageResponse & {
  /** Bytes, of all layers. This and the lists are of engines before 29. */
  LayersSize?: number
  /** What each image takes. */
  Images?: ImageSummary[] | null
  /** What each container takes. */
  Containers?: ContainerSummary[] | null
  /** What each volume takes. */
  Volumes?: VolumeInspect[] | null
  /** What the builder keeps. */
  BuildCache?: EngineApi.BuildCache[] | null
}

/** `dokeres.diagnose()`. What is not known, or not on this machine, is `null`. */
export interface Diagnosis {
  /** Whether there is no problem, warnings apart. */
  ok: boolean
  /** Whether an engine answers. */
  reachable: boolean
  /** Where it is, why there, and what else was tried. */
  endpoint: { url: string | null; source: string | null; tried: Endpoint['tried'] } | null
  /** What the engine is; `null` where none answers. */
  engine: {
    name: string | null
    version: string | null
    apiVersion: string | null
    experimental: boolean
    os: string | null
    osType: string | null
    architecture: string | null
    kernel: string | null
    storageDriver: string | null
    cgroupVersion: string | null
    dataRoot: string | null
    rootless: boolean
  } | null
  /** The one that the engine would choose. */
  builder: 'buildkit' | 'classic' | null
  /** Docker's configuration, and the helpers that it names, with where they are. */
  credentials: {
    config: string | null
    helpers: Array<{ name: string; path: string | null }>
  } | null
  /** Who this process is, and whose the engine's socket is. */
  permissions: {
    uid: number | null
    socket: { path: string; mode?: string; uid?: number; gid?: number; error?: string } | null
  }
  /** Bytes where the engine keeps its things, where that is on this machine. */
  disk: { path: string; free: number; total: number } | null
  /** The engine's clock, and how far it is ahead of this machine's. */
  clock: { engine: string; skewMs: number } | null
  /** What is wrong, and what to be warned of, each with what to do about it. */
  problems: Array<{
    /** `warning`: it works all the same. The engine's own warnings are such. */
    severity: 'error' | 'warning'
    area: 'endpoint' | 'engine' | 'credentials' | 'permissions' | 'disk' | 'clock'
    message: string
    /** What to do about it. */
    advice: string
  }>
}

/** The engine's reply to `POST /auth`. */
export type AuthResult = EngineApi.AuthResponse

/** The engine's reply to `GET /distribution/…/json`: what a registry has under a name. */
export type DistributionInspect = Always<EngineApi.DistributionInspect, 'Platforms'> & {
  /** What kind of manifest it is, its digest and size. */
  Descriptor: Always<EngineApi.OCIDescriptor, 'mediaType' | 'digest' | 'size'>
}

/** `dokeres.distribution()`. */
export interface DistributionOptions extends Abortable {
  /** Default: what docker's configuration has for the registry. */
  auth?: RegistryAuth | null
}

/** `dokeres.pruneBuild()`. */
export interface BuildPruneOptions extends Abortable {
  /** Also what is not dangling. Default false. */
  all?: boolean | null
  /** How much to keep. Default: nothing. */
  keepStorage?: ByteSize | null
  /** `{ until: '24h', type: 'regular', inuse: false }` */
  filters?: Filters | null
}

/** The engine's reply to `POST /build/prune`. */
export type BuildPruneResult = Always<
  EngineApi.BuildPruneResponse,
  'SpaceReclaimed',
  'CachesDeleted'
>

// ── Images ────────────────────────────────────────────────────────────────────────────────────

/** Credentials for a registry. Default: those of `docker login`, credential helpers included. */
export interface RegistryAuth {
  /** Whose account it is. */
  username?: string | null
  /** Its password, or an access token in place of one. */
  password?: string | null
  /** A refresh token, in place of a password. */
  identityToken?: string | null
  /** A bearer token that is sent as it is. */
  registryToken?: string | null
  /** The registry; default: the one that the image's name says. */
  serverAddress?: string | null
}

/**
 * What a build may read. A string is a directory (its `.dockerignore` holds), a tar's path, or a URL
 * that the engine fetches (git, or a tar over http). Bytes or a stream are a tar, as it is or
 * compressed by gzip, bzip2, xz or zstd; a stream serves one build. An object is files in memory.
 */
export type BuildContext = string | Uint8Array | Readable | AsyncIterable<Uint8Array> | ContextFiles

/** Files in memory, by their paths in the context: `{ Dockerfile: 'FROM node\n…' }`. */
export interface ContextFiles {
  readonly [path: string]:
    string | Uint8Array | { content: string | Uint8Array; mode?: number | null }
}

/** A build secret: a file, a variable of this process's environment, or the value itself. */
export type BuildSecret =
  | {
      /** A path on this machine. */
      file: string
    }
  | {
      /** The name of the variable. */
      env: string
    }
  | {
      /** The secret itself. */
      value: string
    }

/** How an image is built: of `dokeres.image({ … })`, and, for one build, of `build()`. */
export interface BuildSettings {
  /** Default: the directory of the Dockerfile. */
  context?: BuildContext | null
  /** Values for the Dockerfile's `ARG`s. */
  buildArgs?: TextMap | null
  /** Labels of the image. */
  labels?: TextMap | null
  /** The stage to stop at, as `docker build --target`. Default: the last. */
  target?: string | null
  /**
   * Secrets by their id, for `RUN --mount=type=secret,id=…`; at most 500 KiB each. Needs BuildKit,
   * which is chosen for it; `NOT_SUPPORTED` where the engine has none.
   */
  secrets?: Readonly<Record<string, BuildSecret>> | null
  /**
   * ssh agents for `RUN --mount=type=ssh`: `true` is the one of `SSH_AUTH_SOCK`, a string is a
   * socket, an object has several by id. A build may list keys and sign, nothing else. Needs
   * BuildKit.
   */
  ssh?: boolean | string | Readonly<Record<string, true | string>> | null
  /** Build every step anew, default false. */
  noCache?: boolean | null
  /** Pull the base images anew, default false. */
  pull?: boolean | null
  /** Images whose layers may serve as cache. */
  cacheFrom?: readonly string[] | null
  /** The network of `RUN` steps: `'host'`, `'none'` or a network's name. */
  network?: string | null
  /** More lines of `/etc/hosts` in `RUN` steps: `{ host: ip }` or `['host:ip']`. */
  extraHosts?: TextMap | readonly string[] | null
  /** More names for the image. */
  tags?: readonly string[] | null
  /**
   * Which of the engine's builders. Default `auto`: the one that alone honours an option that was
   * given; else as `DOCKER_BUILDKIT` says (1 or 0); else the one that the engine advertises.
   */
  builder?: 'auto' | 'classic' | 'buildkit' | null
  /** The most memory of a `RUN` step. This and the following are the classic builder's. */
  memory?: ByteSize | null
  /** Memory and swap together; -1 for as much swap as there is. */
  memorySwap?: ByteSize | null
  /** The size of `/dev/shm` in `RUN` steps. */
  shmSize?: ByteSize | null
  /** The relative weight of `RUN` steps' CPU time. */
  cpuShares?: number | null
  /** Microseconds, as `docker build --cpu-period`. */
  cpuPeriod?: number | null
  /** Microseconds, as `docker build --cpu-quota`. */
  cpuQuota?: number | null
  /** The CPUs that `RUN` steps may use: `'0-2'`. */
  cpusetCpus?: string | null
}

/** `dokeres.image({ … })`. A name, or a Dockerfile or context; else `NO_NAME_NOR_DOCKERFILE`. */
export interface ImageOptions extends BuildSettings {
  /** The image's name, `my-org/my-image:v1`; without a tag it is `:latest`. Or an image's id. */
  name?: string | null
  /**
   * The Dockerfile, to build it from where it is neither there nor to be pulled: a path, or the text
   * itself (whatever has a line's end in it). Within a context that is no directory: a path in there.
   */
  dockerfile?: string | null
  /** With these the context is just the Dockerfile and them: paths relative to the Dockerfile's. */
  extraFiles?: readonly string[] | null
  /** `linux/arm64`, `linux/arm/v7`. Default: the engine's own. */
  platform?: string | null
  /**
   * When `ensure()` pulls: `missing` (default) · `always` · `never` · `newer` (compares the
   * registry's digest first) · `build` (never pulls, builds).
   */
  pullPolicy?: 'missing' | 'always' | 'never' | 'newer' | 'build' | null
  /** For pulls and pushes of it. Default: what docker's configuration has for the registry. */
  auth?: RegistryAuth | null
  /** `ensure()` builds even where the image is there, default false. */
  forceRebuild?: boolean | null
  /**
   * `'changed'`: the image is labelled (`dokeres.build.hash`) with a hash of its context (names,
   * modes, contents; no times), Dockerfile and options, and `ensure()` builds it where that differs
   * from what is there; it never pulls. Secrets count by id only.
   */
  rebuild?: 'changed' | null
  /**
   * `ensure()` takes turns with all processes of this machine that ensure the image at this endpoint
   * with this option, so that one of them builds it. Default false: only within a process.
   */
  shared?: boolean | null
}

/** Where a pull or a build is, the whole of it. */
export interface Progress {
  /** What is being done. `ensure` may pull and then build. */
  phase: 'pull' | 'build' | 'push' | 'save' | 'load'
  /** An image's layers, or a build's steps. */
  layers: ProgressLayer[]
  /** Bytes so far, over all layers; in a build, steps. */
  current: number
  /** Bytes in all, as far as is known by now; in a build, steps. */
  total: number
  /** 0 to 100, one decimal; `null` while `total` is not known. */
  percent: number | null
  /** How fast it goes; `null` where that is not known, and in a build. */
  bytesPerSecond: number | null
  /** How long it will take yet, at that rate; `null` where that is not known. */
  etaSeconds: number | null
  /** The engine's own last message. */
  raw: unknown
}

/** A layer, or a step of a build. */
export interface ProgressLayer {
  /** The layer's id; of a step `'2/5'`, with its stage before it where there are several. */
  id: string
  /** The engine's word for it: `Downloading`, `Pull complete`, or a build's instruction. */
  status: string
  /** Bytes; of a step, 1 where it is done. */
  current: number
  /** Bytes, 0 while they are not known; of a step, 1. */
  total: number
}

/** How a long call shows where it is. */
export interface ProgressOptions {
  /**
   * Called at most ten times a second, and with the last state always. What it throws rejects the
   * call.
   */
  onProgress?: ((progress: Progress) => unknown) | null
  /**
   * Draws it on stderr: `'tty'` a line a layer, with bars (`NO_COLOR` is honoured; as `'plain'` where
   * stderr is no terminal), `'plain'` a line for each change. Default: nothing.
   */
  progress?: 'tty' | 'plain' | null
}

/** How a build tells what it says. */
export interface LineOptions {
  /**
   * Called with each line that the builder, or a step, writes; a promise that it returns is waited
   * for. Steps begin with `Step 2/5 : RUN …`, whichever the builder. What it throws rejects the call.
   */
  onLine?: ((line: string) => unknown) | null
}

/** `image.ensure()`. */
export interface EnsureOptions extends ProgressOptions, LineOptions, Abortable {}

/** `image.pull()`. */
export interface PullOptions extends ProgressOptions, Abortable {
  /** Default: the image's own, else what docker's configuration has for the registry. */
  auth?: RegistryAuth | null
  /** `linux/arm64`. Default: the image's, else the engine's own. */
  platform?: string | null
  /** All tags of the repository, default false. */
  allTags?: boolean | null
}

/** What a pull came to. */
export interface PullResult {
  /** The image's id, `sha256:…`. */
  id: string
  /** The digest in the registry, `sha256:…`; `null` where the engine tells none. */
  digest: string | null
  /** Whether anything was fetched. */
  status: 'downloaded' | 'up-to-date'
  /** With `allTags`: the names that are there now. `id` and `digest` are the first's then. */
  tags?: string[]
}

/** `image.push()`. */
export interface PushOptions extends ProgressOptions, Abortable {
  /** Default: the image's own, else what docker's configuration has for the registry. */
  auth?: RegistryAuth | null
}

/** What a push came to. */
export interface PushResult {
  /** The manifest's digest in the registry, `sha256:…`. */
  digest: string
  /** The tag that it has there. */
  tag: string
  /** The manifest's size, in bytes. */
  size: number
}

/** `image.build()`: what is given here goes over what the image was given. */
export interface BuildOptions extends BuildSettings, ProgressOptions, LineOptions, Abortable {}

/** What a build came to. */
export interface BuildResult {
  /** The image's id, `sha256:…`. */
  imageId: string
  /** The names that it has now. */
  tags: string[]
  /** Whether every step came from the cache. */
  cached: boolean
}

/** `image.remove()`. */
export interface ImageRemoveOptions extends Abortable {
  /** Also where it has other names or stopped containers, default false. */
  force?: boolean | null
  /** Leaves its parents that have no name, default false. */
  noPrune?: boolean | null
}

/** The engine's reply to `GET /images/…/json`: every field, unrenamed. */
export type ImageInspect = Always<
  EngineApi.ImageInspect,
  'Id' | 'Created' | 'Architecture' | 'Os' | 'Size' | 'RootFS',
  'RepoTags' | 'RepoDigests'
>

/** An entry of the engine's reply to `GET /images/…/history`: every field, unrenamed. */
export type ImageHistoryEntry = EngineApi.ImageHistoryResponseItem

/** An entry of the engine's reply to `GET /images/json`: every field, unrenamed. */
export type ImageSummary = EngineApi.ImageSummary

/** The engine's filters: `{ label: 'a=b' }`, `{ dangling: true }`, `{ reference: ['node:*'] }`. */
export type Filters = Readonly<
  Record<string, string | number | boolean | readonly (string | number | boolean)[]>
>

/** `images.list()`. */
export interface ImageListOptions extends Abortable {
  /** Intermediate layers as well, default false. */
  all?: boolean | null
  /** Fills `RepoDigests` in, default false. */
  digests?: boolean | null
  /** Fills `SharedSize` in, which the engine has to count; API 1.42. Default false. */
  sharedSize?: boolean | null
  /** `{ reference: 'node:*', dangling: true, label: 'a=b' }`. */
  filters?: Filters | null
}

/** A name taken apart: `images.parseReference('localhost:5000/team/app')`. */
export interface ImageReference {
  /** `docker.io` where there was none: `localhost:5000`. */
  registry: string
  /** `library/…` on Docker Hub where there was no user: `team/app`. */
  repository: string
  /** The name without tag and digest, as the engine's lists show it: `localhost:5000/team/app`. */
  group: string
  /** `latest` where there was neither tag nor digest. */
  tag: string | null
  /** `sha256:…` */
  digest: string | null
  /** The whole of it, normalised: `localhost:5000/team/app:latest`. */
  name: string
}

/** What removing an image did. */
export type ImageRemoval = EngineApi.ImageDeleteResponseItem

/** `images.removeGroup()`. */
export interface RemoveGroupOptions extends Abortable {
  /** Also where stopped containers are made of one, default false. */
  force?: boolean | null
  /** How many calls at once. Default 8. */
  concurrency?: number | null
}

/** `images.search()`. */
export interface ImageSearchOptions extends Abortable {
  /** The most results. Default: the registry's, 25. */
  limit?: number | null
  /** `is-official`, `stars`. */
  filters?: Filters | null
}

/** An entry of the engine's reply to `GET /images/search`. */
export type ImageSearchResult = Always<
  EngineApi.ImageSearchResponseItem,
  'name' | 'description' | 'star_count' | 'is_official'
>

/** `image.save(path)`, `images.save(names, path)`. */
export interface SaveOptions extends ProgressOptions, Abortable {}

/** What a save to a file came to. */
export interface SaveResult {
  /** The file's path, as it was given. */
  path: string
  /** Bytes. */
  size: number
}

/** `images.load()`. */
export interface LoadOptions extends ProgressOptions, Abortable {}

/** What a load came to. */
export interface LoadResult {
  /** The images' names; of one without a name its id. */
  images: string[]
}

/** `images.import()`. */
export interface ImportOptions extends ProgressOptions, Abortable {
  /** The name to give it, with a tag perhaps. Default: none. */
  repository?: string | null
  /** The tag to give it, where `repository` has none. */
  tag?: string | null
  /** What its history is to say. */
  message?: string | null
  /** Dockerfile instructions: `['CMD ["/bin/sh"]']`. */
  changes?: readonly string[] | null
  /** What it is made for: `linux/arm64`. Default: the engine's own. */
  platform?: string | null
}

/** `images.clean()`: what may go. All that is given has to hold; one of the first three is needed. */
export interface ImageCleanOptions extends Abortable {
  /** Built longer ago than this. The build may be years before the pull: see `unusedFor`. */
  olderThan?: Duration | null
  /**
   * Not pulled, built or tagged, and no container made of it, for this long. What is known of that:
   * the engine's last tagging, its last 256 events, and what earlier calls on this `Dokeres` (or
   * `memory`) have seen. An image of which nothing is known counts as used when it was first seen.
   */
  unusedFor?: Duration | null
  /** `{ label: 'a=b' }`, `{ dangling: true }`, `{ reference: 'ci/*' }`. */
  filters?: Filters | null
  /** Tells what would go, and removes nothing. Default false. */
  dryRun?: boolean | null
  /** A file in which uses are remembered from one process to the next; made where it is missing. */
  memory?: string | null
}

/** What a cleaning came to. */
export interface ImageCleanResult {
  /** What is gone, or, of a dry run, would go. */
  removed: Array<{ id: string; tags: string[]; size: number }>
  /** What the engine would not remove, and why. */
  failed: Array<{ id: string; tags: string[]; error: { code: DokeresErrorCode; message: string } }>
  /** Bytes, at most: layers that other images have as well stay. */
  reclaimed: number
  /** Whether nothing was removed. */
  dryRun: boolean
}

/** `images.gc()`: `clean`, again and again. */
export interface ImageGcOptions extends ImageCleanOptions {
  /** The pause before each sweep, `'30m'`. */
  every: Duration
  /** Called after each sweep. */
  onSweep?: ((result: ImageCleanResult) => unknown) | null
  /** Called where a sweep failed; the next comes all the same. Default: a process warning. */
  onError?: ((error: unknown) => unknown) | null
}

/** A garbage collection that goes on until it is stopped. It does not keep the process alive. */
export interface ImageGc {
  /** Ends it; resolves when a sweep that is under way has been broken off. */
  stop(): Promise<void>
  /** As `stop()`: `await using gc = images.gc({ … })`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** `images.prune()`. */
export interface ImagePruneOptions extends Abortable {
  /** `{ dangling: false }` takes all that no container is made of. Default: those without a name. */
  filters?: Filters | null
  /** Tells what would go; the size is an upper bound. Default false. */
  dryRun?: boolean | null
}

/** The engine's reply to `POST /images/prune`. */
export type ImagePruneResult = Always<
  EngineApi.ImagePruneResponse,
  'SpaceReclaimed',
  'ImagesDeleted'
>

// ── Containers ────────────────────────────────────────────────────────────────────────────────

/** A limit as `ulimit` has it: one number for both, or each. */
export type Ulimit =
  | number
  | {
      /** What holds until the program raises it. */
      soft: number
      /** How far it may. */
      hard: number
    }

/**
 * A host's port for one of the container's: `8080`, `'127.0.0.1:8080'`; `0`, `'127.0.0.1:0'` or
 * `true` for any free one. A number without an address is published on all of the host's addresses.
 */
export type HostPort = number | string | boolean

/** As a Dockerfile's `HEALTHCHECK`. */
export interface Healthcheck {
  /** One text runs in the container's shell; a list is run as it is. */
  test?: string | readonly string[] | null
  /** Default: the engine's, 30 seconds. */
  interval?: Duration | null
  /** Default: the engine's, 30 seconds. */
  timeout?: Duration | null
  /** How long failures at first do not count. Default: the engine's, 0. */
  startPeriod?: Duration | null
  /** How many failures in a row make it unhealthy. Default: the engine's, 3. */
  retries?: number | null
  /** Turns the image's own check off. */
  disable?: boolean | null
}

/** The options of `run`, `task` and `container`. What is absent is the image's or the engine's. */
export interface RunOptions {
  /** The working directory in the container, as `docker run --workdir`. */
  cwd?: string | null
  /** Environment variables of the program. */
  env?: TextMap | null
  /** Ports of the container's: `['80/tcp']`. What is `mapped` is exposed as well. */
  exposed?: readonly (string | number)[] | null
  /**
   * The container's ports on the host: `{ '80/tcp': 8080 }`; without a protocol it is tcp.
   * `PORT_IN_USE` where the host's is taken.
   */
  mapped?: Readonly<Record<string, HostPort | readonly HostPort[] | null | undefined>> | null
  /**
   * Host paths that the container may read: `{ '/host/path': '/container/path' }`. A name without
   * a slash is a volume's. `BIND_SOURCE_MISSING` where the path does not exist.
   */
  readonly?: Readonly<Record<string, string>> | null
  /** Host paths that the container may read and write; otherwise like `readonly`. */
  writable?: Readonly<Record<string, string>> | null
  /** Makes missing host paths, as directories, as `docker run -v` does. Default false. */
  createPaths?: boolean | null
  /** Removes the container when it ends, as `docker run --rm`. Default false. */
  remove?: boolean | null
  /** A name or an id, `'node'`, `1000`, `'1000:1000'`. */
  user?: string | number | null
  /** Gives the program a terminal: its output is then one stream, `console`. Default false. */
  tty?: boolean | null
  /** Keeps the program's input open, as `docker run -i`. Default false. `task` has its own. */
  stdin?: boolean | null
  /** Labels of the container. */
  labels?: TextMap | null
  /** A network's name, `'host'`, `'none'` or `'container:…'`. Default: the engine's bridge. */
  network?: string | null
  /** The most memory that it may use; above that the kernel kills it. */
  memory?: ByteSize | null
  /** How many CPUs' time it may use: `1.5`. */
  cpus?: number | null
  /** `'all'`, a number of them, or their ids. */
  gpus?: 'all' | number | (string & {}) | readonly string[] | null
  /** Runs a small init as process 1, which reaps orphans and forwards signals. */
  init?: boolean | null
  /** Gives it all of the host's devices and capabilities, as `docker run --privileged`. Default false. */
  privileged?: boolean | null
  /** Linux capabilities to add: `['NET_ADMIN']`. */
  capAdd?: readonly string[] | null
  /** Linux capabilities to drop: `['ALL']`. */
  capDrop?: readonly string[] | null
  /** `{ nofile: 1024 }`, `{ nofile: { soft: 1024, hard: 4096 } }`. */
  ulimits?: Readonly<Record<string, Ulimit>> | null
  /** File systems in memory: `'/tmp'`, `['/tmp', '/run']`, `{ '/tmp': 'size=64m' }`. */
  tmpfs?: string | readonly string[] | Readonly<Record<string, string>> | null
  /** The size of `/dev/shm`. Default: the engine's, 64 MB. */
  shmSize?: ByteSize | null
  /** How the engine finds out whether it is well. Default: the image's. */
  healthcheck?: Healthcheck | null
  /** Whether the engine restarts it when it ends. Default: `no`. */
  restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure' | `on-failure:${number}` | null
  /** Its own name for itself. Default: the first digits of its id. */
  hostname?: string | null
  /** More lines of `/etc/hosts`: `{ host: ip }` or `['host:ip']`. */
  extraHosts?: TextMap | readonly string[] | null
  /** The most memory and swap together; -1: any amount of swap. Default: twice `memory`. */
  memorySwap?: ByteSize | null
  /** What it gets when memory is short; below `memory`. */
  memoryReservation?: ByteSize | null
  /** How eagerly the kernel swaps it out, 0 to 100. */
  memorySwappiness?: number | null
  /** Its share of CPU time relative to others, which count 1024. */
  cpuShares?: number | null
  /** Microseconds; together with `cpuQuota` the finer form of `cpus`. */
  cpuPeriod?: number | null
  /** Microseconds of CPU time within each `cpuPeriod`. */
  cpuQuota?: number | null
  /** The CPUs that it may run on: `'0-2,4'`. */
  cpusetCpus?: string | null
  /** The memory nodes that it may use: `'0,1'`. */
  cpusetMems?: string | null
  /** Its share of block I/O relative to others, 10 to 1000. */
  blkioWeight?: number | null
  /** Its share of I/O on single devices: `{ '/dev/sda': 500 }`. */
  blkioWeightDevice?: Readonly<Record<string, number>> | null
  /** The most that it may read from devices in a second: `{ '/dev/sda': '10m' }`. */
  deviceReadBps?: Readonly<Record<string, ByteSize>> | null
  /** The most that it may write to devices in a second. */
  deviceWriteBps?: Readonly<Record<string, ByteSize>> | null
  /** The most reads from devices in a second: `{ '/dev/sda': 1000 }`. */
  deviceReadIops?: Readonly<Record<string, number>> | null
  /** The most writes to devices in a second. */
  deviceWriteIops?: Readonly<Record<string, number>> | null
  /** For engines that still know it. */
  kernelMemory?: ByteSize | null
  /** The most processes and threads; -1: any number. */
  pidsLimit?: number | null
  /** Keeps the kernel from killing it for its memory. */
  oomKillDisable?: boolean | null
  /** How likely the kernel is to kill it first, -1000 to 1000. */
  oomScoreAdj?: number | null
  /** Devices of the host: `['/dev/fuse']`, `['/dev/sda:/dev/xvda:r']`. */
  devices?: readonly string[] | null
  /** Rules of the device cgroup: `['c 42:* rmw']`. */
  deviceCgroupRules?: readonly string[] | null
  /** More groups for the user, by name or number. */
  groupAdd?: readonly (string | number)[] | null
  /** `['no-new-privileges']`, `['seccomp=unconfined']`, `['label=disable']`. */
  securityOpt?: readonly string[] | null
  /** Makes its own file system read-only; volumes, mounts and `tmpfs` are not. Default false. */
  readonlyRootfs?: boolean | null
  /** Kernel parameters of its namespaces: `{ 'net.core.somaxconn': 1024 }`. */
  sysctls?: TextMap | null
  /** Name servers: `['1.1.1.1']`. */
  dns?: readonly string[] | null
  /** Domains that names are looked up in. */
  dnsSearch?: readonly string[] | null
  /** Options of its resolver: `['ndots:1']`. */
  dnsOptions?: readonly string[] | null
  /** The domain that its hostname is in. */
  domainname?: string | null
  /** More names for it within `network`, which must be one of the user's own. */
  networkAliases?: readonly string[] | null
  /** Containers of the default bridge that it knows by name: `['database:db']`. */
  links?: readonly string[] | null
  /** `'92:d0:c6:0a:29:33'` */
  macAddress?: string | null
  /** Its address in `network`, which must be one of the user's own. */
  ipv4?: string | null
  /** Its address in `network`, which must be one of the user's own. */
  ipv6?: string | null
  /** Publishes all exposed ports, each on a free one of the host's. Default false. */
  publishAll?: boolean | null
  /** Whose IPC namespace: `'host'`, `'shareable'`, `'container:…'`. Default: the engine's. */
  ipc?: string | null
  /** Whose process namespace: `'host'`, `'container:…'`. Default: its own. */
  pid?: string | null
  /** Whose UTS namespace: `'host'`. Default: its own. */
  uts?: string | null
  /** Whose user namespace: `'host'`. Default: the engine's. */
  userns?: string | null
  /** Whose cgroup namespace: `'host'`, `'private'`. Default: the engine's. */
  cgroupns?: 'host' | 'private' | (string & {}) | null
  /** The cgroup that its own is made in. */
  cgroupParent?: string | null
  /** The runtime that runs it: `'runsc'`. Default: the engine's, `runc`. */
  runtime?: string | null
  /** Where its output is recorded: `'local'`, `'json-file'`, `'none'`. Default: the engine's. */
  logDriver?: string | null
  /** Options of the log driver: `{ 'max-size': '10m' }`. */
  logOptions?: TextMap | null
  /** Options of the storage driver: `{ size: '10G' }`. */
  storageOptions?: TextMap | null
  /** What stops it, `'SIGINT'` or `2`. Default: the image's, `SIGTERM`. */
  stopSignal?: string | number | null
  /** Seconds between the stop signal and SIGKILL, as `docker run --stop-timeout`. Default 10. */
  stopTimeout?: number | null
  /** Volumes by name, made where they are missing: `{ data: '/data' }`; nameless ones: `['/data']`. */
  volumes?: Readonly<Record<string, string>> | readonly string[] | null
  /** All volumes of other containers: `['name']`, `['name:ro']`. */
  volumesFrom?: readonly string[] | null
  /** The driver of volumes that are made for it. */
  volumeDriver?: string | null
  /** Mounts, as `docker run --mount`. */
  mounts?: readonly Mount[] | null
  /**
   * What to do where a container has the name already: `error` (default) rejects `NAME_CONFLICT`,
   * `reuse` takes that one over as it is, `replace` removes it by force.
   */
  ifExists?: 'error' | 'reuse' | 'replace' | null
  /** How often it is created anew where its start fails. Default 0. */
  startRetries?: number | null
  /**
   * What `run`, `start` and `task` wait for once it has started; a container that was made for them is
   * removed where that does not come. A task goes on to its end all the same.
   */
  waitFor?: WaitConditions | null
  /** `linux/arm64`. Default: the image's, else the engine's own. */
  platform?: string | null
  /**
   * Fields of the engine's own create call, merged deeply over the rest:
   * `{ HostConfig: { SecurityOpt: ['…'] } }` leaves the binds alone.
   */
  extra?: Readonly<Record<string, unknown>> | null
}

/** What `image.container()` takes; the same as `run`. */
export type ContainerOptions = RunOptions

/** `image.run({ … })`: everything in one object. */
export interface RunCall extends RunOptions, Abortable {
  /** The container's name. Default: one that the engine makes up. */
  name?: string | null
  /** Default: the image's. */
  command?: Command | null
  /** Default: the image's. */
  entrypoint?: Command | null
  /** Where the container's output goes, both streams, from its first byte. It is ended with it. */
  outputStream?: Writable | null
}

/** `image.task()`. */
export interface TaskOptions<E extends Encoding = 'utf8'>
  extends Omit<RunOptions, 'stdin'>, Abortable {
  /** The container's name. Default: one that the engine makes up. */
  name?: string | null
  /** Default: the image's. */
  entrypoint?: Command | null
  /** How long the program may take; after that it is stopped and the promise rejects `TIMEOUT`. */
  timeout?: Duration | null
  /** What the program reads. Default: nothing, its input is at its end. */
  stdin?: Input | null
  /** Called with each piece of output; a promise that it returns is waited for. */
  onStdout?: ((chunk: Buffer) => unknown) | null
  /** Called with each piece of output; a promise that it returns is waited for. */
  onStderr?: ((chunk: Buffer) => unknown) | null
  /** The most bytes of each stream to keep; `MAX_BUFFER` above that. Default 128 MiB. */
  maxBuffer?: number | null
  /**
   * Leaves the ended container, by default it is removed. After a failure it is removed always.
   * `remove: false` says the same.
   */
  keep?: boolean | null
  /** Whether an exit code other than 0 rejects `EXIT_CODE`. Default true. */
  reject?: boolean | null
  /** What `stdout`, `stderr` and `output` are. Default `'utf8'`: strings. */
  encoding?: E | null
  /**
   * Runs it as a job on the nodes of a swarm's, as often as asked for; the result has the `replicas`.
   * The nodes get the image from its registry; `onStdout` and `onStderr` are called when a replica has
   * ended, and `maxBuffer` is for all of them together. `timeout` and an abort end them all.
   */
  swarm?: SwarmTaskOptions | null
}

/** `swarm` of {@link TaskOptions}: how often a task runs, and on which nodes. */
export interface SwarmTaskOptions {
  /** How often it runs, each time once. `DOKERES_REPLICA` in its environment is 0, 1, 2, … Default 1. */
  replicas?: number | null
  /** How many run at once. One that failed, or whose node was lost, keeps its place. Default: all. */
  maxConcurrent?: number | null
  /** As `docker service create --constraint`: `['node.role==worker', 'node.labels.disk==ssd']`. */
  constraints?: readonly string[] | null
  /** How the replicas are spread over the nodes. */
  placement?: SwarmPlacement | null
  /**
   * Fields of the service's specification, merged deeply over the rest:
   * `{ TaskTemplate: { ContainerSpec: { Secrets: […] } } }`.
   */
  extra?: Readonly<Record<string, unknown>> | null
}

/** How a swarm spreads the replicas. */
export interface SwarmPlacement {
  /** As `docker service create --placement-pref`: `['spread=node.labels.zone']`. */
  preferences?: readonly string[] | null
  /** The most at once on a node. Default: any number. */
  maxReplicasPerNode?: number | null
}

/** One replica of a task on a swarm: the run of it that counts. */
export interface ReplicaResult<T extends string | Buffer = string> {
  /** From 0; the program has it as `DOKERES_REPLICA`. */
  index: number
  /** Where it ran. */
  node: { id: string; hostname: string }
  /** The exit code of the program. */
  exitCode: number
  /** The signal that ended it, as far as the exit code tells: `'SIGKILL'` for 137. */
  signal: string | null
  /** `null` where it was killed: a swarm does not tell by whom. */
  oomKilled: boolean | null
  /** Its standard output. */
  stdout: T
  /** Its standard error. */
  stderr: T
  /** Both streams in the order in which they were recorded. */
  output: T
  /** The node's clock, as far as the manager saw it start; else when the task was made. */
  startedAt: string
  /** The node's clock, RFC 3339. */
  finishedAt: string
  /** From `startedAt` to `finishedAt`. */
  durationMs: number
  /** On the node. */
  container: { id: string; name: string }
  /** The swarm's own. */
  task: { id: string }
}

/**
 * What a task on a swarm came to: each replica for itself, and all of them together. The output is
 * theirs one after the other; the exit code, the signal and the container are those of the first
 * that failed, else of the first.
 */
export interface SwarmTaskResult<T extends string | Buffer = string> extends Omit<
  TaskResult<T>,
  'oomKilled'
> {
  /** As in {@link ReplicaResult.oomKilled}. */
  oomKilled: boolean | null
  /** It is gone, unless `keep`. */
  service: { id: string; name: string }
  /** Each of them, by its index. */
  replicas: ReplicaResult<T>[]
}

/** What a task came to. Its output is complete: nothing is cut off by the container's removal. */
export interface TaskResult<T extends string | Buffer = string> {
  /** The exit code of the program. */
  exitCode: number
  /** The signal that ended it, as far as the exit code tells: `'SIGKILL'` for 137. */
  signal: string | null
  /** Whether the kernel killed it for its memory. */
  oomKilled: boolean
  /** Its standard output. */
  stdout: T
  /** Its standard error. */
  stderr: T
  /** Both streams in the order in which the engine recorded them. */
  output: T
  /** The engine's clock, RFC 3339. */
  startedAt: string
  /** The engine's clock, RFC 3339. */
  finishedAt: string
  /** From `startedAt` to `finishedAt`. */
  durationMs: number
  /** The container that it ran in; gone by now, unless `keep`. */
  container: { id: string; name: string }
}

/** `container.exec()`. */
export interface ExecOptions<E extends Encoding = 'utf8'> extends Abortable {
  /** Environment variables, besides the container's. */
  env?: TextMap | null
  /** Who runs it: a name or an id, `'node'`, `'1000:1000'`. Default: the container's. */
  user?: string | null
  /** Default: the container's. */
  cwd?: string | null
  /** What the command reads. Default: nothing. */
  stdin?: Input | null
  /** Gives the command a terminal; all of its output is then `stdout`. Default false. */
  tty?: boolean | null
  /** Gives it all capabilities. Default false. */
  privileged?: boolean | null
  /** How long it may take; after that it is killed in the container, and `TIMEOUT`. */
  timeout?: Duration | null
  /** Called with each piece of output; a promise that it returns is waited for. */
  onStdout?: ((chunk: Buffer) => unknown) | null
  /** Called with each piece of output; a promise that it returns is waited for. */
  onStderr?: ((chunk: Buffer) => unknown) | null
  /** Whether an exit code other than 0 rejects `EXIT_CODE`. Default false. */
  reject?: boolean | null
  /** The most bytes of each stream to keep; `MAX_BUFFER` above that. Default 128 MiB. */
  maxBuffer?: number | null
  /** What `stdout` and `stderr` are. Default `'utf8'`: strings. */
  encoding?: E | null
}

/** What a command came to: `const [stdout, stderr] = …`, or by name. */
export type ExecResult<T extends string | Buffer = string> = [stdout: T, stderr: T] & {
  stdout: T
  stderr: T
  exitCode: number
}

/** `container.exec(command, { detach: true })`: started, and left to itself. */
export interface ExecDetachedOptions extends Abortable {
  /** Resolves as soon as the command has started, to a handle. */
  detach: true
  /** Environment variables, besides the container's. */
  env?: TextMap | null
  /** Who runs it: a name or an id, `'node'`, `'1000:1000'`. Default: the container's. */
  user?: string | null
  /** Default: the container's. */
  cwd?: string | null
  /** Default false. */
  tty?: boolean | null
  /** Gives it all capabilities. Default false. */
  privileged?: boolean | null
}

/** `handle.wait()` of a detached command. */
export interface ExecWaitOptions extends Abortable {
  /** How long to wait; `TIMEOUT` after that, the command is left alone. Default: for ever. */
  timeout?: Duration | null
}

/** The engine's reply to `GET /exec/…/json`: every field, unrenamed. */
export type ExecInspect = Always<
  EngineApi.ExecInspectResponse,
  'ID' | 'Running' | 'ContainerID' | 'Pid' | 'ProcessConfig',
  'ExitCode'
>

/** `container.execStream()`. An abort of its signal ends the command in the container. */
export interface ExecStreamOptions extends Abortable {
  /** Environment variables, besides the container's. */
  env?: TextMap | null
  /** Who runs it: a name or an id, `'node'`, `'1000:1000'`. Default: the container's. */
  user?: string | null
  /** Default: the container's. */
  cwd?: string | null
  /** Gives the command a terminal: its output is then one stream, `console`. Default false. */
  tty?: boolean | null
  /** Gives it all capabilities. Default false. */
  privileged?: boolean | null
  /** Keeps its input open for `write()`. Default true. */
  stdin?: boolean | null
  /** The size of its terminal. `resize()` changes it. */
  size?: { cols: number; rows: number } | null
}

/** `container.shell()`. An abort of its signal ends the program in the container. */
export interface ShellOptions extends Abortable {
  /** `TERM` is this process's own, unless it is given. */
  env?: TextMap | null
  /** Who runs it: a name or an id, `'node'`, `'1000:1000'`. Default: the container's. */
  user?: string | null
  /** Default: the container's. */
  cwd?: string | null
}

/** How a `container.shell()` ended. */
export interface ShellResult {
  /** Null where it was detached from: the program goes on in the container. */
  exitCode: number | null
  /** Whether it was left by ctrl-p ctrl-q. */
  detached: boolean
}

/** `container.stop()` and `container.restart()`. */
export interface StopOptions extends Abortable {
  /** Seconds between the stop signal and SIGKILL, as `docker stop --time`. Default: the container's. */
  timeout?: number | null
}

/**
 * `container.kill()`. `signal` is the unix signal to send, `'SIGTERM'` or `15`, default `SIGKILL`; or,
 * as everywhere, an AbortSignal.
 */
export interface KillOptions {
  /** The unix signal, or an AbortSignal. */
  signal?: string | number | AbortSignal | null
}

/** `container.remove()`. */
export interface RemoveOptions extends Abortable {
  /** Also where it runs: it is killed first. Default false. */
  force?: boolean | null
  /** Its anonymous volumes as well. Default false. */
  volumes?: boolean | null
}

/** `container.inspect()`. */
export interface InspectOptions extends Abortable {
  /** Adds `SizeRw` and `SizeRootFs`, which the engine has to count. Default false. */
  size?: boolean | null
}

/** `container.wait()`. */
export interface WaitOptions extends Abortable {
  /** Default `not-running`: at once, where it has ended already. */
  condition?: 'not-running' | 'next-exit' | 'removed' | null
  /** How long to wait; `TIMEOUT` after that, the container is left alone. Default: for ever. */
  timeout?: Duration | null
}

/** How a container ended. */
export interface ExitStatus {
  /** The exit code. */
  code: number
  /** What the engine could not do, where the end is not the program's own. */
  error: string | null
}

/** A moment: seconds since 1970, a Date, an RFC 3339 text, or how long ago, `'10m'`. */
export type Moment = number | string | Date

/** `container.logs()`. */
export interface LogsOptions extends Abortable {
  /** Goes on as output comes, until the container ends. Default false. */
  follow?: boolean | null
  /**
   * With `follow`: goes on through the container's restarts, and the engine's, until it is removed; no
   * line is lost and none comes twice. May begin before its first start. Default false.
   */
  restarts?: boolean | null
  /** Only the last lines. Default `'all'`. */
  tail?: number | 'all' | (string & {}) | null
  /** Begins with what was written since. Default: all of it. */
  since?: Moment | null
  /** Ends with what was written until then. Default: none. */
  until?: Moment | null
  /** Begins each line with the engine's RFC 3339 time and a blank. Default false. */
  timestamps?: boolean | null
  /** Default true. */
  stdout?: boolean | null
  /** Default true. */
  stderr?: boolean | null
}

/** `container.attach()`. */
export interface AttachOptions extends Abortable {
  /** Default false; `write()` and `end()` need it, and a container that was made with `stdin`. */
  stdin?: boolean | null
  /** Default true. */
  stdout?: boolean | null
  /** Default true. */
  stderr?: boolean | null
  /** What was written before as well. Default false. */
  logs?: boolean | null
  /** Whether it has a terminal. Default: as the engine says. */
  tty?: boolean | null
}

/** `container.waitLog(expected, { … })`. */
export interface WaitLogOptions extends Abortable {
  /** How long to wait; `TIMEOUT` after that. Default: until the container ends. */
  timeout?: Duration | null
  /** Looks at what was written from then on. Default: all of it. */
  since?: Moment | null
  /** Lines to look at; a line that it says false to is passed over. */
  filter?: ((line: string) => boolean) | null
}

/**
 * What is waited for. Of several keys all have to hold; so have they of a list; of `{ any: [ … ] }` one
 * has to. The container's end ends the waiting, unless it is what is waited for.
 */
export type WaitConditions = WaitCondition | WaitAny | WaitAll | readonly WaitConditions[]

/** One thing to wait for, or several that have to hold. */
export interface WaitCondition {
  /** It runs. */
  running?: true | null
  /** It has written this, on either stream; the match is in the result. Of the present run only. */
  log?: string | RegExp | null
  /** `log`: looks at what was written from then on. Default: since the present run began. */
  since?: Moment | null
  /**
   * Somebody listens there, in the container: `5432`, `'53/udp'`. It is connected to from here, by the
   * published port or the container's address, so the image need not have a shell; only for what
   * cannot be reached, udp included, a `cat` or a shell in there looks into `/proc/net`.
   */
  port?: number | string | WaitPort | null
  /** It answers: a path, `'/health'`, where it has one port only; a URL, which is taken as it is. */
  http?: string | WaitHttp | null
  /** Its healthcheck says so; `BAD_REQUEST` where it has none. */
  healthy?: true | null
  /** A command in it succeeds; until then it is run again and again. */
  exec?: Command | null
  /** It ends: with this code, or, `true`, with any. */
  exit?: true | number | null
  /** How long all of it may take; `TIMEOUT` after that. Default: for ever. */
  timeout?: Duration | null
}

/** A port, and how it is reached. */
export interface WaitPort {
  /** The container's: `5432`, `'53/udp'`. */
  port: number | string
  /** Connects to this host, at the port's own number, whatever is published. */
  host?: string | null
}

/** An answer to wait for. Redirects are not followed. */
export interface WaitHttp {
  /** The container's port. Default: the only one that it publishes or, failing that, exposes. */
  port?: number | null
  /** Default `/`. */
  path?: string | null
  /** Default `GET`. */
  method?: string | null
  /** Headers of the request. */
  headers?: TextMap | null
  /** Default: from 200 to 399. */
  status?: number | readonly number[] | null
  /** What its body has to have, within its first MiB; the match is in the result. */
  body?: string | RegExp | null
  /** By TLS. `ca` is PEM or a file's path; `insecure` takes any certificate. Default false. */
  tls?: boolean | { ca?: string | null; insecure?: boolean | null } | null
}

/** One of them has to hold. */
export interface WaitAny {
  /** The first that holds is told. */
  any: readonly WaitConditions[]
  /** How long all of it may take; `TIMEOUT` after that. Default: for ever. */
  timeout?: Duration | null
}

/** All of them have to hold: as a list, but with a time of its own. */
export interface WaitAll {
  /** Each is told, in their order. */
  all: readonly WaitConditions[]
  /** How long all of it may take; `TIMEOUT` after that. Default: for ever. */
  timeout?: Duration | null
}

/** `container.waitFor()`, beside its conditions. */
export interface WaitForOptions extends Abortable {
  /** How long all of it may take; `TIMEOUT` after that. Default: for ever. */
  timeout?: Duration | null
}

/** What each condition gives. */
export interface WaitOutcomes {
  /** It runs. */
  running: true
  /** What matched. */
  log: string | RegExpExecArray
  /** Where it is reached from here; `host` is null where only those within the container can tell. */
  port: { host: string | null; port: number; via: 'given' | 'published' | 'direct' | 'inside' }
  /** What it has answered. */
  http: {
    status: number
    headers: Record<string, string>
    body: string
    url: string
    /** What matched, where a `body` was asked for. */
    match?: string | RegExpExecArray
  }
  /** Its healthcheck has said so. */
  healthy: true
  /** The run of the command that succeeded. */
  exec: { exitCode: 0; stdout: string; stderr: string }
  /** How it ended. */
  exit: { code: number; oomKilled: boolean }
}

/** What `waitFor` gives: in the shape of what was waited for. `any` is the number of the one that held. */
export type WaitResult<C> = C extends readonly unknown[]
  ? { -readonly [I in keyof C]: WaitResult<C[I]> }
  : C extends { any: readonly unknown[] }
    ? { any: number; all?: unknown[] } & Partial<WaitOutcomes>
    : C extends { all: infer L }
      ? WaitResult<L>
      : {
          -readonly [K in Extract<keyof C, keyof WaitOutcomes>]: K extends 'log'
            ? C[K] extends RegExp
              ? RegExpExecArray
              : string
            : WaitOutcomes[K]
        }

/** The engine's `Config` of an image or a container. */
export type ContainerConfig = EngineApi.ContainerConfig

/** The engine's reply to `GET /containers/…/json`: every field, unrenamed. */
export type ContainerInspect = Always<
  EngineApi.ContainerInspectResponse,
  'Id' | 'Name' | 'Created' | 'Image' | 'Path' | 'Args' | 'RestartCount' | 'HostConfig'
> & {
  /** Whether it runs, since when, and how it ended. */
  State: Always<
    EngineApi.ContainerState,
    | 'Status'
    | 'Running'
    | 'Paused'
    | 'Restarting'
    | 'OOMKilled'
    | 'Dead'
    | 'Pid'
    | 'ExitCode'
    | 'Error'
    | 'StartedAt'
    | 'FinishedAt'
  >
  /** What it was made with, less what is of the host. */
  Config: ContainerConfig
  /** Volumes and paths of the host that it sees. */
  Mounts: Always<EngineApi.MountPoint, 'Type' | 'Source' | 'Destination' | 'RW'>[]
  /** Its ports on the host, and its addresses in each network. */
  NetworkSettings: Always<EngineApi.NetworkSettings, 'Ports'> & {
    Networks: Record<string, Always<EngineApi.EndpointSettings, 'IPAddress'>>
  }
}

// ── Files ─────────────────────────────────────────────────────────────────────────────────────

/** A path of another container. */
export interface ContainerPath {
  /** The container, or the id or name of one of the same engine. */
  container: DokeresContainer | string
  /** The path in it. */
  path: string
}

/** What is given as {@link Encoding} says. */
export type Output<E extends Encoding> = E extends 'utf8' ? string : Buffer

/** `container.readFile()`. */
export interface ReadFileOptions<E extends Encoding = Encoding> extends Abortable {
  /** Default: `buffer`. In `utf8`, what is not UTF-8 becomes U+FFFD. */
  encoding?: E | null
}

/** `container.writeFile()`. */
export interface WriteFileOptions extends Abortable {
  /** Permissions. Default: `0o644`. */
  mode?: number | null
  /** Whose it becomes, and whose the directories that are made. Default: root's, 0. */
  uid?: number | null
  /** Whose group's. Default: root's, 0. */
  gid?: number | null
}

/** `container.copyTo()`. */
export interface CopyToOptions extends Abortable {
  /**
   * What is left out of a directory: patterns as in a `.dockerignore`, of names within it. What `!`
   * lets through brings the directories along that it is in.
   */
  ignore?: readonly string[] | null
  /** Whose everything becomes. Default: root's, 0. */
  uid?: number | null
  /** Whose group's everything becomes. Default: root's, 0. */
  gid?: number | null
  /** Permissions of every file; directories may be entered by whoever may read. Default: as they are. */
  mode?: number | null
  /** Where `source` itself is a link, copies what it leads to, as `docker cp -L`. Default false. */
  followLinks?: boolean | null
  /** Keeps the uid and gid of everything, as `docker cp -a`, where none is given. Default false. */
  archive?: boolean | null
}

/** `container.copyFrom()`. */
export interface CopyFromOptions extends Abortable {
  /** What is left out of a directory: see {@link CopyToOptions.ignore}. */
  ignore?: readonly string[] | null
  /** Where `path` itself is a link, copies what it leads to, as `docker cp -L`. Default false. */
  followLinks?: boolean | null
}

/** `container.putArchive()`. */
export interface PutArchiveOptions extends Abortable {
  /** An error where a file would replace a directory, or a directory a file. Default false. */
  noOverwriteDirNonDir?: boolean | null
  /**
   * The engine's parameter of that name: where the container has a user, the files become that
   * user's. Default false: they belong to whom the tar says.
   */
  copyUIDGID?: boolean | null
}

/** `container.stat()`. */
export interface PathStat {
  /** The last part of the path. */
  name: string
  /** Bytes. */
  size: number
  /** Permissions with setuid, setgid and sticky bits, `0o755`: no type. */
  mode: number
  /** Whether it is a directory. */
  isDirectory: boolean
  /** Whether it is a regular file. */
  isFile: boolean
  /** Whether it is a symbolic link itself. */
  isSymbolicLink: boolean
  /** Where a link leads in the end, from the container's root; `null` for what is none. */
  linkTarget: string | null
  /** When it was last written to; `null` where the engine does not tell. */
  mtime: Date | null
}

// ── Lives and collections ─────────────────────────────────────────────────────────────────────

/** One of `mounts`: what it is decides which of the fields it may have. */
export type Mount =
  | {
      type: 'bind'
      /** The path on the host; `BIND_SOURCE_MISSING` where there is none. */
      source: string
      /** The path in the container. */
      target: string
      /** Whether it may only be read. Default false. */
      readonly?: boolean | null
      /** `'rprivate'` (default), `'private'`, `'rshared'`, `'shared'`, `'rslave'`, `'slave'`. */
      propagation?: string | null
    }
  | {
      type: 'volume'
      /** The volume's name, made where it is missing. Default: one without a name. */
      source?: string | null
      target: string
      readonly?: boolean | null
      /** Copies nothing of what the image has at `target` into a new volume. */
      noCopy?: boolean | null
      /** Labels of a new volume. */
      labels?: TextMap | null
      /** What keeps a new volume. Default: `local`. */
      driver?: string | null
      /** That driver's: `{ type: 'nfs' }`. */
      driverOptions?: TextMap | null
    }
  | {
      type: 'tmpfs'
      target: string
      readonly?: boolean | null
      /** How large it may grow. Default: half of the machine's memory. */
      size?: ByteSize | null
      /** The permissions: `0o1777`. */
      mode?: number | null
    }
  | { type: 'npipe'; source: string; target: string; readonly?: boolean | null }

/** `container.update()`: what is given is changed, the rest stays. */
export interface UpdateOptions extends Abortable {
  /** How many CPUs' time it may use: `1.5`. */
  cpus?: number | null
  /** Above what it is now, `memorySwap` may have to go along. */
  memory?: ByteSize | null
  /** The most memory and swap together; -1: any amount of swap. */
  memorySwap?: ByteSize | null
  /** What it gets when memory is short; below `memory`. */
  memoryReservation?: ByteSize | null
  /** For engines that still know it. */
  kernelMemory?: ByteSize | null
  /** Its share of CPU time relative to others, which count 1024. */
  cpuShares?: number | null
  /** Microseconds. */
  cpuPeriod?: number | null
  /** Microseconds within each `cpuPeriod`. */
  cpuQuota?: number | null
  /** Microseconds. */
  cpuRealtimePeriod?: number | null
  /** Microseconds. */
  cpuRealtimeRuntime?: number | null
  /** `'0-2,4'` */
  cpusetCpus?: string | null
  /** The memory nodes that it may use: `'0,1'`. */
  cpusetMems?: string | null
  /** 10 to 1000. */
  blkioWeight?: number | null
  /** The most processes and threads; -1: any number. */
  pidsLimit?: number | null
  /** Whether the engine restarts it when it ends. */
  restart?: RunOptions['restart']
  /** Fields of the engine's own update call, over the rest. */
  extra?: Readonly<Record<string, unknown>> | null
}

/** The engine's reply to `GET /containers/…/top`. */
export type ContainerTop = Always<EngineApi.ContainerTopResponse, 'Titles' | 'Processes'>

/** An entry of the engine's reply to `GET /containers/…/changes`. */
export type ContainerChange = EngineApi.FilesystemChange

/** A terminal's size, in characters. */
export interface TerminalSize {
  /** How many in a row. */
  cols: number
  /** How many rows. */
  rows: number
}

/** `container.commit()`. */
export interface CommitOptions extends Abortable {
  /** The image's name, with a tag perhaps. Default: none. */
  repository?: string | null
  /** Default: `latest`. */
  tag?: string | null
  /** What the image's history is to say. */
  message?: string | null
  /** Whom the image's metadata is to name: `'Ada <ada@example.com>'`. */
  author?: string | null
  /** Whether the container is frozen meanwhile. Default true. */
  pause?: boolean | null
  /** Dockerfile instructions: `['CMD ["/bin/sh"]', 'ENV A=b']`. */
  changes?: readonly string[] | null
  /** Fields of the engine's `Config`, over those of the container: `{ Labels: { a: 'b' } }`. */
  config?: Readonly<Record<string, unknown>> | null
}

/** `container.port()` and `container.url()`. */
export interface PortOptions extends Abortable {
  /** How long to wait until the port is published; `TIMEOUT` after that. Default: 10 seconds. */
  timeout?: Duration | null
}

/** `dokeres.cleanup()`: whose containers are to go. */
export interface CleanupOptions extends Abortable {
  /** Those of this session. Default, where `olderThan` is not given either: this `Dokeres`'s own. */
  session?: string | null
  /** Those that are older than this; without `session`: of whichever session. */
  olderThan?: Duration | null
  /** Tells what would go, and leaves it. Default false. */
  dryRun?: boolean | null
  /** How many are removed at once. Default 8. */
  concurrency?: number | null
}

/** What a clean-up came to. */
export interface CleanupResult {
  /** What is gone, or, of a dry run, would go. */
  removed: Array<{ id: string; name: string; image: string; session: string }>
  /** Whether nothing was removed. */
  dryRun: boolean
}

/** `containers.list()`. */
export interface ContainerListOptions extends ContainerNarrowOptions {
  /** Those that do not run as well. Default false. */
  all?: boolean | null
}

/** The lists of containers whose names say which states they are about. */
export interface ContainerNarrowOptions extends Abortable {
  /** Only so many, the newest. */
  limit?: number | null
  /** Adds `SizeRw` and `SizeRootFs`, which the engine has to count. Default false. */
  size?: boolean | null
  /** `{ label: ['a=b'], name: 'web', status: 'exited', exited: 1, ancestor: 'node' }`. */
  filters?: Filters | null
}

/** An entry of the engine's reply to `GET /containers/json`: every field, unrenamed. */
export type ContainerSummary = Always<
  EngineApi.ContainerSummary,
  | 'Id'
  | 'Names'
  | 'Image'
  | 'ImageID'
  | 'Command'
  | 'Created'
  | 'State'
  | 'Status'
  | 'Ports'
  | 'Labels'
  | 'Mounts'
>

/** `containers.create()` and `containers.run()`: the image, and all that `image.run()` takes. */
export interface CreateCall extends RunOptions, Abortable {
  /** The image's name; ensured where it is not there. */
  image: string
  /** The container's name. Default: one that the engine makes up. */
  name?: string | null
  /** Default: the image's. */
  command?: Command | null
  /** Default: the image's. */
  entrypoint?: Command | null
}

/** `containers.stopRemove()` and `containers.clean()`. */
export interface StopRemoveOptions extends Abortable {
  /** Seconds between the stop signal and SIGKILL. Default: the container's. */
  timeout?: number | null
  /** Its anonymous volumes as well. Default false. */
  volumes?: boolean | null
}

/** What all calls on many containers take. */
export interface BatchOptions extends Abortable {
  /** How many at once. Default 8. */
  concurrency?: number | null
}

/** `containers.stopGroup()` and `containers.stopImage()`. */
export interface StopManyOptions extends BatchOptions {
  /** Seconds between the stop signal and SIGKILL. Default: each container's. */
  timeout?: number | null
}

/** `containers.removeGroup()` and `containers.removeImage()`. */
export interface RemoveManyOptions extends BatchOptions {
  /** Also those that run: they are killed first. Default false. */
  force?: boolean | null
  /** Their anonymous volumes as well. Default false. */
  volumes?: boolean | null
}

/** `containers.stopRemoveGroup()` and `containers.stopRemoveImage()`. */
export interface StopRemoveManyOptions extends StopManyOptions {
  /** Their anonymous volumes as well. Default false. */
  volumes?: boolean | null
}

/** `containers.removeStopped()`. */
export interface RemoveStoppedOptions extends BatchOptions {
  /** Their anonymous volumes as well. Default false. */
  volumes?: boolean | null
  /** Only those of them that fit: `{ label: 'a=b' }`. */
  filters?: Filters | null
}

/** `containers.prune()`. */
export interface ContainerPruneOptions extends Abortable {
  /** `{ until: '24h', label: 'a=b', 'label!': 'keep' }` */
  filters?: Filters | null
  /** Tells what would go, and leaves it. Default false. */
  dryRun?: boolean | null
}

/** The engine's reply to `POST /containers/prune`. */
export type ContainerPruneResult = Always<
  EngineApi.ContainerPruneResponse,
  'SpaceReclaimed',
  'ContainersDeleted'
>

// ── Networks ──────────────────────────────────────────────────────────────────────────────────

/** `networks.list()`. */
export interface NetworkListOptions extends Abortable {
  /** `{ driver: 'bridge', label: 'a=b', name: 'web', scope: 'local', dangling: true }`. */
  filters?: Filters | null
}

/** A subnet of a network that is to be made. */
export interface NetworkSubnet {
  /** `'10.1.0.0/16'`, `'fd00:1::/64'`. */
  subnet: string
  /** Default: the first address that the engine may give out. */
  gateway?: string | null
  /** The part of it that the engine gives out by itself. Default: all of it. */
  ipRange?: string | null
  /** Addresses that the engine leaves alone: `{ router: '10.1.0.9' }`. */
  aux?: Readonly<Record<string, string>> | null
}

/** `networks.create()`. */
export interface NetworkCreateOptions extends Abortable {
  /** Default: `bridge`. */
  driver?: string | null
  /** The driver's: `{ 'com.docker.network.bridge.name': 'br-web' }`. */
  options?: TextMap | null
  /** Labels of the network. */
  labels?: TextMap | null
  /** One subnet, or several. Default: one that the engine chooses. */
  subnet?: string | NetworkSubnet | ReadonlyArray<string | NetworkSubnet> | null
  /** Who manages the addresses, `{ driver: 'default' }`. */
  ipam?: { driver?: string | null; options?: TextMap | null } | null
  /** Without a way out. Default false. */
  internal?: boolean | null
  /** Of a swarm: containers may connect, too, not only services. Default false. */
  attachable?: boolean | null
  /** Of a swarm: the one that publishes ports. Default false. */
  ingress?: boolean | null
  /** Default: true, as the engine has it; API 1.48. */
  ipv4?: boolean | null
  /** Default: false. Engines before 27 want a `subnet` for it. */
  ipv6?: boolean | null
  /** `local`, `swarm`, `global`. Default: the driver's. */
  scope?: string | null
  /** Only settings for others to take over. Default false. */
  configOnly?: boolean | null
  /** The network whose settings to take over. */
  configFrom?: string | null
  /** Raw fields of `POST /networks/create`, laid over the rest. */
  extra?: Readonly<Record<string, unknown>> | null
}

/** The engine's reply to `POST /networks/create`. */
export type NetworkCreated = EngineApi.NetworkCreateResponse

/** `networks.inspect()`. */
export interface NetworkInspectOptions extends Abortable {
  /** Of a swarm's: its services and tasks as well. Default false. */
  verbose?: boolean | null
  /** Where two have the name: `local`, `swarm`, `global`. */
  scope?: string | null
}

/** The engine's JSON of a network: every field, unrenamed. */
export type NetworkInspect = Always<
  EngineApi.NetworkInspect,
  | 'Name'
  | 'Id'
  | 'Created'
  | 'Scope'
  | 'Driver'
  | 'EnableIPv6'
  | 'Internal'
  | 'Attachable'
  | 'Ingress',
  'Options' | 'Labels'
> & {
  /** Who manages its addresses, and its subnets. */
  IPAM: Always<EngineApi.IPAM, 'Driver', 'Options' | 'Config'>
  /** By their ids: those that run. Lists have none. */
  Containers?: Record<
    string,
    Always<
      EngineApi.EndpointResource,
      'Name' | 'EndpointID' | 'MacAddress' | 'IPv4Address' | 'IPv6Address'
    >
  > | null
}

/** `networks.remove()`. */
export interface NetworkRemoveOptions extends Abortable {
  /** Quiet where there is none. Default false. */
  force?: boolean | null
}

/** `networks.connect()`. */
export interface NetworkConnectOptions extends Abortable {
  /** An address of a subnet that was named when the network was made; `'next'` is the next free one. */
  ipv4?: 'next' | (string & {}) | null
  /** The same for IPv6. */
  ipv6?: 'next' | (string & {}) | null
  /** Link-local addresses. */
  linkLocalIps?: readonly string[] | null
  /** Further names in this network. */
  aliases?: readonly string[] | null
  /** Containers under names of this one's own: `'db:database'`. */
  links?: readonly string[] | null
  /** `'92:d0:c6:0a:29:33'` */
  macAddress?: string | null
  /** Options of the network's driver. */
  driverOpts?: TextMap | null
  /** Which network has the default gateway: the one with the highest; API 1.48. */
  gwPriority?: number | null
}

/** `networks.disconnect()`. */
export interface NetworkDisconnectOptions extends Abortable {
  /** Also a container that is gone, or does not answer for it. Default false. */
  force?: boolean | null
}

/** `networks.prune()`. */
export interface NetworkPruneOptions extends Abortable {
  /** `{ until: '24h', label: 'a=b', 'label!': 'keep' }` */
  filters?: Filters | null
  /** Tells what would go, and leaves it. Default false. */
  dryRun?: boolean | null
}

/** The engine's reply to `POST /networks/prune`. */
export type NetworkPruneResult = Always<EngineApi.NetworkPruneResponse, never, 'NetworksDeleted'>

/** `networks.nextFreeAddress()`. */
export interface NextFreeAddressOptions extends Abortable {
  /** Default: `ipv4`. */
  family?: 'ipv4' | 'ipv6' | null
  /** Of this subnet only. Default: the first of that family that has one left. */
  subnet?: string | null
  /** One that the engine never gives out by itself: outside of the subnet's `ipRange`. Default false. */
  outsideRange?: boolean | null
  /** Addresses to leave alone besides. */
  except?: readonly string[] | null
}

// ── Volumes ───────────────────────────────────────────────────────────────────────────────────

/** `volumes.list()`. */
export interface VolumeListOptions extends Abortable {
  /** `{ dangling: true, driver: 'local', label: 'a=b', name: 'data' }`. */
  filters?: Filters | null
}

/** The engine's reply to `GET /volumes`. */
export type VolumeList = Always<EngineApi.VolumeListResponse, never, 'Warnings'> & {
  /** Each of them. */
  Volumes: VolumeInspect[]
}

/** The engine's JSON of a volume: every field, unrenamed. */
export type VolumeInspect = Always<EngineApi.Volume, 'Scope'>

/** `volumes.create()`. */
export interface VolumeCreateOptions extends Abortable {
  /** Default: `local`. */
  driver?: string | null
  /** The driver's: `{ type: 'tmpfs', device: 'tmpfs', o: 'size=10m' }`. */
  options?: TextMap | null
  /** Labels of the volume. */
  labels?: TextMap | null
  /** Raw fields of `POST /volumes/create`, laid over the rest. */
  extra?: Readonly<Record<string, unknown>> | null
}

/** `volumes.remove()`. */
export interface VolumeRemoveOptions extends Abortable {
  /** Quiet where there is none; also where its driver does not answer. Default false. */
  force?: boolean | null
}

/** `volumes.prune()`. */
export interface VolumePruneOptions extends Abortable {
  /** `{ all: true, label: 'a=b', 'label!': 'keep' }` */
  filters?: Filters | null
  /** Tells what would go, and leaves it. Default false. */
  dryRun?: boolean | null
}

/** The engine's reply to `POST /volumes/prune`. */
export type VolumePruneResult = Always<
  EngineApi.VolumePruneResponse,
  'SpaceReclaimed',
  'VolumesDeleted'
>

/** `volumes.backup()` and `volumes.restore()`. */
export interface VolumeBackupOptions extends Abortable {
  /**
   * The image that the helper container is made of, pulled where it is not there. Default: the smallest
   * that is there; nothing of it is run.
   */
  image?: string | null
}

/** What a backup came to. */
export interface VolumeBackup {
  /** The file's path, as it was given. */
  path: string
  /** Bytes, of the file. */
  size: number
  /** The image that was used. */
  image: string
}

/** What a restoration came to. */
export interface VolumeRestored {
  /** The volume's name. */
  volume: string
  /** Whether it was not there before. */
  created: boolean
  /** The image that was used. */
  image: string
}

// ── Plugins ───────────────────────────────────────────────────────────────────────────────────

/** `plugins.list()`. */
export interface PluginListOptions extends Abortable {
  /** `{ capability: 'volumedriver', enabled: true }` */
  filters?: Filters | null
}

/** The engine's JSON of a plugin: every field, unrenamed. */
export type PluginInspect = Always<EngineApi.Plugin, 'Id'>

/** What a plugin wants to be allowed: `{ Name: 'network', Value: ['host'] }`. */
export type PluginPrivilege = Always<EngineApi.PluginPrivilege, 'Name' | 'Description' | 'Value'>

/** `plugins.privileges()`. */
export interface PluginPrivilegesOptions extends Abortable {
  /** Default: what docker's configuration has for the registry. */
  auth?: RegistryAuth | null
}

/**
 * Whether a plugin gets what it wants: true, or a callback that is told and says true, or a promise of
 * it. Without it, a plugin that wants privileges is not installed.
 */
export type PluginGrant =
  boolean | ((privileges: PluginPrivilege[]) => boolean | PromiseLike<boolean>)

/** `plugins.install()`. */
export interface PluginInstallOptions extends ProgressOptions, Abortable {
  /** Whether it gets what it wants. Default: no. */
  grant?: PluginGrant | null
  /** The name that it has here. Default: its own. */
  alias?: string | null
  /** Default: what docker's configuration has for the registry. */
  auth?: RegistryAuth | null
  /** What is to be set before it is enabled: `{ DEBUG: 1 }`. */
  settings?: TextMap | readonly string[] | null
  /** Default true. */
  enable?: boolean | null
  /** Seconds that the engine gives it for each of its answers. */
  timeout?: number | null
}

/** `plugins.upgrade()`. */
export interface PluginUpgradeOptions extends ProgressOptions, Abortable {
  /** What to upgrade to. Default: what it was installed from. */
  remote?: string | null
  /** Whether it gets what it wants. Default: no. */
  grant?: PluginGrant | null
  /** Default: what docker's configuration has for the registry. */
  auth?: RegistryAuth | null
}

/** `plugins.enable()`. */
export interface PluginEnableOptions extends Abortable {
  /** Seconds that the engine gives it for each of its answers. */
  timeout?: number | null
}

/** `plugins.disable()` and `plugins.remove()`. */
export interface PluginForceOptions extends Abortable {
  /** Also where it is in use, or, of a removal, enabled. Default false. */
  force?: boolean | null
}

// ── Checkpoints ───────────────────────────────────────────────────────────────────────────────

/** `container.start()`. */
export interface StartOptions extends Abortable {
  /** The checkpoint to go on from. */
  checkpoint?: string | null
  /** Where it is on the engine's machine, where that is not the engine's own place. */
  checkpointDir?: string | null
}

/** `container.checkpoints.create()`. */
export interface CheckpointCreateOptions extends Abortable {
  /** Ends the container once it is written. Default false. */
  exit?: boolean | null
  /** A directory of the engine's machine. Default: the engine's own place for it. */
  dir?: string | null
}

/** `container.checkpoints.list()` and `remove()`. */
export interface CheckpointOptions extends Abortable {
  /** Where they are on the engine's machine, where that is not the engine's own place. */
  dir?: string | null
}

/** An entry of the engine's list of checkpoints. */
export interface Checkpoint {
  /** The name that it was given. */
  Name: string
  [field: string]: unknown
}

// ── Streams ───────────────────────────────────────────────────────────────────────────────────

/** A piece of output, as it came: it may end in the middle of a line, or of a character. */
export interface LogChunk {
  /** `console` where the container has a terminal: there both streams are one. */
  stream: 'stdout' | 'stderr' | 'console'
  /** The bytes. */
  data: Buffer
}

/** `stream.collect()` and `stream.text()`. */
export interface CollectOptions {
  /** The most bytes of each stream to keep; `MAX_BUFFER` above that. Default 128 MiB. */
  maxBuffer?: number | null
}

/**
 * A stream from the engine. It is read at the reader's pace and holds a bounded amount of memory
 * whatever the producer does. It keeps the process alive while it is open, unless `unref()`ed.
 * Leaving a `for await` loop closes it and its connection.
 */
export declare class DokeresStream<T> implements AsyncIterable<T> {
  protected constructor()
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>
  /**
   * Calls back with each item and waits for the promise that it may return. `false` from it closes
   * the stream and the promise resolves; what it throws closes the stream and rejects.
   */
  forEach(callback: (item: T) => unknown): Promise<void>
  /** Line by line, without line ends; characters and `\r\n` cut in two are put together. */
  lines(): AsyncGenerator<string, void, undefined>
  /**
   * All of it. `output` is both streams in the order in which they came.
   *
   * @throws {DokeresError} `MAX_BUFFER` above `maxBuffer`; the stream is closed
   */
  collect(
    options?: CollectOptions | null,
  ): Promise<{ stdout: string; stderr: string; output: string }>
  /**
   * All of it, both streams in the order in which they came.
   *
   * @throws {DokeresError} as `collect()`
   */
  text(options?: CollectOptions | null): Promise<string>
  /** As a Node stream, in object mode: an item a read. */
  readable(): Readable
  /** Closes it and its connection. Who reads it comes to its end. */
  close(): Promise<void>
  /** Lets the process end while it is open. */
  unref(): this
  /** Takes `unref()` back. */
  ref(): this
  /** As `close()`: `await using logs = container.logs()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A stream that takes input too: `container.attach()`. */
export declare class AttachStream extends DokeresStream<LogChunk> {
  protected constructor()
  /** Writes to the program's input; resolves when it is on its way. */
  write(data: string | Uint8Array): Promise<void>
  /** Ends the program's input; its output goes on. */
  end(): Promise<void>
  /** Sets the size of its terminal, in characters. */
  resize(size: { cols: number; rows: number }): Promise<void>
}

/** `container.stats()` and `container.statsStream()`. */
export interface StatsOptions extends Abortable {
  /**
   * Whether the engine's own JSON comes with a sample: `true` (default), `false`, or `'text'` for the
   * text as it was sent: numbers above 2^53 in it, an unlimited memory limit say, are rounded by
   * `JSON.parse`. What is computed is computed before that, with all digits.
   */
  raw?: boolean | 'text' | null
}

/** What a container uses, as the docker CLI shows it. Bytes above 2^53 (8 PiB) are rounded. */
export interface StatsSample {
  /** The container's full id. */
  id: string
  /** The container's name. */
  name: string
  /** When it was taken, by the engine's clock, RFC 3339. */
  read: string
  /** Of one processor: two that are busy are 200. */
  cpuPercent: number
  /** How many processors there are. */
  onlineCpus: number
  /** Bytes; `usage` is without the file cache that the kernel would give up at once. */
  memory: { usage: number; limit: number; percent: number }
  /** Bytes received and sent, all networks together and each by its interface. */
  net: { rx: number; tx: number; interfaces: Record<string, NetworkTraffic> }
  /** Bytes read from and written to block devices. */
  block: { read: number; write: number }
  /** Processes and threads. */
  pids: number
  /** The engine's own, every field; a text where `raw: 'text'` asked for it. */
  raw?: EngineApi.ContainerStatsResponse | string
}

/** Traffic of one network interface of a container, in bytes and packets. */
export interface NetworkTraffic {
  /** Bytes received. */
  rx: number
  /** Bytes sent. */
  tx: number
  /** Packets received. */
  rxPackets: number
  /** Packets sent. */
  txPackets: number
  /** Errors in receiving. */
  rxErrors: number
  /** Errors in sending. */
  txErrors: number
  /** Packets received and thrown away. */
  rxDropped: number
  /** Packets to send and thrown away. */
  txDropped: number
}

/** `dokeres.events()`. */
export interface EventsOptions extends Abortable {
  /** Begins with what happened since; the engine remembers its last 256 events. Default: from now on. */
  since?: Moment | null
  /** Ends then. */
  until?: Moment | null
  /** `{ type: 'container', event: ['start', 'die'], label: 'a=b' }`. */
  filters?: Filters | null
  /**
   * Goes on where it was after the connection broke or the engine was restarted, and keeps trying
   * while there is no engine. What happened while an engine was shutting down, or was killed, no
   * engine knows of afterwards. Default: true where there is no `until`.
   */
  reconnect?: boolean | null
}

/** The kinds of things that events are about. */
export type EventType = EngineApi.EventMessageType

/** The engine's event: every field, unrenamed. */
export type EngineEvent = Always<EngineApi.EventMessage, 'Action' | 'time' | 'timeNano'> & {
  /** A kind that the definition does not know yet is possible. */
  Type: EventType
  /** What it has happened to: its id, its name and labels among the attributes. */
  Actor: { ID: string; Attributes: Record<string, string> }
}

/**
 * Handlers by what they are for: `'container:die'`, `'image:*'`, `'*'`. An action that says more behind
 * a colon goes by its first word, or by all of it: `'container:health_status'`,
 * `'container:health_status: healthy'`.
 */
export type EventHandlers = {
  readonly [key in '*' | `${EventType}:${string}`]?: (event: EngineEvent) => unknown
}

/** `dokeres.on()`. */
export interface OnOptions extends Omit<EventsOptions, 'until'> {
  /** Called with what a handler threw, or with why there are no more events. Default: a warning. */
  onError?: ((error: unknown) => unknown) | null
}

/** What `dokeres.on()` returns. */
export interface EventSubscription {
  /** Resolves once the engine has been told: from then on nothing is missed. Rejects where it cannot be. */
  readonly ready: Promise<void>
  /** Ends it, and waits for the handler that may be at work. */
  stop(): Promise<void>
  /** Lets the process end meanwhile. */
  unref(): this
  /** As `stop()`: `await using subscription = dokeres.on({ … })`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** `dokeres.logs(containers, { … })`. */
export interface MergedLogsOptions extends Abortable {
  /** Goes on as output comes. Default false. */
  follow?: boolean | null
  /**
   * With `follow`: goes on through restarts, nothing lost and nothing twice. Default: false for
   * containers that are named, and the stream ends when all of them have; true for filters, where
   * containers that start meanwhile are taken up too, and the stream ends when it is closed.
   */
  restarts?: boolean | null
  /** With filters: those that do not run as well. Default false. */
  all?: boolean | null
  /** Only the last lines of each. Default `'all'`. */
  tail?: number | 'all' | (string & {}) | null
  /** Begins with what was written since. Default: all of it. */
  since?: Moment | null
  /** Ends with what was written until then. Default: none. */
  until?: Moment | null
  /** Default true. */
  stdout?: boolean | null
  /** Default true. */
  stderr?: boolean | null
  /** Whether `lines()` and `text()` begin each line with its container's name. Default true. */
  prefix?: boolean | null
}

/** A line of one container's among several. */
export interface LogLine {
  /** Whose it is. */
  container: { id: string; name: string }
  /** `console` where the container has a terminal. */
  stream: 'stdout' | 'stderr' | 'console'
  /** Without its end; one of more than 1 MiB comes in pieces. What is not UTF-8 is U+FFFD. */
  line: string
  /** When it was recorded, by the engine's clock, RFC 3339. */
  time: string
  /** `'name | '`: what `lines()` and `text()` write before it. */
  prefix?: string
}

/** `dokeres.monitor(filters, { … })`. */
export interface MonitorOptions extends Abortable {
  /** Default true. */
  stats?: boolean | null
  /** Default true. */
  logs?: boolean | null
  /** Default true. */
  events?: boolean | null
  /** How many lines of before the beginning, of each container that runs by then. Default 0. */
  tail?: number | 'all' | (string & {}) | null
  /** Whether samples have the engine's own JSON with them. Default false. */
  raw?: boolean | 'text' | null
}

/** What `dokeres.monitor()` tells of a container. */
export type MonitorRecord =
  | {
      type: 'stats'
      /** Whose it is. */
      container: { id: string; name: string }
      /** What it uses. */
      stats: StatsSample
    }
  | ({ type: 'log' } & LogLine)
  | {
      type: 'event'
      container: { id: string; name: string }
      /** What has happened to it. */
      event: EngineEvent
    }
  | {
      /** One source of one container's cannot be had: logs that go where they cannot be read from. */
      type: 'error'
      container: { id: string; name: string }
      /** Which of its sources. */
      source: 'logs' | 'stats'
      /** Why. */
      error: { code: DokeresErrorCode; message: string }
    }

/**
 * A command's streams: `container.execStream()`. Closing it, as leaving a loop does, leaves the command
 * to itself; `kill()` ends it.
 */
export declare class ExecStream extends AttachStream {
  private constructor()
  /** The command itself, once it has started. */
  handle(): Promise<ExecHandle>
  /**
   * Waits until it has ended. Its output has to be read, or a full pipe keeps it from ending.
   * @throws {DokeresError} `TIMEOUT`, `CONTAINER_EXITED` where the container ended before it
   */
  wait(options?: ExecWaitOptions | null): Promise<{ exitCode: number }>
  /** Sends a signal, SIGKILL unless another is named, to it and to what it has started. */
  kill(signal?: string | number | null, options?: Abortable | null): Promise<void>
}

/**
 * A transform that hands each line to a function and writes what it gives back, a line each; for
 * `outputStream`. Lines and characters may be cut anywhere.
 */
export declare class LineTransformStream extends Transform {
  /**
   * @param transformLine gives the line to write, nothing to drop it; default: the line as it is
   * @param encoding of what is written to it, default `'utf8'`
   */
  constructor(
    transformLine?: (line: string) => string | null | undefined,
    encoding?: BufferEncoding,
  )
}

// ── For users' own tests ──────────────────────────────────────────────────────────────────────

/** A call that a mock got: {@link Dokeres.mock}. */
export interface MockRequest {
  /** `GET`, `POST`, … */
  method: string
  /** The path, decoded and without a version: `/containers/create`. */
  path: string
  /** The query's parameters; of one that is given several times, the last. */
  query: Record<string, string>
  /** By their names in lower case. */
  headers: Record<string, string>
  /** What was sent: parsed where it is JSON, else a `Buffer`; absent where nothing was. */
  body?: any
  /** The container that it is about, of a command the one that it runs in. */
  container?: { id: string; name: string; image: string }
  /** What is run: of an exec its command, else that of the container, its entrypoint first. */
  command?: string[]
  /** Of attach and exec, what the caller writes to the program; to be read once. */
  readonly stdin?: Readable
}

/**
 * What a mock replies. `json`, `body` and `stream` exclude each other. An object in reply to an
 * inspection is put over the mock's own, so only what matters need be given.
 */
export interface MockReply {
  /** Default: 200, or 204 where there is nothing else. From 400 on it is a failure. */
  status?: number
  /** Headers of the reply. */
  headers?: Record<string, string>
  /** Sent as JSON: `{ message: '…' }` of a failure. */
  json?: unknown
  /** Sent as it is; of output (logs, attach, exec) it is what stdout has. */
  body?: string | Uint8Array
  /**
   * Sent piece by piece; the reply ends where it ends. Texts and bytes go as they are, objects as
   * lines of JSON. Of output (logs, attach, exec) texts and bytes are stdout's. What it throws
   * breaks the connection off.
   */
  stream?: Iterable<MockItem> | AsyncIterable<MockItem>
}

/** A piece of a mock's stream. */
export type MockItem =
  | string
  | Uint8Array
  | {
      /** A piece of standard output. */
      stdout: string | Uint8Array
    }
  | {
      /** A piece of standard error. */
      stderr: string | Uint8Array
    }
  | { [field: string]: unknown }

/** Gives a mock's reply to a call; nothing: the mock's own. What it throws is an engine's error 500. */
export type MockHandler = (
  request: MockRequest,
) => MockReply | null | undefined | void | Promise<MockReply | null | undefined | void>

/** A `Dokeres` without an engine: {@link Dokeres.mock}. */
export interface MockDokeres extends Dokeres {
  /** All calls so far. It may be emptied. */
  readonly calls: MockRequest[]
  /** Ends it; otherwise that is done when the process ends, which it does not keep from that. */
  close(): Promise<void>
  /** As `close()`: `await using dokeres = Dokeres.mock()`. */
  [Symbol.asyncDispose](): Promise<void>
}

type LineTransformStreamClass = typeof LineTransformStream

export declare namespace Dokeres {
  /**
   * An engine that is none, for users' own tests: all of dokeres works, only what it says to the
   * engine goes to `handler`. Without one, or where that returns nothing, images are there, pulls and
   * builds succeed, a container runs until it is stopped or its end is waited for, programs write
   * nothing and end with 0.
   *
   * ```js
   * const dokeres = Dokeres.mock(({ path }) => {
   *   if (path.endsWith('/attach')) return { stream: ['out\n', { stderr: 'oh\n' }] }
   *   if (path.endsWith('/wait')) return { json: { StatusCode: 2 } }
   * })
   * ```
   * @throws {DokeresError} `INVALID_OPTION`
   */
  function mock(handler?: MockHandler | null): MockDokeres
  /** As on the original's engine. */
  const Image: typeof DokeresImage
  /** As on the original's engine. */
  const Container: typeof DokeresContainer
  /** As on the original's engine. */
  const LineTransformStream: LineTransformStreamClass
}

export declare namespace DokeresContainer {
  /** As the original's: the image is ensured, the container created and not started. */
  function create(
    image: DokeresImage,
    name?: string | null,
    options?: ContainerOptions | null,
    command?: Command | null,
    entrypoint?: Command | null,
  ): Promise<DokeresContainer>
  /** As the original's: `image.run(…)`. */
  function run(
    image: DokeresImage,
    name?: string | null,
    options?: RunOptions | null,
    command?: Command | null,
    entrypoint?: Command | null,
    outputStream?: Writable | null,
  ): Promise<DokeresContainer>
}

// ── What users of @hackbg/dokeres and @hackbg/dock find, see docs/migrating.md ────────────────

/** Options of `run`, by their names in dokeres and in dock. */
export type { RunOptions as DokeresContainerOpts, RunOptions as ContainerOpts }
/** A command, by its names in dokeres and in dock. */
export type { Command as DokeresCommand, Command as ContainerCommand }

/** `DOCKER_HOST` (of a unix socket its path), else the platform's default socket. */
export declare const socketPath: string
/** The same, by its name in dock. */
export declare const defaultSocketPath: string

/**
 * What an engine says as a stream of JSON, message by message; resolves at its end. What the callback
 * throws ends it.
 * @param dockerode not needed any more
 * @throws {DokeresError} `SERVER_ERROR` at a message that tells of a failure
 */
export declare function follow(
  dockerode: unknown,
  stream: Readable | AsyncIterable<string | Uint8Array> | null,
  callback?: (event: any) => unknown,
): Promise<void>

/**
 * Resolves when a container's log has said something; `container.waitLog()` has more to give.
 * @param container one of ours, or dockerode's
 * @param thenDetach false: the filter goes on being told of lines after that
 * @param waitSeconds how long to wait after that, default 0
 * @param logFilter is told of each line
 * @throws {DokeresError} `CONTAINER_EXITED` where the log ends without it
 */
export declare function waitUntilLogsSay(
  container: DokeresContainer | { id: string; logs?: any },
  expected: string | RegExp,
  thenDetach?: boolean,
  waitSeconds?: number,
  logFilter?: (line: string) => unknown,
): Promise<void>

/** The original's stand-in for a dockerode; `new Dokeres(mockDockerode())` is a {@link Dokeres.mock}. */
export declare function mockDockerode(callback?: (call: any) => any): DockerodeLike & {
  [method: string]: any
}
/** The original's stand-in for a container of dockerode's. */
export declare function mockDockerodeContainer(callback?: (call: any) => any): {
  id: string
  [method: string]: any
}
/** A stream that has ended already. */
export declare function mockStream(): Readable

/** A failure by its name in the original: `error instanceof Errors.PullFailed` asks for its `code`. */
export interface ErrorsKind<Code extends DokeresErrorCode> {
  new (message?: string): DokeresError & { code: Code }
}
/** The original's names of failures; `error.code` says the same. */
export declare class Errors extends DokeresError {
  /** `INVALID_OPTION` */
  static readonly NoDockerode: ErrorsKind<'INVALID_OPTION'>
  /** `INVALID_OPTION` */
  static readonly NotDockerode: ErrorsKind<'INVALID_OPTION'>
  /** `NO_NAME_NOR_DOCKERFILE` */
  static readonly NoNameNorDockerfile: ErrorsKind<'NO_NAME_NOR_DOCKERFILE'>
  /** `NO_DOCKERFILE` */
  static readonly NoDockerfile: ErrorsKind<'NO_DOCKERFILE'>
  /** `NO_NAME` */
  static readonly NoImage: ErrorsKind<'NO_NAME'>
  /** `NO_CONTAINER` */
  static readonly NoContainer: ErrorsKind<'NO_CONTAINER'>
  /** `CONTAINER_ALREADY_CREATED` */
  static readonly ContainerAlreadyCreated: ErrorsKind<'CONTAINER_ALREADY_CREATED'>
  /** `NO_NAME` */
  static readonly NoName: ErrorsKind<'NO_NAME'>
  /** `PULL_FAILED` */
  static readonly PullFailed: ErrorsKind<'PULL_FAILED'>
  /** `BUILD_FAILED` */
  static readonly BuildFailed: ErrorsKind<'BUILD_FAILED'>
}

/**
 * What both of the original's packages called `Docker`: `new Docker(options)` is a dockerode, where you
 * have that installed; `Docker.Engine` and so on are dock's names.
 * @throws {DokeresError} `NOT_SUPPORTED` where dockerode is needed and not installed
 */
export declare const Docker: {
  new (options?: object): any
  readonly Engine: typeof Dokeres
  readonly Image: typeof DokeresImage
  readonly Container: typeof DokeresContainer
  readonly LineTransformStream: typeof LineTransformStream
  readonly follow: typeof follow
  /** As {@link waitUntilLogsSay}, of a stream. */
  waitStream(
    stream: Readable,
    expected: string | RegExp,
    thenDetach?: boolean,
    trail?: (line: string) => unknown,
  ): Promise<void>
  readonly mockDockerode: typeof mockDockerode
  readonly mockDockerodeContainer: typeof mockDockerodeContainer
  readonly mockStream: typeof mockStream
  readonly defaultSocketPath: string
  /** dockerode's own class. */
  readonly Docker: any
}

// What follows merges with the generated classes: overloads, and methods that are in JavaScript.

export interface ExecHandle {
  /** Ends the command: `await using command = …`. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface Dokeres {
  /** docker-modem's interface on this connection: for dockerode, and for what is made for it. */
  readonly modem: import('./modem.js').Modem
  /**
   * A dockerode instance on this connection, where dockerode is installed.
   * @throws {DokeresError} `NOT_SUPPORTED` where it is not
   */
  readonly docker: any
  /**
   * The logs of several containers as one stream, line by line: `logs([web, 'db'], { follow: true })`,
   * `logs({ label: 'app=shop' })`. Without containers: those that run. `lines()` and `text()` give it
   * as compose shows it, with names before the lines.
   * @throws {DokeresError} `INVALID_OPTION`, `NO_CONTAINER`; all else from the stream itself
   */
  logs(
    containers?: readonly (DokeresContainer | string)[] | Filters | null,
    options?: MergedLogsOptions | null,
  ): DokeresStream<LogLine>
  /**
   * Calls handlers with events, one at a time and waiting for each: `on({ 'container:die': (event) => … })`.
   * It goes on through restarts of the engine, until it is stopped.
   * @throws {DokeresError} `INVALID_OPTION`
   */
  on(handlers: EventHandlers, options?: OnOptions | null): EventSubscription
}

export interface DokeresImage {
  /**
   * Saves the image as a tar: to a file, which is there whole or not at all.
   * @throws {DokeresError} `IMAGE_NOT_FOUND`, `INVALID_OPTION` where the file cannot be written
   */
  save(path: string, options?: SaveOptions | null): Promise<SaveResult>
  /** The same as a stream. */
  save(options?: Abortable | null): DokeresStream<Buffer>
  task(
    command: Command | null | undefined,
    options: TaskOptions<'buffer'> & { encoding: 'buffer'; swarm: SwarmTaskOptions },
  ): Promise<SwarmTaskResult<Buffer>>
  /**
   * Runs a command to its end as a job on the nodes of a swarm's: the engine must be a manager.
   * Options that a swarm's tasks cannot have reject `NOT_SUPPORTED` with their `path`.
   */
  task(
    command: Command | null | undefined,
    options: TaskOptions & { swarm: SwarmTaskOptions },
  ): Promise<SwarmTaskResult>
  task(
    command: Command | null | undefined,
    options: TaskOptions<'buffer'> & { encoding: 'buffer'; swarm?: null },
  ): Promise<TaskResult<Buffer>>
  /** Of options that are known by their type only: whether on a swarm is told by the result's `service`. */
  task(
    command: Command | null | undefined,
    options: TaskOptions,
  ): Promise<TaskResult | SwarmTaskResult>
}

export interface ImageCollection {
  /**
   * Saves images as one tar: to a file, which is there whole or not at all.
   * @throws {DokeresError} `IMAGE_NOT_FOUND`, `INVALID_OPTION` where the file cannot be written
   */
  save(
    names: string | readonly string[],
    path: string,
    options?: SaveOptions | null,
  ): Promise<SaveResult>
  /** The same as a stream. */
  save(names: string | readonly string[], options?: Abortable | null): DokeresStream<Buffer>
  /**
   * Cleans up again and again: `clean(options)`, with a pause before each sweep.
   * @throws {DokeresError} `INVALID_OPTION`, at once
   */
  gc(options: ImageGcOptions): ImageGc
}

export interface DokeresContainer {
  /**
   * Runs a command in the container: `const [stdout, stderr] = await container.exec('ls', '-l')`. Its
   * exit code is in `exitCode`; one other than 0 does not reject, unless `reject` says so.
   * @throws {DokeresError} `EXECUTABLE_NOT_FOUND`, `TIMEOUT`, `EXIT_CODE`, `MAX_BUFFER`, `CONFLICT` where
   * the container does not run
   */
  exec(...command: string[]): Promise<ExecResult>
  exec(
    command: Command,
    options: ExecOptions<'buffer'> & { encoding: 'buffer' },
  ): Promise<ExecResult<Buffer>>
  exec(command: Command, options: ExecDetachedOptions): Promise<ExecHandle>
  exec(command: Command, options?: ExecOptions | null): Promise<ExecResult>
  /**
   * An interactive terminal in the container, on this process's own: raw mode, its size followed,
   * restored afterwards. Ctrl-C goes to the program; ctrl-p ctrl-q leaves it running and comes back.
   * @param command default: bash where there is one, else sh
   * @throws {DokeresError} `NOT_SUPPORTED` where stdin is no terminal, `EXECUTABLE_NOT_FOUND`, `CONFLICT`
   * where the container does not run
   */
  shell(command?: Command | null, options?: ShellOptions | null): Promise<ShellResult>
  /**
   * Waits until the container has written a text; a match may span writes. Resolves to what matched.
   * @throws {DokeresError} `CONTAINER_EXITED` as soon as it ends without it, `TIMEOUT`
   */
  waitLog(expected: RegExp, options?: WaitLogOptions | null): Promise<RegExpExecArray>
  waitLog(expected: string, options?: WaitLogOptions | null): Promise<string>
  /**
   * As the original has it.
   * @param thenDetach false: `logFilter` goes on being called with what is written after the match
   */
  waitLog(
    expected: string | RegExp,
    logFilter?: ((line: string) => boolean) | null,
    thenDetach?: boolean | null,
  ): Promise<string | RegExpExecArray>
  /**
   * Waits until conditions hold: `waitFor({ log: /port (\d+)/ })`, several in one object or in a list,
   * or one of `{ any: [ … ] }`. Resolves to what they gave, in the same shape.
   * @throws {DokeresError} `CONTAINER_EXITED` as soon as the container ends, with its state and last
   * lines, and `TIMEOUT` with the same and with what each condition has come to
   */
  waitFor<const C extends WaitConditions>(
    conditions: C,
    options?: WaitForOptions | null,
  ): Promise<WaitResult<C>>
  waitFor<const C extends WaitCondition | WaitAny | WaitAll>(
    conditions: C & Abortable,
  ): Promise<WaitResult<C>>
  /** Removes the container, by force: `await using container = …`. */
  [Symbol.asyncDispose](): Promise<void>
  [inspect.custom](depth: number, options: UtilInspectOptions): string
}

export interface ContainerCollection {
  /**
   * The host's ports that running containers have published, and by whom. Where tcp and udp have the
   * same number, tcp's container is told.
   */
  activePorts(options?: ContainerNarrowOptions | null): Promise<Map<number, ContainerSummary>>
}

// ── Swarm ─────────────────────────────────────────────────────────────────────────────────────

/** What the whole swarm goes by. */
export interface SwarmSettings extends Abortable {
  /** Labels of the swarm. */
  labels?: TextMap | null
  /** Managers want a key after a restart: see `swarm.unlockKey()`. Default false. */
  autolock?: boolean | null
  /** How many ended tasks of each slot it remembers. Default: 5. */
  taskHistoryLimit?: number | null
  /** After how many log entries the managers take a snapshot. Default: 10000. */
  snapshotInterval?: number | null
  /** How many snapshots are kept beside the last. Default: 0. */
  snapshotsKept?: number | null
  /** How often nodes report. Default: 5 seconds. */
  dispatcherHeartbeat?: Duration | null
  /** How long the nodes' certificates are valid. Default: 90 days. */
  certExpiry?: Duration | null
  /** Where the logs of services go that say nothing else. Default: the engine's. */
  logDriver?: string | null
  /** Options of that log driver. */
  logOptions?: TextMap | null
  /** Raw fields of the swarm's `Spec`, merged deeply over the rest. */
  extra?: Readonly<Record<string, unknown>> | null
}

/** `swarm.init()`. */
export interface SwarmInitOptions extends SwarmSettings {
  /** Where it listens for other managers. Default: `'0.0.0.0:2377'`. */
  listenAddr?: string | null
  /** The address that others reach it at, or its interface. Default: the only one there is. */
  advertiseAddr?: string | null
  /** The address, or the interface, for the containers' own traffic. Default: `advertiseAddr`. */
  dataPathAddr?: string | null
  /** The port for the containers' own traffic. Default: 4789. */
  dataPathPort?: number | null
  /** Where the networks of services get their subnets from: `['10.20.0.0/16']`. */
  defaultAddrPool?: readonly string[] | null
  /** How long the prefixes of those subnets are. Default: 24. */
  subnetSize?: number | null
  /** Recovers a swarm that has lost too many managers, from what this one knows. Default false. */
  forceNewCluster?: boolean | null
  /** Whether this node takes tasks. Default: `active`. */
  availability?: 'active' | 'pause' | 'drain' | null
}

/** `swarm.join()`. */
export interface SwarmJoinOptions extends Abortable {
  /** Where managers are: `'10.0.0.1:2377'`. */
  remoteAddrs: string | readonly string[]
  /** One of `swarm.joinTokens()`. */
  token: string
  /** Where it listens, should it become a manager. Default: `'0.0.0.0:2377'`. */
  listenAddr?: string | null
  /** The address that others reach it at, or its interface. Default: the only one there is. */
  advertiseAddr?: string | null
  /** The address, or the interface, for the containers' own traffic. Default: `advertiseAddr`. */
  dataPathAddr?: string | null
  /** Whether this node takes tasks. Default: `active`. */
  availability?: 'active' | 'pause' | 'drain' | null
}

/** `swarm.leave()`. */
export interface SwarmLeaveOptions extends Abortable {
  /** Also as a manager, and as the last one. Default false. */
  force?: boolean | null
}

/** `swarm.update()`. */
export interface SwarmUpdateOptions extends SwarmSettings {
  /** `Version.Index` of what is to be changed: only where it is that still. Default: what is there. */
  version?: number | null
}

/** `swarm.rotateJoinTokens()`. */
export interface SwarmRotateOptions extends Abortable {
  /** Default true. */
  worker?: boolean | null
  /** Default true. */
  manager?: boolean | null
}

/** `swarm.unlockKey()`. */
export interface SwarmUnlockKeyOptions extends Abortable {
  /** Makes a new one first. Default false. */
  rotate?: boolean | null
}

/** `JoinTokens` of the engine's reply to `GET /swarm`. */
export interface SwarmJoinTokens {
  /** What lets an engine join as a worker. */
  Worker: string
  /** What lets an engine join as a manager. */
  Manager: string
}

/** The engine's reply to `GET /swarm/unlockkey`. */
export interface SwarmUnlockKey {
  /** Empty for a swarm without `autolock`. */
  UnlockKey: string
}

/** When something of a swarm was made and changed, and its version. */
export interface SwarmObject {
  /** Its id. */
  ID: string
  /** Counts its changes: `Index` is one more after each, or several. */
  Version: { Index: number }
  /** RFC 3339. */
  CreatedAt: string
  /** RFC 3339. */
  UpdatedAt: string
}

/** The engine's JSON of the swarm: every field, unrenamed. */
export interface SwarmInspect extends SwarmObject {
  /** What it goes by. */
  Spec: {
    Name: string
    Labels: Record<string, string> | null
    Orchestration?: { TaskHistoryRetentionLimit?: number }
    EncryptionConfig?: { AutoLockManagers: boolean }
    [field: string]: unknown
  }
  /** What lets others join. */
  JoinTokens: SwarmJoinTokens
  /** Whether its certificates are being replaced. */
  RootRotationInProgress: boolean
  /** Where the networks of services get their subnets from. */
  DefaultAddrPool?: string[] | null
  /** How long the prefixes of those subnets are. */
  SubnetSize?: number
  /** The port for the containers' own traffic. */
  DataPathPort?: number
  [field: string]: unknown
}

/** `list()` of what a swarm has. */
export interface SwarmListOptions extends Abortable {
  /**
   * `{ id, name, label }`, and of nodes `role`, `membership` and `node.label`; of tasks `service`, `node`
   * and `desired-state`.
   */
  filters?: Filters | null
}

/** `remove()` of what a swarm has. */
export interface SwarmRemoveOptions extends Abortable {
  /** Quiet where there is none. Default false. */
  force?: boolean | null
}

/** The engine's reply to what creates something of a swarm. */
export interface SwarmCreated {
  /** Its id. */
  ID: string
}

/** `secrets.update()` and `configs.update()`. */
export interface SwarmLabelsOptions extends Abortable {
  /** In place of those that it has. */
  labels?: TextMap | null
  /** `Version.Index` of what is to be changed: only where it is that still. Default: what is there. */
  version?: number | null
}

/** `configs.create()`. */
export interface ConfigCreateOptions extends Abortable {
  /** Its labels. */
  labels?: TextMap | null
  /** A text, or bytes: where it is not the second argument. */
  data?: string | Uint8Array | null
  /** What makes its values out of a template: `golang`. */
  templating?: string | null
  /** Raw fields of `POST /configs/create`, merged deeply over the rest. */
  extra?: Readonly<Record<string, unknown>> | null
}

/** `secrets.create()`. */
export interface SecretCreateOptions extends ConfigCreateOptions {
  /** The plugin that keeps it; it has no data then. */
  driver?: string | null
  /** Options of that plugin. */
  driverOptions?: TextMap | null
}

/** The engine's JSON of a secret: every field, unrenamed. Its data are not among them. */
export interface SecretInspect extends SwarmObject {
  /** Its name and labels. */
  Spec: { Name: string; Labels: Record<string, string> | null; [field: string]: unknown }
  [field: string]: unknown
}

/** The engine's JSON of a config: every field, unrenamed. */
export interface ConfigInspect extends SwarmObject {
  /** Its name, labels and content. */
  Spec: {
    Name: string
    Labels: Record<string, string> | null
    /** In base64. */
    Data: string
    [field: string]: unknown
  }
  [field: string]: unknown
}

/** `nodes.update()`: what is given is changed, the rest stays. */
export interface NodeUpdateOptions extends Abortable {
  /** What it is in the swarm; see also `promote()` and `demote()`. */
  role?: 'worker' | 'manager' | null
  /** `pause`: no more tasks come; `drain`: those that run go elsewhere, too. */
  availability?: 'active' | 'pause' | 'drain' | null
  /** In place of those that it has. */
  labels?: TextMap | null
  /** Raw fields of the node's `Spec`, merged deeply over the rest. */
  extra?: Readonly<Record<string, unknown>> | null
  /** `Version.Index` of what is to be changed: only where it is that still. Default: what is there. */
  version?: number | null
}

/** `nodes.remove()`. */
export interface NodeRemoveOptions extends Abortable {
  /** Also one that is not down; quiet where there is none. Default false. */
  force?: boolean | null
}

/** The engine's JSON of a node: every field, unrenamed. */
export interface NodeInspect extends SwarmObject {
  /** What it is to be. */
  Spec: {
    Name?: string
    Role: 'worker' | 'manager'
    Availability: 'active' | 'pause' | 'drain'
    Labels: Record<string, string> | null
    [field: string]: unknown
  }
  /** What it says of itself. */
  Description: {
    Hostname: string
    Platform: { Architecture: string; OS: string }
    [field: string]: unknown
  }
  /** How it is, as the managers see it. */
  Status: { State: 'unknown' | 'down' | 'ready' | 'disconnected'; Addr: string; Message?: string }
  /** Of managers only. */
  ManagerStatus?: { Leader?: boolean; Reachability: string; Addr: string }
  [field: string]: unknown
}

/** A secret or a config as a file in a service's containers. */
export interface ServiceFile {
  /** Its name or id. */
  source: string
  /** The file; of secrets under `/run/secrets`. Default: its name, of configs at the root. */
  target?: string | null
  /** Default: 0. */
  uid?: number | string | null
  /** Default: 0. */
  gid?: number | string | null
  /** Default: `0o444`. */
  mode?: number | null
}

/** A port of a service's nodes. */
export interface ServicePort {
  /** Default: any free one. */
  port?: number | null
  /** `ingress`: every node's; `host`: that of nodes where a task runs. Default: `ingress`. */
  mode?: 'ingress' | 'host' | null
}

/** What a service's tasks are replaced by, how many at a time and what if that fails. */
export interface ServiceRolling {
  /** How many at a time; 0: all at once. Default: 1. */
  parallelism?: number | null
  /** How long to wait between them. */
  delay?: Duration | null
  /** What happens where one fails. Default: `pause`. */
  failureAction?: 'pause' | 'continue' | 'rollback' | null
  /** For how long a new task that fails counts. Default: 5 seconds. */
  monitor?: Duration | null
  /** The part of tasks, 0 to 1, that may fail. Default: 0. */
  maxFailureRatio?: number | null
  /** Which comes first: the old one's end, or the new one. Default: `stop-first`. */
  order?: 'stop-first' | 'start-first' | null
}

/** What of a service can be said when it is made and when it is changed: the words are those of `run`. */
export interface ServiceSettings extends Abortable {
  /** What the image's entrypoint is run with. Default: the image's own. */
  command?: Command | null
  /** Default: the image's own. */
  entrypoint?: Command | null
  /** Environment variables. */
  env?: TextMap | null
  /** Of the service. */
  labels?: TextMap | null
  /** Of its containers. */
  containerLabels?: TextMap | null
  /** The working directory. Default: the image's. */
  cwd?: string | null
  /** Who runs it. Default: the image's. */
  user?: string | number | null
  /** More groups of the user. */
  groupAdd?: ReadonlyArray<string | number> | null
  /** May have templates in it: `'{{.Node.Hostname}}-{{.Task.Slot}}'`. */
  hostname?: string | null
  /** Runs a small init as process 1. */
  init?: boolean | null
  /** Gives it a terminal. Default false. */
  tty?: boolean | null
  /** Keeps its input open. Default false. */
  stdin?: boolean | null
  /** Makes its own file system read-only. Default false. */
  readonlyRootfs?: boolean | null
  /** What stops it, `'SIGINT'` or `2`. Default: the image's, `SIGTERM`. */
  stopSignal?: string | number | null
  /** Seconds between the stop signal and SIGKILL. Default: 10. */
  stopTimeout?: number | null
  /** How a node finds out whether it is well. Default: the image's. */
  healthcheck?: Healthcheck | null
  /** More lines of `/etc/hosts`: `{ host: ip }` or `['host:ip']`. */
  extraHosts?: TextMap | readonly string[] | null
  /** Name servers: `['1.1.1.1']`. */
  dns?: readonly string[] | null
  /** Domains that names are looked up in. */
  dnsSearch?: readonly string[] | null
  /** Options of its resolver: `['ndots:1']`. */
  dnsOptions?: readonly string[] | null
  /** Kernel parameters of its namespaces. */
  sysctls?: TextMap | null
  /** Linux capabilities to add: `['NET_ADMIN']`. */
  capAdd?: readonly string[] | null
  /** Linux capabilities to drop: `['ALL']`. */
  capDrop?: readonly string[] | null
  /** `{ nofile: 1024 }`, `{ nofile: { soft: 1024, hard: 4096 } }`. */
  ulimits?: Readonly<Record<string, number | { soft: number; hard: number }>> | null
  /** Mounts, as `docker service create --mount`. */
  mounts?: readonly Mount[] | null
  /** `{ path: containerPath }`: paths of the nodes, which must be there, or volumes. */
  readonly?: Readonly<Record<string, string>> | null
  /** `{ path: containerPath }`: paths of the nodes, which must be there, or volumes. */
  writable?: Readonly<Record<string, string>> | null
  /** `global`: one task on each node; a job's tasks run until they are done. Default: `replicated`. */
  mode?: 'replicated' | 'global' | 'replicated-job' | 'global-job' | null
  /** How many tasks; of a job, how many runs. Default: 1. */
  replicas?: number | null
  /** Of a replicated job: how many tasks at once. Default: all. */
  maxConcurrent?: number | null
  /** Which nodes: `['node.labels.disk == fast', 'node.role != manager']`. */
  constraints?: readonly string[] | null
  /** What to spread over: `['node.labels.zone']`. */
  preferences?: readonly string[] | null
  /** The most tasks on one node. Default: any number. */
  maxReplicasPerNode?: number | null
  /** Which nodes, by what they are: `['linux/amd64']`. */
  platforms?: readonly string[] | null
  /** Networks of the swarm, by name. */
  networks?: ReadonlyArray<
    string | { name: string; aliases?: readonly string[] | null; driverOpts?: TextMap | null }
  > | null
  /** `{ '80/tcp': 8080 | true | { port, mode } }`: a port of the container, and that of the nodes. */
  mapped?: Readonly<
    Record<string, number | string | boolean | ServicePort | ReadonlyArray<number | ServicePort>>
  > | null
  /** One address for the service, or those of its tasks. Default: `vip`. */
  endpointMode?: 'vip' | 'dnsrr' | null
  /** Secrets of the swarm that it may read, by name, or as what file. */
  secrets?: ReadonlyArray<string | ServiceFile> | null
  /** Configs of the swarm that it may read, by name, or as what file. */
  configs?: ReadonlyArray<string | ServiceFile> | null
  /** Default: `any`; of jobs, `on-failure`: for as long as it takes. */
  restart?:
    | 'none'
    | 'any'
    | 'on-failure'
    | `on-failure:${number}`
    | 'no'
    | 'always'
    | 'unless-stopped'
    | {
        condition?: 'none' | 'on-failure' | 'any' | null
        delay?: Duration | null
        maxAttempts?: number | null
        /** The time within which the attempts count. */
        window?: Duration | null
      }
    | null
  /** How an update replaces its tasks. */
  updateConfig?: ServiceRolling | null
  /** How a rollback replaces its tasks. */
  rollbackConfig?: ServiceRolling | null
  /** The most memory of each task. */
  memory?: ByteSize | null
  /** The most CPUs' time of each task. */
  cpus?: number | null
  /** The most processes and threads of each task. */
  pidsLimit?: number | null
  /** What a node must have left for a task. */
  reserve?: {
    memory?: ByteSize | null
    cpus?: number | null
    /** What nodes say they have: `{ gpu: 2 }`, or by name, `{ gpu: ['uuid1'] }`. */
    generic?: Readonly<Record<string, number | readonly string[]>> | null
  } | null
  /** Where its output is recorded. Default: the swarm's, else the engine's. */
  logDriver?: string | null
  /** Options of the log driver: `{ 'max-size': '10m' }`. */
  logOptions?: TextMap | null
  /**
   * What the nodes pull the image with: credentials, or `true` for those that `docker login` has put away.
   * The swarm keeps them. Default: none.
   */
  auth?: RegistryAuth | boolean | null
  /**
   * Asks the registry first, and has all nodes take the image of the digest that the name has now, as the
   * docker CLI does. Default false: each node takes what it finds.
   */
  resolveImage?: boolean | null
  /** Raw fields of the engine's `ServiceSpec`, merged deeply over the rest. */
  extra?: Readonly<Record<string, unknown>> | null
}

/** `services.create()`. */
export interface ServiceCreateOptions extends ServiceSettings {
  /**
   * The image's name: each node asks the registry first, and takes its own where that cannot be reached. By
   * its id (`sha256:…`) a node takes what it has, at once.
   */
  image: string
}

/** `services.update()`: what is given is changed, the rest stays. */
export interface ServiceUpdateOptions extends ServiceSettings {
  /** Another image for its tasks. */
  image?: string | null
  /** Replaces its tasks even where nothing has changed. Default false. */
  force?: boolean | null
  /** `Version.Index` of what is to be changed: only where it is that still. Default: what is there. */
  version?: number | null
}

/** The engine's reply to `POST /services/create`. */
export interface ServiceCreated {
  /** The service's id. */
  ID: string
  /** What the engine has to remark. */
  Warnings?: string[] | null
  [field: string]: unknown
}

/** The engine's reply to `POST /services/…/update`. */
export interface ServiceUpdated {
  /** What the engine has to remark. */
  Warnings?: string[] | null
}

/** `services.list()`. */
export interface ServiceListOptions extends Abortable {
  /** `{ id, name, label, mode: 'replicated' }`. */
  filters?: Filters | null
  /** How many tasks of each run, and should: `ServiceStatus`. Default false. */
  status?: boolean | null
}

/** `services.inspect()`. */
export interface ServiceInspectOptions extends Abortable {
  /** With the defaults that it goes by, where nothing is said. Default false. */
  defaults?: boolean | null
}

/** `services.wait()`. */
export interface ServiceWaitOptions extends Abortable {
  /** Default: none. */
  timeout?: Duration | null
}

/** `services.logs()` and `tasks.logs()`. */
export interface ServiceLogsOptions extends Abortable {
  /** Goes on as output comes. Default false. */
  follow?: boolean | null
  /** Only the last lines of each task. Default `'all'`. */
  tail?: number | 'all' | (string & {}) | null
  /** Begins with what was written since. Default: all of it. */
  since?: Moment | null
  /** Begins each line with the engine's RFC 3339 time and a blank. Default false. */
  timestamps?: boolean | null
  /**
   * Begins each line with what it is of: `com.docker.swarm.node.id=…,com.docker.swarm.service.id=…,
   * com.docker.swarm.task.id=…` and a blank. Default false.
   */
  details?: boolean | null
  /** Default true. */
  stdout?: boolean | null
  /** Default true. */
  stderr?: boolean | null
}

/** What a task runs: the fields that most ask for. */
export interface TaskSpec {
  /** What its container is made of. */
  ContainerSpec?: {
    Image: string
    Command?: string[] | null
    Args?: string[] | null
    Env?: string[] | null
    [field: string]: unknown
  }
  /** Whether another takes its place when it ends. */
  RestartPolicy?: { Condition?: string; Delay?: number; MaxAttempts?: number; Window?: number }
  /** Which nodes it may be on. */
  Placement?: { Constraints?: string[] | null; [field: string]: unknown }
  /** How often an update was forced. */
  ForceUpdate?: number
  [field: string]: unknown
}

/** The engine's `ServiceSpec`. */
export interface ServiceSpec {
  /** The service's name. */
  Name: string
  /** The service's labels. */
  Labels: Record<string, string> | null
  /** What its tasks are made from. */
  TaskTemplate: TaskSpec
  /** How many tasks there are to be, and where. */
  Mode: {
    Replicated?: { Replicas?: number }
    Global?: object
    ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number }
    GlobalJob?: object
  }
  [field: string]: unknown
}

/** The engine's JSON of a service: every field, unrenamed. */
export interface ServiceInspect extends SwarmObject {
  /** What it is to be. */
  Spec: ServiceSpec
  /** What it was to be before its last update. */
  PreviousSpec?: ServiceSpec
  /** Its ports and addresses. */
  Endpoint?: {
    Ports?: Array<{
      Protocol: string
      TargetPort: number
      PublishedPort?: number
      PublishMode?: string
    }> | null
    VirtualIPs?: Array<{ NetworkID: string; Addr?: string }> | null
    [field: string]: unknown
  }
  /** Once it has been updated: `updating`, `completed`, `paused`, `rollback_started` and so on. */
  UpdateStatus?: { State: string; StartedAt?: string; CompletedAt?: string; Message?: string }
  /** Of lists with `status`. */
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number; CompletedTasks?: number }
  /** Of jobs. */
  JobStatus?: { JobIteration: { Index: number }; LastExecution?: string }
  [field: string]: unknown
}

/** The engine's JSON of a task: every field, unrenamed. */
export interface TaskInspect extends SwarmObject {
  /** What it runs. */
  Spec: TaskSpec
  /** The service that it is of. */
  ServiceID: string
  /** Which of the replicas it is. */
  Slot?: number
  /** Absent until one has been found for it. */
  NodeID?: string
  /** What it is to be: `running`, `shutdown` and so on. */
  DesiredState: string
  /** What it is. */
  Status: {
    /** RFC 3339. */
    Timestamp: string
    /** `new`, `pending`, `running`, `complete`, `failed`, `rejected` and so on. */
    State: string
    Message?: string
    /** Why it is not what it is to be. */
    Err?: string
    ContainerStatus?: { ContainerID: string; PID: number; ExitCode: number }
    [field: string]: unknown
  }
  [field: string]: unknown
}
