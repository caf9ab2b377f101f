import { manner } from './run.mjs'

/**
 * A step's outcome: how much passed and failed in it, or why it was passed over; what was run twice
 * because it failed at first; the names of what failed.
 * @typedef {{ passed?: number, failed?: number, skipped?: string, unsteady?: string[], failures?: string[] }} Outcome
 * @typedef {object} Step
 * @property {string} title
 * @property {boolean} [needed] without it nothing else makes sense
 * @property {boolean} [beside] it runs beside the others, with what they leave of the processors
 * @property {() => Promise<Outcome | void>} run
 * @typedef {{ title: string, seconds: number, outcome: Outcome }} Done
 */

/**
 * Runs all steps, whatever fails, unless what fails is `needed` by the rest. Prints what came of it.
 * @param {Step[]} steps
 * @returns {Promise<boolean>} whether all went well
 */
export async function runSteps(steps) {
  /** @type {Map<Step, Done>} */
  const done = new Map()
  const began = performance.now()
  const beside = steps.filter((step) => step.beside)
  /** @type {Promise<void> | undefined} */
  let second
  for (const step of steps.filter((step) => !step.beside)) {
    if (hindrance(done)) break
    console.log(`\n── ${step.title} ──`)
    done.set(step, await timed(step))
    // Not before the first, which may be needed by all.
    second ??= inTurn(beside, done)
  }
  await (second ?? inTurn(beside, done))
  const title = hindrance(done)?.title
  if (title) console.log(`\nnothing else can be tested without: ${title}`)
  const seconds = (performance.now() - began) / 1000
  return summarise(
    steps.flatMap((step) => done.get(step) ?? []),
    seconds,
  )
}

/**
 * Those that run beside the others, one after the other; what they write is shown when they are done.
 * @param {Step[]} steps @param {Map<Step, Done>} done
 */
async function inTurn(steps, done) {
  for (const step of steps) {
    if (hindrance(done)) return
    /** @type {(Buffer | string)[]} */
    const written = []
    const outcome = await manner.run({ write: (part) => written.push(part), isLow: true }, () =>
      timed(step),
    )
    console.log(`\n── ${step.title} (beside the others) ──`)
    for (const part of written) process.stdout.write(part)
    done.set(step, outcome)
  }
}

/** @param {Map<Step, Done>} done */
function hindrance(done) {
  return [...done.keys()].find((step) => step.needed && done.get(step)?.outcome.failed)
}

/** @param {Step} step @returns {Promise<Done>} */
async function timed(step) {
  const began = performance.now()
  const outcome = await attempt(step)
  return { title: step.title, seconds: (performance.now() - began) / 1000, outcome }
}

/** @param {Step} step @returns {Promise<Outcome>} */
async function attempt(step) {
  try {
    return (await step.run()) ?? { passed: 1 }
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
    return { failed: 1 }
  }
}

/** @param {Done[]} done @param {number} seconds */
function summarise(done, seconds) {
  let [passed, failed] = [0, 0]
  console.log('\n── summary ──')
  for (const { title, seconds, outcome } of done) {
    passed += outcome.passed ?? 0
    failed += outcome.failed ?? 0
    const mark = outcome.skipped ? 'skip' : outcome.failed ? 'FAIL' : 'pass'
    const counts = (outcome.passed ?? 0) + (outcome.failed ?? 0)
    const detail = outcome.skipped ?? (counts > 1 ? `${outcome.passed} of ${counts}` : '')
    console.log(`${mark}  ${seconds.toFixed(1).padStart(6)} s  ${title}${detail && `: ${detail}`}`)
    if (outcome.unsteady) console.log(`      failed at first: ${outcome.unsteady.join(', ')}`)
  }
  const failures = done.flatMap(({ outcome }) => outcome.failures ?? [])
  if (failures.length > 0) console.log(`failing tests:\n${failures.join('\n')}`)
  console.log(`${passed} passed, ${failed} failed, in ${(seconds / 60).toFixed(1)} minutes`)
  return failed === 0
}

/**
 * Reads a test runner's count out of its output; a failure that it does not count is one.
 * @param {{ code: number, output: string }} result
 * @param {RegExp} passes @param {RegExp} failures both global, with the number as first group
 */
export function counted({ code, output }, passes, failures) {
  const sum = (/** @type {RegExp} */ pattern) =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)
  const outcome = { passed: sum(passes), failed: sum(failures) }
  if (code !== 0 && outcome.failed === 0) outcome.failed = 1
  if (code === 0 && outcome.passed === 0) throw new Error('no test ran')
  return outcome
}
