// HTTP as bytes: requests read off a socket, heads and bodies as they go onto one.

/** @typedef {{ method: string, target: string, headers: Record<string, string>, isUpgrade: boolean }} Head */

/** Reads a socket piece by piece; what one reader leaves the next one gets. */
export class Reader {
  #pieces
  #left = Buffer.alloc(0)
  /** @type {Promise<Buffer | undefined> | undefined} */
  #coming

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    // Its end is not the end of what is written.
    this.#pieces = socket.iterator({ destroyOnReturn: false })
  }

  /** What comes next; nothing at the end. @returns {Promise<Buffer | undefined>} */
  async read() {
    if (this.#left.length > 0) {
      const left = this.#left
      this.#left = Buffer.alloc(0)
      return left
    }
    const piece = await (this.#coming ?? this.#next())
    this.#coming = undefined
    return piece
  }

  /** Resolves once something has come, which is left to be read, or the end: then to `true`. */
  async ended() {
    if (this.#left.length > 0) return false
    this.#coming ??= this.#next()
    return (await this.#coming) === undefined
  }

  /** @param {Buffer} data */
  unread(data) {
    this.#left = Buffer.concat([data, this.#left])
  }

  #next() {
    return this.#pieces.next().then(
      ({ value }) => value,
      () => undefined,
    )
  }

  /** Up to and with `end`; nothing where the end of it all comes first. @param {string} end */
  async until(end) {
    let text = Buffer.alloc(0)
    for (;;) {
      const piece = await this.read()
      if (!piece) return undefined
      text = Buffer.concat([text, piece])
      const at = text.indexOf(end)
      if (at < 0) continue
      this.unread(text.subarray(at + end.length))
      return text.subarray(0, at + end.length)
    }
  }
}

/** @param {Reader} reader @returns {Promise<Head | undefined>} */
export async function readHead(reader) {
  const first = await reader.read()
  // Engines try TLS first.
  if (!first || !/[A-Z]/.test(String.fromCharCode(first[0] ?? 0))) return undefined
  reader.unread(first)
  const text = await reader.until('\r\n\r\n')
  if (!text) return undefined
  const [line = '', ...lines] = text.toString('latin1').trimEnd().split('\r\n')
  const [method = '', target = ''] = line.split(' ')
  /** @type {Record<string, string>} */
  const headers = {}
  for (const header of lines) {
    const at = header.indexOf(':')
    const [name, value] = [header.slice(0, at).toLowerCase(), header.slice(at + 1).trim()]
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return { method, target, headers, isUpgrade: 'upgrade' in headers }
}

/**
 * A request's body, without its framing.
 * @param {Reader} reader @param {Head} head @returns {AsyncGenerator<Buffer, void>}
 */
export async function* readBody(reader, { headers }) {
  if (/chunked/i.test(headers['transfer-encoding'] ?? '')) {
    for (;;) {
      const line = await reader.until('\r\n')
      if (!line) throw new Error('the request broke off')
      const size = parseInt(line.toString('latin1'), 16)
      yield* take(reader, size)
      await reader.until('\r\n')
      if (size === 0) return
    }
  }
  yield* take(reader, Number(headers['content-length'] ?? 0))
}

/** @param {Reader} reader @param {number} count */
async function* take(reader, count) {
  while (count > 0) {
    const piece = await reader.read()
    if (!piece) throw new Error('the request broke off')
    if (piece.length > count) reader.unread(piece.subarray(count))
    yield piece.subarray(0, count)
    count -= Math.min(count, piece.length)
  }
}

/**
 * A reply's head as it was, with another framing where that is asked for.
 * @param {import('node:http').IncomingMessage} reply @param {Record<string, string | number>} [framing]
 */
export function headOf(reply, framing) {
  const lines = [`HTTP/1.1 ${reply.statusCode} ${reply.statusMessage}`]
  for (let at = 0; at < reply.rawHeaders.length; at += 2) {
    const [name = '', value] = reply.rawHeaders.slice(at, at + 2)
    if (framing && /^(transfer-encoding|content-length|connection)$/i.test(name)) continue
    lines.push(`${name}: ${value}`)
  }
  for (const [name, value] of Object.entries(framing ?? {})) lines.push(`${name}: ${value}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** @param {Buffer} data */
export const chunk = (data) =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')])

export const LAST_CHUNK = Buffer.from('0\r\n\r\n')
