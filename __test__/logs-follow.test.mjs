// Logs that are followed: through restarts of the container and of the connection, of several at once.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dokeres } from '../index.js'
import { cuttable } from './helpers/cuttable.mjs'
import { assertNothingLeft, label, uniqueName } from './helpers/engine.mjs'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { until } from './helpers/until.mjs'

const dokeres = new Dokeres()
const image = dokeres.image(process.env.DOKERES_TEST_BASE)
const labels = { [label]: 'follow' }

after(() => assertNothingLeft(`${label}=follow`))

/** A run writes that many lines and ends; the next one counts on. @param {number} lines */
const counting = (lines) => [
  'sh',
  '-c',
  `n=$(cat /n 2>/dev/null || echo 0); e=$((n + ${lines})); echo $e > /n
   while [ $n -lt $e ]; do n=$((n + 1)); echo line $n; done; exit 7`,
]

/** @param {number} count */
const numbered = (count) => Array.from({ length: count }, (_, n) => `line ${n + 1}`)

/**
 * @template T
 * @param {AsyncIterable<T>} lines
 * @param {number} count
 * @param {() => void} [onFirst]
 */
async function take(lines, count, onFirst) {
  /** @type {T[]} */
  const taken = []
  for await (const line of lines) {
    if (taken.push(line) === 1) onFirst?.()
    if (taken.length === count) break
  }
  return taken
}

for (const tty of [false, true]) {
  test(`through restarts${tty ? ' of a terminal' : ''}: no line lost, none twice, until it is removed`, async () => {
    const container = await image.container(null, { labels, tty }, counting(500)).create()
    // Before its first start.
    const lines = container.logs({ follow: true, restarts: true }).lines()
    /** @type {string[]} */
    const seen = []
    const reading = (async () => {
      for await (const line of lines) seen.push(line)
    })()
    for (let run = 0; run < 6; run++) {
      await container.start()
      assert.equal((await container.wait()).code, 7)
      // An engine is told of the end before all that was written has been.
      if (run % 2) await sleep(50)
    }
    // What has not been read by then goes with the container.
    await until(() => seen.length >= 3000)
    await container.remove()
    await reading
    assert.deepEqual(seen, numbered(3000))
  })
}

test('through restarts that the engine makes itself', async () => {
  const options = { labels, restart: 'on-failure:4' }
  const container = await image.run(null, options, counting(300))
  const lines = await take(container.logs({ follow: true, restarts: true }).lines(), 1500)
  assert.deepEqual(lines, numbered(1500))
  await container.remove({ force: true })
})

test('from where it is told: tail, since, timestamps; options that do not go together', async () => {
  const container = await image.run(null, { labels }, counting(100))
  await container.wait()
  const from = new Date()
  const [tail, none, since, stamped] = [
    { tail: 3 },
    { tail: 0 },
    { since: from },
    { since: from, timestamps: true },
  ].map((options) => container.logs({ follow: true, restarts: true, ...options }))
  const reading = [
    take(tail.lines(), 103),
    take(none.lines(), 100),
    take(since.lines(), 100),
    take(stamped.lines(), 100),
  ]
  // What is left out is what was there when the stream was opened.
  await Promise.all([tail, none, since, stamped].map((stream) => stream._open()))
  await container.start()
  const [three, later, newer, withTime] = await Promise.all(reading)
  assert.deepEqual(three, numbered(200).slice(97))
  assert.deepEqual(later, numbered(200).slice(100))
  assert.deepEqual(newer, later)
  const stamp = /^\d{4}-\d\d-\d\dT[\d:.]+Z /
  assert.deepEqual(
    withTime.map((line) => line.replace(stamp, '')),
    later,
  )
  assert.ok(withTime.every((line) => stamp.test(line)))
  await container.remove({ force: true })
  for (const options of [{ restarts: true }, { follow: true, restarts: true, until: from }]) {
    const { logs } = image.container(null, { labels })
    assert.equal(typeof logs, 'function')
    const made = await image.container(null, { labels }).create()
    const refused = { code: 'INVALID_OPTION', path: 'restarts' }
    await assert.rejects(made.logs(options).collect(), refused)
    await assert.rejects(dokeres.logs([made], options).collect(), refused)
    await made.remove()
  }
})

