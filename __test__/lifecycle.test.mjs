// A container's life between create and remove: what goes on in it, its limits, its ports, images of it.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { Dokeres } from '../index.js'
import { api, assertNothingLeft, label, removeImage, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'lifecycle' }
const repository = `dokeres-test/${uniqueName('commit')}`
let shared

before(async () => {
  shared = await image.run(null, { labels, mapped: { 80: true, '81/tcp': '127.0.0.1:0' } }, [
    'sleep',
    '300',
  ])
})

after(async () => {
  await shared.remove({ force: true })
  for (const tag of ['1', '2', 'labelled']) await removeImage(`${repository}:${tag}`)
  await assertNothingLeft(`${label}=lifecycle`)
})

const hostConfig = async (container) =>
  (await api('GET', `/containers/${container.id}/json`)).json.HostConfig

test('every method of the lifecycle is idempotent, in every state', async () => {
  const container = image.container(null, { labels }, 'sleep 300')
  await container.create()
  // Not started yet.
  for (const method of ['stop', 'kill', 'unpause']) {
    assert.equal(await container[method](), container, method)
  }
  await container.restart({ timeout: 0 })
  await container.start()
  await container.start()
  assert.equal(await container.isRunning, true)
  await container.pause()
  await container.pause()
  // A frozen container can be stopped.
  await container.stop({ timeout: 0 })
  assert.equal(await container.isRunning, false)
  for (const method of ['stop', 'kill', 'unpause']) await container[method]()
  await container.start()
  await container.pause()
  await container.kill()
  await container.wait({ timeout: 5000 })
  const name = uniqueName('same')
  await container.rename(name)
  await container.rename(name)
  await Promise.all([container.remove(), container.remove({ force: true }), container.remove()])
  await container.remove()
})

test('a container that removes itself may be stopped, killed and removed at any moment', async () => {
  for (const method of ['stop', 'kill', 'remove']) {
    const container = await image.run(null, { labels, remove: true }, 'sleep 300')
    await container.kill()
    await container.wait({ condition: 'removed' })
    await container[method]()
  }
})

test('top and changes', async () => {
  const { Titles, Processes } = await shared.top()
  assert.ok(Titles.includes('PID'))
  assert.equal(Processes.length, 1)
  assert.match(Processes[0].join(' '), /sleep 300/)
  const chosen = await shared.top('-o pid,args')
  assert.equal(chosen.Titles.length, 2)
  const container = await image.run(null, { labels }, ['sh', '-c', 'echo x > /new; rm /bin/vi'])
  await container.wait()
  const changes = await container.changes()
  const kinds = Object.fromEntries(changes.map(({ Path, Kind }) => [Path, Kind]))
  assert.deepEqual([kinds['/new'], kinds['/bin'], kinds['/bin/vi']], [1, 0, 2])
  await assert.rejects(container.top(), { code: /CONFLICT|SERVER_ERROR/ })
  await container.remove()
  const untouched = image.container(null, { labels }, 'true')
  await untouched.create()
  assert.deepEqual(await untouched.changes(), [])
  await untouched.remove()
})

test('update changes what is given, zeros included, and leaves the rest', async () => {
  const container = await image.run(null, { labels, memory: '32m', cpus: 0.5 }, 'sleep 300')
  const given = { memory: '64m', memorySwap: '128m', memoryReservation: '16m', cpus: 0.25 }
  const options = { ...given, cpuShares: 512, cpusetCpus: '0', pidsLimit: 50, restart: 'always' }
  const frozen = structuredClone(options)
  assert.equal(await container.update(options), container)
  assert.deepEqual(options, frozen)
  const host = await hostConfig(container)
  assert.deepEqual(
    [host.Memory, host.MemorySwap, host.MemoryReservation, host.NanoCpus, host.CpuShares],
    [64 << 20, 128 << 20, 16 << 20, 250_000_000, 512],
  )
  assert.deepEqual([host.CpusetCpus, host.PidsLimit, host.RestartPolicy.Name], ['0', 50, 'always'])
  assert.equal((await container.exec('cat', '/proc/self/cgroup')).exitCode, 0)
  await container.update({ pidsLimit: 0, restart: 'no', extra: { CpuShares: 256 } })
  const again = await hostConfig(container)
  assert.deepEqual([again.PidsLimit, again.CpuShares], [0, 256])
  assert.deepEqual([again.Memory, again.RestartPolicy.Name], [64 << 20, 'no'])
  for (const [bad, path] of [
    [{ memory: 'much' }, 'memory'],
    [{ restart: 'sometimes' }, 'restart'],
    [{ cpus: -1 }, 'cpus'],
    [{ Memory: 1 }, 'Memory'],
    [{}, ''],
  ]) {
    await assert.rejects(container.update(bad), { code: 'INVALID_OPTION', path })
  }
  await container.remove({ force: true })
})

