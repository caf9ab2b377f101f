// The house: layers import one way, and files stay small.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const src = fileURLToPath(new URL('../src', import.meta.url))

/** What each layer may name of the crate, besides itself. */
const MAY_IMPORT = {
  transport: [],
  archive: [],
  context: ['archive'],
  // Of contexts only the dockerignore patterns.
  copy: ['archive', 'context'],
  endpoint: ['transport'],
  credentials: ['endpoint'],
  buildkit: ['credentials'],
  engine: ['transport', 'archive', 'copy', 'context', 'endpoint', 'credentials', 'buildkit'],
  binding: ['transport', 'endpoint', 'engine'],
}

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.rs'))
  .map((path) => ({ path, text: readFileSync(join(src, path), 'utf8') }))

test('layers import one way', () => {
  for (const { path, text } of sources) {
    const [layer] = path.split('/')
    if (!(layer in MAY_IMPORT)) continue
    const named = [...text.matchAll(/\bcrate::(\w+)/g)].map(([, name]) => name)
    for (const other of new Set(named)) {
      assert.ok(other === layer || MAY_IMPORT[layer].includes(other), `${path} imports ${other}`)
    }
  }
})

test('only the binding knows Node-API, only the engine knows bollard', () => {
  for (const { path, text } of sources) {
    const code = text.replace(/\/\/.*$/gm, '')
    if (!path.startsWith('binding')) assert.doesNotMatch(code, /\bnapi/, path)
    if (!path.startsWith('engine')) assert.doesNotMatch(code, /\bbollard\b/, path)
  }
})

test('a file is one concept: no more than 300 lines', () => {
  for (const { path, text } of sources) {
    assert.ok(text.split('\n').length <= 301, `${path} has ${text.split('\n').length} lines`)
  }
})
