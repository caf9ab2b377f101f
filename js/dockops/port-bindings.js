'use strict'

/**
 * The port bindings of one port, for `HostConfig.PortBindings`.
 * @param {number | string} exposePort the container's; tcp unless it says otherwise: `'53/udp'`
 * @param {number | string} [hostPort] the host's; default 0: the engine chooses
 */
function portBindings(exposePort, hostPort) {
  const port = String(exposePort)
  return { [port.includes('/') ? port : `${port}/tcp`]: [{ HostPort: String(hostPort || 0) }] }
}

module.exports = { portBindings }