test('update sends every field under the engine’s name', async () => {
  let body = ''
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url.endsWith('/json')) return response.end('{"Id":"1","Name":"/n","Config":{}}')
    request.on('data', (data) => (body += data))
    request.on('end', () => response.end('{"Warnings":["careful"]}'))
  })
  try {
    const container = await new Dokeres(fake.socketPath).container('n')
    const numbers = { cpuShares: 0, cpuPeriod: 0, cpuQuota: 0, blkioWeight: 0, pidsLimit: 0 }
    const sizes = { memory: 0, memorySwap: -1, memoryReservation: 0, kernelMemory: 0 }
    const realtime = { cpuRealtimePeriod: 0, cpuRealtimeRuntime: 0 }
    const sets = { cpusetCpus: '', cpusetMems: '0', cpus: 0, restart: 'on-failure:3' }
    await container.update({ ...numbers, ...sizes, ...realtime, ...sets })
    assert.deepEqual(JSON.parse(body), {
      Memory: 0,
      MemorySwap: -1,
      MemoryReservation: 0,
      KernelMemory: 0,
      NanoCpus: 0,
      CpuShares: 0,
      CpuPeriod: 0,
      CpuQuota: 0,
      CpuRealtimePeriod: 0,
      CpuRealtimeRuntime: 0,
      CpusetCpus: '',
      CpusetMems: '0',
      BlkioWeight: 0,
      PidsLimit: 0,
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    })
    assert.deepEqual(container.warnings, ['careful'])
  } finally {
    await fake.close()
  }
})

test('resize sets the terminal’s size', async () => {
  const container = await image.run(null, { labels, tty: true }, 'sleep 300')
  assert.equal(await container.resize({ cols: 91, rows: 17 }), container)
  const { stdout } = await container.exec('sh', '-c', 'stty -F /dev/pts/0 size 2>/dev/null || :')
  if (stdout !== '') assert.equal(stdout, '17 91\n')
  await assert.rejects(container.resize({ cols: 1 }), { code: 'INVALID_OPTION' })
  await container.remove({ force: true })
  await assert.rejects(container.resize({ cols: 1, rows: 1 }), { code: 'NO_CONTAINER' })
})

test('commit and export make an image of it', async () => {
  const container = await image.run(null, { labels }, ['sh', '-c', 'echo kept > /kept'])
  await container.wait()
  const id = await container.commit({
    repository,
    tag: '1',
    message: 'why',
    author: 'who',
    changes: ['ENV MADE=yes', 'CMD ["cat", "/kept"]'],
    config: { Labels: { own: 'label' } },
  })
  assert.match(id, /^sha256:[0-9a-f]{64}$/)
  const { json } = await api('GET', `/images/${repository}:1/json`)
  assert.deepEqual([json.Id, json.Author, json.Comment], [id, 'who', 'why'])
  assert.ok(json.Config.Env.includes('MADE=yes'))
  assert.equal(json.Config.Labels.own, 'label')
  const made = dokeres.image(`${repository}:1`)
  assert.equal((await made.task(null, { labels })).stdout, 'kept\n')
  assert.equal(
    await container.export(repository, '2'),
    (await dokeres.images.inspect(`${repository}:2`)).Id,
  )
  const nameless = await container.export()
  assert.deepEqual((await dokeres.images.inspect(nameless)).RepoTags ?? [], [])
  await dokeres.images.remove(nameless)
  for (const options of [{ repository: 'Not A Name' }, { repository: 'a', tag: '!' }]) {
    await assert.rejects(container.commit(options), { code: 'INVALID_REFERENCE' })
  }
  await assert.rejects(container.commit({ tag: 'x' }), { code: 'INVALID_OPTION', path: 'tag' })
  await container.remove()
})

test('exportRootfs is the whole file system as a tar', async () => {
  const container = await image.run(null, { labels }, ['sh', '-c', 'echo kept > /kept'])
  await container.wait()
  const chunks = []
  for await (const chunk of container.exportRootfs()) {
    assert.ok(Buffer.isBuffer(chunk))
    chunks.push(chunk)
  }
  const tar = Buffer.concat(chunks)
  assert.equal(tar.length % 512, 0)
  assert.equal(tar.subarray(257, 262).toString(), 'ustar')
  assert.ok(tar.includes('kept\n'))
  // Leaving it early closes it.
  for await (const _ of container.exportRootfs()) break
  assert.throws(() => container.exportRootfs({ path: 'x' }), { code: 'INVALID_OPTION' })
  await container.remove()
})

