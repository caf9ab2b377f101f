'use strict'

/**
 * `containers.activePorts()`: the host's ports that are taken, and by whom. Here because a `Map` is
 * JavaScript's. Where tcp and udp have the same number, tcp's container is told.
 * @this {any}
 * @param {any} [options]
 */
async function activePorts(options) {
  /** @type {Map<number, any>} */
  const ports = new Map()
  const found = []
  for (const container of await this.listRunning(options)) {
    for (const { PublicPort, Type } of container.Ports ?? []) {
      // One that is exposed and not published has no port of the host's.
      if (PublicPort) found.push({ PublicPort, Type, container })
    }
  }
  const tcpFirst = (/** @type {any} */ { Type }) => (Type === 'tcp' ? 0 : 1)
  found.sort((a, b) => tcpFirst(a) - tcpFirst(b) || a.PublicPort - b.PublicPort)
  for (const { PublicPort, container } of found) {
    if (!ports.has(PublicPort)) ports.set(PublicPort, container)
  }
  return ports
}

module.exports = { activePorts }
