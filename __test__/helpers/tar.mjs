// Tars as no sane program would write them.

const BLOCK = 512

/**
 * @typedef {{ name: string | Buffer, type?: string, content?: string | Buffer, link?: string,
 *   mode?: number, size?: number, uid?: number, gid?: number, mtime?: number, pax?: Record<string, string> }} Entry
 */

/** @param {Entry[]} entries */
export function tar(entries) {
  return Buffer.concat([...entries.flatMap(parts), Buffer.alloc(2 * BLOCK)])
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

/** @param {Entry} entry */
function header({
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
