// The process around the addon: it ends when it should, in threads and in copies too.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createRequire } from 'node:module'
import { Dokeres, DokeresError } from '../index.js'
import { assertNothingLeft, label } from './helpers/engine.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const BASE = process.env.DOKERES_TEST_BASE
const index = JSON.stringify(join(root, 'index.js'))
const marked = JSON.stringify({ [label]: 'process' })

after(() => assertNothingLeft(`${label}=process`))

/** Runs a script in a process of its own; killed, and told so, after `limit` ms. */
function run(script, limit = 20_000) {
  const prelude = `const { Dokeres, DokeresError } = require(${index})
    const dokeres = new Dokeres(), image = dokeres.image(${JSON.stringify(BASE)}), labels = ${marked}
    const main = async () => {${script}}
    main().then(() => console.log('settled'), (error) => { console.error(error); process.exitCode = 9 })`
  return new Promise((resolve) => {
    const begun = Date.now()
    const child = spawn(process.execPath, ['--expose-gc', '-e', prelude], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (data) => (stdout += data))
    child.stderr.on('data', (data) => (stderr += data))
    const timer = setTimeout(() => child.kill('SIGKILL'), limit)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout, stderr, ms: Date.now() - begun })
    })
  })
}

async function endsWell(script) {
  const result = await run(script)
  assert.deepEqual([result.code, result.signal, result.stderr], [0, null, ''])
  assert.match(result.stdout, /settled/)
  return result
}

test('the process ends by itself after the last promise settles', async () => {
  await endsWell('')
  await endsWell('await dokeres.ping()')
  await endsWell(`await Promise.all([dokeres.version(), image.task('true', { labels })])`)
  await endsWell(`await image.task('nosuch', { labels }).catch(() => {})`)
})

test('a pending promise keeps it alive', async () => {
  const { stdout } = await endsWell(`
    const container = await image.run(null, { labels }, 'sleep 1')
    const { code } = await container.wait()
    await container.remove()
    console.log('code', code)`)
  assert.match(stdout, /code 0/)
})

test('an open stream keeps it alive, unless it is unref()ed', async () => {
  const open = `
    const container = await image.run(null, { labels, remove: true }, ['sh', '-c', 'echo one; sleep 3; echo two'])
    const stream = container.logs({ follow: true })
    stream.forEach(({ data }) => process.stdout.write(data))
    await container.waitLog('one')`
  const kept = await endsWell(open)
  assert.match(kept.stdout, /two/)
  const let_go = await endsWell(`${open}\nstream.unref()`)
  assert.doesNotMatch(let_go.stdout, /two/)
})

test('a stream that nobody reads any more is collected, and its connection closed', async () => {
  await endsWell(`
    const container = await image.run(null, { labels }, ['sh', '-c', 'while :; do echo tick; sleep 0.1; done'])
    const { readdirSync, readlinkSync } = require('node:fs')
    const sockets = () => readdirSync('/proc/self/fd').filter((fd) => {
      try { return readlinkSync('/proc/self/fd/' + fd).startsWith('socket:') } catch { return false }
    }).length
    await (async () => {
      for (let n = 0; n < 20; n++) await container.logs({ follow: true })[Symbol.asyncIterator]().next()
    })()
    const open = sockets()
    for (let tries = 0; sockets() > open - 20 && tries < 50; tries++) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    if (sockets() > open - 20) throw new Error('sockets left: ' + sockets() + ' of ' + open)
    await container.remove({ force: true })`)
})

test('it works in worker threads, each with classes of its own', async () => {
  const source = `
    const { parentPort } = require('node:worker_threads')
    const { Dokeres, DokeresError } = require(${index})
    const image = new Dokeres().image(${JSON.stringify(BASE)})
    Promise.all([
      image.task('echo from a worker', { labels: ${marked} }),
      image.task('nosuch', { labels: ${marked} }).catch((error) => error instanceof DokeresError && error.code),
    ]).then(([{ stdout }, code]) => parentPort.postMessage({ stdout, code }))`
  const results = await Promise.all(
    Array.from(
      { length: 4 },
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker(source, { eval: true })
          let message
          worker.on('message', (value) => (message = value)).on('error', reject)
          worker.on('exit', () => resolve(message))
        }),
    ),
  )
  for (const result of results) {
    assert.deepEqual(result, { stdout: 'from a worker\n', code: 'EXECUTABLE_NOT_FOUND' })
  }
})

test('a worker terminated in the middle of streams and calls harms nobody', async () => {
  const dokeres = new Dokeres()
  const container = await dokeres
    .image(BASE)
    .run(null, { labels: JSON.parse(marked) }, ['sh', '-c', 'while :; do echo tick; done'])
  const source = `
    const { parentPort } = require('node:worker_threads')
    const { Dokeres } = require(${index})
    ;(async () => {
      const container = await new Dokeres().container(${JSON.stringify(container.id)})
      container.wait().catch(() => {})
      let seen = 0
      await container.logs({ follow: true }).forEach(() => { if (++seen === 3) parentPort.postMessage('streaming') })
    })()`
  for (let round = 0; round < 10; round++) {
    const worker = new Worker(source, { eval: true })
    await new Promise((resolve) => worker.on('message', resolve))
    await worker.terminate()
  }
  assert.equal(await container.isRunning, true)
  await container.remove({ force: true })
})

test('two copies of the addon in one process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dokeres-copy-'))
  try {
    for (const name of await readdir(root)) {
      if (/^(index\.js|binding\.js|js|package\.json|dokeres\..*\.node)$/.test(name)) {
        await cp(join(root, name), join(folder, name), { recursive: true })
      }
    }
    const other = createRequire(import.meta.url)(join(folder, 'index.js'))
    assert.notEqual(other.Dokeres, Dokeres)
    const failure = (image) =>
      image.task('nosuch', { labels: JSON.parse(marked) }).catch((error) => error)
    const [own, theirs] = await Promise.all([
      failure(new Dokeres().image(BASE)),
      failure(new other.Dokeres().image(BASE)),
    ])
    assert.ok(own instanceof DokeresError && !(own instanceof other.DokeresError))
    assert.ok(theirs instanceof other.DokeresError && !(theirs instanceof DokeresError))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the addon loaded anew in one thread has its own classes, and both work', async () => {
  await endsWell(`
    for (const path of Object.keys(require.cache)) delete require.cache[path]
    const again = require(${index})
    const [own, theirs] = await Promise.all([
      image.task('nosuch', { labels }).catch((error) => error),
      new again.Dokeres().image(${JSON.stringify(BASE)}).task('nosuch', { labels }).catch((error) => error),
    ])
    if (!(own instanceof DokeresError)) throw new Error('the first copy lost its class')
    if (!(theirs instanceof again.DokeresError)) throw new Error('the second copy has no class')`)
})

test('process.exit in the middle of everything is quiet', async () => {
  const { code, signal, stderr } = await run(`
    const container = await image.run(null, { labels, remove: true }, 'sleep 2')
    container.wait(); container.logs({ follow: true }).text(); dokeres.info()
    setTimeout(() => process.exit(0), 50)
    await new Promise(() => {})`)
  assert.deepEqual([code, signal, stderr], [0, null, ''])
  await new Promise((resolve) => setTimeout(resolve, 3000))
})
