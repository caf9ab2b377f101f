// dokeres.networks: made, joined, left, pruned, and the addresses that are free in them.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Dokeres } from '../index.js'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { ownEngine } from './helpers/own-engine.mjs'

// Networks of 20.10 lock up at times where many join and leave at once, and so would all other tests.
const own = await ownEngine()
process.env.DOCKER_HOST = own.host
const { api, assertNothingLeft, label, uniqueName } = await import('./helpers/engine.mjs')

const dokeres = new Dokeres()
const { networks } = dokeres
const image = process.env.DOKERES_TEST_BASE ?? ''
const labels = { [label]: 'networks' }
const filters = { label: [`${label}=networks`] }

/** Subnets of this run's own: others test on the same machine. */
const block = 64 + (process.pid % 140)
let count = 0
const subnet = (/** @type {number} */ length) => `10.${block}.${count++ * 16}.0/${length}`

/** @param {any} [options] */
async function made(options) {
  const name = uniqueName('net')
  await networks.create(name, { labels, ...options })
  return name
}
const idle = () => dokeres.containers.run({ image, labels, command: 'sleep 300', stopTimeout: 0 })

/** As the engine tells it. @param {string} name @returns {Promise<string[]>} */
async function addressesIn(name) {
  const { json } = await api('GET', `/networks/${name}`)
  const all = Object.values(json.Containers).map((/** @type {any} */ one) => one.IPv4Address)
  return all.map((address) => address.split('/')[0]).sort()
}

after(async () => {
  try {
    await dokeres.containers.removeStopped({ filters })
    for (const { Id } of await dokeres.containers.listAll({ filters })) {
      await dokeres.containers.remove(Id, { force: true })
    }
    await networks.prune({ filters })
    assert.deepEqual(await networks.list({ filters }), [])
    await assertNothingLeft(`${label}=networks`)
  } finally {
    await own.close()
  }
})

test('create, list, inspect, remove', async () => {
  const name = uniqueName('net')
  const range = subnet(24)
  const [base] = range.split('.0/')
  const { Id } = await networks.create({
    name,
    labels,
    internal: true,
    attachable: true,
    options: { 'com.docker.network.bridge.enable_icc': false },
    subnet: {
      subnet: range,
      gateway: `${base}.9`,
      ipRange: `${base}.0/25`,
      aux: { a: `${base}.2` },
    },
    extra: { Labels: { ...labels, more: 'yes' } },
  })
  const { json } = await api('GET', `/networks/${name}`)
  assert.equal(json.Id, Id)
  assert.deepEqual([json.Driver, json.Internal, json.Attachable], ['bridge', true, true])
  assert.deepEqual(json.Labels, { ...labels, more: 'yes' })
  assert.equal(json.Options['com.docker.network.bridge.enable_icc'], 'false')
  const [config] = json.IPAM.Config
  assert.deepEqual([config.Subnet, config.Gateway], [range, `${base}.9`])
  assert.deepEqual(await networks.inspect(name), json)
  assert.deepEqual(await networks.inspect(Id.slice(0, 12)), json)
  const [listed] = await networks.list({ filters: { name } })
  assert.equal(listed.Id, Id)
  await assert.rejects(networks.create(name), { code: 'NAME_CONFLICT', statusCode: 409 })
  await networks.remove(name)
  assert.equal((await api('GET', `/networks/${name}`)).status, 404)
  await assert.rejects(networks.remove(name), { code: 'NETWORK_NOT_FOUND' })
  await networks.remove(name, { force: true })
  await assert.rejects(networks.inspect(name), {
    code: 'NETWORK_NOT_FOUND',
    message: `cannot inspect network ${name}: network ${name} not found`,
  })
})

test('bad input is refused before anything is sent', async () => {
  const engine = await fakeEngine(() => {})
  try {
    const { networks } = new Dokeres(engine.socketPath)
    const wrong = [
      [() => networks.create(), 'name'],
      [() => networks.create({ driver: 'bridge' }), 'name'],
      [() => networks.create('a', { name: 'b' }), 'name'],
      [() => networks.create('a', { drvier: 'x' }), 'drvier'],
      [() => networks.create('a', { subnet: 7 }), 'subnet'],
      [() => networks.inspect('../info'), 'name'],
      [() => networks.remove(''), 'name'],
      [() => networks.connect('a', {}), 'container'],
      [() => networks.connect('a', 'b', { ipv4: 'fd00::1' }), 'ipv4'],
      [() => networks.connect('a', 'b', { ipv6: '10.0.0.1' }), 'ipv6'],
      [() => networks.nextFreeAddress('a', { subnet: '10.0.0.0' }), 'subnet'],
      [() => networks.nextFreeAddress('a', { family: 'ipv5' }), 'family'],
      [() => networks.nextFreeAddress('a', { except: ['x'] }), 'except[0]'],
    ]
    for (const [call, path] of wrong) {
      await assert.rejects(call(), { code: 'INVALID_OPTION', path }, String(call))
    }
    assert.equal(engine.requests.length, 0)
  } finally {
    await engine.close()
  }
})

