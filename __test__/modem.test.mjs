// dockerode over our modem, on an engine: a container's life, images, networks, volumes, errors.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import Docker from 'dockerode'
import { Dokeres, DokeresError } from 'dokeres'
import { Modem } from 'dokeres/modem'
import { assertNothingLeft, label, removeImage, uniqueName } from './helpers/engine.mjs'
import { tarOf as tar, untar } from './helpers/tar.mjs'

const marked = `${label}=modem`
const Labels = { [label]: 'modem' }
const Image = process.env.DOKERES_TEST_BASE ?? ''
const docker = new Docker({ modem: new Modem() })

after(() => assertNothingLeft(marked))

/** @param {string[]} Cmd @param {object} [more] */
const made = (Cmd, more) => docker.createContainer({ Image, Cmd, Labels, ...more })

/** @param {any} stream */
async function outputOf(stream) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  docker.modem.demuxStream(stream, stdout, stderr)
  stream.on('end', () => {
    stdout.end()
    stderr.end()
  })
  return Promise.all([text(stdout), text(stderr)])
}

test('the engine itself', async () => {
  assert.equal((await docker.ping()).toString(), 'OK')
  assert.match((await docker.version()).ApiVersion, /^1\./)
  assert.equal(typeof (await docker.info()).ID, 'string')
  assert.ok(Array.isArray((await docker.df()).Images))
  const old = new Docker({ modem: new Modem({ version: 'v1.30' }) })
  assert.equal((await old.ping()).toString(), 'OK')
})

test('a container from its making to its end', async () => {
  const name = uniqueName('modem')
  const container = await made(['sh', '-c', 'echo out; echo err >&2; sleep 300'], { name })
  try {
    await container.start()
    await assert.rejects(container.start(), {
      statusCode: 304,
      reason: 'container already started',
    })
    const { State, Name } = await container.inspect()
    assert.deepEqual([State.Running, Name], [true, `/${name}`])
    const found = await docker.listContainers({ filters: { label: [marked], name: [name] } })
    assert.equal(found.length, 1)
    assert.ok((await container.top()).Processes.length > 0)
    await container.pause()
    await container.unpause()
    await container.update({ CpuShares: 512 })
    await container.rename({ name: `${name}-2` })
    assert.equal(typeof (await container.stats({ stream: false })).read, 'string')
    const [out, err] = await outputOf(
      await container.attach({ logs: true, stdout: true, stderr: true }),
    )
    assert.deepEqual([out, err], ['out\n', 'err\n'])
    // Not a stream without `follow`: all of it at once.
    const logs = await container.logs({ stdout: true, stderr: false })
    assert.equal(logs.subarray(8).toString(), 'out\n')
    const waiting = container.wait()
    await container.kill({ signal: 'SIGKILL' })
    assert.equal((await waiting).StatusCode, 137)
    await container.restart({ t: 0 })
    await container.stop({ t: 0 })
  } finally {
    await container.remove({ force: true })
  }
  await assert.rejects(container.inspect(), (error) => {
    assert.ok(error instanceof DokeresError)
    const { code, statusCode, reason, json, message } = /** @type {any} */ (error)
    assert.deepEqual([code, statusCode, reason], ['NOT_FOUND', 404, 'no such container'])
    assert.match(json.message, /No such container/)
    assert.equal(message, `(HTTP code 404) no such container - ${json.message} `)
    return true
  })
})

test('run: output, exit code, with a callback and with a promise', async () => {
  const options = { Tty: false, Labels, HostConfig: { AutoRemove: true } }
  const command = ['sh', '-c', 'echo out; echo err >&2; exit 3']
  const sinks = [new PassThrough(), new PassThrough()]
  const [data] = await docker.run(Image, command, sinks, options)
  assert.equal(data.StatusCode, 3)
  assert.deepEqual(
    sinks.map((sink) => sink.read()?.toString()),
    ['out\n', 'err\n'],
  )
  const output = new PassThrough()
  const status = await new Promise((resolve, reject) => {
    const done = (/** @type {any} */ error, /** @type {any} */ result) =>
      error ? reject(error) : resolve(result.StatusCode)
    docker.run(Image, ['echo', 'hi'], output, { ...options, Tty: true }, done)
  })
  assert.equal(status, 0)
  assert.equal(output.read().toString(), 'hi\r\n')
})

