import { basename } from 'node:path'

/** The name of what is done around a file's tests. */
export const AROUND = 'before and after all tests'

/**
 * A reporter for `node --test`: each test that is none of others' frame, one JSON a line.
 * @typedef {{ file: string, test: string, result: 'pass' | 'fail' | 'skip', message?: string }} Result
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
export default async function* results(events) {
  /** The tests that are open, outermost first, by file. @type {Map<string, string[]>} */
  const open = new Map()
  for await (const { type, data } of events) {
    const file = data?.file ? basename(data.file, '.test.mjs') : ''
    const path = open.get(file) ?? []
    if (type === 'test:start') open.set(file, [...path.slice(0, data.nesting), data.name])
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const error = data.details?.error
    if (data.details?.type === 'suite' || error?.failureType === 'subtestsFailed') continue
    // What a file does before and after its tests is reported under its own name.
    const name = data.name.endsWith('.test.mjs') ? AROUND : data.name
    const test = [...path.slice(0, data.nesting), name].join(' › ')
    yield `${JSON.stringify(result(file, test, type, data))}\n`
  }
}

/**
 * @param {string} file @param {string} test @param {string} type @param {any} data
 * @returns {Result}
 */
function result(file, test, type, data) {
  if (data.skip !== undefined || data.todo !== undefined) {
    return { file, test, result: 'skip', message: String(data.skip ?? data.todo) }
  }
  if (type === 'test:pass') return { file, test, result: 'pass' }
  const error = data.details.error
  const cause = error?.cause ?? error
  const message = typeof cause === 'string' ? cause : String(cause?.message ?? cause)
  return { file, test, result: 'fail', message: message.slice(0, 2000) }
}
