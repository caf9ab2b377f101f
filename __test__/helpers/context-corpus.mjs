// Build contexts as data, and what makes them on disk and reads them back from a tar.
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer } from 'node:net'

/**
 * @typedef {object} Special
 * @property {true} [dir]
 * @property {string} [symlink]
 * @property {string} [hardlink] another file of the context, which has to come before
 * @property {number} [sparse] a file of so many bytes, all of them holes
 * @property {number} [full] a file of so many bytes, none of them holes
 * @property {true} [fifo]
 * @property {true} [socket]
 * @property {true} [device] `/dev/null`'s numbers
 * @property {string} [capability] as setcap(8) takes it
 * @property {string | Buffer} [content]
 * @property {number} [mode]
 * @property {number} [mtime] in seconds
 * @property {true} [bytes] the path's characters are its bytes
 *
 * @typedef {Record<string, string | Buffer | Special>} Files by paths relative to the context's root;
 *   `../x` lies outside
 *
 * @typedef {object} More
 * @property {string | Buffer} [rules] the `.dockerignore`
 * @property {string[]} [expected] the names of the entries, where we mean to do better than the CLI's
 *   classic builder
 * @property {boolean} [newer] CLIs before 23 take it otherwise
 * @property {boolean} [rootOnly] only root can make it, or have it read
 *
 * @typedef {object} Where
 * @property {string} [dockerfile] relative to the root as well; default: none is given
 * @property {string} [root] default `context`
 *
 * @typedef {Where & More & { name: string, files: Files }} Context
 */

/** @param {string} name @param {string | Files} files @param {Where & More} [more] @returns {Context} */
const of = (name, files, more) => ({
  name,
  files: typeof files === 'string' ? tree(files) : { Dockerfile: 'FROM scratch\n', ...files },
  ...more,
})

/** `file, directory/, symlink -> target, hard link => target` @param {string} text @returns {Files} */
function tree(text) {
  /** @type {(path: string) => [string, string | Special]} */
  const entry = (path) => {
    const [, name, arrow, target] = /^(.*) ([-=])> (.*)$/s.exec(path) ?? []
    if (arrow) return [name, arrow === '-' ? { symlink: target } : { hardlink: target }]
    return [path, path.endsWith('/') ? { dir: true } : path]
  }
  return Object.fromEntries(text.split(', ').map(entry))
}

/** @param {number[]} sizes @param {(size: number) => [string, string | Special]} entry */
const each = (sizes, entry) => Object.fromEntries(sizes.map(entry))

/** What patterns are tried on. */
const TREE = {
  ...tree('Dockerfile, a, b, abc, a.b, a*b, a?b, [x], x, !a, #a, ^a, -a, .hidden, a\\b, ä, 日本'),
  ...tree('x.log, keep.log, {a,b}, {, a|b, a+b, (a),  a, a , a b, .git/HEAD, dd/a, D/a, d/a, d/b'),
  ...tree('d/x.log, d/keep.log, d/e/a, d/e/x.log, d/e/f/a, d/e/f/keep.log, d/e/g/'),
}

const NEWER = { newer: true }

