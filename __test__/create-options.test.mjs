// What the options of `create` become: every parameter of asyncdocker's, under the engine's own name; and
// what the engine makes of those that change how a program sees its world.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Dokeres } from '../index.js'
import { api, assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

// Of fields as they are given: no label comes on top.
const dokeres = new Dokeres({ session: false })
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'create-options' }

after(() => assertNothingLeft(`${label}=create-options`))

/** asyncdocker's parameter, our options, the field, what it is to be. @type {[string, object, string, unknown][]} */
const table = [
  ['hostname', { hostname: 'h' }, 'Hostname', 'h'],
  ['domainname', { domainname: 'd' }, 'Domainname', 'd'],
  ['user', { user: 1000 }, 'User', '1000'],
  ['tty', { tty: true }, 'Tty', true],
  ['openStdin', { stdin: true }, 'OpenStdin', true],
  ['env', { env: { A: 1 } }, 'Env', ['A=1']],
  ['labels', { labels: { a: 'b' } }, 'Labels', { a: 'b' }],
  ['workingDir', { cwd: '/w' }, 'WorkingDir', '/w'],
  ['macAddress', { macAddress: '92:d0:c6:0a:29:33' }, 'MacAddress', '92:d0:c6:0a:29:33'],
  ['stopSignal', { stopSignal: 'SIGINT' }, 'StopSignal', 'SIGINT'],
  ['networkDisabled', { extra: { NetworkDisabled: true } }, 'NetworkDisabled', true],
  ['attachStdin', { extra: { AttachStdin: true } }, 'AttachStdin', true],
  ['exposedPorts', { exposed: [80, '81/udp'] }, 'ExposedPorts', { '80/tcp': {}, '81/udp': {} }],
  ['volumes', { volumes: ['/data'] }, 'Volumes', { '/data': {} }],
  ['binds', { extra: { HostConfig: { Binds: ['v:/v'] } } }, 'HostConfig.Binds', ['v:/v']],
  ['links', { links: ['db:d'] }, 'HostConfig.Links', ['db:d']],
  ['memory', { memory: '1m' }, 'HostConfig.Memory', 1 << 20],
  ['memorySwap', { memorySwap: -1 }, 'HostConfig.MemorySwap', -1],
  ['memoryReservation', { memoryReservation: '1k' }, 'HostConfig.MemoryReservation', 1024],
  ['kernelMemory', { kernelMemory: '4m' }, 'HostConfig.KernelMemory', 4 << 20],
  ['cpuShares', { cpuShares: 512 }, 'HostConfig.CpuShares', 512],
  ['cpuPeriod', { cpuPeriod: 1000 }, 'HostConfig.CpuPeriod', 1000],
  ['cpuQuota', { cpuQuota: 500 }, 'HostConfig.CpuQuota', 500],
  ['cpusetCpus', { cpusetCpus: '0' }, 'HostConfig.CpusetCpus', '0'],
  ['cpusetMems', { cpusetMems: '0' }, 'HostConfig.CpusetMems', '0'],
  ['blkioWeight', { blkioWeight: 300 }, 'HostConfig.BlkioWeight', 300],
  ['memorySwappiness', { memorySwappiness: 0 }, 'HostConfig.MemorySwappiness', 0],
  ...['WeightDevice', 'DeviceReadBps', 'DeviceWriteBps', 'DeviceReadIOps', 'DeviceWriteIOps'].map(
    (name) => {
      const isWeight = name === 'WeightDevice'
      const option = isWeight ? 'blkioWeightDevice' : `d${name.slice(1).replace('IOps', 'Iops')}`
      const entry = { Path: '/dev/sda', [isWeight ? 'Weight' : 'Rate']: 100 }
      const given = { [option]: { '/dev/sda': 100 } }
      return /** @type {[string, object, string, unknown]} */ ([
        `blkio${name}`,
        given,
        `HostConfig.Blkio${name}`,
        [entry],
      ])
    },
  ),
  ['oomKillDisable', { oomKillDisable: true }, 'HostConfig.OomKillDisable', true],
  ['oomScoreAdj', { oomScoreAdj: -5 }, 'HostConfig.OomScoreAdj', -5],
  ['networkMode', { network: 'host' }, 'HostConfig.NetworkMode', 'host'],
  ['portBindings', { mapped: { 80: 8080 } }, 'HostConfig.PortBindings.80/tcp.0.HostPort', '8080'],
  ['publishAllPorts', { publishAll: true }, 'HostConfig.PublishAllPorts', true],
  ['privileged', { privileged: true }, 'HostConfig.Privileged', true],
  ['readonlyRootfs', { readonlyRootfs: true }, 'HostConfig.ReadonlyRootfs', true],
  ['dns', { dns: ['1.1.1.1'] }, 'HostConfig.Dns', ['1.1.1.1']],
  ['dnsOptions', { dnsOptions: ['ndots:1'] }, 'HostConfig.DnsOptions', ['ndots:1']],
  ['dnsSearch', { dnsSearch: ['a.test'] }, 'HostConfig.DnsSearch', ['a.test']],
  ['extraHosts', { extraHosts: { h: '1.1.1.1' } }, 'HostConfig.ExtraHosts', ['h:1.1.1.1']],
  ['volumesFrom', { volumesFrom: ['c:ro'] }, 'HostConfig.VolumesFrom', ['c:ro']],
  ['capAdd', { capAdd: ['NET_ADMIN'] }, 'HostConfig.CapAdd', ['NET_ADMIN']],
  ['capDrop', { capDrop: ['ALL'] }, 'HostConfig.CapDrop', ['ALL']],
  [
    'restartPolicy',
    { restart: 'on-failure:3' },
    'HostConfig.RestartPolicy',
    { Name: 'on-failure', MaximumRetryCount: 3 },
  ],
  ['securityOpt', { securityOpt: ['label=disable'] }, 'HostConfig.SecurityOpt', ['label=disable']],
  ['cgroupParent', { cgroupParent: '/p' }, 'HostConfig.CgroupParent', '/p'],
  ['volumeDriver', { volumeDriver: 'local' }, 'HostConfig.VolumeDriver', 'local'],
  ['shmSize', { shmSize: '64m' }, 'HostConfig.ShmSize', 64 << 20],
  [
    'ulimits',
    { ulimits: { nofile: { soft: 1, hard: 2 } } },
    'HostConfig.Ulimits',
    [{ Name: 'nofile', Soft: 1, Hard: 2 }],
  ],
  [
    'devices',
    { devices: ['/dev/a:/dev/b:r'] },
    'HostConfig.Devices',
    [{ PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'r' }],
  ],
  [
    'logConfig',
    { logDriver: 'syslog', logOptions: { tag: 't' } },
    'HostConfig.LogConfig',
    { Type: 'syslog', Config: { tag: 't' } },
  ],
  // Of later engines.
  ['gpus', { gpus: 'all' }, 'HostConfig.DeviceRequests.0.Count', -1],
  ['gpus', { gpus: 2 }, 'HostConfig.DeviceRequests.0.Count', 2],
  ['sysctls', { sysctls: { 'a.b': 1 } }, 'HostConfig.Sysctls', { 'a.b': '1' }],
  ['tmpfs', { tmpfs: { '/t': 'size=1m' } }, 'HostConfig.Tmpfs', { '/t': 'size=1m' }],
  ['init', { init: true }, 'HostConfig.Init', true],
  ['healthcheck', { healthcheck: { test: 'true' } }, 'Healthcheck.Test', ['CMD-SHELL', 'true']],
]

