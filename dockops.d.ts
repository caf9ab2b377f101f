/// <reference types="node" />

// A drop-in for dockops 0.2.1; docs/dockops.md tells what is other than there.

/**
 * `require('dokeres/dockops')`: a drop-in for dockops 0.2.1.
 * @module dokeres/dockops
 */

import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import type {
  Abortable,
  BuildContext,
  BuildSettings,
  ContainerChange,
  ContainerInspect,
  ContainerListOptions,
  ContainerNarrowOptions,
  ContainerSummary,
  ContainerTop,
  DockerodeLike,
  Dokeres,
  DokeresContainer,
  DokeresOptions,
  ImageListOptions,
  ImageSummary,
  LineOptions,
  ProgressOptions,
  RemoveGroupOptions,
  RemoveManyOptions,
  RemoveOptions,
  RemoveStoppedOptions,
  StopManyOptions,
  StopOptions,
  StopRemoveManyOptions,
  StopRemoveOptions,
} from './index.js'

/** Whose containers and images: a dockerode instance, a `Dokeres`, an address, or options for one. */
export type Docker =
  | Dokeres
  | DockerodeLike
  | DokeresOptions
  | {
      /** The address: as `DOCKER_HOST` has it. */
      dockerhost?: string | null
    }
  | string

/** Called with the failure, or with null and what came of it. */
export type Callback<T = void> = [T] extends [void]
  ? (error: any) => void
  : (error: any, result: T) => void

/** What takes options, and a callback or gives a promise. */
export interface Call<O, T = void> {
  (callback: Callback<T>): void
  (options: O | null | undefined, callback: Callback<T>): void
  (options?: O | null): Promise<T>
}

/** The same with an argument of its own before them. */
export interface CallWith<A, O, T = void> {
  (about: A, callback: Callback<T>): void
  (about: A, options: O | null | undefined, callback: Callback<T>): void
  (about: A, options?: O | null): Promise<T>
}

/** A port's bindings, for `HostConfig.PortBindings`. */
export type PortBindings = Record<string, Array<{ HostPort: string }>>

/** The engine's own fields of its create call; `name` and `platform` are among them. */
export interface CreateOptions {
  /** The image's name. One that is not there is an error, and not pulled. */
  Image: string
  /** The container's name. */
  name?: string | null
  /** `linux/arm64`. Default: the engine's own. */
  platform?: string | null
  /** The command. Default: the image's. */
  Cmd?: readonly string[]
  /** Default: the image's. */
  Entrypoint?: readonly string[]
  /** `['NAME=value']`. */
  Env?: readonly string[]
  /** Which ports; what is said of each is of no account, so that port bindings do. */
  ExposedPorts?: Readonly<Record<string, unknown>>
  /** The engine's fields of that name. */
  HostConfig?: Readonly<Record<string, unknown>>
  [field: string]: unknown
}

/** `containers.run()`. */
export interface RunOptions {
  /** The engine's create options. */
  create: CreateOptions
  /** What engines of old took at the start, `PortBindings` say: it goes into `HostConfig`. */
  start?: Readonly<Record<string, unknown>> | null
  /** How often it is created anew where its start fails. Default 0. */
  startRetries?: number | null
}

/** What `create` and `run` give, at the least. */
export interface Created {
  /** The container's id. */
  readonly id: string
}

/** What takes dockerode's options, and a callback. */
export interface AsDockerode<T = void, O = any> {
  (callback: Callback<T>): void
  (opts: O, callback: Callback<T>): void
}

/** A container whose methods take a callback too, and then dockerode's options and results. */
export type Container = DokeresContainer & {
  inspect: AsDockerode<ContainerInspect>
  top: AsDockerode<ContainerTop>
  changes: AsDockerode<ContainerChange[] | null>
  wait: AsDockerode<{ StatusCode: number }>
  resize: AsDockerode
  update: AsDockerode<{ Warnings: string[] | null }>
  commit: AsDockerode<{ Id: string }>
  start: AsDockerode
  stop: AsDockerode
  restart: AsDockerode
  kill: AsDockerode
  pause: AsDockerode
  unpause: AsDockerode
  rename: AsDockerode<void, { name: string }>
  remove: AsDockerode
  // With a callback these are those of the dockerode that you have installed.
  attach: AsDockerode<NodeJS.ReadWriteStream>
  exec: AsDockerode<any>
  export: AsDockerode<NodeJS.ReadableStream>
  logs: AsDockerode<any>
  stats: AsDockerode<any>
}

/**
 * Containers of an engine. What is done to them is told by the events `error`, `warn`, `info`,
 * `verbose`, `debug` and `silly`. Every method takes a callback, or returns a promise.
 */
