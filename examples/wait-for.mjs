// Start a service, and go on when it is ready: here when it answers, has said so, and is healthy.
import { Dokeres } from 'dokeres'

const image = new Dokeres().image(process.env.DOKERES_TEST_BASE ?? 'busybox')
const script = 'sleep 0.5; echo ok > /tmp/health; echo "token=$((6 * 7))"; httpd -f -p 8080 -h /tmp'
const container = await image.run({
  command: ['sh', '-c', script],
  init: true,
  mapped: { 8080: '127.0.0.1:0' },
  healthcheck: { test: 'test -e /tmp/health', interval: '200ms' },
  // Rejects, and removes the container, where it does not listen in time or ends before that.
  waitFor: { port: 8080, timeout: '30s' },
})
try {
  const [{ log }, { http }] = await container.waitFor(
    [{ log: /token=(\d+)/ }, { http: { path: '/health', body: 'ok' } }, { healthy: true }],
    { timeout: '30s' },
  )
  console.log(`token ${log[1]}, status ${http.status}`)

  // The first of several, whichever it is.
  const first = await container.waitFor({ any: [{ exit: true }, { exec: ['ls', '/tmp/health'] }] })
  console.log(`number ${first.any}: ${first.exec?.stdout.trim()}`)

  // The container's end ends the waiting at once.
  const waiting = container.waitFor({ log: 'never' })
  await container.kill()
  await waiting.catch(({ code, exitCode }) => console.log(`${code}, exit code ${exitCode}`))
} finally {
  await container.remove({ force: true })
}
