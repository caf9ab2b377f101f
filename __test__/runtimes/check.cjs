// What dokeres does in any runtime, asked of the one that runs this: one JSON a line for each check.
// Loaded by a main of each kind, with the package as that kind has it.
const assert = require('node:assert/strict')

/**
 * @param {any} dokeres the package
 * @param {string} how it was loaded
 */
exports.check = async function check({ Dokeres, DokeresError }, how) {
  const engine = new Dokeres()
  const image = engine.image(process.env.DOKERES_TEST_BASE)
  const labels = { 'dokeres.runtimes': String(process.pid) }

  const checks = {
    async load() {
      assert.match((await engine.version()).ApiVersion, /^1\.\d+$/)
      assert.throws(() => engine.image({ name: 1 }), { code: 'INVALID_OPTION' })
    },

    async run() {
      const { exitCode, stdout, stderr } = await image.task(shell('echo out; echo err >&2'), {
        labels,
      })
      assert.deepEqual([exitCode, stdout, stderr], [0, 'out\n', 'err\n'])
      const container = await image.run(null, { labels }, shell('echo said; exit 4'))
      assert.equal((await container.wait()).code, 4)
      assert.equal(await container.logs().text(), 'said\n')
      await container.remove()
      const heard = []
      const onStdout = (/** @type {unknown} */ part) => heard.push(String(part))
      await image.task('cat', { labels, stdin: Buffer.from('given'), onStdout })
      assert.equal(heard.join(''), 'given')
    },

    async stream() {
      const options = { labels, remove: true }
      const container = await image.run(
        null,
        options,
        shell('while :; do echo tick; sleep 0.05; done'),
      )
      try {
        let ticks = 0
        for await (const { stream, data } of container.logs({ follow: true })) {
          assert.equal(stream, 'stdout')
          assert.ok(Buffer.isBuffer(data))
          if (++ticks === 3) break
        }
        for await (const line of container.logs({ follow: true }).lines()) {
          assert.equal(line, 'tick')
          if (++ticks === 6) break
        }
        await container.logs({ follow: true }).forEach(async () => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          return ++ticks < 9
        })
        assert.equal(ticks, 9)
        const readable = container.logs({ follow: true }).readable()
        const [first] = await require('node:events').once(readable, 'data')
        assert.match(String(first.data ?? first), /tick/)
        readable.destroy()
        const abort = new AbortController()
        const following = container.logs({ follow: true, signal: abort.signal })
        const collected = following.collect()
        setTimeout(() => abort.abort(new Error('enough')), 100)
        await assert.rejects(collected, { message: 'enough' })
        const thrown = container.logs({ follow: true }).forEach(() => {
          throw new Error('from a callback')
        })
        await assert.rejects(thrown, { message: 'from a callback' })
      } finally {
        await container.remove({ force: true })
      }
      const signal = AbortSignal.timeout(300)
      await assert.rejects(image.task('sleep 60', { labels, signal }), { name: 'TimeoutError' })
    },

    async error() {
      const failed = await image.task(shell('echo why >&2; exit 3'), { labels }).catch(same)
      assert.ok(failed instanceof DokeresError && failed instanceof Error)
      assert.deepEqual(
        [failed.name, failed.code, failed.exitCode],
        ['DokeresError', 'EXIT_CODE', 3],
      )
      assert.match(failed.stderr, /why/)
      assert.match(failed.stack, /check\.cjs/)
      const nowhere = await new Dokeres('/nowhere/docker.sock').ping().catch(same)
      assert.equal(nowhere.code, 'ENGINE_UNREACHABLE')
      assert.match(nowhere.message, /\/nowhere\/docker\.sock.*no such socket; is it running/)
      const none = engine.image({ name: 'dokeres-test/none:1', pullPolicy: 'never' })
      const missing = await none.ensure().catch(same)
      assert.equal(missing.code, 'IMAGE_UNAVAILABLE')
    },
  }

  for (const [name, run] of Object.entries(checks)) {
    const outcome = await run().then(
      () => ({ ok: true }),
      (error) => ({ ok: false, message: error?.stack ?? String(error) }),
    )
    console.log(JSON.stringify({ check: name, how, ...outcome }))
  }
}

/** @param {unknown} error */
const same = (error) => error

/** @param {string} script */
const shell = (script) => ['sh', '-c', script]
