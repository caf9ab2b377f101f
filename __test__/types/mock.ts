import {
  Container,
  Docker,
  Dokeres,
  DokeresContainer,
  DokeresImage,
  Engine,
  Errors,
  defaultSocketPath,
  follow,
  mockDockerode,
  mockDockerodeContainer,
  mockStream,
  socketPath,
  waitUntilLogsSay,
  type ContainerOpts,
  type DokeresCommand,
  type DokeresContainerOpts,
  type MockDokeres,
  type MockHandler,
  type MockRequest,
} from 'dokeres'
import type { Readable } from 'node:stream'
import { expectType } from './expect.js'

const mock = Dokeres.mock(({ method, path, query, body, command, container, stdin }) => {
  expectType<string>(method)
  expectType<string | undefined>(query.name)
  expectType<string[] | undefined>(command)
  expectType<string | undefined>(container?.id)
  expectType<Readable | undefined>(stdin)
  if (path === '/a') return { json: { body } }
  if (path === '/b') return { stream: ['a', Buffer.from('b'), { stderr: 'c' }, { status: 'd' }] }
  return undefined
})
expectType<MockDokeres>(mock)
expectType<Dokeres>(mock)
expectType<MockRequest[]>(mock.calls)
expectType<Promise<void>>(mock.close())
expectType<MockDokeres>(Engine.mock())
expectType<MockDokeres>(Dokeres.mock(null))
export const handler: MockHandler = async () => ({ status: 404 })
// @ts-expect-error no such field
export const wrong: MockHandler = () => ({ statsu: 404 })
// @ts-expect-error a handler is a function
Dokeres.mock({})

const image = new DokeresImage(mock, 'a', null, ['b'])
const options: ContainerOpts & DokeresContainerOpts = { cwd: '/x' }
const command: DokeresCommand = ['ls']
expectType<DokeresContainer>(new DokeresContainer(image, 'a', options, command))
// @ts-expect-error an image is of an engine
new DokeresImage('a')
// @ts-expect-error a container is of an image
new DokeresContainer()
expectType<Promise<DokeresContainer>>(Container.run(image, 'a', options, command))
expectType<Promise<DokeresContainer>>(DokeresContainer.create(image))
expectType<typeof DokeresImage>(Engine.Image)
expectType<DokeresImage>(new Docker.Engine().image('a'))
new Engine.LineTransformStream((line) => line, 'latin1').end()

expectType<string>(socketPath + defaultSocketPath)
expectType<Promise<void>>(follow(null, mockStream(), (event) => event.status))
expectType<Promise<void>>(waitUntilLogsSay(mockDockerodeContainer(), /x/, false, 1))
new Engine(mockDockerode())

export function failed(error: unknown): string | undefined {
  if (error instanceof Errors.PullFailed) {
    expectType<'PULL_FAILED'>(error.code)
    return error.reason
  }
  return undefined
}