/** @type {[string, string | Buffer, More?][]} */
const IGNORED = [
  ['nothing', ''],
  ['comments', '# a\n#a\n a\n #b\nabc # not a comment\n\\#a\n'],
  ['a byte order mark', '\uFEFFa\nb\n'],
  ['a byte order mark before a comment', '\uFEFF# a\nb\n'],
  ['a byte order mark that is not the first', 'b\n\uFEFFa\n', NEWER],
  ['lines that end in CRLF', 'a\r\nb\r\n\r\n!d/a\r\n'],
  ['lines that end in CR alone', 'a\rb\r'],
  ['blanks and tabs around', '  a  \n\tb\t\n! d/a \n'],
  ['blanks of Unicode around', '\u00A0a\u2003\n'],
  ['blank lines, no newline at the end', '\n\n  \n\t\na\n\nb'],
  ['slashes in front', '/a\n/d/e\n//b\n'],
  ['just the root', '/\n'],
  ['just a dot', '.\n'],
  ['dots in front', './a\n./d/./e\n'],
  ['parents within', 'd/../a\nd/e/../b\n'],
  ['parents that lead out', '../a\n../../b\n..\n'],
  ['slashes at the end', 'd/e/\na/\n'],
  ['slashes doubled', 'd//e\n'],
  ['one star', '*\n'],
  ['a star for one part', 'd/*\n*/a\n'],
  ['a star in the midst', 'a*\nd/*.log\n'],
  ['two stars', '**\n'],
  ['two stars in front', '**/a\n'],
  ['two stars without a slash', '**a\n**.log\n', NEWER],
  ['two stars at the end', 'd/**\n'],
  ['two stars at the end of a part', 'd**\n'],
  ['two stars all around', '**/e/**\n'],
  ['two stars in the midst', 'd/**/a\n'],
  ['three stars', '***\n!a\n'],
  ['two stars twice', '**/**/a\n'],
  ['all but one', '*\n!a\n'],
  ['all but one that is nested', '*\n!d/e/a\n'],
  ['all but a directory', '*\n!d\n'],
  ['all but a directory less some', '*\n!d\nd/e\n!d/e/f\n'],
  ['all but a pattern', '*\n!*.log\n'],
  ['all but a nested pattern', '*\n!d/*.log\n'],
  ['all but a deep pattern', '**\n!**/keep.log\n'],
  ['all but with two stars', '*\n!d/**\n'],
  ['a directory but what is deep below', 'd\n!d/e/f/keep.log\n'],
  ['a directory but a directory below', 'd\n!d/e\n'],
  ['a directory but a pattern below', 'd\n!d/e/*\n!**/keep.log\n'],
  ['an exception before its rule', '!a\na\n'],
  ['an exception, and its rule again', 'd\n!d/e\nd/e/f\n'],
  ['an exception twice', '*.log\n!keep.log\n!keep.log\nkeep.log\n'],
  ['only exceptions', '!a\n!d\n'],
  ['an exception with slashes and dots', '*\n!/a\n!./b\n!d/e/../a\n'],
  ['an exception that leads out', '*\n!../a\n'],
  ['a question mark', '?\na?b\nd/?\n'],
  ['a range', '[a-b]\nd/[e-f]\n'],
  ['a class', '[xyz].log\nd/[ab]\n'],
  ['a class that is not', '[^a]\n'],
  ['a class with an exclamation mark', '[!a]\n'],
  ['a class with brackets', '[[]x\\]\n'],
  ['a class with a dash', '[a\\-b]\n[\\^]a\n'],
  ['escapes', '\\a\na\\*b\na\\?b\n\\!a\na\\\\b\n'],
  ['an escaped blank', 'a\\ b\n'],
  ['what means something to regular expressions', 'a.b\na+b\n(a)\n', NEWER],
  ['braces', '{a,b}\n'],
  ['a brace', '{\n'],
  ['what is not looked at, after a star', 'b*\\\n!d*[\nd/e\n', NEWER],
  ['a group that is open', '(?x\n', NEWER],
  ['a bar', 'a|b\n', NEWER],
  ['what is not ASCII', 'ä\n日*\n'],
  ['what is not UTF-8', Buffer.from('\xE4\na\n', 'latin1')],
  ['a NUL', 'a\0\nb\n'],
  ['capitals', 'D\nA\n'],
  ['the Dockerfile itself', 'Dockerfile\n'],
  ['the ignore file itself', '.dockerignore\n'],
  ['both and all else', '**\n'],
  ['both, and let through again', '*\n!Dockerfile\n!.dockerignore\n'],
  ['hidden files', '.*\n'],
  ['hidden files everywhere', '**/.*\n'],
  ['a negated blank', '! a\n!  b\n*\n'],
]

const LONG = 'n'.repeat(120)
const PATH = Array.from({ length: 30 }, (_, depth) => `part-of-a-long-path-${depth}`).join('/')
const DEEP = 'd/'.repeat(200)
/** With an ignore file for all Dockerfiles, and one more to come. */
const OWN = tree('a, b, sub/a, sub/D')

