// The kinds of faults, what each may be tried on, and what has to come of it: rules, not cases.

/** @typedef {import('../fault-proxy.mjs').Fault} Fault */
/** @typedef {import('../fault-proxy.mjs').Asked} Asked */
/** @typedef {import('./calls/common.mjs').Call} Call */

/**
 * `right` only, or one of these codes; a right result is right whatever the fault was.
 * @typedef {'harmless' | 'lost' | 'lost or too large' | 'silent' | 'nonsense' | 'lost or nonsense' | 'refused' | 'told' | 'swapped'} Rule
 */

export const WORDS = 'a proxy says no'

/**
 * What is a failure of which kind. `silent` may besides end by the caller's signal, with its reason.
 * @type {Record<Rule, string[]>}
 */
export const CODES = {
  harmless: [],
  lost: ['ENGINE_UNREACHABLE', 'STREAM_TRUNCATED'],
  'lost or too large': ['ENGINE_UNREACHABLE', 'STREAM_TRUNCATED', 'MAX_BUFFER'],
  silent: ['TIMEOUT'],
  nonsense: ['PROTOCOL_ERROR'],
  'lost or nonsense': ['ENGINE_UNREACHABLE', 'STREAM_TRUNCATED', 'PROTOCOL_ERROR'],
  refused: ['SERVER_ERROR'],
  told: ['SERVER_ERROR'],
  swapped: ['PROTOCOL_ERROR', 'STREAM_TRUNCATED', 'SERVER_ERROR'],
}

/** @param {Asked} asked */
const isJson = (asked) => asked.size > 0 && shapeOf(asked) === 'json'
/** @param {Asked} asked */
const hasBody = (asked) => asked.size > 0
/** @param {...string} shapes */
const shaped =
  (...shapes) =>
  (/** @type {Asked} */ asked) =>
    asked.size > 0 && shapes.includes(shapeOf(asked))
const always = () => true
/** Where there is something to be cleaned up afterwards. @param {Asked} asked */
const starts = ({ method, target }) =>
  method === 'POST' && /\/(start|attach|wait|exec)(\?|$)/.test(target)
const uploads = (/** @type {Asked} */ { method }, /** @type {Call} */ call) =>
  call.uploads === true && method !== 'GET' && method !== 'HEAD'

/** What a reply's body is made of. @param {Asked} asked */
export function shapeOf({ method, target, status = 0 }) {
  const path = target.split('?')[0] ?? ''
  if (status >= 300) return 'json'
  if (/\/images\/create|\/build$|\/push$|\/images\/load/.test(path)) return 'progress'
  if (/\/events$|\/stats$/.test(path)) return 'records'
  if (/\/logs$|\/attach$|\/exec\/\w+\/start$/.test(path)) return 'frames'
  if (method === 'GET' && /\/get$|\/export$|\/archive$/.test(path)) return 'bytes'
  return 'json'
}

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {Fault} fault
 * @property {Rule} rule
 * @property {(asked: Asked, call: Call) => boolean} on
 * @property {boolean} [says] changes only what a reply says
 * @property {boolean} [onwards] nor is anything answered after that
 * @property {boolean} [first] tried on those as well that take the engine long
 */

