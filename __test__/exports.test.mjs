import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as module from 'dokeres'

const require = createRequire(import.meta.url)
/** @type {Record<string, any>} */
const commonjs = require('dokeres')
const types = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')

/** Names that the types say are there when the program runs. */
function declaredValues() {
  const own = types.matchAll(/^export declare (?:abstract )?(?:class|const|function) (\w+)/gm)
  const clauses = types.matchAll(/^export \{([^}]*)\}/gm)
  const aliases = [...clauses].flatMap(([, list]) => list.split(','))
  return [
    ...[...own].map(([, name]) => name),
    ...aliases.map(
      (alias) =>
        alias
          .trim()
          .split(/\s+as\s+/)
          .at(-1) ?? '',
    ),
  ].sort()
}

test('the module exports what the types declare, no more and no less', () => {
  assert.deepEqual(Object.keys(module).sort(), declaredValues())
})

test('require and import give the same', () => {
  assert.deepEqual(Object.keys(commonjs).sort(), Object.keys(module).sort())
  for (const [name, value] of Object.entries(module)) assert.equal(commonjs[name], value, name)
})

test('dokeres/dockops exports what its types declare, and the same both ways', async () => {
  const imported = await import('dokeres/dockops')
  const required = require('dokeres/dockops')
  const text = readFileSync(new URL('../dockops.d.ts', import.meta.url), 'utf8')
  const declared = [...text.matchAll(/^export declare (?:const|function) (\w+)/gm)]
  assert.deepEqual(Object.keys(imported).sort(), declared.map(([, name]) => name).sort())
  assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort())
  for (const [name, value] of Object.entries(imported)) assert.equal(required[name], value, name)
  for (const name of ['Containers', 'Images']) {
    const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(
      text,
    )?.[1]
    const methods = [...(body ?? '').matchAll(/^ {2}(\w+)(?:\(|: (?:Call|Build))/gm)]
    const own = Object.keys(required[name].prototype).filter((method) => !method.startsWith('_'))
    assert.deepEqual(methods.map(([, method]) => method).sort(), own.sort())
  }
})

test('the short names are the same classes', () => {
  assert.equal(module.Engine, module.Dokeres)
  assert.equal(module.Image, module.DokeresImage)
  assert.equal(module.Container, module.DokeresContainer)
})

test('the classes have the methods that the types declare', () => {
  for (const name of ['Dokeres', 'DokeresImage', 'DokeresContainer', 'DokeresStream']) {
    const bodies = types.matchAll(
      new RegExp(`^export (?:declare class|interface) ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, 'gm'),
    )
    const members = [...bodies].flatMap(([, body]) => [...body.matchAll(/^ {2}(?:get )?(\w+)\(/gm)])
    const declared = new Set(members.map(([, member]) => member))
    assert.ok(declared.size > 3, `${name} is declared`)
    for (const member of declared) {
      assert.ok(member in commonjs[name].prototype || member === 'constructor', `${name}.${member}`)
    }
  }
})

test('the error codes are those of the engine core', () => {
  const core = readFileSync(new URL('../src/engine/error/code.rs', import.meta.url), 'utf8')
  const union = /export type DokeresErrorCode =([\s\S]*?)\n\n/.exec(types)?.[1] ?? ''
  const declared = [...union.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code)
  const list = /\ncodes! \{([\s\S]*?)\n\}/.exec(core)?.[1] ?? ''
  const codes = [...list.matchAll(/= "([A-Z_]+)"/g)].map(([, code]) => code)
  assert.ok(codes.length > 30)
  assert.deepEqual(declared.sort(), codes.sort())
})

test('each target has its package, of this version', () => {
  const { version, napi } = require('../package.json')
  const folders = readdirSync(new URL('../npm', import.meta.url))
  assert.equal(folders.length, napi.targets.length)
  for (const folder of folders) {
    const platform = require(`../npm/${folder}/package.json`)
    assert.equal(platform.name, `dokeres-${folder}`)
    assert.equal(platform.version, version)
    assert.equal(platform.main, `dokeres.${folder}.node`)
    const [os, cpu, abi] = folder.split('-')
    assert.deepEqual([platform.os, platform.cpu], [[os], [cpu]])
    const libc = { gnu: ['glibc'], musl: ['musl'] }[abi]
    assert.deepEqual(platform.libc, libc)
  }
})