export interface Containers<C extends Created = Container> extends EventEmitter {
  /** What it was given; an address has become a `Dokeres`. */
  docker: any
  /** Milliseconds that `clean` waits between stopping and removing. Default 0. */
  timeToStop: number
  /** Milliseconds that `create` waits when it is done. Default 0. */
  timeToCreate: number
  /**
   * Creates a container.
   * @throws {DokeresError} `IMAGE_NOT_FOUND`, `NAME_CONFLICT`
   */
  create: CallWith<CreateOptions, Abortable, C>
  /**
   * Creates and starts a container. Where it does not start, it is removed.
   * @throws {DokeresError} as `create`; that of the last start, whose own error is its `cause`
   */
  run: CallWith<RunOptions, Abortable, C>
  /**
   * Gets rid of a container: stops or kills, and removes, until it is gone.
   * @throws {DokeresError} the engine's last refusal, after five attempts
   */
  clean: CallWith<string, StopRemoveOptions>
  /** Those that run, or all. */
  list: CallWith<
    boolean | null | undefined,
    Omit<ContainerListOptions, 'all'>,
    ContainerSummary[]
  > &
    ((callback: Callback<ContainerSummary[]>) => void) &
    (() => Promise<ContainerSummary[]>)
  /** All. */
  listAll: Call<ContainerNarrowOptions, ContainerSummary[]>
  /** Those that do not run: ended, dead, or not started yet. */
  listStopped: Call<ContainerNarrowOptions, ContainerSummary[]>
  /** Those that run. */
  listRunning: Call<ContainerNarrowOptions, ContainerSummary[]>
  /** Those of a group: of one repository, whatever the tag. */
  listGroup: CallWith<string, ContainerNarrowOptions, ContainerSummary[]>
  /** Those of a group that run. */
  listGroupRunning: CallWith<string, ContainerNarrowOptions, ContainerSummary[]>
  /** Those that were made of an image. */
  listImage: CallWith<string, ContainerNarrowOptions, ContainerSummary[]>
  /** Those that run, by the ports of the host that they have published. */
  activePorts: Call<ContainerNarrowOptions, Record<string, ContainerSummary>>
  /** Stops a container; quiet where it does not run. */
  stop: CallWith<string, StopOptions>
  /** Removes a container that does not run; one that is gone is removed already. */
  remove: CallWith<string, RemoveOptions>
  /** Stops and removes a container. */
  stopRemove: CallWith<string, StopRemoveOptions>
  /**
   * Starts a container that has been created.
   * @throws {DokeresError} `NOT_SUPPORTED` where `opts` would configure it: engines take that at the
   * creation only
   */
  start: CallWith<string, Readonly<Record<string, unknown>>> & {
    (
      id: string,
      opts: Readonly<Record<string, unknown>> | null | undefined,
      options: Abortable | null | undefined,
      callback: Callback,
    ): void
    (
      id: string,
      opts: Readonly<Record<string, unknown>> | null | undefined,
      options: Abortable | null | undefined,
    ): Promise<void>
  }
  /**
   * Stops all of a group that run.
   * @throws {DokeresError} `PARTIAL_FAILURE` with `results`, as all calls on many
   */
  stopGroup: CallWith<string, StopManyOptions>
  /** Stops all of an image. */
  stopImage: CallWith<string, StopManyOptions>
  /** Removes all of a group. */
  removeGroup: CallWith<string, RemoveManyOptions>
  /** Removes all of an image. */
  removeImage: CallWith<string, RemoveManyOptions>
  /** Removes all that do not run. Gives those that are gone. */
  removeStopped: Call<RemoveStoppedOptions, ContainerSummary[]>
  /** Stops and removes all of a group. */
  stopRemoveGroup: CallWith<string, StopRemoveManyOptions>
  /** Stops and removes all of an image. */
  stopRemoveImage: CallWith<string, StopRemoveManyOptions>
}

/** `Containers`, with or without `new`. */
export interface ContainersConstructor {
  /**
   * With a dockerode instance `create` and `run` give its containers, else ours.
   * @param docker default: as `new Dokeres()` finds it
   * @throws {DokeresError} `INVALID_OPTION`
   */
  new <C extends Created>(docker: DockerodeLike & { getContainer(id: string): C }): Containers<C>
  new (docker?: Docker | null): Containers
  <C extends Created>(docker: DockerodeLike & { getContainer(id: string): C }): Containers<C>
  (docker?: Docker | null): Containers
  /** What its instances have. */
  readonly prototype: Containers
}

export declare const Containers: ContainersConstructor

/** What a build may be given besides: all that `image.build()` takes. */
export type BuildOptions = Omit<BuildSettings, 'context'> &
  ProgressOptions &
  LineOptions &
  Abortable

/** A tar, its path or a directory, files in memory; see `context` of `image.build()`. */
export type TarStream = BuildContext | Readable | NodeJS.ReadableStream

