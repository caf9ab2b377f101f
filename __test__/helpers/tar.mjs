// Tars, also as no sane program would write them.

const BLOCK = 512

/**
 * @typedef {{ name: string | Buffer, type?: string, content?: string | Buffer, link?: string,
 *   mode?: number, size?: number, uid?: number, gid?: number, mtime?: number, pax?: Record<string, string> }} Entry
 */

/** @param {Entry[]} entries */
export function tar(entries) {
  return Buffer.concat([...entries.flatMap(parts), Buffer.alloc(2 * BLOCK)])
}

/** A tar of files by name. @param {Record<string, string | Buffer>} files */
export function tarOf(files) {
  return tar(Object.entries(files).map(([name, content]) => ({ name, content, mode: 0o755 })))
}

/** @param {Entry} entry @returns {Buffer[]} */
function parts({ pax, content = '', ...entry }) {
  const body = Buffer.from(content)
  const records = pax && Buffer.from(Object.entries(pax).map(record).join(''))
  const own = [header({ size: body.length, ...entry }), body, padding(body.length)]
  if (!records) return own
  const before = header({ name: 'pax', type: 'x', size: records.length })
  return [before, records, padding(records.length), ...own]
}

/** @param {[string, string]} pair */
function record([key, value]) {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest)
  while (Buffer.byteLength(rest) + String(length).length !== length) {
    length = Buffer.byteLength(rest) + String(length).length
  }
  return length + rest
}

/** A file's 512 bytes before its content. @param {Entry} entry */
export function header({
  name,
  type = '0',
  link = '',
  mode = 0o644,
  size = 0,
  uid = 0,
  gid = 0,
  mtime = 0,
}) {
  const block = Buffer.alloc(BLOCK)
  Buffer.from(name).copy(block, 0, 0, 100)
  /** @param {number} value @param {number} at @param {number} width */
  const octal = (value, at, width) => {
    const digits = value.toString(8).padStart(width - 1, '0')
    if (digits.length < width) block.write(digits, at)
    else {
      block.writeBigUInt64BE(BigInt(value), at + width - 8)
      block[at] = 0x80
    }
  }
  octal(mode, 100, 8)
  octal(uid, 108, 8)
  octal(gid, 116, 8)
  octal(size, 124, 12)
  octal(mtime, 136, 12)
  block.write(type, 156)
  Buffer.from(link).copy(block, 157, 0, 100)
  block.write('ustar\x0000', 257)
  block.fill(' ', 148, 156)
  const sum = block.reduce((sum, byte) => sum + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** @param {number} size */
const padding = (size) => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)

/** The files of a tar. @param {Buffer} data @returns {Record<string, Buffer>} */
export function untar(data) {
  /** @type {Record<string, Buffer>} */
  const files = {}
  for (let at = 0; at + BLOCK <= data.length && data[at] !== 0;) {
    const text = (/** @type {number} */ from, /** @type {number} */ length) =>
      data.toString('latin1', at + from, at + from + length)
    const [name] = text(0, 100).split('\0')
    const size = parseInt(text(124, 12), 8)
    const type = text(156, 1)
    at += BLOCK
    if (type === '0' || type === '\0') files[name] = data.subarray(at, at + size)
    at += Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}