test('containers connect and disconnect', async () => {
  const name = await made({ subnet: subnet(24) })
  const container = await idle()
  await networks.connect(name, container, { aliases: ['web'] })
  const { Networks } = (await container.inspect()).NetworkSettings
  assert.ok(Networks[name].Aliases?.includes('web'))
  await assert.rejects(networks.remove(name), { code: 'FORBIDDEN', message: /disconnect/ })
  await networks.disconnect(name, container.id)
  assert.deepEqual(await addressesIn(name), [])
  await assert.rejects(networks.connect(name, 'nope-nope'), { code: 'CONTAINER_NOT_FOUND' })
  await assert.rejects(networks.connect('nope-nope', container), { code: 'NETWORK_NOT_FOUND' })
  await container.remove({ force: true })
})

test('the next free address is one that the engine then gives', async () => {
  const range = subnet(28)
  const [base] = range.split('.0/')
  const name = await made({ subnet: { subnet: range, aux: { printer: `${base}.3` } } })
  const seen = []
  for (let index = 0; index < 3; index++) {
    const address = await networks.nextFreeAddress(name)
    const container = await idle()
    await networks.connect(name, container, { ipv4: address })
    seen.push(address)
  }
  assert.deepEqual(seen, [`${base}.2`, `${base}.4`, `${base}.5`])
  assert.deepEqual(await addressesIn(name), seen)
  // A container that does not run has been promised its address.
  const stopped = await dokeres.containers.create({
    image,
    labels,
    network: name,
    extra: {
      NetworkingConfig: {
        EndpointsConfig: { [name]: { IPAMConfig: { IPv4Address: `${base}.6` } } },
      },
    },
  })
  assert.equal(await networks.nextFreeAddress(name), `${base}.7`)
  await stopped.remove()
  assert.equal(await networks.nextFreeAddress(name), `${base}.6`)
})

test('where the engine gives out a part only', async () => {
  const range = subnet(24)
  const [base] = range.split('.0/')
  const name = await made({ subnet: { subnet: range, ipRange: `${base}.64/30` } })
  const container = await idle()
  await networks.connect(name, container)
  const [own] = await addressesIn(name)
  const next = await networks.nextFreeAddress(name)
  assert.ok([64, 65, 66, 67].map((last) => `${base}.${last}`).includes(next), next)
  assert.notEqual(next, own)
  const outside = await networks.nextFreeAddress(name, { outsideRange: true })
  assert.equal(outside, `${base}.1`)
  const other = await idle()
  await networks.connect(name, other, { ipv4: outside })
  assert.ok((await addressesIn(name)).includes(outside))
})

test('IPv6, several families, and networks that have no addresses', async () => {
  const six = `fd00:${block}:${process.pid % 9999}::`
  const name = await made({
    ipv6: true,
    subnet: [subnet(24), { subnet: `${six}/64`, gateway: `${six}1` }],
  })
  assert.match(await networks.nextFreeAddress(name, { family: 'ipv6' }), /::2$/)
  const container = await idle()
  await networks.connect(name, container, { ipv4: 'next', ipv6: 'next' })
  const { json } = await api('GET', `/networks/${name}`)
  const [endpoint] = /** @type {any[]} */ (Object.values(json.Containers))
  assert.match(endpoint.IPv6Address, /::2\/64$/)
  assert.match(await networks.nextFreeAddress(name, { family: 'ipv6' }), /::3$/)
  await assert.rejects(networks.nextFreeAddress('host'), { code: 'NOT_SUPPORTED' })
  const four = await made({ subnet: subnet(24) })
  await assert.rejects(networks.nextFreeAddress(four, { family: 'ipv6' }), {
    code: 'NOT_SUPPORTED',
    message: /no IPv6 subnet/,
  })
  await assert.rejects(networks.nextFreeAddress(four, { subnet: '10.0.0.0/8' }), {
    code: 'INVALID_OPTION',
    path: 'subnet',
  })
})

test('many at once each get an address; a full network says so', async () => {
  const name = await made({ subnet: subnet(28) })
  const containers = await Promise.all(Array.from({ length: 13 }, idle))
  await Promise.all(containers.map((one) => networks.connect(name, one, { ipv4: 'next' })))
  assert.equal(new Set(await addressesIn(name)).size, 13)
  await assert.rejects(networks.nextFreeAddress(name), {
    code: 'CONFLICT',
    message: /no free address left/,
  })
  const roomy = await made({ subnet: subnet(24) })
  const late = await idle()
  await networks.connect(roomy, containers[0], { ipv4: 'next' })
  const [taken] = await addressesIn(roomy)
  await assert.rejects(
    networks.connect(roomy, late, { ipv4: taken }),
    (/** @type {any} */ error) => {
      assert.match(error.message, /'next'/)
      return error.code === 'CONFLICT'
    },
  )
})

test('prune, and a look at it first', async () => {
  const marked = { ...labels, prune: uniqueName('p') }
  const [unused, used, kept] = await Promise.all([
    made({ labels: marked }),
    made({ labels: marked }),
    made({ labels: { ...marked, keep: 'yes' } }),
  ])
  await networks.connect(used, await idle())
  const which = { label: `prune=${marked.prune}`, 'label!': 'keep=yes' }
  const would = await networks.prune({ filters: which, dryRun: true })
  assert.deepEqual(would, { NetworksDeleted: [unused] })
  assert.equal((await api('GET', `/networks/${unused}`)).status, 200)
  assert.deepEqual(await networks.prune({ filters: which }), would)
  assert.equal((await api('GET', `/networks/${unused}`)).status, 404)
  assert.equal((await api('GET', `/networks/${kept}`)).status, 200)
  const young = { ...which, until: '1h' }
  assert.deepEqual(await networks.prune({ filters: young, dryRun: true }), { NetworksDeleted: [] })
})