/** @type {Kind[]} */
export const KINDS = [
  {
    name: 'cut at once',
    fault: { kind: 'cut', part: 'head' },
    rule: 'lost',
    on: always,
    first: true,
  },
  {
    name: 'cut in the head',
    fault: { kind: 'cut', part: 'head', after: 20 },
    rule: 'lost',
    on: always,
  },
  {
    name: 'cut in the body',
    fault: { kind: 'cut', part: 'body', after: 9 },
    rule: 'lost',
    on: hasBody,
    first: true,
  },
  { name: 'ended without an answer', fault: { kind: 'fin' }, rule: 'lost', on: always },
  {
    name: 'stalled head',
    fault: { kind: 'stall', part: 'head', after: 30 },
    rule: 'silent',
    on: always,
    first: true,
  },
  {
    name: 'stalled body',
    fault: { kind: 'stall', part: 'body', after: 9 },
    rule: 'silent',
    on: hasBody,
    first: true,
  },
  {
    name: 'a pause',
    fault: { kind: 'stall', part: 'head', after: 10, for: 100 },
    rule: 'harmless',
    on: always,
  },
  { name: 'no answer', fault: { kind: 'silent' }, rule: 'silent', on: always },
  { name: 'nobody reads', fault: { kind: 'deaf' }, rule: 'silent', on: always },
  { name: 'drips', fault: { kind: 'drip' }, rule: 'harmless', on: always, first: true },
  {
    name: 'chunks of one byte',
    fault: { kind: 'rechunk', size: 1 },
    rule: 'harmless',
    on: hasBody,
  },
  {
    name: 'chunks of seven bytes',
    fault: { kind: 'rechunk', size: 7 },
    rule: 'harmless',
    on: hasBody,
  },
  {
    name: 'not HTTP',
    fault: { kind: 'garbage', part: 'head' },
    rule: 'nonsense',
    on: always,
    first: true,
  },
  {
    name: 'garbage',
    says: true,
    fault: { kind: 'garbage', part: 'body' },
    rule: 'nonsense',
    on: shaped('json', 'frames', 'records'),
  },
  {
    name: 'garbage for progress',
    fault: { kind: 'garbage', part: 'body' },
    rule: 'lost or nonsense',
    on: shaped('progress'),
  },
  { name: 'a chunk of 2^64', fault: { kind: 'chunk' }, rule: 'lost or nonsense', on: hasBody },
  {
    name: 'a chunk of no size',
    fault: { kind: 'chunk', words: 'zz' },
    rule: 'lost or nonsense',
    on: hasBody,
  },
  {
    name: 'a length of 4 GiB',
    fault: { kind: 'length', length: 2 ** 32 },
    rule: 'lost or too large',
    on: hasBody,
  },
  {
    name: 'a frame of 4 GiB',
    fault: { kind: 'frame' },
    rule: 'lost or nonsense',
    on: shaped('frames'),
  },
  {
    name: 'half of it',
    says: true,
    fault: { kind: 'truncate' },
    rule: 'lost or nonsense',
    on: shaped('json', 'records', 'progress'),
  },
  {
    name: 'an error in the stream',
    fault: { kind: 'error-line', words: WORDS },
    rule: 'told',
    on: shaped('progress'),
  },
  {
    name: '429',
    fault: { kind: 'status', status: 429, words: WORDS },
    rule: 'refused',
    on: always,
  },
  {
    name: '500',
    fault: { kind: 'status', status: 500, words: WORDS },
    rule: 'refused',
    on: always,
    first: true,
  },
  {
    name: '502',
    fault: { kind: 'status', status: 502, words: WORDS },
    rule: 'refused',
    on: always,
  },
  {
    name: "another request's reply",
    fault: { kind: 'other-reply', path: '/_ping' },
    rule: 'swapped',
    on: isJson,
    first: true,
  },
  { name: 'a reply too many', fault: { kind: 'surplus' }, rule: 'harmless', on: always },
  {
    name: 'silent from here on',
    fault: { kind: 'silent' },
    rule: 'silent',
    on: starts,
    onwards: true,
    first: true,
  },
  {
    name: 'gone from here on',
    fault: { kind: 'cut', part: 'head' },
    rule: 'lost',
    on: starts,
    onwards: true,
    first: true,
  },
  {
    name: 'upload cut',
    fault: { kind: 'cut', side: 'request', after: 60 },
    rule: 'lost',
    on: uploads,
    first: true,
  },
  {
    name: 'upload stalled',
    fault: { kind: 'stall', side: 'request', after: 60 },
    rule: 'silent',
    on: uploads,
  },
  {
    name: 'upload in drips',
    fault: { kind: 'drip', side: 'request' },
    rule: 'harmless',
    on: uploads,
  },
]
