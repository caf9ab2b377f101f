'use strict'

const { format } = require('node:util')
const { invalid } = require('./both.js')

/** How much each weighs, as npmlog has it. @type {Record<string, number>} */
const WEIGHT = {
  silly: 0,
  verbose: 1000,
  info: 2000,
  http: 3000,
  warn: 4000,
  error: 5000,
  silent: Infinity,
}

/** How each is written, and its colours. @type {Record<string, [label: string, style: string]>} */
const LABEL = {
  silly: ['sill', '7'],
  verbose: ['verb', '34;40'],
  info: ['info', '32'],
  warn: ['WARN', '30;43'],
  error: ['ERR!', '31;40'],
}

/** Events and the level that each is of. */
const LEVELS = {
  error: 'error',
  warn: 'warn',
  info: 'info',
  verbose: 'verbose',
  debug: 'verbose',
  silly: 'silly',
}

/**
 * Writes events to stderr, as npmlog does: `info containers stopped 0123…`.
 * @param {import('node:events').EventEmitter} events
 * @param {string} [level] the least that is written, default `verbose`
 */
function logEvents(events, level) {
  const least = WEIGHT[level || 'verbose']
  if (least === undefined) {
    throw invalid('level', `\`${level}\` is none of ${Object.keys(WEIGHT).join(', ')}`)
  }
  for (const [event, of] of Object.entries(LEVELS)) {
    // All are listened to: an `error` that is not to be written is no reason to throw it.
    events.on(event, (...words) => {
      if (WEIGHT[of] >= least) write(of, words)
    })
  }
}

/** @param {string} level @param {unknown[]} words */
function write(level, [prefix, ...words]) {
  const [label, style] = LABEL[level]
  const coloured = process.stderr.isTTY && !process.env['NO_COLOR']
  /** @param {string} text @param {string} code */
  const paint = (text, code) => (coloured && text ? `\u001B[${code}m${text}\u001B[0m` : text)
  const head = prefix == null || prefix === '' ? '' : ` ${paint(String(prefix), '35')}`
  const lines = format(...words).split(/\r?\n/)
  process.stderr.write(lines.map((line) => `${paint(label, style)}${head} ${line}\n`).join(''))
}

module.exports = { logEvents }
