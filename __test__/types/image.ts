import {
  Dokeres,
  DokeresContainer,
  DokeresImage,
  type DokeresStream,
  Image,
  ImageCollection,
  type ImageHistoryEntry,
  type PullResult,
  type TaskOptions,
} from 'dokeres'
import { expectType } from './expect.js'

const image: Image = new Dokeres().image('busybox')
expectType<DokeresImage>(image)

export async function calls(): Promise<void> {
  expectType<DokeresImage>(await image.ensure({ progress: 'plain' }))
  await image.ensure({ onProgress: ({ phase, percent }) => `${phase} ${percent?.toFixed()}` })
  const pulled: PullResult = await image.pull({ auth: { username: 'a', password: 'b' } })
  expectType<'downloaded' | 'up-to-date'>(pulled.status)
  expectType<boolean>((await image.build({ noCache: true })).cached)
  expectType<boolean>(await image.exists())
  expectType<string>((await image.inspect()).Id)
  expectType<unknown>((await image.inspect())['Whatever'])
  // @ts-expect-error no such way to draw
  await image.ensure({ progress: 'fancy' })

  expectType<DokeresContainer>(await image.run())
  expectType<DokeresContainer>(await image.run('name', { cwd: '/' }, 'ls -l', null, process.stdout))
  expectType<DokeresContainer>(await image.run({ name: 'name', command: ['ls'], memory: '1g' }))
  await image.run(null, { mapped: { '80/tcp': 8080, '81': true, '82': ['127.0.0.1:0', 0] } })
  await image.run(null, { ulimits: { nofile: { soft: 1, hard: 2 } }, tmpfs: { '/tmp': 'size=1m' } })
  await image.run(null, { restart: 'on-failure:3', ifExists: 'replace', extra: { HostConfig: {} } })
  // @ts-expect-error a typing error
  await image.run(null, { redonly: {} })
  // @ts-expect-error not a way to restart
  await image.run(null, { restart: 'sometimes' })

  const job = await image.task('ls', { swarm: { replicas: 3, constraints: ['node.role==worker'] } })
  expectType<string | undefined>(job.replicas[0]?.node.hostname)
  expectType<string>(job.stdout)
  const bytes = await image.task('ls', { encoding: 'buffer', swarm: {} })
  expectType<Buffer | undefined>(bytes.replicas[0]?.output)
  // @ts-expect-error a typing error
  await image.task('ls', { swarm: { replica: 1 } })

  const task = await image.task(['ls'], { timeout: '1m', onStdout: (chunk) => chunk.byteLength })
  expectType<string>(task.stdout)
  expectType<string | null>(task.signal)
  expectType<Buffer>((await image.task('ls', { encoding: 'buffer' })).output)
  await image.task('cat', { stdin: 'text', reject: false, maxBuffer: 1e6, keep: true })
  const options: TaskOptions = { memory: '64m' }
  const either = await image.task('ls', options)
  expectType<string>(either.stdout)
  expectType<boolean>('service' in either)
  await image.task('cat', { stdin: process.stdin })
  // @ts-expect-error input is no flag here
  await image.task('cat', { stdin: true })
  expectType<string>((await image.push({ progress: 'tty' })).digest)
  expectType<DokeresStream<Buffer>>(image.save())
  expectType<number>((await image.save('/tmp/x.tar')).size)
  expectType<ImageHistoryEntry[]>(await image.history())
}

export async function builds(): Promise<void> {
  const dokeres = new Dokeres()
  dokeres.image({ name: 'x', context: { Dockerfile: 'FROM y', bin: { content: '', mode: 0o755 } } })
  dokeres.image({ name: 'x', context: Buffer.of(), rebuild: 'changed', shared: true })
  dokeres.image({ context: process.stdin, secrets: { a: { env: 'A' }, b: { file: '/b' } } })
  dokeres.image({ dockerfile: 'FROM x', ssh: { default: true, other: '/sock' }, memory: '3g' })
  // @ts-expect-error a secret says where it comes from
  dokeres.image({ name: 'x', secrets: { a: 'value' } })
  // @ts-expect-error the only way to rebuild
  dokeres.image({ name: 'x', rebuild: 'always' })
  await dokeres.image('x').build({ builder: 'buildkit', onLine: (line) => line.trim() })
}

export async function collection({ images }: Dokeres): Promise<void> {
  expectType<ImageCollection>(images)
  expectType<string[]>(await images.removeGroup('localhost:5000/a', { concurrency: 2 }))
  expectType<string | null>(images.parseReference('a').tag)
  expectType<string[]>((await images.load('/tmp/x.tar')).images)
  const cleaned = await images.clean({ unusedFor: '7d', filters: { dangling: true }, dryRun: true })
  expectType<number>(cleaned.reclaimed)
  await images.gc({ every: '1h', olderThan: '30d', onSweep: ({ removed }) => removed }).stop()
  for await (const chunk of images.save(['a', 'b'])) expectType<Buffer>(chunk)
  // @ts-expect-error how often?
  images.gc({ olderThan: '30d' })
}
