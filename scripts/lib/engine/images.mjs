// Base images made of what this machine has, without any internet.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { api } from './api.mjs'
import { canInstall, install } from './packages.mjs'

/** A shell and the usual tools. */
export const BASE = 'dokeres-test/base:latest'
/** The same and this machine's node. */
export const NODE = 'dokeres-test/node:latest'

/** What documents and examples call it. Where it cannot be pulled, the base does as well. */
const BUSYBOX = 'busybox:latest'

const CHANGES = ['CMD ["/bin/sh"]', 'ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin']

/**
 * @param {string} host
 * @param {boolean} ours an engine of ours goes with its images; from another they must be removed
 * @returns {Promise<string[]>} the images that `down` has to remove
 */
export async function makeImages(host, ours) {
  const made = []
  for (const [name, fill] of /** @type {const} */ ([
    [BASE, fillBase],
    [NODE, fillNode],
  ])) {
    if ((await api(host, 'GET', `/images/${name}/json`)).status === 200) continue
    const root = mkdtempSync(join(tmpdir(), 'dokeres-rootfs-'))
    try {
      fill(root)
      await importTree(host, root, name)
      if (!ours) made.push(name)
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
  if ((await api(host, 'GET', `/images/${BUSYBOX}/json`)).status !== 200) {
    await api(host, 'POST', `/images/${BASE}/tag?repo=busybox&tag=latest`)
    if (!ours) made.push(BUSYBOX)
  }
  return made
}

/** @param {string} root */
function fillBase(root) {
  const busybox = findBusybox()
  for (const folder of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'usr/bin', 'var']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  chmodSync(join(root, 'tmp'), 0o1777)
  cpSync(busybox, join(root, 'bin/busybox'))
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')
  for (const applet of applets) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
  )
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
}

/** @param {string} root */
function fillNode(root) {
  fillBase(root)
  const node = realpathSync(process.execPath)
  const linked = execFileSync('ldd', [node], { encoding: 'utf8' })
  const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path)
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true })
    cpSync(realpathSync(library), join(root, library))
  }
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
  cpSync(node, join(root, 'usr/local/bin/node'))
}

function findBusybox() {
  for (const path of ['/bin/busybox', '/usr/bin/busybox']) {
    if (spawnSync(path, ['true']).status === 0) return path
  }
  if (!canInstall()) throw new Error('busybox (static) is needed to make the base images')
  install(['busybox-static'])
  return '/bin/busybox'
}

/** @param {string} host @param {string} root @param {string} name */
async function importTree(host, root, name) {
  const tar = spawn('tar', ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '-c', '.'])
  const [repo, tag] = name.split(':')
  const query = new URLSearchParams({ fromSrc: '-', repo, tag })
  for (const change of CHANGES) query.append('changes', change)
  const path = `/images/create?${query}`
  const { status, text } = await api(host, 'POST', path, { stream: tar.stdout })
  if (status !== 200 || text.includes('"error"')) {
    throw new Error(`importing ${name} failed: ${text}`)
  }
}
