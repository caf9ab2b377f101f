// docs/engines.md, out of what the matrix has recorded in docs/engines.json.

/**
 * @typedef {{ version: string, api: string, files: number, tests: number, passed: number,
 *   skipped: { file: string, test: string, why: string }[], left: { files: string[], why: string }[],
 *   differs: import('./judge.mjs').Told[], unexplained: import('./judge.mjs').Named[] }} Engine what was recorded of an engine
 * @typedef {{ engines: Record<string, Engine>, runtimes: import('../runtimes/check.mjs').Row[] }} Recorded
 */

/** All that the matrix knows. */
export const ENGINES = ['20.10', '26', '28', 'podman']

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
  /** @type {[string, Engine][]} */
  const known = ENGINES.flatMap((name) => (engines[name] ? [[name, engines[name]]] : []))
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
    ...ENGINES.filter((name) => !(name in engines)).flatMap((name) => [
      `${titled(name)} has not been run yet: \`npm run matrix -- --engines ${name}\`.`,
      '',
    ]),
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
function section(title, { differs, skipped, unexplained }) {
  const lines = [
    ...differs.map(({ says, tests }) =>
      tests.length > 0 ? `- ${says} (${named(tests)})` : `- ${says} (not in this run)`,
    ),
    ...skipped.map(({ file, test, why }) => `- Skipped: ${named([{ file, test }])}: ${why}`),
  ]
  if (unexplained.length > 0)
    lines.push(`- Failed, and not looked into yet: ${named(unexplained, 20)}`)
  return [`### ${title}`, ...(lines.length > 0 ? lines : ['Nothing differs.']), '']
}

/** @param {import('./judge.mjs').Named[]} tests @param {number} [most] that are named, of a file */
function named(tests, most = 4) {
  /** @type {Map<string, string[]>} */
  const byFile = new Map()
  for (const { file, test } of tests) byFile.set(file, [...(byFile.get(file) ?? []), test])
  return [...byFile]
    .map(([file, names]) =>
      names.length > most
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
