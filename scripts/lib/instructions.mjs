// How many instructions the hot loops take (`bench/instructions.rs`), counted by callgrind: unlike time,
// that does not depend on the machine's mood. It does depend on the compiler.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canInstall, install } from './engine/packages.mjs'
import { oldGlibc } from './packages/toolchain.mjs'
import { has, must, root, run } from './run.mjs'

const RECORD = join(root, 'bench', 'instructions.json')
const NAMES = ['chunks', 'frames', 'lines', 'records', 'context', 'options', 'numbers']

/** How much more than what is recorded a loop may take. */
const TOLERANCE = 0.05

/** The same for a compiler with which nothing has been recorded: it catches what has gone quite wrong. */
const LOOSE = 0.25

/** What is made ready takes as long however often a loop runs, so it is the difference that counts. */
const ROUNDS = [1, 3]

/**
 * Counts, and compares with what is recorded.
 * @param {{ record?: boolean }} [options] `record` writes the counts down instead
 * @returns {Promise<import('./steps.mjs').Outcome>}
 */
export async function instructions({ record = false } = {}) {
  const missing = await lacking()
  if (missing) return { skipped: missing }
  const { compiler, target } = await toolchain()
  const counts = await countAll(await build(target))
  /** @type {Record<string, Record<string, Record<string, number>>>} */
  const known = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : {}
  if (record) {
    // One compiler's figures for each target: those of others are of no use.
    known[target] = { [compiler]: counts }
    writeFileSync(RECORD, JSON.stringify(known, null, 2) + '\n')
    console.log(`recorded for rustc ${compiler} on ${target}`)
    return { passed: NAMES.length }
  }
  const [recordedWith, recorded] = Object.entries(known[target] ?? {})[0] ?? []
  if (!recorded) return { skipped: `nothing is recorded for ${target}` }
  const same = recordedWith === compiler
  if (!same) {
    const advice = 'node scripts/instructions.mjs --record'
    console.log(`recorded with rustc ${recordedWith}, this is ${compiler}: compared loosely`)
    console.log(`to record with this one, on a commit that is known to be good: ${advice}`)
  }
  return compare(counts, recorded, same ? TOLERANCE : LOOSE)
}

/**
 * @param {Record<string, number>} counts @param {Record<string, number>} recorded
 * @param {number} tolerance
 */
function compare(counts, recorded, tolerance) {
  const outcome = { passed: 0, failed: 0 }
  for (const name of NAMES) {
    const [now, before] = [counts[name], recorded[name]]
    const change = before ? now / before - 1 : 0
    const bad = change > tolerance
    outcome[bad ? 'failed' : 'passed']++
    const percent = `${change < 0 ? '' : '+'}${(100 * change).toFixed(1)} %`
    const verdict = bad ? `: more than ${100 * tolerance} % over what is recorded` : ''
    console.log(`${name.padEnd(8)} ${now.toLocaleString('en').padStart(12)} ${percent}${verdict}`)
  }
  if (outcome.failed > 0) {
    console.log(
      'where that is the price of something, record it: node scripts/instructions.mjs --record',
    )
  }
  return outcome
}

/** Why it cannot be counted here. */
async function lacking() {
  if (process.platform !== 'linux') return 'callgrind is counted with on Linux'
  if (await has('valgrind')) return undefined
  if (!canInstall()) return 'valgrind is not installed'
  install(['valgrind'])
  return undefined
}

/**
 * With what the released addon was built with, so that what it is made of need not be compiled again.
 * @param {string} target
 */
async function build(target) {
  const profile = ['--locked', '--profile', 'dist', '--target', target]
  const what = ['--no-default-features', '--features', 'loops', '--bin', 'loops']
  const env = target.endsWith('-gnu') ? await oldGlibc(target) : {}
  await must('cargo', ['build', ...profile, ...what], { env })
  return join(root, 'target', target, 'dist', 'loops')
}

async function toolchain() {
  const { output } = await must('rustc', ['-vV'], { quiet: true })
  const of = (/** @type {string} */ name) =>
    output.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1] ?? ''
  return { compiler: of('release'), target: of('host') }
}

/** @param {string} program */
async function countAll(program) {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-instructions-'))
  /** @type {Record<string, number>} */
  const counts = {}
  try {
    for (const name of NAMES) {
      const [less, more] = await Promise.all(
        ROUNDS.map((rounds) => count(program, name, rounds, join(folder, `${name}-${rounds}`))),
      )
      counts[name] = Math.round((more - less) / (ROUNDS[1] - ROUNDS[0]))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return counts
}

/**
 * Without the C library's: which `memcpy` it takes depends on the processor.
 * @param {string} program @param {string} name @param {number} rounds @param {string} file
 */
async function count(program, name, rounds, file) {
  const tool = ['--tool=callgrind', `--callgrind-out-file=${file}`, '--compress-strings=no']
  const { code, output } = await run('valgrind', [...tool, program], {
    quiet: true,
    env: { DOKERES_LOOP: `${name} ${rounds}` },
  })
  if (code !== 0) throw new Error(output)
  let [sum, ours, called] = [0, false, false]
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('ob=')) ours = line.endsWith(program)
    else if (line.startsWith('calls=')) called = true
    else if (/^[+*\-\d]/.test(line)) {
      // The line after a call has what the called has taken, which is counted there.
      if (ours && !called) sum += Number(line.split(' ')[1])
      called = false
    }
  }
  return sum
}
