// Writes docs/architecture.svg: the layers of src/ and who imports whom, as the sources have it. With --check it
// only tells whether it is as it would be written.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drawing } from './lib/drawing/house.mjs'
import { layers } from './lib/drawing/layers.mjs'
import { root } from './lib/run.mjs'

const path = join(root, 'docs', 'architecture.svg')
const svg = drawing(await layers(join(root, 'src')))
if (!process.argv.includes('--check')) await writeFile(path, svg)
else if ((await readFile(path, 'utf8')) !== svg) {
  console.error('docs/architecture.svg is stale: run node scripts/drawing.mjs')
  process.exitCode = 1
}
