// What came of the tests, held against what is known of the engine.
import { AROUND } from './reporter.mjs'

/**
 * What an engine does otherwise, and the tests that fail for it: by file (without its ending) their names,
 * as they are or as a pattern.
 * @typedef {{ engines: string[], says: string, tests: Record<string, (string | RegExp)[]> }} Difference
 * @typedef {import('./reporter.mjs').Result} Result
 * @typedef {{ file: string, test: string }} Named
 * @typedef {{ says: string, tests: Named[] }} Told a difference, and the tests in which it was seen
 * @typedef {{ unexplained: Result[], stale: Named[], told: Told[], skipped: Result[], passed: number, failed: number }} Verdict
 */

/**
 * @param {string} engine
 * @param {Result[]} results
 * @param {readonly Difference[]} differences
 * @returns {Verdict} `stale` are those that were to fail and did not
 */
export function judge(engine, results, differences) {
  const ours = differences.filter(({ engines }) => engines.includes(engine))
  const failed = results.filter((result) => result.result === 'fail' && !follows(result, results))
  const ran = new Set(results.map(({ file }) => file))
  /** @param {Difference} difference */
  const seenOf = (difference) => failed.filter((result) => covers(difference, result))
  return {
    unexplained: failed.filter((result) => !ours.some((one) => covers(one, result))),
    stale: ours.flatMap(({ tests }) =>
      Object.entries(tests)
        .filter(([file]) => ran.has(file))
        .flatMap(([file, names]) =>
          names
            .filter((name) => !failed.some((one) => one.file === file && fits(name, one.test)))
            .map((name) => ({ file, test: String(name) })),
        ),
    ),
    told: ours.map((difference) => ({
      says: difference.says,
      tests: seenOf(difference).map(({ file, test }) => ({ file, test })),
    })),
    skipped: results.filter(({ result }) => result === 'skip'),
    passed: results.filter(({ result }) => result === 'pass').length,
    failed: failed.length,
  }
}

/**
 * Whether it is only that a test which failed has left something behind.
 * @param {Result} result @param {Result[]} all
 */
function follows({ file, test, message = '' }, all) {
  if (test !== AROUND || !message.startsWith('containers are left')) return false
  return all.some((one) => one.file === file && one.test !== AROUND && one.result === 'fail')
}

/** @param {Difference} difference @param {Result} result */
const covers = ({ tests }, { file, test }) => (tests[file] ?? []).some((name) => fits(name, test))

/** @param {string | RegExp} name @param {string} test */
const fits = (name, test) =>
  typeof name === 'string' ? name === test || test.startsWith(`${name} › `) : name.test(test)