test('every parameter has its field', async () => {
  let body = ''
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method !== 'POST') return response.end('{}')
    request.on('data', (data) => (body += data))
    request.on('end', () => response.writeHead(201).end('{"Id":"1","Warnings":null}'))
  })
  try {
    const faked = new Dokeres({ socketPath: fake.socketPath, session: false }).image('a')
    for (const [name, options, field, expected] of table) {
      body = ''
      await faked.container(null, options).create()
      /** @type {any} */
      let found = JSON.parse(body)
      for (const part of field.split('.')) found = found?.[part]
      assert.deepEqual(found, expected, name)
    }
    // What is not given is not sent: the engine's own default is the default.
    body = ''
    await faked.container().create()
    const { HostConfig, ...sent } = JSON.parse(body)
    assert.deepEqual(sent, { Image: 'a' })
    // By this it is found where its reply is lost.
    assert.match(HostConfig.ContainerIDFile, /^dokeres-[0-9a-f]{32}$/)
    assert.deepEqual(Object.keys(HostConfig), ['ContainerIDFile'])
  } finally {
    await fake.close()
  }
})

test('each is checked', () => {
  for (const [options, path] of /** @type {[object, string][]} */ ([
    [{ deviceReadBps: { sda: 1 } }, 'deviceReadBps.sda'],
    [{ deviceReadIops: { '/dev/sda': -1 } }, 'deviceReadIops./dev/sda'],
    [{ blkioWeightDevice: { '/dev/sda': 'all' } }, 'blkioWeightDevice./dev/sda'],
    [{ kernelMemory: 'some' }, 'kernelMemory'],
    [{ links: 'a' }, 'links'],
    [{ gpus: {} }, 'gpus'],
    [{ restart: 'on-failure:x' }, 'restart'],
    [{ healthcheck: { test: 'true', every: '1s' } }, 'healthcheck.every'],
    [{ ulimits: { nofile: 'x' } }, 'ulimits.nofile'],
    [{ sysctls: { a: {} } }, 'sysctls.a'],
    [{ capAdd: 'ALL' }, 'capAdd'],
    [{ memory: '-' }, 'memory'],
  ])) {
    assert.throws(() => image.container(null, options), { code: 'INVALID_OPTION', path })
  }
})