test('a connection that is cut: STREAM_TRUNCATED, or, through restarts, on where it was', async () => {
  const way = await cuttable()
  try {
    const script = `n=0
      while [ $n -lt 8000 ]; do n=$((n + 1)); echo line $n; [ $((n % 80)) = 0 ] && sleep 0.01; done
      exec sleep 300`
    const container = await image.run(null, { labels, init: true }, ['sh', '-c', script])
    const far = await new Dokeres(way.path).container(container.id)
    const follow = (/** @type {boolean} */ restarts) => {
      /** @type {() => void} */
      let onFirst = () => {}
      const opened = new Promise((resolve) => (onFirst = () => resolve(undefined)))
      const lines = far.logs({ follow: true, restarts }).lines()
      return { opened, lines: take(lines, 8000, onFirst) }
    }
    const [short, whole] = [follow(false), follow(true)]
    const cutting = (async () => {
      await Promise.all([short.opened, whole.opened])
      for (let round = 0; round < 8; round++) {
        await sleep(20 + 10 * round)
        way.cut()
        await sleep(10 * round)
        way.mend()
      }
    })()
    await assert.rejects(short.lines, { code: 'STREAM_TRUNCATED' })
    assert.deepEqual(await whole.lines, numbered(8000))
    await cutting
    await container.remove({ force: true })
  } finally {
    way.close()
  }
})

test('an engine that cuts a log short is told of, wherever it cuts', async () => {
  const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 5]), Buffer.from('four\n')])
  let cut = 0
  const engine = await fakeEngine((request, response) => {
    const path = request.url ?? ''
    if (!path.includes('/logs')) {
      return void response.end('{"Id":"0c1f","Name":"/web","Config":{},"State":{}}')
    }
    response.write(frame)
    // In the middle of a header, of a line; and between frames, but without the reply's own end.
    if (cut < frame.length) response.end(frame.subarray(0, cut))
    else setTimeout(() => request.socket.destroy(), 20)
    return undefined
  })
  try {
    const container = await new Dokeres(engine.socketPath).container('web')
    for (cut of [3, 8, 10, 13]) {
      const seen = []
      const reading = container.logs({ follow: true }).forEach(({ data }) => void seen.push(data))
      await assert.rejects(reading, { code: 'STREAM_TRUNCATED' })
      assert.ok(Buffer.concat(seen).toString().startsWith('four\n'), `${cut}`)
    }
  } finally {
    await engine.close()
  }
})

test('several merged: each line whole, with its container; prefixes stand in line', async () => {
  const [short, long] = [uniqueName('a'), uniqueName('a-longer')]
  const script = (/** @type {string} */ text) => [
    'sh',
    '-c',
    `echo ${text} one; echo ${text} err >&2; printf 'no end'`,
  ]
  const [one, two] = await Promise.all([
    image.run(short, { labels }, script('first')),
    image.run(long, { labels }, script('second')),
  ])
  await Promise.all([one.wait(), two.wait()])
  const records = []
  for await (const record of dokeres.logs([one, long])) records.push(record)
  assert.equal(records.length, 6)
  for (const { container, stream, line, time, prefix } of records) {
    const isFirst = container.id === one.id
    assert.equal(container.name, isFirst ? short : long)
    assert.ok(stream === 'stderr' ? line.endsWith(' err') : !line.endsWith(' err'))
    assert.ok(Date.parse(time) > 0)
    assert.equal(prefix, `${isFirst ? short.padEnd(long.length) : long} | `)
  }
  const of = (/** @type {string} */ id) =>
    records.filter(({ container }) => container.id === id).map(({ line }) => line)
  assert.deepEqual(of(one.id).sort(), ['first err', 'first one', 'no end'])
  assert.deepEqual(of(two.id).sort(), ['no end', 'second err', 'second one'])

  const shown = await dokeres.logs([one], { stderr: false }).text()
  assert.equal(shown, `${short} | first one\n${short} | no end\n`)
  const bare = await dokeres.logs({ label: `${label}=follow` }, { all: true, prefix: false }).text()
  assert.deepEqual(bare.trim().split('\n').sort(), [
    'first err',
    'first one',
    'no end',
    'no end',
    'second err',
    'second one',
  ])
  await assert.rejects(dokeres.logs([one, 'nobody-is-called-so']).collect(), {
    code: 'CONTAINER_NOT_FOUND',
  })
  assert.throws(() => dokeres.logs([one, 7]), { code: 'INVALID_OPTION', path: 'containers[1]' })
  assert.throws(() => dokeres.logs('web'), { code: 'INVALID_OPTION', path: 'filters' })
  await Promise.all([one.remove(), two.remove()])
})