const TREES = [
  of('an empty one but for the Dockerfile', 'Dockerfile'),
  of('empty files and directories', { empty: '', ...tree('d/, d/e/') }),
  of('sub-folders, in order', 'Dockerfile, a/b/c, a/b-c, a/b.c, a/b/, a-b, a.b'),
  of('a Dockerfile in lower case', 'dockerfile, a'),
  of('a Dockerfile in a sub-folder', 'a, sub/a, sub/D', { dockerfile: 'sub/D' }),
  of('one in an ignored folder', 'a, sub/a, sub/D', { dockerfile: 'sub/D', rules: 'sub' }),
  of('one by a detour', 'a, sub/a, sub/D', { dockerfile: 'sub/../sub/./D', rules: 'sub' }),
  of('a Dockerfile outside', '../D, a, b', { dockerfile: '../D' }),
  of('one outside, and rules', '../D, a, b', { dockerfile: '../D', rules: '*\n!b' }),
  of('one outside, rules for it', '../D, a, b', { dockerfile: '../D', rules: 'D\n.dockerignore' }),
  of('one outside, one within', '../Dockerfile, Dockerfile, a', { dockerfile: '../Dockerfile' }),
  of('a Dockerfile by a symlink', 'real, a, D -> real', { dockerfile: 'D', rules: '*' }),
  of('a symlink called Dockerfile', 'real, Dockerfile -> real', { rules: 'real' }),
  of('a symlink that leads out', '../real, a, D -> ../real', { dockerfile: 'D' }),
  of('a Dockerfile through a symlink', 'real/D, link -> real', { dockerfile: 'link/D' }),
  of('a root that is a symlink', 'Dockerfile, a, ../link -> context', { root: 'link' }),
  of('an ignore file by a symlink', { rules: 'a\n', ...tree('a, b, .dockerignore -> rules') }),
  of('an ignore file by a symlink that dangles', 'Dockerfile, a, .dockerignore -> nowhere'),
  of('rules for ignore files', 'Dockerfile, a, .dockerignore.bak', { rules: '.dockerignore*' }),
  // The CLI takes the name for a pattern, which lets through others and not the Dockerfile.
  of('a Dockerfile with a name full of patterns', 'a, x, [ax]*', {
    dockerfile: '[ax]*',
    rules: '*',
    expected: ['.dockerignore', '[ax]*'],
  }),
  // The classic builder does not know those; BuildKit does.
  of(
    "an ignore file of the Dockerfile's own",
    { ...OWN, 'sub/D.dockerignore': 'b\nsub/*\nDockerfile' },
    { dockerfile: 'sub/D', rules: 'a', expected: ['.dockerignore', 'a', 'sub/', 'sub/D'] },
  ),
  of(
    "an empty ignore file of the Dockerfile's own",
    { ...OWN, 'sub/D.dockerignore': '' },
    {
      dockerfile: 'sub/D',
      rules: '**',
      expected: '.dockerignore Dockerfile a b sub/ sub/D sub/D.dockerignore sub/a'.split(' '),
    },
  ),
  of('exceptions below ignored folders', 'Dockerfile, d/a, d/e/a, d/e/b, f/a', {
    rules: 'd\nf\n!d/e/a',
  }),
  of('symlinks that dangle', 'Dockerfile, a -> nowhere, b -> ../nowhere, c -> /nowhere/at/all'),
  of('absolute symlinks', 'Dockerfile, a -> /etc/hostname, b -> /, c -> /etc'),
  of('symlinks to directories', 'Dockerfile, d/a, l -> d, m -> .//d/./, n -> .., o -> .'),
  of('symlinks in loops', 'Dockerfile, a -> a, b -> c, c -> b, d/e -> ../d, d/f -> .'),
  of('symlinks and rules', 'Dockerfile, d/a, e/b, l -> d, m -> e/b', { rules: 'l\ne\n!l/a' }),
  of('symlinks with long and odd targets', {
    ...tree('ünï→ -> ä/日本, a -> a b\n, b -> -c'),
    ...each([99, 100, 101, 255, 3000], (size) => [`l${size}`, { symlink: 't'.repeat(size) }]),
  }),
  of('hard links', `Dockerfile, b, d/one, a => b, d/two => d/one, ${LONG} => d/one`),
  of('hard links to a symlink', 'Dockerfile, a, m -> a, l => m, n => m'),
  of('hard links to a long name', `Dockerfile, ${LONG}, z => ${LONG}`),
  of('hard links with an ignored first', 'Dockerfile, a, b => a, c => a', { rules: 'a' }),
  of(
    'modes',
    {
      none: { content: 'n', mode: 0o000 },
      ...each([0o4755, 0o2755, 0o1644, 0o7777, 0o111, 0o444, 0o600], (mode) => [
        mode.toString(8),
        { content: 'm', mode },
      ]),
      'sticky/': { dir: true, mode: 0o1777 },
      'closed/a': 'a',
      'closed/': { dir: true, mode: 0o000 },
    },
    { rootOnly: true },
  ),
  of('names at the limits of a header', {
    ...each([99, 100, 101, 155, 156, 255], (size) => ['f'.repeat(size), `${size}`]),
    ...each([98, 99, 100, 254], (size) => [`${'d'.repeat(size)}/`, { dir: true }]),
    [`${'p'.repeat(155)}/${'q'.repeat(100)}`]: 'both',
  }),
  of('long paths', `Dockerfile, ${PATH}/${LONG}, ${PATH}/l -> ${PATH}, ${PATH}/e/`),
  of('a deep tree', `Dockerfile, ${DEEP}a`),
  of('a deep tree, ignored but for its end', `Dockerfile, ${DEEP}a`, { rules: `d\n!${DEEP}a` }),
  of(
    'names that are not UTF-8',
    {
      'b\xE4d': { content: 'b', bytes: true },
      '\xFF\xFE': { content: 'f', bytes: true },
      'd\xE4/': { dir: true, bytes: true },
      'l\xE4': { symlink: 'b', bytes: true },
      [`\xE4${LONG}`]: { content: 'l', bytes: true },
    },
    { rules: 'd?' },
  ),
  of('odd names', {
    ...tree('-rf, --help, ~, $HOME, *, \\, a:b, "q", ..., ..a, .a, %20, ä, a\u0308, 👩‍👩‍👧.txt'),
    ...tree('a b,  , a\nb, \t, \x01\x7F, a=b, 12 path=x\n, d e/f g'),
  }),
  of('sparse files', { holes: { sparse: 3_000_001 }, hole: { sparse: 512 } }),
  of(
    'sizes at the limits of a block and of a chunk',
    each([1, 511, 512, 513, 1023, 262_143, 262_144, 262_145], (size) => [
      `${size}`,
      { full: size },
    ]),
  ),
  of('a big file', { big: { full: 20_000_000 } }),
  of('times: with fractions, before 1970, after 2038 and 2242', {
    ...each([1_700_000_000.75, 1_699_999_999.999, 0, -1.5, 2 ** 32, 2 ** 33], (mtime) => [
      `${mtime}`,
      { content: 't', mtime },
    ]),
    'd/': { dir: true, mtime: -86_400 },
  }),
  of('a fifo, and one that is ignored', { f: { fifo: true }, g: { fifo: true } }, { rules: 'g' }),
  of('a socket, which no tar can hold', { s: { socket: true }, t: 't' }),
  of('a device', { null: { device: true } }, { rootOnly: true }),
  of(
    'a file with capabilities',
    { a: { content: 'a', capability: 'cap_net_raw+ep' } },
    { rootOnly: true },
  ),
]

