// task() on a swarm: which options are had there, and which are refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Dokeres } from 'dokeres'
import { api } from '../scripts/lib/engine/api.mjs'
import { uniqueName } from './helpers/engine.mjs'
import { swarmForTasks } from './helpers/swarm-tasks.mjs'
import { whyNoTwoNodes } from './helpers/two-nodes.mjs'

const skip = whyNoTwoNodes() ?? false

/** @type {Awaited<ReturnType<typeof swarmForTasks>>} */
let swarm

before(async () => {
  if (!skip) swarm = await swarmForTasks()
})

after(() => swarm?.close())

/** @param {string} script @param {any} [options] @returns {Promise<any>} */
const sh = (script, options) => swarm.sh(script, options)

test('large output comes whole, by callback too; maxBuffer is for all', { skip }, async () => {
  const script = 'seq 20000; seq 1000 >&2; printf end'
  let taken = 0
  const result = await sh(script, {
    encoding: 'buffer',
    onStdout: (/** @type {Buffer} */ data) => void (taken += data.length),
  })
  const lines = `${Array.from({ length: 20000 }, (_, n) => `${n + 1}\n`).join('')}end`
  for (const { stdout, stderr } of result.replicas) {
    assert.equal(stdout.toString(), lines)
    assert.ok(stderr.toString().endsWith('\n1000\n'))
  }
  assert.equal(taken, 2 * lines.length)
  await assert.rejects(sh('seq 1000', { maxBuffer: 5000 }), { code: 'MAX_BUFFER' })
  const { stdout } = await sh('tty; echo err >&2', { tty: true, swarm: { replicas: 1 } })
  assert.match(stdout, /^\/dev\/pts\/\d+\r\nerr\r\n$/)
  assert.deepEqual(await swarm.left(), [])
})

test('what services have of a container’s options', { skip }, async () => {
  const script = `pwd; id; echo $FOO; cat /etc/hosts /etc/resolv.conf; mount; ulimit -n
    cat /proc/sys/net/core/somaxconn; grep CapEff /proc/self/status; cat /sys/fs/cgroup/memory/memory.limit_in_bytes`
  const { stdout } = await sh(script, {
    cwd: '/tmp',
    user: '1000:1000',
    env: { FOO: 'bar' },
    extraHosts: { other: '10.1.2.3' },
    dns: ['10.9.9.9'],
    volumes: { data: '/data' },
    readonly: { '/etc/hostname': '/host-name' },
    tmpfs: { '/scratch': 'size=1m' },
    shmSize: '2m',
    readonlyRootfs: true,
    ulimits: { nofile: 333 },
    sysctls: { 'net.core.somaxconn': 77 },
    capDrop: ['ALL'],
    memory: '32m',
    cpus: 0.5,
    pidsLimit: 50,
    init: true,
    stopSignal: 'SIGINT',
    stopTimeout: 1,
    healthcheck: { disable: true },
    logDriver: 'json-file',
    groupAdd: [2000],
    swarm: { replicas: 1 },
  })
  for (const shown of [
    ...[/^\/tmp\nuid=1000 gid=1000 .*2000/, /^bar$/m, /^10\.1\.2\.3\s+other$/m, /10\.9\.9\.9/],
    ...[/ on \/data /, / on \/host-name .*\(ro/, / on \/scratch .*size=1024k/],
    ...[/ on \/dev\/shm .*size=2048k/, / on \/ .*\(ro/, /^333$/m, /^77$/m, /^CapEff:\s+0+$/m],
    /^33554432$/m,
  ]) {
    assert.match(stdout, shown)
  }
})

test('what swarms do not have is refused before anything is sent', { skip }, async () => {
  /** @type {[string, any][]} */
  const cases = [
    ['privileged', { privileged: true }],
    ['stdin', { stdin: 'text' }],
    ['stdin', { stdin: true }],
    ['mapped', { mapped: { 80: 8080 } }],
    ['exposed', { exposed: [80] }],
    ['devices', { devices: ['/dev/null'] }],
    ['gpus', { gpus: 'all' }],
    ['createPaths', { createPaths: true }],
    ['writable', { writable: { '/tmp': '/data:z' } }],
    ['ifExists', { ifExists: 'reuse' }],
    ['startRetries', { startRetries: 1 }],
    ['waitFor', { waitFor: { log: 'x' } }],
    ['restart', { restart: 'always' }],
    ['ipc', { ipc: 'host' }],
    ['memorySwap', { memorySwap: '1g' }],
    ['securityOpt', { securityOpt: ['no-new-privileges'] }],
    ['cpusetCpus', { cpusetCpus: '0' }],
    ['logDriver', { logDriver: 'none' }],
    ['network', { network: 'container:x' }],
    ['ipv4', { network: 'own', ipv4: '10.0.0.9' }],
    ['tmpfs./x', { tmpfs: { '/x': 'exec' } }],
    ['extra.HostConfig.Privileged', { extra: { HostConfig: { Privileged: true } } }],
  ]
  const nowhere = new Dokeres('tcp://127.0.0.1:1').image('x')
  for (const [path, options] of cases) {
    const started = nowhere.task('true', { ...options, swarm: {} })
    await assert.rejects(started, { code: 'NOT_SUPPORTED', path }, path)
  }
  /** @type {[string, any][]} */
  const wrong = [
    ['swarm.replicas', { replicas: 0 }],
    ['swarm.maxConcurrent', { maxConcurrent: 0 }],
    ['swarm.constraints[0]', { constraints: ['node.role'] }],
    ['swarm.placement.preferences[0]', { placement: { preferences: ['zone'] } }],
    ['swarm.replica', { replica: 1 }],
  ]
  for (const [path, job] of wrong) {
    await assert.rejects(
      nowhere.task('true', { swarm: job }),
      { code: 'INVALID_OPTION', path },
      path,
    )
  }
})

test('what the nodes refuse is told; so is an engine that is no manager', { skip }, async () => {
  await assert.rejects(swarm.image.task('nosuchcommand', { swarm: {} }), {
    code: 'EXECUTABLE_NOT_FOUND',
  })
  await assert.rejects(sh('true', { readonly: { '/no/such/path': '/x' } }), {
    code: 'BIND_SOURCE_MISSING',
  })
  const here = (/** @type {string} */ host) =>
    new Dokeres(host).image('x').task('true', { swarm: {} })
  await assert.rejects(here(process.env.DOCKER_HOST ?? ''), {
    code: 'NOT_SUPPORTED',
    message: /dokeres\.swarm\.init\(\)/,
  })
  await assert.rejects(here(swarm.worker.host), { code: 'NOT_SUPPORTED', message: /a worker/ })
  assert.deepEqual(await swarm.left(), [])
})

test('keep keeps the service, whose name is taken then', { skip }, async () => {
  const name = uniqueName('kept')
  const { service } = await sh('true', { name, keep: true })
  assert.equal(service.name, name)
  assert.equal((await swarm.left())[0], name)
  await assert.rejects(sh('true', { name }), { code: 'NAME_CONFLICT' })
  await api(swarm.manager.host, 'DELETE', `/services/${service.id}`)
})