test('several followed: named ones to their end, or through restarts until they are removed', async () => {
  const made = await Promise.all(
    [0, 1, 2].map(() => image.container(null, { labels }, counting(200)).create()),
  )
  await Promise.all(made.map((container) => container.start()))
  const once = await take(dokeres.logs(made, { follow: true }), Infinity)
  for (const { id } of made) {
    const own = once.filter(({ container }) => container.id === id).map(({ line }) => line)
    assert.deepEqual(own, numbered(200))
  }
  /** @type {Map<string, string[]>} */
  const seen = new Map(made.map(({ id }) => [id, []]))
  const reading = dokeres
    .logs(made, { follow: true, restarts: true })
    .forEach(({ container, line }) => void seen.get(container.id)?.push(line))
  for (let run = 0; run < 3; run++) {
    await Promise.all(made.map((container) => container.wait()))
    await Promise.all(made.map((container) => container.start()))
  }
  await Promise.all(made.map((container) => container.wait()))
  const all = (/** @type {string[]} */ lines) => lines.length >= 800
  await until(() => [...seen.values()].every(all))
  await Promise.all(made.map((container) => container.remove()))
  await reading
  for (const lines of seen.values()) assert.deepEqual(lines, numbered(800))
})

test('those that fit filters, and those that will: joined when they start, all of what they write', async () => {
  const mark = uniqueName('join')
  const marked = { ...labels, 'dokeres.test.join': mark }
  const early = await image.run(null, { labels: marked, init: true }, [
    'sh',
    '-c',
    'echo early; sleep 300',
  ])
  await early.waitLog('early')
  const stranger = await image.run(null, { labels }, 'echo not me')
  const stream = dokeres.logs({ label: `dokeres.test.join=${mark}` }, { follow: true })
  const lines = []
  const reading = (async () => {
    for await (const { line } of stream) {
      lines.push(line)
      if (line === 'line 400') return
    }
  })()
  await stream._open()
  const late = await image.run(null, { labels: marked }, counting(200))
  await late.wait()
  await late.start()
  await reading
  assert.deepEqual(lines, ['early', ...numbered(400)])
  await Promise.all([early, late, stranger].map((one) => one.remove({ force: true })))
})

test('long lines and many bytes: whole lines, and back-pressure', async () => {
  const script = `i=0; while [ $i -lt 6 ]; do i=$((i + 1)); head -c 40000 /dev/zero | tr '\\0' $i; echo; done`
  const container = await image.run(null, { labels }, ['sh', '-c', script])
  await container.wait()
  const stream = dokeres.logs([container])
  const lines = []
  for await (const { line } of stream) {
    lines.push(line)
    await sleep(5)
  }
  assert.deepEqual(
    lines.map((line) => [line.length, line[0], line.at(-1)]),
    [1, 2, 3, 4, 5, 6].map((n) => [40000, `${n}`, `${n}`]),
  )
  const through = container.logs({ follow: true, restarts: true }).lines()
  assert.deepEqual(await take(through, 6), lines)
  await container.remove()
})