export const contexts = [
  ...IGNORED.map(([name, rules, more]) => of(`rules: ${name}`, TREE, { rules, ...more })),
  ...TREES,
]

const BAD_PATTERNS = ['[', 'a[', '[]', '[]]', '[a-]', '[-a]', '[^]', 'a\\', 'a\\ ', '[a', '**/[']
BAD_PATTERNS.push('!', '! ', 'ok\n!\n', 'a\\b[', '[b-a]', 'a*[', '*[')

/** @type {(Context & { blames: RegExp })[]} what neither packs; `blames` is what our error says of it */
export const refused = [
  { ...of('no Dockerfile', 'a'), blames: /no Dockerfile at .*Dockerfile$/ },
  { ...of('no such Dockerfile', 'a', { dockerfile: 'D' }), blames: /no Dockerfile at .*D$/ },
  { ...of('one below a file', 'a', { dockerfile: 'a/D' }), blames: /no Dockerfile at .*a\/D$/ },
  { ...of('a Dockerfile that dangles', 'Dockerfile -> nowhere'), blames: /read .*Dockerfile:/ },
  { ...of('a Dockerfile in a loop', 'Dockerfile -> Dockerfile'), blames: /read .*Dockerfile:/ },
  {
    ...of('a Dockerfile that is a directory', 'Dockerfile/, a'),
    blames: /read .*Dockerfile: is a/,
  },
  { ...of('a folder for a Dockerfile', 'd/a', { dockerfile: 'd' }), blames: /read .*d: is a/ },
  {
    ...of('a folder outside for one', 'a, ../d/a', { dockerfile: '../d' }),
    blames: /read .*d: is a/,
  },
  { ...of('no root', 'Dockerfile', { root: 'nowhere' }), blames: /nowhere/ },
  {
    ...of('a root that is a file', 'Dockerfile, ../f', { root: 'f' }),
    blames: /f is not a tar archive/,
  },
  { ...of('rules in a directory', 'Dockerfile, .dockerignore/'), blames: /read .*\.dockerignore:/ },
  ...BAD_PATTERNS.map((rules) => ({
    ...of(`the pattern ${JSON.stringify(rules)}`, TREE, { rules }),
    blames: /\.dockerignore, line \d: bad pattern/,
  })),
]

