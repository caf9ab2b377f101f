// A workload's result, as a table for a terminal.
import { CLIENTS } from './workload.mjs'

/** @typedef {import('./measure.mjs').Figures} Figures medians, and `rounds` and `spread` */

/**
 * @typedef {object} Result
 * @property {string} name @property {string} title @property {'wall' | 'cpu'} figure
 * @property {string} bound @property {number} scale
 * @property {Partial<Record<import('./workload.mjs').Client, Figures>>} clients
 * @property {Partial<Record<string, unknown>>} cannot why a client is not there
 * @property {string[]} failures
 */

const HEAD = [
  '',
  'wall',
  '±',
  'ratio',
  '/ limit',
  'JS CPU',
  'ratio',
  'p99',
  'max',
  'ELU',
  'RSS',
  'thr.',
  'more',
]

/** Figures that have columns; what else there is stands at the end. */
const SHOWN = new Set(
  'wall cpu processCpu elu delayP99 delayMax rss threads rounds spread'.split(' '),
)

/** @param {Result} result */
export function table({ name, title, scale, clients, cannot, failures }) {
  const { dockerode, limit } = clients
  const rows = CLIENTS.flatMap((client) => {
    const figures = clients[client]
    return figures ? [row(client, figures, dockerode, limit)] : []
  })
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((cells) => cells[column].length)),
  )
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, column) =>
        column === 0 || column === HEAD.length - 1
          ? cell.padEnd(widths[column])
          : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd()
  const rounds = Math.max(0, ...Object.values(clients).map((figures) => figures.rounds))
  const size = scale === 1 ? '' : `, ${Number(scale.toPrecision(2))} of its full size`
  return [
    '',
    `${name}: ${title} (${rounds} round${rounds === 1 ? '' : 's'}${size})`,
    line(HEAD),
    ...rows.map(line),
    ...Object.entries(cannot).map(([client, why]) => `${client.padEnd(widths[0])}  — ${why}`),
    ...failures.map((text) => `FAILED ${text}`),
  ].join('\n')
}

/**
 * @param {string} client @param {Figures} own
 * @param {Figures} [dockerode] @param {Figures} [limit]
 */
function row(client, own, dockerode, limit) {
  const ratio = (/** @type {string} */ name) =>
    dockerode && own[name] > 0 && dockerode[name] > 0
      ? `${(dockerode[name] / own[name]).toPrecision(3)}×`
      : ''
  const some = (/** @type {string} */ name, /** @type {(value: number) => string} */ show) =>
    own[name] === undefined ? '' : show(own[name])
  const more = Object.entries(own).filter(([name]) => !SHOWN.has(name))
  return [
    client,
    milliseconds(own.wall),
    own.rounds > 1 ? `${(own.spread * 100).toFixed(0)} %` : '',
    client === 'dockerode' ? '1' : ratio('wall'),
    limit && client !== 'limit' ? (own.wall / limit.wall).toFixed(2) : '',
    some('cpu', milliseconds),
    client === 'dockerode' ? '1' : ratio('cpu'),
    some('delayP99', milliseconds),
    some('delayMax', milliseconds),
    some('elu', (value) => value.toFixed(2)),
    some('rss', (value) => `${value.toFixed(0)} MB`),
    some('threads', String),
    more.map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`).join(', '),
  ]
}

/** @param {number} value */
export function milliseconds(value) {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