test('port tells where a port is published, url says it as a URL', async () => {
  const { Ports } = (await api('GET', `/containers/${shared.id}/json`)).json.NetworkSettings
  const found = await shared.port(80)
  assert.deepEqual(found, { host: '127.0.0.1', port: Number(Ports['80/tcp'][0].HostPort) })
  const other = Number(Ports['81/tcp'][0].HostPort)
  assert.deepEqual(await shared.port('81/tcp'), { host: '127.0.0.1', port: other })
  assert.equal(await shared.url(81), `http://127.0.0.1:${other}`)
  assert.equal(await shared.url('81', 'https'), `https://127.0.0.1:${other}`)
  for (const [port, why] of [
    [90, /not mapped/],
    ['80/udp', /not mapped/],
    ['x', /not a port/],
    [undefined, /expected/],
  ]) {
    await assert.rejects(shared.port(port), (error) => {
      assert.deepEqual([error.code, error.path], ['INVALID_OPTION', 'containerPort'])
      assert.match(error.message, why)
      return true
    })
  }
})

test('port waits for a start, no longer than its timeout, and knows an end', async () => {
  const options = { labels, mapped: { 80: '127.0.0.1:0' } }
  const container = image.container(null, options, ['sh', '-c', 'echo oh no; sleep 1; exit 3'])
  await container.create()
  await assert.rejects(container.port(80, { timeout: 300 }), { code: 'TIMEOUT' })
  const waiting = container.port(80)
  await container.start()
  assert.equal((await waiting).host, '127.0.0.1')
  await container.wait()
  await assert.rejects(container.port(80), (error) => {
    assert.equal(error.code, 'CONTAINER_EXITED')
    assert.deepEqual([error.container.exitCode, error.logs], [3, ['oh no']])
    return true
  })
  await container.remove()
})

