// Sessions: what was made is found again, and cleaned up when asked for, or when the process ends.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import ts from 'typescript'
import { Dokeres } from '../index.js'
import { child } from './helpers/child.mjs'
import {
  api,
  assertNothingLeft,
  label,
  listByLabel,
  removeImage,
  uniqueName,
} from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'

const BASE = process.env.DOKERES_TEST_BASE
const labels = { [label]: 'session' }
const dokeres = new Dokeres()
const plain = new Dokeres({ session: false })

after(() => assertNothingLeft(`${label}=session`))

/** @param {Dokeres} made @param {object} [options] */
const sleeping = (made, options) => made.image(BASE).run(null, { labels, ...options }, 'sleep 300')
/** @param {any} container */
const exists = async ({ id }) => (await api('GET', `/containers/${id}/json`)).status === 200
const left = () => listByLabel(`${label}=session`)

/** A child that cleans up at exit. @param {string} script @param {object} [more] */
const cleaning = (script, more) =>
  child({ options: { cleanupOnExit: true }, labels, script, ...more })

test('a session marks what it makes', async () => {
  const named = new Dokeres({ session: uniqueName('build') })
  assert.equal(plain.session, null)
  assert.match(/** @type {string} */ (dokeres.session), /^[0-9a-f]{16}$/)
  assert.notEqual(new Dokeres({ session: true }).session, new Dokeres({ session: true }).session)
  for (const session of ['', 'a b', 'x'.repeat(129), 1, {}]) {
    assert.throws(() => new Dokeres(/** @type {any} */ ({ session })), {
      code: 'INVALID_OPTION',
      path: 'session',
    })
  }
  for (const by of [{ reaper: true }, { cleanupOnExit: true }]) {
    for (const session of ['shared', false]) {
      assert.throws(() => new Dokeres({ session, ...by }), { path: 'session' })
    }
  }
  const mark = 'dokeres.session'
  for (const [made, options, expected] of [
    [dokeres, {}, dokeres.session],
    [named, {}, named.session],
    [plain, {}, undefined],
    [dokeres, { labels: { ...labels, [mark]: 'own' } }, 'own'],
    [dokeres, { extra: { Labels: { more: '1' } } }, dokeres.session],
  ]) {
    const container = made.image(BASE).container(null, { labels, ...options })
    await container.create()
    const { Labels } = (await container.inspect()).Config
    assert.equal(Labels[mark], expected)
    await container.remove()
  }
})

test('cleanup removes a session’s containers, and nobody else’s', async () => {
  const others = [await sleeping(plain), await sleeping(new Dokeres({ session: true }))]
  const mine = [
    await sleeping(dokeres),
    await sleeping(dokeres, { volumes: ['/data'] }),
    dokeres.image(BASE).container(null, { labels }),
  ]
  await mine[2].create()
  await mine[0].pause()
  const { Name } = (await mine[1].inspect()).Mounts[0]
  const would = await dokeres.cleanup({ dryRun: true })
  assert.equal(would.dryRun, true)
  assert.equal((await left()).length, 5)
  const { removed, dryRun } = await dokeres.cleanup()
  assert.deepEqual([removed, dryRun], [would.removed, false])
  assert.deepEqual(removed.map(({ id }) => id).sort(), mine.map(({ id }) => id).sort())
  assert.ok(removed.every(({ session }) => session === dokeres.session))
  assert.ok(removed.every(({ name, image }) => name !== '' && image === BASE))
  assert.equal((await api('GET', `/volumes/${Name}`)).status, 404)
  for (const container of others) assert.equal(await container.isRunning, true)
  assert.deepEqual((await dokeres.cleanup()).removed, [])
  // Another process’s, by its name.
  const session = (await others[1].inspect()).Config.Labels['dokeres.session']
  assert.equal((await plain.cleanup({ session })).removed[0].id, others[1].id)
  assert.equal(await exists(others[0]), true)
  await others[0].remove({ force: true })
})

test('cleanup by age, whose ever', async () => {
  const [one, other] = [new Dokeres({ session: true }), new Dokeres({ session: true })]
  const [old, alone] = [await sleeping(one), await sleeping(plain)]
  await new Promise((resolve) => setTimeout(resolve, 6100))
  const young = await sleeping(other)
  // Other tests' sessions are of this engine as well: a dry run, and what it says of ours.
  const of = async (/** @type {object} */ options) => {
    const { removed } = await plain.cleanup({ dryRun: true, ...options })
    return removed.map(({ id }) => id).filter((id) => [old.id, alone.id, young.id].includes(id))
  }
  assert.deepEqual((await of({ olderThan: 0 })).sort(), [old.id, young.id].sort())
  assert.deepEqual(await of({ olderThan: '5s' }), [old.id])
  assert.deepEqual(await of({ olderThan: '1h' }), [])
  assert.deepEqual(await of({ olderThan: '5s', session: other.session }), [])
  const { removed } = await plain.cleanup({ session: one.session, olderThan: '5s' })
  assert.deepEqual(
    removed.map(({ id }) => id),
    [old.id],
  )
  await other.cleanup()
  await alone.remove({ force: true })
  for (const [options, path] of [
    [undefined, 'session'],
    [{ session: 'a b' }, 'session'],
    [{ olderThan: 'long' }, 'olderThan'],
    [{ concurrency: 0, olderThan: 0, dryRun: true }, 'concurrency'],
    [{ force: true }, 'force'],
  ]) {
    await assert.rejects(plain.cleanup(/** @type {any} */ (options)), {
      code: 'INVALID_OPTION',
      path,
    })
  }
})

