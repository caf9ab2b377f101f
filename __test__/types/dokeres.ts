import { Dokeres, DokeresContainer, DokeresImage, Engine, type Endpoint } from 'dokeres'
import { expectType } from './expect.js'

new Dokeres()
new Dokeres(null)
new Dokeres('tcp://localhost:2375')
new Dokeres({ host: 'example.org', port: 2376, ca: Buffer.from(''), tlsVerify: false })
new Dokeres({ host: 'ssh://me@example.org', sshOptions: { identityFile: '/key' } })
new Dokeres({ context: 'remote', headers: { 'x-me': 1 }, connectTimeout: '3s', timeout: null })
new Dokeres({ modem: {} })
// @ts-expect-error no such option
new Dokeres({ sokcetPath: '/x' })
// @ts-expect-error an address is a text
new Dokeres(2375)

const dokeres = new Engine({ socketPath: '/var/run/docker.sock' })
expectType<Endpoint>(dokeres.endpoint)
expectType<string>(dokeres.name)

expectType<DokeresImage>(dokeres.image('a'))
expectType<DokeresImage>(dokeres.image(null, './Dockerfile', ['a.txt']))
expectType<DokeresImage>(dokeres.image({ name: 'a', pullPolicy: 'newer', buildArgs: { A: 1 } }))
// @ts-expect-error not one of the policies
dokeres.image({ name: 'a', pullPolicy: 'sometimes' })

expectType<Promise<DokeresContainer>>(dokeres.container('id'))
const { signal } = new AbortController()
export const calls = [dokeres.ping({ signal }), dokeres.info({ signal }), dokeres.version()]
void dokeres.request({ path: '/images/json', query: { filters: { dangling: ['true'] } }, signal })
// @ts-expect-error a path is needed
void dokeres.request({ method: 'GET' })
