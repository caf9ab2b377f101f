// Writes docs/engine-api.md; with --check only tells whether it is as it would be written.
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { document, mistakes } from './lib/api/table.mjs'
import { root } from './lib/run.mjs'

const path = join(root, 'docs/engine-api.md')

const found = await mistakes(createRequire(import.meta.url)('../index.js'))
if (found.length > 0) throw new Error(found.join('\n'))
const config = await resolveConfig(path)
const text = await format(await document(), { ...config, filepath: path })
if (!process.argv.includes('--check')) await writeFile(path, text)
else if ((await readFile(path, 'utf8')) !== text) {
  console.error('docs/engine-api.md is stale: run node scripts/api-table.mjs')
  process.exitCode = 1
}
