// Fails where a public item has no doc comment, and says which.
import { join } from 'node:path'
import { root } from './lib/run.mjs'
import { undocumented } from './lib/undocumented.mjs'

const files = ['index.d.ts', 'dockops.d.ts', 'modem.d.ts'].map((file) => join(root, file))
const found = undocumented(files)
if (found.length > 0) {
  console.error(`without a doc comment:\n${found.join('\n')}`)
  process.exitCode = 1
}
