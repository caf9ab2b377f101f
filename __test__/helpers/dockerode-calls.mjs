// Every method of dockerode's, with arguments that it takes: for two modems to be compared by.
import { Readable } from 'node:stream'

/** @typedef {(docker: any, file: string) => any} Call `file` is one with something in it */

const auth = { username: 'user', password: 'p?w~d>>', serveraddress: 'registry.example' }
const tar = () => Buffer.from('not really a tar')
const stream = () => Readable.from([Buffer.from('one, '), Buffer.from('two')])

/** @type {Record<string, Call[]>} */
export const calls = {
  'Docker.createContainer': [
    (docker) =>
      docker.createContainer({ Image: 'a', Cmd: ['ls'], name: 'a name', authconfig: auth }),
    (docker) => docker.createContainer({ _query: { name: 'q' }, _body: { Image: 'b' } }),
  ],
  'Docker.createImage': [
    (docker) => docker.createImage({ fromImage: 'a/b', tag: 'c' }),
    (docker) => docker.createImage(auth, { fromImage: 'a' }),
    (docker) => docker.createImage({ key: 'a key' }, { fromImage: 'a' }),
    (docker) => docker.createImage({ base64: 'YQ==' }, { fromImage: 'a' }),
  ],
  'Docker.loadImage': [
    (docker) => docker.loadImage(tar()),
    (docker) => docker.loadImage(stream(), { quiet: true }),
    (docker, file) => docker.loadImage(file),
  ],
  'Docker.importImage': [
    (docker) => docker.importImage(stream(), { repo: 'r', changes: ['A', 'B'] }),
  ],
  'Docker.checkAuth': [(docker) => docker.checkAuth({ ...auth })],
  'Docker.buildImage': [
    (docker) => docker.buildImage(tar(), { t: 'a:b', buildargs: { A: 'ü&' }, nocache: true }),
    (docker) => docker.buildImage(stream()),
    (docker) => docker.buildImage(tar(), { registryconfig: { a: auth }, authconfig: auth }),
    (docker) => docker.buildImage(tar(), { cachefrom: ['a', 'b'], remote: null }),
  ],
  'Docker.followProgress': [
    async (docker) => {
      const pulled = await docker.pull('a')
      return new Promise((resolve, reject) => {
        const done = (/** @type {any} */ error, /** @type {any} */ out) =>
          error ? reject(error) : resolve(out)
        docker.followProgress(pulled, done)
      })
    },
  ],
  'Docker.listContainers': [
    (docker) => docker.listContainers({ all: true, filters: { label: ['a=b', 'c'] } }),
    (docker) => docker.listContainers(),
  ],
  'Docker.listImages': [(docker) => docker.listImages({ filters: '{"dangling":["true"]}' })],
  'Docker.getImages': [(docker) => docker.getImages({ names: ['a', 'b:c'] })],
  'Docker.listServices': [(docker) => docker.listServices({ filters: { name: ['a'] } })],
  'Docker.listNodes': [(docker) => docker.listNodes()],
  'Docker.listTasks': [(docker) => docker.listTasks({})],
  'Docker.createSecret': [(docker) => docker.createSecret({ Name: 'a', Data: 'YQ==' })],
  'Docker.createConfig': [(docker) => docker.createConfig({ Name: 'a', Data: 'YQ==' })],
  'Docker.listSecrets': [(docker) => docker.listSecrets()],
  'Docker.listConfigs': [(docker) => docker.listConfigs()],
  'Docker.createPlugin': [(docker) => docker.createPlugin({ name: 'a' })],
  'Docker.listPlugins': [(docker) => docker.listPlugins()],
  'Docker.pruneImages': [(docker) => docker.pruneImages({ filters: { dangling: ['false'] } })],
  'Docker.pruneBuilder': [(docker) => docker.pruneBuilder()],
  'Docker.pruneContainers': [(docker) => docker.pruneContainers({})],
  'Docker.pruneVolumes': [(docker) => docker.pruneVolumes()],
  'Docker.pruneNetworks': [(docker) => docker.pruneNetworks()],
  'Docker.createVolume': [
    (docker) => docker.createVolume({ Name: 'a', Labels: { b: 'c' } }),
    (docker) => docker.createVolume(),
  ],
  'Docker.createService': [
    (docker) => docker.createService({ Name: 'a' }),
    (docker) => docker.createService(auth, { Name: 'a', TaskTemplate: { ContainerSpec: {} } }),
  ],
  'Docker.listVolumes': [(docker) => docker.listVolumes({ filters: { name: ['a'] } })],
  'Docker.createNetwork': [(docker) => docker.createNetwork({ Name: 'a', Internal: true })],
  'Docker.listNetworks': [(docker) => docker.listNetworks()],
  'Docker.searchImages': [(docker) => docker.searchImages({ term: 'a b+c' })],
  'Docker.info': [(docker) => docker.info()],
  'Docker.version': [(docker) => docker.version()],
  'Docker.ping': [(docker) => docker.ping()],
  'Docker.df': [(docker) => docker.df()],
  'Docker.getEvents': [(docker) => docker.getEvents({ since: 1, until: 2 })],
  'Docker.pull': [
    (docker) => docker.pull('a.example:5000/b:c', { authconfig: { ...auth } }),
    (docker) => docker.pull('a@sha256:0'),
  ],
  'Docker.pullAll': [(docker) => docker.pullAll('a', {})],
  'Docker.swarmInit': [(docker) => docker.swarmInit({ ListenAddr: 'a' })],
  'Docker.swarmJoin': [(docker) => docker.swarmJoin({ RemoteAddrs: ['a'] })],
  'Docker.swarmLeave': [(docker) => docker.swarmLeave({ force: true })],
  'Docker.swarmUpdate': [(docker) => docker.swarmUpdate({ version: 1, Name: 'default' })],
  'Docker.swarmInspect': [(docker) => docker.swarmInspect()],
}

