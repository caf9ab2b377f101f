'use strict'

// What a mock remembers of networks and volumes. As with containers, those that are asked for and
// were not removed are there.

const { failure, json, NOTHING } = require('./mock-reply.js')

/**
 * @typedef {import('./mock-container.js').MockContainer} MockContainer
 * @typedef {import('./mock-reply.js').Reply} Reply
 * @typedef {{ method: string, path: string, query: Record<string, string>, body: any }} Asked
 */

/** The engine's filters, as far as a mock goes by them. @param {string | undefined} text */
function filtersOf(text) {
  const given = text ? JSON.parse(text) : {}
  /** @param {string} name @returns {string[]} */
  return (name) => {
    const value = given[name] ?? []
    return Array.isArray(value) ? value : Object.keys(value)
  }
}

/** @param {Record<string, string> | null | undefined} labels @param {string[]} wanted */
function labelled(labels, wanted) {
  const all = Object.entries(labels ?? {}).flatMap(([name, value]) => [name, `${name}=${value}`])
  return wanted.every((text) => all.includes(text))
}

/** @param {string} address @param {number} offset */
function address(address, offset) {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some(Number.isNaN)) return ''
  const number = parts.reduce((sum, part) => sum * 256 + part, 0) + offset
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}

/** A network, and who is in it. */
class MockNetwork {
  created = new Date().toISOString()
  /** @type {Map<MockContainer, { EndpointID: string, IPv4Address: string }>} */
  members = new Map()
  #count = 1

  /** @param {string} id @param {any} config the body of its creation @param {number} number */
  constructor(id, config, number) {
    this.id = id
    this.name = config.Name
    const pool = { Subnet: `172.${18 + (number % 200)}.0.0/16` }
    const given = config.IPAM?.Config
    const pools = given?.length ? given : [pool]
    this.pools = pools.map((/** @type {any} */ each) => {
      const Gateway = address(each.Subnet?.split('/')[0] ?? '', 1)
      return { ...(Gateway && { Gateway }), ...each }
    })
    this.config = config
  }

  /** @param {MockContainer} container @param {any} [endpoint] @param {string} [EndpointID] */
  connect(container, endpoint, EndpointID = '') {
    const { Subnet = '' } = this.pools[0]
    const [base, prefix] = Subnet.split('/')
    const wanted = endpoint?.IPAMConfig?.IPv4Address
    const own = wanted || address(base, ++this.#count)
    this.members.set(container, { EndpointID, IPv4Address: own && `${own}/${prefix}` })
  }

  inspect() {
    const { Driver, Internal, Attachable, EnableIPv6, Options, Labels, IPAM } = this.config
    const members = [...this.members].map(([{ id, name }, endpoint]) => [
      id,
      { Name: name, MacAddress: '', IPv6Address: '', ...endpoint },
    ])
    return {
      ...{ Name: this.name, Id: this.id, Created: this.created, Scope: 'local' },
      Driver: Driver || 'bridge',
      EnableIPv6: Boolean(EnableIPv6),
      IPAM: { Driver: 'default', Options: null, ...IPAM, Config: this.pools },
      ...{ Internal: Boolean(Internal), Attachable: Boolean(Attachable), Ingress: false },
      ...{ Containers: Object.fromEntries(members), Options: Options ?? {}, Labels: Labels ?? {} },
    }
  }
}

class MockPlaces {
  /** @type {Map<string, MockNetwork>} by name */
  networks = new Map()
  /** @type {Map<string, any>} by name, as the engine shows them */
  volumes = new Map()
  /** Names and ids of what has been removed. @type {Set<string>} */
  #gone = new Set()
  #container
  #containers
  #id

  /**
   * @param {{ id: () => string, container: (reference: string) => MockContainer | undefined,
   *   containers: () => Iterable<MockContainer> }} engine `container` makes one that is taken for granted
   */
  constructor({ id, container, containers }) {
    this.#id = id
    this.#container = container
    this.#containers = containers
  }

