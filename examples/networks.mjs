// Addresses in a network: the next free one, whatever the subnet's size, and nobody gets it twice.
import { Dokeres } from 'dokeres'

const dokeres = new Dokeres()
const { networks } = dokeres
const name = 'example-networks'
const image = process.env.DOKERES_TEST_BASE ?? 'busybox'

await networks.create(name, {
  subnet: { subnet: '10.58.0.0/20', gateway: '10.58.0.1', aux: { printer: '10.58.0.2' } },
})
const containers = await Promise.all(
  [1, 2, 3].map(() => dokeres.containers.run({ image, command: 'sleep 60', stopTimeout: 0 })),
)
try {
  console.log(`free: ${await networks.nextFreeAddress(name)}`)

  // All at once: where somebody else is quicker, the address after it.
  await Promise.all(containers.map((one) => networks.connect(name, one, { ipv4: 'next' })))
  const { Containers } = await networks.inspect(name)
  const addresses = Object.values(Containers ?? {}).map(({ IPv4Address }) => IPv4Address)
  console.log(`taken: ${addresses.sort().join(', ')}`)
  console.log(`free: ${await networks.nextFreeAddress(name)}`)
} finally {
  await Promise.all(containers.map((one) => one.remove({ force: true })))
  await networks.remove(name)
}
