// docs/engine-api.md: every operation of the engine's API, and how it is reached.
import { readFile } from 'node:fs/promises'
import { METHODS, OWNERS, UNDEFINED, WITHIN } from './methods.mjs'

/** @typedef {{ tag: string, id: string, method: string, path: string, summary: string }} Operation */

/** The definition's operations, in its order. @returns {Promise<{ version: string, operations: Operation[] }>} */
export async function definition() {
  return JSON.parse(await readFile(new URL('operations.json', import.meta.url), 'utf8'))
}

/** What does an operation, the first choice first. @param {string | string[] | undefined} by */
const ways = (by) => [by ?? []].flat()

/**
 * What is wrong with the mapping: operations without a way, ways that are none.
 * @param {Record<string, any>} library what `dokeres` exports
 */
export async function mistakes(library) {
  const { operations } = await definition()
  const known = new Set(operations.map(({ id }) => id))
  const found = [
    ...operations.filter(({ id }) => !METHODS[id]).map(({ id }) => `${id}: no way to it is told`),
    ...Object.keys(METHODS)
      .filter((id) => !known.has(id))
      .map((id) => `${id}: there is no such operation`),
  ]
  for (const way of [...Object.values(METHODS), ...UNDEFINED.map(({ by }) => by)].flatMap(ways)) {
    const [owner, member] = way.split('.')
    const prototype = library[OWNERS[owner]]?.prototype
    if (!prototype || !(member in prototype)) found.push(`${way}: there is no such method`)
  }
  return found
}

/** The document, not yet formatted. */
export async function document() {
  const { version, operations } = await definition()
  const tags = [...new Set(operations.map(({ tag }) => tag))]
  const raw = (/** @type {Operation} */ { id }) => ways(METHODS[id])[0]
  const byRequest = operations.filter((one) => raw(one) === 'dokeres.request')
  const byModem = operations.filter((one) => raw(one) === 'dokeres.modem')
  const own = operations.length - byRequest.length - byModem.length
  return [
    "# The engine's API, and how it is reached",
    '',
    `<!-- Written by scripts/api-table.mjs; the ways are in scripts/lib/api/methods.mjs. -->`,
    '',
    `All ${operations.length} operations of Docker Engine API ${version}, as its published definition`,
    `(\`api/docs/v${version}.yaml\` of moby/moby, Apache License 2.0) names them. ${own} have methods of`,
    `their own. ${listed(byRequest)}: by \`dokeres.request()\`. ${listed(byModem)}, as whatever takes the`,
    'connection over: by `dokeres.modem.dial()`. Both take any operation, also those of newer',
    'engines: no version is put before the path, so an engine answers as its newest.',
    '',
    '- `request({ method, path, query?, body?, headers? })`: JSON in, JSON out; a reply that is not JSON',
    '  comes as text.',
    "- `modem.dial({ path, method, … }, callback)`: docker-modem's; with `isStream` the reply is a stream, with",
    '  `hijack` and `openStdin` the connection, for both directions.',
    '',
    "Replies are the engine's JSON, every field. A whole number beyond 2^53 comes as `bigint`, all others as",
    '`number`: an event’s `timeNano`, and in raw stats counters of nanoseconds and limits that stand for',
    "“none”. Their types are in `EngineApi` (`import type { EngineApi } from 'dokeres'`), which is made of",
    "the same definition by way of bollard-stubs' models; `JSON.stringify` wants to be told what to do with a",
    '`bigint`.',
    ...tags.flatMap((tag) => [
      '',
      `## ${tag}`,
      '',
      '| Operation | Request | What it does | By |',
      '| --- | --- | --- | --- |',
      ...operations
        .filter((one) => one.tag === tag)
        .map((one) => row(one.id, one, METHODS[one.id])),
    ]),
    '',
    '## Not in the definition',
    '',
    'Engines have these all the same.',
    '',
    '| Operation | Request | What it does | By |',
    '| --- | --- | --- | --- |',
    ...UNDEFINED.map((one) => row('', one, one.by)),
    '',
  ].join('\n')
}

/** @param {Operation[]} operations */
const listed = (operations) => operations.map(({ id }) => `\`${id}\``).join(', ')

/**
 * @param {string} id
 * @param {{ method: string, path: string, summary: string }} operation
 * @param {string | string[] | undefined} by
 */
function row(id, { method, path, summary }, by) {
  const methods = ways(by).map((way) => `\`${spoken(way)}\``)
  return `| ${id} | \`${method} ${path}\` | ${summary} | ${methods.join(', ')} |`
}

/** @param {string} way */
function spoken(way) {
  if (way === 'dokeres.modem') return 'dokeres.modem.dial()'
  const [owner, member] = way.split('.')
  const isOfDokeres = OWNERS[owner].endsWith('Collection') || owner === 'swarm'
  const within = WITHIN[owner] ?? (isOfDokeres ? 'dokeres' : undefined)
  return `${within ? `${within}.` : ''}${owner}.${member}()`
}
