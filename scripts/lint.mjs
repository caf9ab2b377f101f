// All that reads the JavaScript and the types without running them.
import { run } from './lib/run.mjs'

const checks = [
  ['prettier', '--check', '.'],
  ['oxlint', '--deny-warnings'],
  ['tsc', '--project', 'tsconfig.json'],
  ['tsc', '--project', '__test__/types/tsconfig.json'],
  ['tsc', '--project', '__test__/types/tsconfig.bundler.json'],
]

for (const [program, ...args] of checks) {
  console.log(`${program} ${args.join(' ')}`)
  const { code } = await run('npx', ['--no-install', program, ...args])
  if (code !== 0) process.exitCode = 1
}
