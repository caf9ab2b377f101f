// A clock that is set while all kinds of calls are open: ours, a day ahead and two days back. No limit is
// reached early or late, nothing that follows loses a line or has one twice, and a broken connection is
// taken up where it was, which is a matter of the engine's clock.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { cuttable } from './helpers/cuttable.mjs'
import { uniqueName } from './helpers/engine.mjs'

const FAKETIME = [
  `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`,
  '/usr/lib/faketime/libfaketimeMT.so.1',
].find(existsSync)
const DAY = 24 * 3600_000
const script = fileURLToPath(new URL('helpers/clock-child.mjs', import.meta.url))

test(
  'the clock is set ahead, and back',
  { skip: FAKETIME ? false : 'no libfaketime' },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dokeres-clock-'))
    const clock = join(folder, 'clock')
    writeFileSync(clock, '+0')
    const way = await cuttable()
    const child = spawn(process.execPath, [script, uniqueName('clock'), `unix://${way.path}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        LD_PRELOAD: FAKETIME,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        // As when a machine's clock is set: the one that counts on is none's to set.
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    })
    const ended = new Promise((resolve) => child.on('close', (code) => resolve(code)))
    try {
      const words = createInterface(child.stdout)[Symbol.asyncIterator]()
      const { begun } = JSON.parse((await words.next()).value)
      assert.ok(Math.abs(begun - Date.now()) < 60_000)
      for (const [setting, cut] of /** @type {const} */ ([
        ['+1d', false],
        ['+1d', true],
        ['-1d', true],
      ])) {
        writeFileSync(clock, setting)
        await sleep(500)
        if (!cut) continue
        way.cut()
        await sleep(700)
        way.mend()
      }
      const told = JSON.parse((await words.next()).value)
      assert.ok(Math.abs(told.now - (Date.now() - DAY)) < 60_000, 'the clock was set')
      assert.equal(await ended, 0)
      const lines = Array.from({ length: 40 }, (_, n) => `line ${n + 1}`)
      assert.deepEqual(told.lines, lines)
      assert.deepEqual(told.resumed, lines)
      assert.deepEqual(
        told.events.map((/** @type {string} */ name) => name.at(-1)),
        ['1', '2', '3', '4', '5', '6', '7', '8'],
      )
      assert.equal(told.wait.outcome, 7)
      assert.equal(told.log.outcome, 'line 35')
      for (const key of ['short', 'never', 'task', 'exec']) {
        const { outcome, took } = told[key]
        assert.equal(outcome, 'TIMEOUT', key)
        assert.ok(took > 5900 && took < 16_000, `${key} took ${took} ms`)
      }
    } finally {
      child.kill('SIGKILL')
      way.close()
      rmSync(folder, { recursive: true })
    }
  },
)