test('files in and out, and what changed', async () => {
  const container = await made(['true'])
  try {
    await container.putArchive(tar({ 'a file': 'its content' }), { path: '/tmp' })
    const files = untar(await buffer(await container.getArchive({ path: '/tmp/a file' })))
    assert.equal(files['a file'].toString(), 'its content')
    const { headers } = await container.infoArchive({ path: '/tmp/a file' })
    const stat = JSON.parse(
      Buffer.from(headers['x-docker-container-path-stat'], 'base64').toString(),
    )
    assert.equal(stat.size, 11)
    const changes = await container.changes()
    assert.ok(changes.some((/** @type {any} */ { Path }) => Path === '/tmp/a file'))
    let size = 0
    for await (const chunk of await container.export()) size += chunk.length
    assert.ok(size > 1 << 16)
    await assert.rejects(container.getArchive({ path: '/nowhere' }), { statusCode: 404 })
  } finally {
    await container.remove()
  }
})

test('images: build, tag, history, save, load, commit, remove', async () => {
  const name = uniqueName('modem-image')
  const context = tar({ Dockerfile: `FROM ${Image}\nRUN echo built > /built` })
  const built = await docker.buildImage(context, { t: name, forcerm: true })
  const lines = await new Promise((resolve, reject) => {
    docker.modem.followProgress(built, (/** @type {any} */ error, /** @type {any} */ output) =>
      error ? reject(error) : resolve(output),
    )
  })
  assert.ok(lines.some((/** @type {any} */ { stream }) => stream?.includes('Successfully tagged')))
  const image = docker.getImage(name)
  try {
    assert.equal((await image.inspect()).RepoTags[0], `${name}:latest`)
    assert.match((await image.history())[0].CreatedBy, /echo built/)
    await image.tag({ repo: name, tag: 'other' })
    const saved = await buffer(await image.get())
    await image.remove({ force: true })
    assert.match(await text(await docker.loadImage(saved)), /Loaded image/)
    const listed = await docker.listImages({ filters: { reference: [name] } })
    assert.equal(listed.length, 1)
    const container = await made(['true'])
    const { Id } = await container.commit({ repo: name, tag: 'committed' })
    await container.remove()
    assert.equal((await docker.getImage(`${name}:committed`).inspect()).Id, Id)
  } finally {
    for (const tag of ['latest', 'other', 'committed']) await removeImage(`${name}:${tag}`)
  }
})

test('a build by BuildKit, with its session', async () => {
  const name = uniqueName('modem-buildkit')
  const context = tar({ Dockerfile: `FROM ${Image}\nRUN echo ${name} > /built\n` })
  const built = await docker.buildImage(context, { t: name, version: '2' })
  const lines = await new Promise((resolve, reject) => {
    docker.followProgress(built, (/** @type {any} */ error, /** @type {any} */ output) =>
      error ? reject(error) : resolve(output),
    )
  })
  try {
    assert.ok(lines.some((/** @type {any} */ { stream }) => stream?.startsWith('Built image')))
    assert.equal((await docker.getImage(name).inspect()).RepoTags[0], `${name}:latest`)
  } finally {
    await removeImage(name)
  }
})

test('networks and volumes', async () => {
  const name = uniqueName('modem')
  const network = await docker.createNetwork({ Name: name, Labels })
  const container = await made(['sleep', '300'])
  try {
    await container.start()
    await network.connect({ Container: container.id })
    assert.deepEqual(Object.keys((await network.inspect()).Containers), [container.id])
    await network.disconnect({ Container: container.id, Force: true })
  } finally {
    await container.remove({ force: true })
    await network.remove()
  }
  const volume = await docker.createVolume({ Name: name, Labels })
  assert.equal((await volume.inspect()).Name, name)
  const { Volumes } = await docker.listVolumes({ filters: { name: [name] } })
  assert.equal(Volumes.length, 1)
  await volume.remove()
  const pruned = await docker.pruneVolumes({ filters: { label: [marked] } })
  assert.equal(pruned.SpaceReclaimed, 0)
})

test('dokeres.modem and dokeres.docker are on the same connection', async () => {
  const dokeres = new Dokeres()
  assert.ok(dokeres.modem instanceof Modem)
  assert.equal(dokeres.modem, dokeres.modem)
  assert.equal(`unix://${dokeres.modem.socketPath}`, dokeres.endpoint.url)
  assert.equal(dokeres.docker.modem, dokeres.modem)
  assert.ok(dokeres.docker instanceof Docker)
  assert.equal((await dokeres.docker.info()).ID, (await dokeres.info()).ID)
  // And back: a `Dokeres` where a dockerode is.
  assert.deepEqual(new Dokeres(dokeres.docker).endpoint.url, dokeres.endpoint.url)
  assert.equal((await new Dokeres(docker).ping()).osType, 'linux')
  assert.equal((await new Dokeres(new Docker()).ping()).osType, 'linux')
})
