// An sshd on the loopback, with keys to throw away, whose `docker` speaks to the test engine.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { install } from '../../scripts/lib/engine/packages.mjs'
import { end, freePort, start, until } from '../../scripts/lib/engine/processes.mjs'

export async function startSshd() {
  if (!existsSync('/usr/sbin/sshd') || !existsSync('/usr/bin/ssh'))
    install(['openssh-server', 'openssh-client'])
  // Later Debian releases have the client in a package of its own.
  if (spawnSync('docker', ['--version']).status !== 0) install(['docker-cli'])
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-sshd-'))
  const at = (/** @type {string} */ name) => join(folder, name)
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)])
  }
  writeFileSync(at('authorized_keys'), readFileSync(at('user.pub')))
  chmodSync(at('authorized_keys'), 0o600)
  mkdirSync('/run/sshd', { recursive: true })
  const port = await freePort()
  const user = userInfo().username
  writeFileSync(
    at('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `PidFile ${at('sshd.pid')}`,
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'MaxStartups 100',
      `SetEnv PATH=${process.env.PATH} DOCKER_HOST=${process.env.DOCKER_HOST}`,
      '',
    ].join('\n'),
  )
  const [, hostKey] = readFileSync(at('host.pub'), 'utf8').match(/^(\S+ \S+)/) ?? []
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`)
  writeFileSync(
    at('ssh_config'),
    [
      'Host *',
      `  UserKnownHostsFile ${at('known_hosts')}`,
      '  StrictHostKeyChecking yes',
      `  IdentityFile ${at('user')}`,
      '  IdentitiesOnly yes',
      '  BatchMode yes',
      '',
    ].join('\n'),
  )
  const pid = start('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')], at('log'))
  await until(pid, () => listens(port), at('log'))
  return {
    port,
    user,
    identityFile: at('user'),
    knownHosts: at('known_hosts'),
    configFile: at('ssh_config'),
    async stop() {
      await end(pid)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(Boolean(socket.destroy())))
    socket.on('error', () => resolve(false))
  })
}
