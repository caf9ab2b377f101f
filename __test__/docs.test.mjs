// What the documents say is there, is there.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { undocumented } from '../scripts/lib/undocumented.mjs'

/** @type {Record<string, any>} */
const dokeres = createRequire(import.meta.url)('dokeres')
const read = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), 'utf8')
const types = read('../index.d.ts')
const guide = read('../docs/migrating.md')

/** What the guide calls an object, and whose it is. */
const OBJECTS = {
  dokeres: 'Dokeres',
  image: 'DokeresImage',
  container: 'DokeresContainer',
  stream: 'AttachStream',
  error: 'DokeresError',
  'dokeres.images': 'ImageCollection',
  'dokeres.containers': 'ContainerCollection',
  'dokeres.networks': 'NetworkCollection',
  'dokeres.volumes': 'VolumeCollection',
  'dokeres.swarm': 'Swarm',
  'dokeres.swarm.services': 'ServiceCollection',
  'dokeres.swarm.tasks': 'TaskCollection',
  'dokeres.swarm.nodes': 'NodeCollection',
  'dokeres.swarm.secrets': 'SecretCollection',
  'dokeres.swarm.configs': 'ConfigCollection',
  'dokeres.plugins': 'PluginCollection',
}

/** The members of a class or interface, as declared, also by a namespace of its name. @param {string} name */
function members(name) {
  const declared = new RegExp(
    `^export (?:declare )?(?:class|interface|namespace) ${name}\\b([^{]*)\\{\\n([\\s\\S]*?)^\\}`,
    'gm',
  )
  /** @type {Set<string>} */
  const found = new Set()
  for (const [, heritage, body] of types.matchAll(declared)) {
    for (const [, member] of body.matchAll(
      /^ {2}(?:get |readonly |function |const )*(\w+)(?=[?(:<])/gm,
    )) {
      found.add(member)
    }
    const [, base] = /extends (\w+)/.exec(heritage) ?? []
    if (base) for (const member of members(base)) found.add(member)
  }
  return found
}

/** Whether what stands in code is a name of ours. @param {string} code */
function isOurs(code) {
  const options = /^\{(.*)\}$/.exec(code)
  if (options) {
    return options[1].split(',').every((option) => {
      const [name] = option.trim().split(':')
      return new RegExp(`^ {2}${name}\\??:`, 'm').test(types)
    })
  }
  const [, made] = /^new (\w+)\(.*\)$/.exec(code) ?? []
  if (made) return typeof dokeres[made] === 'function'
  const [, owner, member] = /^([\w.]+)\.(\w+)(?:\(\))?$/.exec(code) ?? []
  if (member) return members(OBJECTS[owner] ?? owner).has(member)
  const [, name] = /^(\w+)(?:\(\))?$/.exec(code) ?? []
  return name in dokeres
}

const tables = guide.split(/^## /m).slice(1)

test('there is a table for everyone', () => {
  const titles = tables.map((table) => table.slice(0, table.indexOf('\n')))
  for (const theirs of ['dokeres', 'dock ', 'dockops', 'dockerode', 'asyncdocker', 'tau']) {
    assert.ok(
      titles.some((title) => title.includes(theirs)),
      theirs,
    )
  }
})

test('each name of ours in the tables exists', () => {
  let count = 0
  for (const table of tables) {
    const rows = table.split('\n').filter((line) => line.startsWith('|'))
    assert.ok(rows.length > 5, table.slice(0, 30))
    for (const row of rows.slice(2)) {
      const cells = row.split(/(?<!\\)\|/)
      assert.equal(cells.length, 5, row)
      const names = [...cells[2].matchAll(/`([^`]+)`/g)].map(([, code]) => code)
      assert.ok(names.length > 0, row)
      for (const name of names) {
        assert.ok(isOurs(name), `${name} in: ${row}`)
        count++
      }
    }
  }
  assert.ok(count > 150, `${count} names`)
})

test('the check finds what is not there', () => {
  for (const name of [
    'dokeres.nothing()',
    'image.nothing',
    '{ nothing }',
    'new Nothing()',
    'Nothing',
  ])
    assert.equal(isOurs(name), false, name)
})

const pages = readdirSync(new URL('../docs', import.meta.url)).filter((file) =>
  file.endsWith('.md'),
)
const union = /export type DokeresErrorCode =([\s\S]*?)\n\n/.exec(types)?.[1] ?? ''
const codes = new Set([...union.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code))

/** What else is written in capitals: variables of the environment, and of the pages' own examples. */
const VARIABLES =
  /^(DOCKER_\w+|NODE_\w+|DOKERES_REPLICA|NO_COLOR|SSH_AUTH_SOCK|DATABASE_URL|API_\w+)$/

test('each code of an error in the pages exists', () => {
  for (const page of pages) {
    for (const [, code] of read(`../docs/${page}`).matchAll(/`([A-Z]+_[A-Z_]+)`/g)) {
      assert.ok(codes.has(code) || VARIABLES.test(code), `${page}: ${code}`)
    }
  }
})

test('every code of an error is explained', () => {
  const rows = [...read('../docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)]
  assert.deepEqual(rows.map(([, code]) => code).sort(), [...codes].sort())
})

test('tables of options: what they name is there', () => {
  let count = 0
  for (const page of pages) {
    const tables = read(`../docs/${page}`).matchAll(/^\| `(\w+)` +\|.*\n\| -.*\n((?:\|.*\n)+)/gm)
    for (const [, owner, rows] of tables) {
      // Others are tables of values, headed by the option that has them.
      if (!/^[A-Z]/.test(owner)) continue
      const known = members(owner)
      assert.ok(known.size > 0, `${page}: ${owner}`)
      for (const row of rows.trim().split('\n')) {
        for (const [, name] of row.split('|')[1].matchAll(/`(\w+)`/g)) {
          assert.ok(known.has(name), `${page}: ${owner}.${name}`)
          count++
        }
      }
    }
  }
  assert.ok(count > 150, `${count} options`)
})

test('every option is told of on a page', () => {
  const told = pages.filter((page) => !/^(engine-api|engines)/.test(page))
  const words = new Set(told.flatMap((page) => read(`../docs/${page}`).match(/\w+/g) ?? []))
  const owners = [...types.matchAll(/^export interface (\w+(?:Options|Settings))\b/gm)]
  assert.ok(owners.length > 60, `${owners.length} kinds of options`)
  for (const [, owner] of owners) {
    for (const option of members(owner)) assert.ok(words.has(option), `${owner}.${option}`)
  }
})

test('every public item has a doc comment, and the check finds what has none', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const own = ['index.d.ts', 'dockops.d.ts', 'modem.d.ts'].map((file) => root + file)
  assert.deepEqual(undocumented(own), [])
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-undocumented-'))
  const file = join(folder, 'probe.d.ts')
  const members = 'a: 1\n  /** said */\n  b: 2\n  /** */\n  c: 3\n  private d: 4\n'
  const overloads = '/** said */\n  e(): 1\n  e(f: 1): 1\n'
  // Of what A has told of, D says no more than how it differs.
  const written =
    '/** said */\nexport type D = A & { b: 3; g: 4 | 5 }\n/** said */\nexport type E = { is: 1; h: 2 | 3 } | { is: 2 }\n'
  writeFileSync(
    file,
    `/** said */\nexport declare class A {\n  ${members}  ${overloads}}\nexport type B = 1\ntype C = 2\n${written}`,
  )
  const found = undocumented([file])
  rmSync(folder, { recursive: true })
  assert.deepEqual(
    found.map((line) => line.split(' ')[1]),
    ['probe.A.a', 'probe.A.c', 'probe.B', 'probe.D.g', 'probe.E.h'],
  )
})

test('each option and each code has something said of it', () => {
  for (const page of pages) {
    for (const [row] of read(`../docs/${page}`).matchAll(/^\| `[\w`, ]+ *\|.*\| +\|$/gm)) {
      assert.fail(`${page}: ${row}`)
    }
  }
})

test('the drawing of the house is of the house', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  execFileSync(process.execPath, ['scripts/drawing.mjs', '--check'], { cwd: root })
})

test('every page leads on', () => {
  for (const page of pages) {
    // Those that are made of other things are told of by the index.
    if (page.startsWith('engine')) continue
    assert.match(read(`../docs/${page}`), /\]\([\w./-]+\.(md|mjs)\)/, page)
  }
})

test('links between documents lead somewhere', () => {
  for (const document of ['README.md', 'CONTRIBUTING.md', ...pages.map((page) => `docs/${page}`)]) {
    const folder = new URL(`../${document}`, import.meta.url)
    for (const [, target] of readFileSync(folder, 'utf8').matchAll(/\]\(([\w./-]+)\)/g)) {
      assert.ok(existsSync(new URL(target, folder)), `${document}: ${target}`)
    }
  }
})