test('containers of an image that was made of a session’s container are not the session’s', async () => {
  const repository = `dokeres-test/${uniqueName('of-session')}`
  const made = new Dokeres({ session: true })
  const container = await sleeping(made)
  await container.commit({ repository, tag: 'ours' })
  // As the docker CLI would have it: with the label.
  await api('POST', `/commit?container=${container.id}&repo=${repository}&tag=theirs`, {})
  const kept = []
  for (const tag of ['ours', 'theirs']) {
    const of = plain.image(`${repository}:${tag}`)
    kept.push(await of.run(null, { labels }, 'sleep 300'))
  }
  const { removed } = await made.cleanup()
  assert.deepEqual(
    removed.map(({ id }) => id),
    [container.id],
  )
  for (const each of kept) await each.remove({ force: true })
  for (const tag of ['ours', 'theirs']) await removeImage(`${repository}:${tag}`)
})

test('cleanup does what it can, and tells of the rest', async () => {
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    const Labels = { 'dokeres.session': 'ci' }
    const list = ['a', 'b', 'c', 'kept'].map((Id) => ({
      Id,
      Names: [`/${Id}`],
      ImageID: 'sha256:1',
      Created: 1,
      // An engine that knows no such filter shows all.
      Labels: Id === 'kept' ? {} : Labels,
    }))
    if (request.url?.includes('/containers/json')) return response.end(JSON.stringify(list))
    if (request.url?.includes('/images/')) return response.end('{"Config":{"Labels":null}}')
    if (request.url?.includes('/b')) return response.writeHead(500).end('{"message":"busy"}')
    response.writeHead(204).end()
  })
  try {
    await assert.rejects(new Dokeres(fake.socketPath).cleanup({ session: 'ci' }), (error) => {
      assert.equal(/** @type {any} */ (error).code, 'PARTIAL_FAILURE')
      const results = /** @type {any} */ (error).results
      assert.deepEqual(
        results.map((/** @type {any} */ { target, ok }) => [target, ok]),
        [
          ['a', true],
          ['b', false],
          ['c', true],
        ],
      )
      return true
    })
    const deleted = fake.requests.filter(({ method }) => method === 'DELETE')
    assert.deepEqual(deleted.map(({ url }) => /containers\/(\w+)/.exec(url ?? '')?.[1]).sort(), [
      'a',
      'b',
      'c',
    ])
  } finally {
    await fake.close()
  }
})

test('await using removes it', async () => {
  // Not in every Node that we support yet: compiled, as programs that use it there are.
  const source = `async (made, work) => {
    await using container = await made
    await work(container)
  }`
  const compilerOptions = { target: ts.ScriptTarget.ES2022 }
  const { outputText } = ts.transpileModule(`globalThis.using = ${source}`, { compilerOptions })
  runInThisContext(outputText)
  const using = /** @type {any} */ (globalThis).using
  let id = ''
  await using(sleeping(plain), async (/** @type {any} */ container) => {
    id = container.id
    assert.equal(await container.isRunning, true)
  })
  assert.equal(await exists({ id }), false)
  const failing = using(sleeping(plain), (/** @type {any} */ container) => {
    id = container.id
    throw new Error('in the middle')
  })
  await assert.rejects(failing, /in the middle/)
  assert.equal(await exists({ id }), false)
})

test('without cleanupOnExit nothing goes', async () => {
  const { ended } = child({
    options: { session: true },
    labels,
    script: `say((await sleeping()).id)`,
  })
  const { code, stdout } = await ended
  assert.equal(code, 0)
  assert.equal(await exists({ id: stdout.trim() }), true)
  await api('DELETE', `/containers/${stdout.trim()}?force=1`)
})

for (const [how, script, expected] of [
  ['by itself', '', { code: 0, stderr: '' }],
  ['with an exit code', 'process.exitCode = 5', { code: 5, stderr: '' }],
  ['by process.exit', 'process.exit(3)', { code: 3, stderr: '' }],
  ['by an exception', `setImmediate(() => { throw new Error('oh') })`, { code: 1, stderr: /oh/ }],
  ['by a rejection', `throw new Error('oh')`, { code: 1, stderr: /oh/ }],
  [
    'with an exit listener of the program’s',
    `process.on('exit', () => { process.exitCode = 6 })`,
    { code: 6, stderr: '' },
  ],
]) {
  test(`cleanupOnExit: a process that ends ${how}`, async () => {
    const { ended } = cleaning(`await Promise.all([sleeping(), sleeping()]); ${script}`)
    const { code, signal, stderr } = await ended
    assert.deepEqual([code, signal], [expected.code, null])
    if (typeof expected.stderr === 'string') assert.equal(stderr, expected.stderr)
    else assert.match(stderr, expected.stderr)
    assert.deepEqual(await left(), [])
  })
}