  /** @param {string} reference a name, or (the beginning of) an id */
  #network(reference) {
    const named = this.networks.get(reference)
    if (named) return named
    for (const each of this.networks.values()) if (each.id.startsWith(reference)) return each
    return this.#gone.has(reference) ? undefined : this.#made({ Name: reference })
  }

  /** @param {any} config */
  #made(config) {
    const network = new MockNetwork(this.#id(), config, this.networks.size)
    this.networks.set(network.name, network)
    this.#gone.delete(network.name)
    return network
  }

  /** Of a container that has been made. @param {MockContainer} container @param {any} config */
  joined(container, config) {
    const mode = container.host.NetworkMode
    const isNamed = mode && !/^(default|bridge|host|none|container:.*)$/.test(mode)
    const endpoints = config?.NetworkingConfig?.EndpointsConfig ?? {}
    const names = new Set([...(isNamed ? [mode] : []), ...Object.keys(endpoints)])
    for (const name of names) this.#network(name)?.connect(container, endpoints[name], this.#id())
  }

  /** A container's networks, and what it has by its mode. @param {MockContainer} container @param {any} [usual] */
  of(container, usual = {}) {
    const found = [...this.networks.values()].flatMap((network) => {
      const member = network.members.get(container)
      if (!member) return []
      const [IPAddress, prefix] = member.IPv4Address.split('/')
      const shown = { NetworkID: network.id, EndpointID: member.EndpointID, IPAddress }
      return [[network.name, { ...shown, IPPrefixLen: Number(prefix) || 0 }]]
    })
    const { NetworkMode = 'default' } = container.host
    const isUsual = /^(default|bridge)$/.test(NetworkMode)
    return { ...(isUsual && usual), ...Object.fromEntries(found) }
  }

  /** @param {MockContainer} container */
  left(container) {
    for (const network of this.networks.values()) network.members.delete(container)
  }

  /** @param {Asked} asked @param {string} rest @returns {Reply | undefined} */
  ofNetworks({ method, query, body }, rest) {
    const filters = filtersOf(query.filters)
    const all = () => [...this.networks.values()].map((network) => network.inspect())
    if (rest === '' && method === 'GET') {
      const listed = all().filter(({ Name, Id, Driver, Labels, Containers }) => {
        const is = (/** @type {string} */ name, /** @type {(text: string) => boolean} */ test) =>
          filters(name).length === 0 || filters(name).some(test)
        return (
          is('name', (text) => Name.includes(text)) &&
          is('id', (text) => Id.startsWith(text)) &&
          is('driver', (text) => Driver === text) &&
          is(
            'dangling',
            (text) => (Object.keys(Containers).length === 0) === /^(1|true)$/.test(text),
          ) &&
          labelled(Labels, filters('label'))
        )
      })
      return json(listed)
    }
    if (rest === 'create' && method === 'POST') {
      const { Name } = body ?? {}
      if (this.networks.has(Name)) return failure(409, `network with name ${Name} already exists`)
      return json({ Id: this.#made(body ?? {}).id, Warning: '' }, 201)
    }
    if (rest === 'prune' && method === 'POST') {
      const unused = [...this.networks.values()].filter(
        ({ members, config }) => members.size === 0 && labelled(config.Labels, filters('label')),
      )
      for (const network of unused) this.#removed(network)
      return json({ NetworksDeleted: unused.map(({ name }) => name) })
    }
    const [, reference = '', action = ''] = /^([^/]+)(?:\/(connect|disconnect))?$/.exec(rest) ?? []
    const network = reference ? this.#network(reference) : undefined
    if (!network) return failure(404, `network ${reference} not found`)
    if (action === '' && method === 'GET') return json(network.inspect())
    if (action === '' && method === 'DELETE') {
      const isUsed = [...network.members.keys()].some(({ running }) => running)
      const why = `error while removing network: network ${network.name} has active endpoints`
      if (isUsed) return failure(403, why)
      this.#removed(network)
      return NOTHING
    }
    if (method !== 'POST' || !action) return undefined
    const container = this.#container(body?.Container ?? '')
    if (!container) return failure(404, `No such container: ${body?.Container}`)
    if (action === 'connect') {
      const twice = `endpoint with name ${container.name} already exists in network ${network.name}`
      if (network.members.has(container)) return failure(403, twice)
      network.connect(container, body.EndpointConfig, this.#id())
    } else if (!network.members.delete(container)) {
      const who = `container ${container.id} is not connected to network ${network.name}`
      return failure(403, who)
    }
    return { status: 200 }
  }

  /** @param {MockNetwork} network */
  #removed(network) {
    this.networks.delete(network.name)
    this.#gone.add(network.name).add(network.id)
  }

  /** How many containers have it. @param {string} name */
  #uses(name) {
    return [...this.#containers()].filter(({ host }) => {
      const mounts = (host.Mounts ?? []).map((/** @type {any} */ { Source }) => Source)
      const binds = (host.Binds ?? []).map((/** @type {string} */ bind) => bind.split(':')[0])
      return [...mounts, ...binds].includes(name)
    }).length
  }