/** Methods of what dockerode's `get…` give, each with its arguments. @type {Record<string, Record<string, any[][]>>} */
export const objects = {
  Container: {
    inspect: [[], [{ size: true }]],
    rename: [[{ name: 'b' }]],
    update: [[{ Memory: 1 }]],
    top: [[], [{ ps_args: 'aux' }]],
    changes: [[]],
    listCheckpoint: [[]],
    deleteCheckpoint: [['c', {}]],
    createCheckpoint: [[{ checkpointID: 'c' }]],
    export: [[]],
    start: [[], [{ detachKeys: 'ctrl-a' }]],
    pause: [[]],
    unpause: [[]],
    exec: [[{ Cmd: ['ls'], AttachStdout: true }]],
    commit: [[{ repo: 'a', comment: 'ö' }]],
    stop: [[{ t: 0 }], []],
    restart: [[]],
    kill: [[], [{ signal: 'SIGHUP' }]],
    resize: [[{ h: 1, w: 2 }]],
    attach: [[{ stream: true, stdout: true }], [{ stream: true, hijack: true, stdin: true }]],
    wait: [[], [{ condition: 'removed' }]],
    remove: [[{ force: true }], []],
    copy: [[{ Resource: '/a' }]],
    getArchive: [[{ path: '/a b' }]],
    infoArchive: [[{ path: '/a' }]],
    putArchive: [
      [tar, { path: '/a' }],
      [stream, { path: '/a' }],
      [(/** @type {string} */ file) => file, { path: '/' }],
    ],
    logs: [[{ stdout: true }], [{ stdout: true, follow: true }]],
    stats: [[], [{ stream: false }]],
  },
  Image: {
    inspect: [[]],
    distribution: [[]],
    history: [[]],
    get: [[]],
    push: [[{ tag: 'a' }], [{ authconfig: { ...auth } }]],
    tag: [[{ repo: 'a', tag: 'b' }]],
    remove: [[{ force: true }]],
  },
  Volume: { inspect: [[]], remove: [[], [{ force: true }]] },
  Network: {
    inspect: [[], [{ verbose: true }]],
    remove: [[]],
    connect: [[{ Container: 'c' }]],
    disconnect: [[{ Container: 'c', Force: true }]],
  },
  Service: {
    inspect: [[]],
    remove: [[]],
    update: [[{ version: 1, Name: 'a' }], [auth, { version: 1 }]],
    logs: [[{ stdout: true }], [{ stdout: true, follow: true }]],
  },
  Plugin: {
    inspect: [[]],
    remove: [[{ force: true }]],
    privileges: [[]],
    pull: [[{ _query: { name: 'b' }, _body: [{ Name: 'network', Value: ['host'] }] }]],
    enable: [[{ timeout: 1 }]],
    disable: [[]],
    push: [[]],
    configure: [[['A=b']]],
    upgrade: [[auth, { remote: 'a' }]],
  },
  Secret: { inspect: [[]], update: [[{ version: 1, Name: 'a' }]], remove: [[]] },
  Config: { inspect: [[]], update: [[{ version: 1, Name: 'a' }]], remove: [[]] },
  Task: { inspect: [[]], logs: [[{ stdout: true }]] },
  Node: { inspect: [[]], update: [[{ version: 1, Role: 'worker' }]], remove: [[{ force: true }]] },
  Exec: {
    start: [
      [{}],
      [{ Detach: true }],
      [{ hijack: true, stdin: true }],
      [{ hijack: true, Tty: true }],
    ],
    resize: [[{ h: 1, w: 2 }]],
    inspect: [[]],
  },
}

/** Makes no request by itself. */
export const MAKERS = Object.keys(objects).map((name) => `Docker.get${name}`)
/** Several requests: in modem.test.mjs, against an engine. */
export const ELSEWHERE = ['Docker.run', 'Docker.runCallback', 'Docker.runPromise']

for (const [kind, methods] of Object.entries(objects)) {
  for (const [method, variants] of Object.entries(methods)) {
    calls[`${kind}.${method}`] = variants.map((given) => (docker, file) => {
      const values = own(given, file)
      return docker[`get${kind}`]('some-id')[method](...values)
    })
  }
}

/** dockerode takes things out of what it is given. @param {any[]} values @param {string} file */
function own(values, file) {
  return values.map((value) => (typeof value === 'function' ? value(file) : structuredClone(value)))
}
