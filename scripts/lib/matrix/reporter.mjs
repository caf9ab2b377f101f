import { basename, isAbsolute } from 'node:path'

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
    if (!['test:start', 'test:pass', 'test:fail'].includes(type)) continue
    const { file, name } = whose(data)
    const path = [...(open.get(file) ?? []).slice(0, data.nesting), name]
    open.set(file, path)
    if (type === 'test:start') continue
    const error = data.details?.error
    if (data.details?.type === 'suite' || error?.failureType === 'subtestsFailed') continue
    const test = path.join(' › ')
    yield `${JSON.stringify(result(file, test, type, data))}\n`
  }
}

/**
 * Which file a test is of, and its name there: `limit.mjs` puts the file before it.
 * @param {any} data
 */
function whose({ file: path, name }) {
  const file = basename(path ?? '', '.test.mjs')
  // What a file, or a helper of it, does before and after its tests is reported under its path.
  if (isAbsolute(name)) return { file, name: AROUND }
  const [, of, own] = /^([\w-]+): (.*)$/s.exec(name) ?? []
  return file === 'limit.mjs' && of && own ? { file: of, name: own } : { file, name }
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
