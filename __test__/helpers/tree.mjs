// What is on disk: all of it, as one can compare it.
import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'

/**
 * Each path below a directory, with its type, mode, owner and content.
 * @param {string} root @param {{ owner?: boolean, times?: boolean }} [options]
 */
export function tree(root, { owner = false, times = false } = {}) {
  /** @type {Record<string, string>} */
  const found = {}
  /** @param {Buffer} path @param {string} name */
  const visit = (path, name) => {
    const stat = lstatSync(path)
    const mode = (stat.mode & 0o7777).toString(8)
    const whose = owner ? ` ${stat.uid}:${stat.gid}` : ''
    const when = times ? ` ${Math.floor(stat.mtimeMs / 1000)}` : ''
    if (stat.isSymbolicLink()) found[name] = `link ${readlinkSync(path)}`
    else if (stat.isDirectory()) {
      found[name] = `directory ${mode}${whose}${when}`
      for (const entry of readdirSync(path, { encoding: 'buffer' })) {
        const below = Buffer.concat([path, Buffer.from('/'), entry])
        visit(below, `${name}/${entry.toString('latin1')}`)
      }
    } else if (stat.isFile()) {
      const digest = createHash('sha1').update(readFileSync(path)).digest('hex')
      found[name] = `file ${mode}${whose}${when} ${stat.size} ${digest}`
    } else found[name] = `special ${mode}`
  }
  visit(Buffer.from(root), '.')
  return found
}
