// The recorded terminal in the README: drawn from what is recorded, and what is recorded is what happens today.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { digest } from '../scripts/lib/recording/draw.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (/** @type {string} */ path) => readFile(join(root, path), 'utf8')
const program = 'ten-lines.mjs'

/** @type {string} */
let cast
/** What was said, without colours, and without the ends of lines: the terminal's width made some of them. @type {string} */
let said
/** @type {string} */
let folder

before(async () => {
  cast = await read('docs/terminal.cast')
  const [, ...events] = cast
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  said = inOneLine(events.map(([, , data]) => data).join(''))
  folder = await mkdtemp(join(tmpdir(), 'dokeres-recording-'))
  await mkdir(join(folder, 'node_modules'))
  await symlink(root, join(folder, 'node_modules', 'dokeres'), 'junction')
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
})

after(() => rm(folder, { recursive: true, force: true }))

/** @param {string} text */
function inOneLine(text) {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, ' ')
}

/** @param {string} source @returns {Promise<{ code: unknown, stdout: string, stderr: string }>} */
async function run(source) {
  await writeFile(join(folder, program), source)
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program],
      { cwd: folder, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
}

test('the drawing is of the recording: to draw it anew, run scripts/recording.mjs --draw', async () => {
  const svg = await read('docs/terminal.svg')
  assert.ok(svg.includes(`sha256 ${digest(cast)}`))
  assert.ok(svg.length < 150_000, `${svg.length} bytes`)
  // Images on pages run no scripts, and fetch nothing.
  assert.doesNotMatch(svg, /<script|<image|<foreignObject|@import|url\(|(?:href|src)="(?!#)/)
  assert.match(svg, /prefers-reduced-motion/)
  assert.ok((await read('README.md')).includes('](docs/terminal.svg)'))
})

test('the program is the ten lines, and does today what it did then', async () => {
  const source = await read(`examples/${program}`)
  assert.ok(said.includes(inOneLine(source)))
  const { code, stdout } = await run(source)
  assert.equal(code, 0)
  assert.ok(said.includes(inOneLine(stdout)), stdout)
})

test('so does the mistake in it', async () => {
  const source = await read(`examples/${program}`)
  const { code, stderr } = await run(source.replace('readonly', 'readOnly'))
  assert.equal(code, 1)
  const [message] = /^DokeresError.*$/m.exec(stderr) ?? []
  assert.ok(message && said.includes(message), stderr)
  for (const fact of ['code', 'path']) {
    const [line = ''] = new RegExp(`^ +${fact}: .*$`, 'm').exec(stderr) ?? []
    assert.ok(line && said.includes(line.trim()), stderr)
  }
})
