/**
 * A reporter for `node --test`: the files in which something failed, one a line.
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
export default async function* failedFiles(events) {
  /** @type {Set<string>} */
  const told = new Set()
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || !data.file || told.has(data.file)) continue
    told.add(data.file)
    yield `${data.file}\n`
  }
}