test('the program sees them', async () => {
  const { stdout } = await image.task(
    [
      'sh',
      '-c',
      `ulimit -n; ulimit -Hn; grep CapEff /proc/self/status; cat /proc/sys/net/core/somaxconn
       df -k /t | tail -1 | awk '{print $2}'; df -k /dev/shm | tail -1 | awk '{print $2}'
       hostname; cat /proc/1/comm; cat /proc/self/oom_score_adj; grep h.test /etc/hosts; pwd; id -u`,
    ],
    {
      labels,
      ulimits: { nofile: { soft: 100, hard: 200 } },
      capDrop: ['ALL'],
      capAdd: ['NET_BIND_SERVICE'],
      sysctls: { 'net.core.somaxconn': 321 },
      tmpfs: { '/t': 'size=2m' },
      shmSize: '3m',
      hostname: 'box',
      init: true,
      oomScoreAdj: 77,
      extraHosts: { 'h.test': '1.2.3.4' },
      cwd: '/usr',
    },
  )
  assert.deepEqual(stdout.trim().split('\n'), [
    '100',
    '200',
    'CapEff:\t0000000000000400',
    '321',
    '2048',
    '3072',
    'box',
    'docker-init',
    '77',
    '1.2.3.4\th.test',
    '/usr',
    '0',
  ])
})

test('a healthcheck is carried out, a restart policy is followed', async () => {
  const healthcheck = {
    test: ['CMD', 'test', '-e', '/'],
    interval: '1s',
    timeout: '1s',
    retries: 2,
  }
  const healthy = await image.run(null, { labels, healthcheck, stopTimeout: 0 }, 'sleep 300')
  const restarted = await image.run(null, { labels, restart: 'on-failure:2' }, 'false')
  const state = async (/** @type {any} */ { id }) =>
    (await api('GET', `/containers/${id}/json`)).json
  const end = Date.now() + 15_000
  while (Date.now() < end) {
    const [a, b] = [await state(healthy), await state(restarted)]
    if (a.State.Health.Status === 'healthy' && b.State.Status === 'exited') break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.equal((await state(healthy)).State.Health.Status, 'healthy')
  assert.equal((await state(restarted)).RestartCount, 2)
  for (const container of [healthy, restarted]) await container.remove({ force: true })
})

test('a bind mount whose source is missing is told before anything is made', async () => {
  // Podman makes it.
  const source = join(tmpdir(), uniqueName('no-such-path'))
  const options = { labels, mounts: [{ type: 'bind', source, target: '/x' }] }
  try {
    await assert.rejects(image.run(null, options, 'true'), { code: 'BIND_SOURCE_MISSING' })
  } finally {
    rmSync(source, { recursive: true, force: true })
  }
})

test('gpus that are not there are told', async () => {
  await assert.rejects(image.run(null, { labels, gpus: 'all' }, 'true'), (error) => {
    assert.match(/** @type {any} */ (error).code, /NOT_SUPPORTED|SERVER_ERROR|BAD_REQUEST/)
    return true
  })
})