/** @param {string} base an empty directory @param {Pick<Context, 'files' | 'rules'>} context */
export function make(base, { files, rules }) {
  const root = `${base}/context`
  fs.mkdirSync(root)
  /** @type {(() => void)[]} what would be undone, or in the way, if it were done at once */
  const last = []
  for (const [path, value] of Object.entries(files)) {
    const special = typeof value === 'string' || Buffer.isBuffer(value) ? { content: value } : value
    const name = Buffer.from(path.replace(/\/$/, ''), special.bytes ? 'latin1' : 'utf8')
    const at = Buffer.concat([Buffer.from(`${root}/`), name])
    fs.mkdirSync(at.subarray(0, at.lastIndexOf('/')), { recursive: true })
    put(root, at, special)
    const { mode, mtime } = special
    if (mode !== undefined) last.push(() => fs.chmodSync(at, mode))
    // A number below zero would be taken for the present.
    if (mtime !== undefined) last.push(() => fs.utimesSync(at, 0, new Date(mtime * 1000)))
  }
  if (rules !== undefined) fs.writeFileSync(`${root}/.dockerignore`, rules)
  for (const action of last) action()
}

/** @param {string} root @param {Buffer} at @param {Special} special */
function put(root, at, special) {
  if (special.dir) fs.mkdirSync(at, { recursive: true })
  else if (special.symlink) fs.symlinkSync(special.symlink, at)
  else if (special.hardlink) fs.linkSync(`${root}/${special.hardlink}`, at)
  else if (special.fifo) execFileSync('mkfifo', [`${at}`])
  else if (special.device) execFileSync('mknod', [`${at}`, 'c', '1', '3'])
  else if (special.socket) {
    const server = createServer().listen(`${at}.bound`)
    // Its name is taken away when it is closed, unless it has another.
    fs.renameSync(`${at}.bound`, at)
    server.close()
  } else fs.writeFileSync(at, special.content ?? Buffer.alloc(special.full ?? 0, 'no hole'))
  if (special.sparse) fs.truncateSync(at, special.sparse)
  if (special.capability) execFileSync('setcap', [special.capability, `${at}`])
}

/**
 * @typedef {object} Entry
 * @property {string} name in bytes, as are the other strings
 * @property {string} type
 * @property {number} mode
 * @property {string} owner
 * @property {string} link
 * @property {string} device
 * @property {number} size
 * @property {number} mtime
 * @property {Record<string, string>} more what else PAX has to say
 * @property {Buffer} content empty where nobody wants it
 */

/**
 * The entries of a tar: ustar's, GNU's or PAX's.
 *
 * @param {AsyncIterable<Buffer>} source
 * @param {{ keeps?: boolean, lenient?: boolean }} [options] whether to keep contents; whether it may end as the CLI's
 *   do that bring a Dockerfile from outside, short of its last zeroes
 * @returns {AsyncGenerator<Entry>}
 */
