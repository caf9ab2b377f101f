// Draws docs/terminal.svg, which the README shows, of docs/terminal.cast: what a terminal has said while the ten lines
// ran on a real engine. `scripts/engine run --private -- node scripts/recording.mjs` records it anew;
// `node scripts/recording.mjs --draw` only draws what is recorded.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { draw } from './lib/recording/draw.mjs'
import { frames } from './lib/recording/frames.mjs'
import { record } from './lib/recording/record.mjs'
import { setStage } from './lib/recording/stage.mjs'
import { root } from './lib/run.mjs'

const at = (/** @type {string} */ name) => join(root, 'docs', name)

if (!process.argv.includes('--draw')) {
  const stage = await setStage()
  try {
    await writeFile(at('terminal.cast'), await record(stage))
  } finally {
    await stage.strike()
  }
}
const cast = await readFile(at('terminal.cast'), 'utf8')
const svg = draw(await frames(cast), cast)
await writeFile(at('terminal.svg'), svg)
console.log(`docs/terminal.svg: ${Math.round(svg.length / 1024)} KiB`)