  /** @param {any} config */
  #volume(config) {
    const Name = config.Name || this.#id()
    const anonymous = config.Name ? {} : { 'com.docker.volume.anonymous': '' }
    const volume = {
      ...{ Name, Driver: config.Driver || 'local', Scope: 'local' },
      ...{ CreatedAt: new Date().toISOString(), Mountpoint: `/mock/volumes/${Name}/_data` },
      ...{ Labels: { ...anonymous, ...config.Labels }, Options: config.DriverOpts ?? null },
    }
    this.volumes.set(Name, volume)
    this.#gone.delete(`volume ${Name}`)
    return volume
  }

  /** As `df` has them. */
  measured() {
    return [...this.volumes.values()].map((volume) => {
      return { ...volume, UsageData: { Size: 0, RefCount: this.#uses(volume.Name) } }
    })
  }

  /** @param {Asked} asked @param {string} rest @returns {Reply | undefined} */
  ofVolumes({ method, query, body }, rest) {
    const filters = filtersOf(query.filters)
    if (rest === '' && method === 'GET') {
      const listed = [...this.volumes.values()].filter(({ Name, Driver, Labels }) => {
        const is = (/** @type {string} */ name, /** @type {(text: string) => boolean} */ test) =>
          filters(name).length === 0 || filters(name).some(test)
        return (
          is('name', (text) => Name.includes(text)) &&
          is('driver', (text) => Driver === text) &&
          is('dangling', (text) => (this.#uses(Name) === 0) === /^(1|true)$/.test(text)) &&
          labelled(Labels, filters('label'))
        )
      })
      return json({ Volumes: listed, Warnings: null })
    }
    if (rest === 'create' && method === 'POST') {
      // As the engine has it, one that is there already is what was wanted.
      return json(this.volumes.get(body?.Name) ?? this.#volume(body ?? {}), 201)
    }
    if (rest === 'prune' && method === 'POST') {
      const all = filters('all').some((text) => /^(1|true)$/.test(text))
      const unused = [...this.volumes.values()].filter(
        ({ Name, Labels }) =>
          this.#uses(Name) === 0 &&
          (all || 'com.docker.volume.anonymous' in Labels) &&
          labelled(Labels, filters('label')),
      )
      for (const { Name } of unused) this.#forgotten(Name)
      return json({ VolumesDeleted: unused.map(({ Name }) => Name), SpaceReclaimed: 0 })
    }
    const isGone = rest === '' || rest.includes('/') || this.#gone.has(`volume ${rest}`)
    const volume = this.volumes.get(rest) ?? (isGone ? undefined : this.#volume({ Name: rest }))
    if (!volume) return failure(404, `get ${rest}: no such volume`)
    if (method === 'GET') return json(volume)
    if (method !== 'DELETE') return undefined
    if (this.#uses(rest) > 0) return failure(409, `remove ${rest}: volume is in use`)
    this.#forgotten(rest)
    return NOTHING
  }

  /** @param {string} name */
  #forgotten(name) {
    this.volumes.delete(name)
    this.#gone.add(`volume ${name}`)
  }
}

module.exports = { MockPlaces }
