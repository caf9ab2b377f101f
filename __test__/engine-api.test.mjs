// The whole engine API: the table of its operations, the types of its JSON, and that JSON itself.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Dokeres } from '../index.js'
import { fakeEngine } from './helpers/fake-engine.mjs'
import { METHODS } from '../scripts/lib/api/methods.mjs'
import { definition, mistakes } from '../scripts/lib/api/table.mjs'

const require = createRequire(import.meta.url)
/** @type {Record<string, any>} */
const library = require('dokeres')
/** @type {{ parse(text: string): any }} */
const json = require('../js/json.js')

/** @param {string} script */
const check = (script) =>
  spawnSync(process.execPath, [script, '--check'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  })

test('the definition has all its operations, each once', async () => {
  const { version, operations } = await definition()
  assert.equal(version, '1.53')
  assert.equal(operations.length, 107)
  assert.equal(new Set(operations.map(({ id }) => id)).size, operations.length)
  assert.equal(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size, 107)
})

test('every operation is reached, by a method that is there', async () => {
  assert.deepEqual(await mistakes(library), [])
})

test('a method that is gone, and an operation that nobody thought of, are told of', async () => {
  const rest = { ...library, DokeresImage: undefined }
  assert.ok((await mistakes(rest)).includes('image.push: there is no such method'))
  const { ContainerList, ...others } = METHODS
  try {
    delete METHODS.ContainerList
    METHODS.ContainerFly = 'containers.fly'
    assert.deepEqual(await mistakes(library), [
      'ContainerList: no way to it is told',
      'ContainerFly: there is no such operation',
      'containers.fly: there is no such method',
    ])
  } finally {
    delete METHODS.ContainerFly
    Object.assign(METHODS, { ContainerList, ...others })
  }
})

test('the table is as it would be written', () => {
  const { status, stderr } = check('scripts/api-table.mjs')
  assert.equal(status, 0, stderr)
})

test('the types are as they would be written', (context) => {
  if (spawnSync('cargo', ['--version']).status !== 0) return context.skip('there is no cargo')
  const { status, stderr } = check('scripts/api-types.mjs')
  assert.equal(status, 0, stderr)
})

test('whole numbers beyond 2^53 are bigint, and nothing else is', () => {
  /** @type {[string, unknown][]} */
  const cases = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['1.2345678901234567890', 1.2345678901234567],
    ['1234567890123456789e3', Number('1234567890123456789e3')],
    ['0.00000000000000000001', 1e-20],
    ['"18446744073709551615"', '18446744073709551615'],
    ['"a \\"18446744073709551615\\" b"', 'a "18446744073709551615" b'],
    ['"\\\\",18446744073709551615', undefined],
  ]
  for (const [text, value] of cases) {
    if (value === undefined)
      assert.deepEqual(json.parse(`[${text}]`), ['\\', 18446744073709551615n])
    else assert.deepEqual(json.parse(`{"a":[${text}]}`), { a: [value] }, text)
  }
  assert.throws(() => json.parse('{"a": 18446744073709551615'), SyntaxError)
  const strange = '{"a":"\\u0000n12345678901234567890"}'
  assert.deepEqual(json.parse(strange), JSON.parse(strange))
})

test('replies come whole: fields that nobody knows, and numbers as they are', async () => {
  const text = '{"ID":"x","Later":{"Deep":[18446744073709551615,1.5]},"NCPU":2}'
  const engine = await fakeEngine((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  const dokeres = new Dokeres(engine.socketPath)
  const whole = { ID: 'x', Later: { Deep: [18446744073709551615n, 1.5] }, NCPU: 2 }
  assert.deepEqual(await dokeres.info(), whole)
  assert.deepEqual(await dokeres.request({ path: '/any' }), whole)
  await engine.close()
})

test('what an engine cannot foresee is refused, and not ignored', async () => {
  const dokeres = new Dokeres('/nowhere/docker.sock')
  await assert.rejects(dokeres.pruneBuild(/** @type {any} */ ({ dryRun: true })), {
    code: 'INVALID_OPTION',
    path: 'dryRun',
  })
})