test('port: behind tcp the host is the engine’s; a host network’s ports are the host’s', async () => {
  let network = 'bridge'
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    const Ports = {
      '80/tcp': [
        { HostIp: '::', HostPort: '2' },
        { HostIp: '0.0.0.0', HostPort: '1' },
      ],
    }
    response.end(
      JSON.stringify({
        Id: '1',
        Name: '/n',
        Config: {},
        State: { Status: 'running', Running: true },
        HostConfig: { NetworkMode: network, PortBindings: { '80/tcp': null } },
        NetworkSettings: { Ports: network === 'host' ? {} : Ports },
      }),
    )
  })
  await new Promise((resolve) => server.listen(0, 'localhost', resolve))
  try {
    const container = await new Dokeres(`tcp://localhost:${server.address().port}`).container('n')
    assert.deepEqual(await container.port(80), { host: 'localhost', port: 1 })
    network = 'host'
    assert.deepEqual(await container.port(90), { host: 'localhost', port: 90 })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('options of run reach the container', async () => {
  const volume = uniqueName('volume')
  const options = {
    labels,
    dns: ['1.2.3.4'],
    dnsSearch: ['example.test'],
    readonlyRootfs: true,
    tmpfs: '/tmp',
    sysctls: { 'net.ipv4.ip_forward': 0 },
    devices: ['/dev/null:/dev/nothing:rw'],
    securityOpt: ['no-new-privileges'],
    logDriver: 'json-file',
    logOptions: { 'max-size': '1m' },
    stopSignal: 'SIGINT',
    stopTimeout: 1,
    pidsLimit: 64,
    memory: '64m',
    memorySwap: '64m',
    groupAdd: [1234],
    domainname: 'example.test',
    volumes: { [volume]: '/data' },
    mounts: [
      { type: 'tmpfs', target: '/scratch', size: '1m' },
      { type: 'volume', target: '/anonymous' },
    ],
  }
  const script = `trap 'echo interrupted; exit 0' INT
    cat /etc/resolv.conf; id -G; ls -l /dev/nothing; touch /x 2>&1; touch /data/ok /scratch/ok /tmp/ok /anonymous/ok
    echo ready; while :; do sleep 0.1; done`
  const container = await image.run(null, options, ['sh', '-c', script])
  await container.waitLog('ready')
  const said = await container.logs().text()
  assert.match(said, /nameserver 1\.2\.3\.4/)
  assert.match(said, /search example\.test/)
  assert.match(said, /1234/)
  assert.match(said, /crw.*\/dev\/nothing/)
  assert.match(said, /Read-only file system/)
  const host = await hostConfig(container)
  assert.deepEqual([host.PidsLimit, host.MemorySwap], [64, 64 << 20])
  assert.deepEqual(host.LogConfig, { Type: 'json-file', Config: { 'max-size': '1m' } })
  assert.deepEqual(host.SecurityOpt, ['no-new-privileges'])
  const { Config } = (await api('GET', `/containers/${container.id}/json`)).json
  assert.deepEqual(
    [Config.StopSignal, Config.StopTimeout, Config.Domainname],
    ['SIGINT', 1, 'example.test'],
  )
  await container.stop()
  assert.match(await container.logs().text(), /interrupted/)
  await container.remove({ volumes: true })
  assert.equal((await api('DELETE', `/volumes/${volume}`)).status, 204)
})

test('a network’s aliases and addresses', async () => {
  const network = uniqueName('network')
  const subnet = '10.213.77.0/24'
  await api('POST', '/networks/create', {
    Name: network,
    IPAM: { Config: [{ Subnet: subnet }] },
    CheckDuplicate: true,
  })
  try {
    const named = { labels, network, networkAliases: ['database'], ipv4: '10.213.77.50' }
    const container = await image.run(null, named, 'sleep 300')
    assert.equal(await container.ip, '10.213.77.50')
    const { stdout } = await image.task('ping -c 1 -W 2 database', {
      labels,
      network,
      reject: false,
    })
    assert.match(stdout, /10\.213\.77\.50/)
    await container.remove({ force: true })
  } finally {
    await api('DELETE', `/networks/${network}`)
  }
})

test('options that cannot be meant say where', () => {
  for (const [options, path] of [
    [{ devices: ['null'] }, 'devices[0]'],
    [{ devices: ['/a:/b:xyz'] }, 'devices[0]'],
    [{ volumes: { '/host': '/data' } }, 'volumes./host'],
    [{ volumes: ['data'] }, 'volumes[0]'],
    [{ mounts: [{ type: 'bind', source: '/a', target: '/b', size: 1 }] }, 'mounts[0].size'],
    [{ mounts: [{ type: 'disk', target: '/b' }] }, 'mounts[0].type'],
    [{ networkAliases: ['a'] }, 'networkAliases'],
    [{ network: 'n', ipv4: '::1' }, 'ipv4'],
    [{ stopTimeout: -1 }, 'stopTimeout'],
    [{ pidsLimit: 'many' }, 'pidsLimit'],
    [{ logDriver: '' }, 'logDriver'],
  ]) {
    assert.throws(() => image.container(null, options), { code: 'INVALID_OPTION', path })
  }
})

test('a wait that was begun before a start, a kill or a stop does not miss the end', async () => {
  for (let round = 0; round < 10; round++) {
    const container = image.container(null, { labels, network: 'none' }, 'true')
    await container.create()
    const ended = container.wait({ condition: 'next-exit', timeout: 10_000 })
    await container.start()
    assert.equal((await ended).code, 0)
    await container.remove()
  }
  const container = image.container(null, { labels, stopTimeout: 0 }, 'sleep 300')
  for (const method of ['kill', 'stop', 'restart']) {
    await container.start()
    const ended = container.wait({ condition: 'next-exit', timeout: 10_000 })
    await container[method]()
    const { code } = await ended
    // Where it runs again already, an engine may tell 0: it reads the code when the one who waits is woken.
    assert.ok(code === 137 || (method === 'restart' && code === 0), `${method}: ${code}`)
  }
  const removed = container.wait({ condition: 'removed', timeout: 10_000 })
  await container.remove({ force: true })
  assert.equal((await removed).code, 137)
})

test('a wait that the engine does not confirm holds up nothing for long', async () => {
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url.endsWith('/json')) return response.end('{"Id":"1","Name":"/n","Config":{}}')
    if (request.url.includes('/wait')) return
    response.writeHead(204).end()
  })
  try {
    const container = await new Dokeres(fake.socketPath).container('n')
    const abort = new AbortController()
    const waiting = container.wait({ signal: abort.signal })
    const begun = performance.now()
    await container.start()
    assert.ok(performance.now() - begun < 10_000)
    abort.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
  } finally {
    await fake.close()
  }
})
