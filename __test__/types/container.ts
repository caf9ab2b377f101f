import { DokeresContainer, type AttachStream, type LogChunk } from 'dokeres'
import { expectType } from './expect.js'

export async function calls(container: DokeresContainer): Promise<void> {
  expectType<string>(container.id)
  expectType<string>(container.shortId)
  expectType<string[]>(container.warnings)
  expectType<boolean>(await container.isRunning)
  expectType<string | null>(await container.ip)

  expectType<DokeresContainer>(await (await container.create()).start())
  await container.stop({ timeout: 1, signal: new AbortController().signal })
  // @ts-expect-error which signal stops it is the container's: `stopSignal`
  await container.stop({ signal: 'SIGINT' })
  await container.kill({ signal: 'SIGTERM' })
  await container.kill({ signal: new AbortController().signal })
  await container.remove({ force: true, volumes: true })
  // @ts-expect-error no such option
  await container.remove({ forced: true })

  expectType<number>((await container.wait({ condition: 'removed', timeout: '1m' })).code)
  expectType<number>((await container.inspect({ size: true })).State.ExitCode)

  const [stdout, stderr] = await container.exec('ls', '-l')
  expectType<string>(stdout + stderr)
  expectType<number>((await container.exec(['ls'], { cwd: '/' })).exitCode)
  expectType<Buffer>((await container.exec(['ls'], { encoding: 'buffer' })).stdout)

  expectType<RegExpExecArray>(await container.waitLog(/ready/, { timeout: 1000 }))
  expectType<string>(await container.waitLog('ready', { since: new Date(), filter: Boolean }))
  const { log, port } = await container.waitFor({ log: /(\d+)/, port: 80, timeout: '5s' })
  expectType<RegExpExecArray>(log)
  expectType<string | null>(port.host)
  const [said, answered] = await container.waitFor([{ log: 'up' }, { http: '/' }], { timeout: 1 })
  expectType<string>(said.log)
  expectType<number>(answered.http.status)
  const first = await container.waitFor({ any: [{ running: true }, { exit: 0 }] })
  expectType<number>(first.any)
  expectType<boolean | undefined>(first.exit?.oomKilled)
  await container.waitFor({ healthy: true, signal: AbortSignal.timeout(1) })
  // @ts-expect-error there is no such condition
  await container.waitFor({ prot: 80 })
  // @ts-expect-error it can only be true
  await container.waitFor({ running: false })
  await container.image?.run({ waitFor: [{ exec: 'true' }, { any: [{ port: 1 }] }] })
  await container.waitLog('ready', (line) => line.startsWith('x'), true)

  for await (const { stream, data } of container.logs({ follow: true, tail: 3, since: '10m' })) {
    expectType<'stdout' | 'stderr' | 'console'>(stream)
    expectType<Buffer>(data)
  }
  await container.logs().forEach((chunk: LogChunk) => chunk.data.length > 0)
  expectType<string>((await container.logs().collect()).stderr)
  expectType<string>(await container.logs().unref().text())
  container.logs().readable().pipe(process.stdout)

  const attached: AttachStream = container.attach({ stdin: true })
  await attached.write('text')
  await attached.resize({ cols: 80, rows: 24 })
  await attached.end()
}

export async function disposes(made: Promise<DokeresContainer>): Promise<void> {
  await using container = await made
  await container.start()
}