/** `images.build()`. */
export interface Build {
  (tarStream: TarStream, image: string, callback: Callback): void
  (
    tarStream: TarStream,
    image: string,
    options: BuildOptions | null | undefined,
    callback: Callback,
  ): void
  (tarStream: TarStream, image: string, options?: BuildOptions | null): Promise<void>
}

/** A name without its tag, and the tag. */
export interface GroupAndTag {
  /** The repository. */
  group: string
  /** The tag. */
  tag: string
}

/** Images of an engine, with events and both ways as `Containers`. */
export interface Images extends EventEmitter {
  /** What it was given; an address has become a `Dokeres`. */
  docker: any
  /**
   * Builds an image, and passes on the events of a stream that dockerify has made.
   * @throws {DokeresError} `BUILD_FAILED` with `step`, `instruction`, `exitCode` and `log`
   */
  build: Build
  /** Builds an image. */
  buildStream: Build
  /** A name's group and tag: `localhost:5000/team/app:v1`. Null where it has no tag. */
  deserializeImageName(name?: string | null): GroupAndTag | null
  /** All that have a name, or no name and no children. */
  list: Call<ImageListOptions, ImageSummary[]>
  /** Those of a group: of one repository, whatever the tag. */
  listGroup: CallWith<string, Abortable, ImageSummary[]>
  /**
   * Removes a group: its names, and the images that have no other.
   * @throws {DokeresError} `PARTIAL_FAILURE` with `results`, after all that could be removed was
   */
  removeGroup: CallWith<string, Omit<RemoveGroupOptions, 'concurrency'>>
}

/** `Images`, with or without `new`. */
export interface ImagesConstructor {
  /**
   * @param docker default: as `new Dokeres()` finds it
   * @throws {DokeresError} `INVALID_OPTION`
   */
  new (docker?: Docker | null): Images
  (docker?: Docker | null): Images
  /** A name's group and tag: `localhost:5000/team/app:v1`. Null where it has no tag. */
  deserializeImageName(name?: string | null): GroupAndTag | null
  /** What its instances have. */
  readonly prototype: Images
}

export declare const Images: ImagesConstructor

/** dockerode's methods that a `Dokeres` has not. */
export type DockerodeMethod =
  | 'createContainer'
  | 'createImage'
  | 'loadImage'
  | 'importImage'
  | 'checkAuth'
  | 'buildImage'
  | 'followProgress'
  | 'getContainer'
  | 'getImage'
  | 'getVolume'
  | 'getPlugin'
  | 'getService'
  | 'getTask'
  | 'getNode'
  | 'getNetwork'
  | 'getSecret'
  | 'getConfig'
  | 'getExec'
  | 'listContainers'
  | 'listImages'
  | 'getImages'
  | 'listServices'
  | 'listNodes'
  | 'listTasks'
  | 'createSecret'
  | 'createConfig'
  | 'listSecrets'
  | 'listConfigs'
  | 'createPlugin'
  | 'listPlugins'
  | 'pruneImages'
  | 'pruneBuilder'
  | 'pruneContainers'
  | 'pruneVolumes'
  | 'pruneNetworks'
  | 'createVolume'
  | 'createService'
  | 'listVolumes'
  | 'createNetwork'
  | 'listNetworks'
  | 'searchImages'
  | 'getEvents'
  | 'pull'
  | 'pullAll'
  | 'run'
  | 'swarmInit'
  | 'swarmJoin'
  | 'swarmLeave'
  | 'swarmUpdate'
  | 'swarmInspect'

/**
 * A `Dokeres` that also has dockerode's methods, by the dockerode that you have installed; without one
 * they throw `NOT_SUPPORTED`. `info`, `version`, `ping` and `df` are dockerode's where there is a callback.
 */
export type DockopsDocker = Dokeres & {
  [method in DockerodeMethod]: (...args: any[]) => any
}

/**
 * The engine at an address.
 * @param dockerhost default: `unix:///var/run/docker.sock`, whatever `DOCKER_HOST` says
 * @throws {DokeresError} `INVALID_OPTION`
 */
export declare function createDocker(
  dockerhost?: string | { dockerhost?: string | null } | DokeresOptions | null,
): DockopsDocker

/**
 * The bindings of one port: `{ '80/tcp': [{ HostPort: '8080' }] }`.
 * @param exposePort the container's; tcp unless it says otherwise: `'53/udp'`
 * @param hostPort the host's; default 0: the engine chooses
 */
export declare function portBindings(
  exposePort: number | string,
  hostPort?: number | string,
): PortBindings

/**
 * Writes events to stderr, as npmlog does; `debug` counts as `verbose`.
 * @param level the least that is written, default `verbose`
 * @throws {DokeresError} `INVALID_OPTION`
 */
export declare function logEvents(
  events: EventEmitter,
  level?: 'error' | 'warn' | 'http' | 'info' | 'verbose' | 'silly' | 'silent',
): void
