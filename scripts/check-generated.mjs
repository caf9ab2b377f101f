// Builds, and fails if that changes a generated file: then the new one is to be committed.
import { snapshot, stale } from './lib/generated.mjs'
import { must } from './lib/run.mjs'

const before = await snapshot()
await must('npm', ['run', '--silent', 'build'])
const changed = await stale(before)
if (changed.length > 0) {
  console.error(`stale, commit what the build has written: ${changed.join(', ')}`)
  process.exitCode = 1
}
