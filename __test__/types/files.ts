import { Readable } from 'node:stream'
import type { DokeresContainer, DokeresStream, PathStat } from 'dokeres'
import { expectType } from './expect.js'

export async function calls(container: DokeresContainer, other: DokeresContainer): Promise<void> {
  expectType<Buffer>(await container.readFile('/etc/hosts'))
  expectType<string>(await container.readFile('/etc/hosts', { encoding: 'utf8' }))
  // @ts-expect-error a Buffer, unless a text is asked for
  expectType<string>(await container.readFile('/etc/hosts'))

  expectType<void>(await container.writeFile('/x', 'text', { mode: 0o600, uid: 1, gid: 2 }))
  await container.writeFile('/x', new Uint8Array(3), { signal: AbortSignal.timeout(1000) })
  await container.writeFile('/x', Readable.from(['a']))
  // @ts-expect-error a mode is a number
  await container.writeFile('/x', '', { mode: '600' })

  await container.copyTo('./src', '/app', { ignore: ['node_modules'], archive: true, uid: null })
  await container.copyTo({ container: other, path: '/app' }, '/app', { followLinks: true })
  await container.copyTo({ container: 'by-name', path: '/app' }, '/app')
  // @ts-expect-error of which container?
  await container.copyTo({ path: '/app' }, '/app')
  await container.copyFrom('/app', './out', { ignore: ['*.log'] })
  // @ts-expect-error what comes out is this process's own
  await container.copyFrom('/app', './out', { uid: 1 })

  const stat: PathStat = await container.stat('/app')
  expectType<Date | null>(stat.mtime)
  expectType<string | null>(stat.linkTarget)
  expectType<boolean>(stat.isDirectory && stat.isFile && stat.isSymbolicLink)

  expectType<DokeresStream<Buffer>>(container.getArchive('/app'))
  for await (const chunk of container.exportRootfs()) expectType<Buffer>(chunk)
  await container.putArchive('/', other.getArchive('/app').readable(), { copyUIDGID: true })
  await container.putArchive('/', other.getArchive('/app'))
  await container.putArchive('/', 'a.tar')
}