for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  test(`cleanupOnExit: ${signal}`, async () => {
    const process_ = cleaning(`await sleeping(); say('ready'); forever()`)
    await process_.said(/ready/)
    process_.kill(signal)
    const ended = await process_.ended
    // It dies of the signal, as it would without us: shells and supervisors see that.
    assert.deepEqual([ended.code, ended.signal, ended.stderr], [null, signal, ''])
    assert.deepEqual(await left(), [])
  })
}

test('a program’s own listener decides what a signal does', async () => {
  const exits = cleaning(
    `process.on('SIGINT', () => process.exit(7)); await sleeping(); say('ready'); forever()`,
  )
  await exits.said(/ready/)
  exits.kill('SIGINT')
  assert.equal((await exits.ended).code, 7)
  assert.deepEqual(await left(), [])
  const stays = cleaning(`
    process.on('SIGTERM', () => say('asked'))
    const container = await sleeping()
    say('ready')
    forever()`)
  await stays.said(/ready/)
  stays.kill('SIGTERM')
  await stays.said(/asked/)
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal((await left()).length, 1)
  stays.kill('SIGINT')
  assert.equal((await stays.ended).signal, 'SIGINT')
  assert.deepEqual(await left(), [])
})

test('a signal in the middle of making containers leaves none behind', async () => {
  for (const end of ['SIGTERM', 'exit']) {
    const process_ = cleaning(`
      for (let n = 0; n < 6; n++) sleeping().catch(() => {})
      setTimeout(() => { say('ready'); ${end === 'exit' ? 'process.exit(0)' : 'forever()'} }, 60)`)
    await process_.said(/ready/)
    if (end !== 'exit') process_.kill(/** @type {any} */ (end))
    await process_.ended
    assert.deepEqual(await left(), [], end)
  }
})

test('asked twice, it goes at once; an engine that is gone holds up nobody', async () => {
  const fake = await fakeEngine((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url?.includes('/containers/create'))
      return response.writeHead(201).end('{"Id":"1"}')
    // Nothing else is ever answered.
  })
  try {
    const script = `image.container('x').create().then(() => say('ready')); forever()`
    const options = { host: `unix://${fake.socketPath}`, cleanupOnExit: true }
    const hanging = child({ options, labels, script })
    await hanging.said(/ready/)
    hanging.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 300))
    hanging.kill('SIGINT')
    const begun = performance.now()
    assert.equal((await hanging.ended).signal, 'SIGINT')
    assert.ok(performance.now() - begun < 3000)
  } finally {
    await fake.close()
  }
  for (const [ending, expected] of [
    ['process.stdin.destroy()', 0],
    ['process.exit(4)', 4],
  ]) {
    const gone = await fakeEngine((request, response) => {
      response.setHeader('content-type', 'application/json')
      response.writeHead(request.url?.includes('/create') ? 201 : 200).end('{"Id":"1"}')
    })
    const options = { host: `unix://${gone.socketPath}`, cleanupOnExit: true }
    const script = `
      await image.container('x').create()
      say('ready')
      await new Promise((resolve) => process.stdin.once('data', resolve))
      ${ending}`
    const lonely = child({ options, labels, script })
    await lonely.said(/ready/)
    await gone.close()
    const begun = performance.now()
    lonely.write('on\n')
    const { code, stderr } = await lonely.ended
    assert.equal(code, expected)
    assert.match(stderr, /dokeres/i)
    assert.ok(performance.now() - begun < 5000)
  }
})

test('a worker thread’s session ends with the worker', async () => {
  const index = JSON.stringify(createRequire(import.meta.url).resolve('../index.js'))
  for (const end of ['', 'process.exit(0)']) {
    const source = `
      const { Dokeres } = require(${index})
      const image = new Dokeres({ cleanupOnExit: true }).image(${JSON.stringify(BASE)})
      image.run(null, { labels: ${JSON.stringify(labels)} }, 'sleep 300').then(() => { ${end} })`
    const worker = new Worker(source, { eval: true })
    const code = await new Promise((resolve, reject) => {
      worker.on('error', reject).on('exit', resolve)
    })
    assert.equal(code, 0)
    assert.deepEqual(await left(), [])
  }
})

test('a shell sees the status of a process that was interrupted', () => {
  const script = `
    const { Dokeres } = require(${JSON.stringify(createRequire(import.meta.url).resolve('../index.js'))})
    new Dokeres({ cleanupOnExit: true }); process.kill(process.pid, 'SIGINT'); setTimeout(() => {}, 9000)`
  const shell = `trap : INT; "$0" -e "$1"; echo "status $?"`
  const { stdout } = spawnSync('sh', ['-c', shell, process.execPath, script], { encoding: 'utf8' })
  assert.equal(stdout, 'status 130\n')
})
