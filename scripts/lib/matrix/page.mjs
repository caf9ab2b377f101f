// docs/engines.md, out of what the matrix has recorded in docs/engines.json.

/**
 * @typedef {{ version: string, api: string, files: number, tests: number, passed: number,
 *   skipped: { file: string, test: string, why: string }[], left: { files: string[], why: string }[],
 *   differs: import('./judge.mjs').Told[] }} Engine what was recorded of an engine
 * @typedef {{ engines: Record<string, Engine>, runtimes: import('../runtimes/check.mjs').Row[] }} Recorded
 */

const TITLES = /** @type {Record<string, string>} */ ({ podman: 'Podman' })

/** @param {string} engine */
const titled = (engine) => TITLES[engine] ?? `Docker ${engine}`

/** What is checked in a runtime, in words. */
const CHECKS = {
  load: '`require` and `import`, a first call',
  run: 'task, container, output, input',
  stream: 'callbacks, iteration, Node stream, abort',
  error: 'code, facts, hint, stack',
  end: 'ends by itself',
  reaper: 'killed: its containers go',
}

/** @param {Recorded} recorded @returns {string} before prettier has seen it */
export function page({ engines, runtimes }) {
  const known = Object.entries(engines)
  return [
    '# Engines and runtimes',
    'Written by `npm run matrix` from what it saw; what a difference is, in words, is in',
    '`__test__/helpers/engine-differences.mjs`. Not to be edited.',
    '',
    '## Engines',
    'The tests of this package, each file against a private engine of each kind:',
    '',
    row(['Engine', 'Version', 'API', 'Files', 'Tests', 'Passed', 'Differ', 'Skipped']),
    row(Array.from({ length: 8 }, () => '---')),
    ...known.map(([name, engine]) =>
      row([
        titled(name),
        engine.version,
        engine.api,
        engine.files,
        engine.tests,
        engine.passed,
        engine.tests - engine.passed - engine.skipped.length,
        engine.skipped.length,
      ]),
    ),
    '',
    ...known.flatMap(([name, engine]) => section(titled(name), engine)),
    '## What was not run',
    'Files that talk to no real engine are about none. Of those that do:',
    '',
    ...left(known),
    '',
    '## Runtimes',
    'The packed package, installed into an empty folder, on the platform that the matrix ran on:',
    '',
    row(['Runtime', 'Version', ...Object.values(CHECKS)]),
    row(Array.from({ length: 2 + Object.keys(CHECKS).length }, () => '---')),
    ...runtimes.map(({ name, version, checks }) =>
      row([name, version, ...Object.keys(CHECKS).map((check) => cell(checks[check]))]),
    ),
    '',
    ...runtimes.flatMap(({ name, checks }) =>
      Object.entries(checks)
        .filter(([, outcome]) => outcome !== 'ok')
        .map(([check, outcome]) => `- ${name}, ${check}: ${outcome.split('\n')[0]}`),
    ),
  ].join('\n')
}

/** @param {unknown[]} cells */
const row = (cells) => `| ${cells.join(' | ')} |`

/** @param {string | undefined} outcome */
const cell = (outcome) => (outcome === 'ok' ? 'yes' : outcome === undefined ? 'not run' : 'no')

/** @param {string} title @param {Engine} engine */
function section(title, { differs, skipped }) {
  const lines = [
    ...differs.map(({ says, tests }) => `- ${says} (${named(tests)})`),
    ...skipped.map(({ file, test, why }) => `- Skipped: ${named([{ file, test }])}: ${why}`),
  ]
  return [`### ${title}`, ...(lines.length > 0 ? lines : ['Nothing differs.']), '']
}

/** @param {import('./judge.mjs').Named[]} tests */
function named(tests) {
  /** @type {Map<string, string[]>} */
  const byFile = new Map()
  for (const { file, test } of tests) byFile.set(file, [...(byFile.get(file) ?? []), test])
  return [...byFile]
    .map(([file, names]) =>
      names.length > 4
        ? `${names.length} tests of \`${file}\``
        : `\`${file}\`: ${names.join('; ')}`,
    )
    .join('. ')
}

/** @param {[string, Engine][]} known */
function left(known) {
  /** @type {Map<string, { files: string[], of: string[] }>} */
  const reasons = new Map()
  for (const [name, engine] of known) {
    for (const { files, why } of engine.left) {
      const of = reasons.get(why)?.of ?? []
      reasons.set(why, { files, of: [...of, titled(name)] })
    }
  }
  return [...reasons].map(([why, { files, of }]) => {
    const where = of.length === known.length ? '' : ` (${of.join(', ')})`
    return `- ${files.map((file) => `\`${file}\``).join(', ')}${where}: ${why}.`
  })
}
