// Inside `scripts/engine run`: runs test files, some at a time; writes what came of them.
// usage: main.mjs OUTPUT LANES FILE …
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from './file.mjs'
import { locksUp } from './watch.mjs'

/** How long files may go on when the engine has locked up: some have an engine of their own. */
const GRACE = 60_000

/** The longest: begun last, one would run on alone. */
const LONG =
  /^(fault-|task|push|publish|examples|buildkit|engine-|wait-for|volumes|swarm|streams-large|leaks-|docs-snippets|dockops)/

const [output = '', lanes = '1', ...files] = process.argv.slice(2)
const isLong = (/** @type {string} */ file) => Number(LONG.test(basename(file)))
const waiting = files.sort((a, b) => isLong(b) - isLong(a))

/** @type {import('./file.mjs').Result[]} */
const results = []
/** @type {Set<ReturnType<typeof start>>} */
const running = new Set()
/** What was killed, or never begun, because the engine had locked up. @type {string[]} */
const again = []

const done = new AbortController()
const stopped = locksUp(process.env.DOCKER_HOST ?? '', done.signal)
let isLocked = false
const watching = stopped.then(async (locked) => {
  if (!locked) return
  isLocked = true
  console.log('── the engine has locked up ──')
  await sleep(GRACE, undefined, { signal: done.signal }).catch(() => {})
  for (const { file, kill } of running) {
    again.push(file)
    kill()
  }
})

await Promise.all(Array.from({ length: Number(lanes) }, lane))
done.abort()
await watching
again.push(...waiting)
writeFileSync(output, JSON.stringify({ results: results.map(brief), again }))

async function lane() {
  for (let file = next(); file; file = next()) {
    const one = start(file)
    running.add(one)
    const result = await one.result
    running.delete(one)
    if (again.includes(file)) continue
    // With an engine that does not answer any more, nothing can be told from a failure.
    if (isLocked && result.failed > 0) again.push(file)
    else results.push(result)
    console.log(`── ${file}, ${result.seconds.toFixed(1)} s ──\n${tests(result)}`)
  }
}

function next() {
  return isLocked ? undefined : waiting.shift()
}

/** @param {import('./file.mjs').Result} result */
function brief({ file, passed, failed, failures, seconds }) {
  return { file, passed, failed, failures, seconds }
}

/** Without the counts of each file, where all is well. @param {import('./file.mjs').Result} result */
function tests({ output, failed }) {
  return failed > 0
    ? output
    : output.replaceAll(/^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*\n/gm, '')
}