export async function* entries(source, { keeps = true, lenient = false } = {}) {
  const take = reader(source)
  /** @type {Record<string, string>} */
  let announced = {}
  for (;;) {
    const header = await take(512)
    if (header.length === 0 && lenient) return
    if (header.length < 512) throw new Error('the tar ends without its two blocks of zeroes')
    if (header.every((byte) => byte === 0)) break
    const entry = decode(header, announced)
    const special = SPECIAL[entry.type]
    const padded = Math.ceil(entry.size / 512) * 512
    const content = await take(padded, special !== undefined || keeps)
    if (special) Object.assign(announced, special(content.toString('latin1', 0, entry.size)))
    else {
      yield { ...entry, content: content.subarray(0, entry.size) }
      announced = {}
    }
  }
  for (let rest; (rest = await take(512)).length > 0;) {
    if (rest.some((byte) => byte !== 0)) throw new Error('there is something after the end')
  }
}

/**
 * What comes before an entry on its behalf.
 *
 * @type {Record<string, (text: string) => Record<string, string>>}
 */
const SPECIAL = {
  L: (text) => ({ path: text.replace(/\0$/, '') }),
  K: (text) => ({ linkpath: text.replace(/\0$/, '') }),
  x(text) {
    /** @type {Record<string, string>} */
    const records = {}
    for (let rest = text; rest; rest = rest.slice(parseInt(rest, 10))) {
      const record = rest.slice(rest.indexOf(' ') + 1, parseInt(rest, 10) - 1)
      const equals = record.indexOf('=')
      records[record.slice(0, equals)] = record.slice(equals + 1)
    }
    return records
  },
}

/**
 * @param {Buffer} header @param {Record<string, string>} announced
 * @returns {Omit<Entry, 'content'>}
 */
function decode(header, announced) {
  const sum = header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (sum !== number(header, 148, 8)) throw new Error('a header with a wrong checksum')
  const { path, linkpath, size, mtime, uid, gid, ...more } = announced
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header, 345, 155) : ''
  const name = path ?? (prefix && `${prefix}/`) + text(header, 0, 100)
  return {
    name,
    type: String.fromCharCode(header[156] || 48),
    mode: number(header, 100, 8),
    owner: `${uid ?? number(header, 108, 8)}:${gid ?? number(header, 116, 8)}`,
    link: linkpath ?? text(header, 157, 100),
    device: `${number(header, 329, 8)}:${number(header, 337, 8)}`,
    size: Number(size ?? number(header, 124, 12)),
    mtime: Number(mtime ?? number(header, 136, 12)),
    more,
  }
}

/** @param {Buffer} header @param {number} from @param {number} length */
function text(header, from, length) {
  return header.toString('latin1', from, from + length).replace(/\0.*$/s, '')
}

/**
 * Octal digits, or GNU's binary for what they cannot say.
 *
 * @param {Buffer} header @param {number} from @param {number} length
 */
function number(header, from, length) {
  const field = header.subarray(from, from + length)
  if (field[0] < 0x80) return parseInt(text(header, from, length).trim() || '0', 8)
  // The last six bytes are all that a double holds, and all that there is.
  return field[0] === 0xff ? field.readIntBE(length - 6, 6) : field.readUIntBE(length - 6, 6)
}

/** @param {AsyncIterable<Buffer>} source */
function reader(source) {
  const chunks = source[Symbol.asyncIterator]()
  /** @type {Buffer} */
  let chunk = Buffer.alloc(0)
  /**
   * The next bytes, fewer only at the end; none where they are not kept.
   *
   * @param {number} length @param {boolean} [keep]
   */
  return async (length, keep = true) => {
    const pieces = []
    for (let left = length; left > 0;) {
      if (chunk.length === 0) {
        const { value, done } = await chunks.next()
        if (done) break
        chunk = value
      }
      const piece = chunk.subarray(0, left)
      chunk = chunk.subarray(piece.length)
      left -= piece.length
      if (keep) pieces.push(piece)
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  }
}
