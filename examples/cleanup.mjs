// Nothing left behind: `await using` for one, a session for all that a program makes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Dokeres } from 'dokeres'

const image = process.env.DOKERES_TEST_BASE ?? 'busybox'

if (process.argv[2] === 'dies') {
  // With a reaper, a small helper process watches this one: even SIGKILL leaves nothing behind.
  const dokeres = new Dokeres({ reaper: true })
  await dokeres.image(image).run(null, {}, ['sleep', '600'])
  process.stdout.write(`${dokeres.session}`)
  process.kill(process.pid, 'SIGKILL')
}

// What is made in a session can be found again, by this process or by another, and by its age.
const dokeres = new Dokeres()
for (const seconds of ['600', '601']) await dokeres.image(image).run(null, {}, ['sleep', seconds])
const { removed } = await dokeres.cleanup()
console.log(`removed ${removed.length} of this session`)
const { removed: old } = await dokeres.cleanup({ olderThan: '1000h', dryRun: true })
console.log(`older than 1000 hours: ${old.length}`)

const child = spawn(process.execPath, [process.argv[1] ?? '', 'dies'])
const [session] = await once(child.stdout, 'data')
const filters = { label: [`dokeres.session=${session}`] }
const begun = Date.now()
const left = async () => (await dokeres.containers.listAll({ filters })).length
while ((await left()) > 0 && Date.now() - begun < 20_000) {
  await new Promise((resolve) => setTimeout(resolve, 100))
}
console.log(`left of the process that was killed: ${await left()}`)
