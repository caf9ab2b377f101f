import { Modem, type DialOptions, type ModemOptions, type ReplyStream } from 'dokeres/modem'
import { Dokeres } from 'dokeres'

const options: ModemOptions = { host: 'engine.example', port: 2376, ca: ['…'], timeout: 1000 }
const modem: Modem = new Modem(options)
new Modem()
new Modem({ socketPath: async () => '/run/docker.sock' })
// @ts-expect-error there is no such option
new Modem({ sockets: 1 })

const dialled: DialOptions = {
  path: '/events?',
  method: 'GET',
  options: { since: 1 },
  isStream: true,
  statusCodes: { 200: true, 500: 'server error' },
}
modem.dial(dialled, (error: unknown, stream: ReplyStream) => {
  const status: number = stream.statusCode
  modem.followProgress(
    stream,
    (failure: Error | null, output: unknown[]) => void [failure, output],
    () => status,
  )
  modem.demuxStream(stream, process.stdout, process.stderr)
  void error
})
const query: string = modem.buildQuerystring({ a: 1 })
const shared: Modem = new Dokeres().modem
void [query, shared, new Dokeres().docker]
