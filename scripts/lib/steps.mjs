/**
 * A step's outcome: how much passed and failed in it, or why it was passed over; what was run twice
 * because it failed at first.
 * @typedef {{ passed?: number, failed?: number, skipped?: string, unsteady?: string[] }} Outcome
 * @typedef {{ title: string, needed?: boolean, run: () => Promise<Outcome | void> }} Step
 */

/**
 * Runs all steps, whatever fails, unless what fails is `needed` by the rest. Prints what came of it.
 * @param {Step[]} steps
 * @returns {Promise<boolean>} whether all went well
 */
export async function runSteps(steps) {
  /** @type {{ title: string, seconds: number, outcome: Outcome }[]} */
  const done = []
  for (const step of steps) {
    console.log(`\n── ${step.title} ──`)
    const began = performance.now()
    const outcome = await attempt(step)
    done.push({ title: step.title, seconds: (performance.now() - began) / 1000, outcome })
    if (step.needed && outcome.failed) {
      console.log(`\nnothing else can be tested without: ${step.title}`)
      break
    }
  }
  return summarise(done)
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

/** @param {{ title: string, seconds: number, outcome: Outcome }[]} done */
function summarise(done) {
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
  console.log(`${passed} passed, ${failed} failed`)
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
