// The README's plot, of the results: bars of how many times as fast as dockerode, the limit as a line.

/** @typedef {import('./table.mjs').Result} Result */

const ROW = 26
const TOP = 74
const LABEL = 276
const PANEL = 250
const GAP = 56
const WIDTH = LABEL + 2 * PANEL + GAP + 40
/** Powers of two on the axis. */
const TICKS = [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
const COLOURS = {
  bar: '#2f6fde',
  slow: '#c98a1b',
  other: '#8a94a6',
  limit: '#b3261e',
  text: '#1f2430',
}

/** @param {readonly Result[]} results @returns {string} */
export function plot(results) {
  const rows = results.filter(({ clients }) => clients.dokeres && clients.dockerode)
  const height = TOP + rows.length * ROW + 46
  const panels = /** @type {const} */ ([
    { title: 'wall time', figure: 'wall', left: LABEL },
    { title: 'CPU of the JavaScript thread', figure: 'cpu', left: LABEL + PANEL + GAP },
  ])
  const parts = panels.map((panel) => drawPanel(panel, rows))
  const labels = rows.map(({ title }, index) =>
    text(LABEL - 10, TOP + index * ROW + 17, escape(title.replaceAll('`', '')), 'end'),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="12" fill="${COLOURS.text}">`,
    `<title>dokeres beside dockerode: how many times as fast, and how many times less CPU</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#ffffff"/>`,
    text(16, 26, 'Times as good as dockerode, in the same run: longer is better', 'start', 15, 600),
    ...labels,
    ...parts,
    legend(height - 16),
    '</svg>',
    '',
  ].join('\n')
}

/**
 * @param {{ title: string, figure: 'wall' | 'cpu', left: number }} panel
 * @param {readonly Result[]} rows
 */
function drawPanel({ title, figure, left }, rows) {
  const drawn = rows.map(({ clients, figure: main }) => {
    // Where the time is given, only what it costs can be compared.
    if (figure === 'wall' && main === 'cpu') return undefined
    const ratio = (/** @type {import('./workload.mjs').Client} */ client) => {
      const [base, own] = [clients.dockerode?.[figure], clients[client]?.[figure]]
      return base && own ? base / own : undefined
    }
    return { own: ratio('dokeres'), sdk: ratio('sdk'), cli: ratio('cli'), limit: ratio('limit') }
  })
  const values = drawn
    .flatMap((row) => Object.values(row ?? {}))
    .filter((value) => value !== undefined)
  const most = Math.max(2, ...values)
  const least = Math.min(1, ...values) < 0.9 ? 0.5 : 1
  const ticks = TICKS.filter(
    (tick, index) => tick >= least && tick <= most * 1.2 && (most < 40 || index % 2 === 1),
  )
  const width = PANEL - 46
  const x = (/** @type {number} */ value) =>
    round(
      left + (Math.log(Math.max(value, least) / least) / Math.log((most * 1.05) / least)) * width,
    )
  const bottom = TOP + rows.length * ROW
  const grid = ticks.map((tick) => {
    const colour = tick === 1 ? COLOURS.text : '#e3e6eb'
    const line = `<line x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${bottom}" stroke="${colour}"/>`
    return line + text(x(tick), TOP - 6, `${tick}×`, 'middle', 11)
  })
  const bars = drawn.map((row, index) => drawRow(row, TOP + index * ROW, x, left))
  return [text(left, TOP - 26, title, 'start', 12, 600), ...grid, ...bars].join('\n')
}

/**
 * @param {{ own?: number, sdk?: number, cli?: number, limit?: number } | undefined} row
 * @param {number} top @param {(value: number) => number} x @param {number} left
 */
function drawRow(row, top, x, left) {
  if (!row?.own)
    return text(left + 2, top + 17, 'the time is given', 'start', 11, 400, COLOURS.other)
  const [from, to] = [Math.min(x(1), x(row.own)), Math.max(x(1), x(row.own))]
  const colour = row.own >= 1 ? COLOURS.bar : COLOURS.slow
  const parts = [
    `<rect x="${from}" y="${top + 5}" width="${round(Math.max(1, to - from))}" height="16" rx="2" fill="${colour}"/>`,
  ]
  for (const [client, value] of /** @type {const} */ ([
    ['sdk', row.sdk],
    ['cli', row.cli],
  ])) {
    if (value) parts.push(mark(client, x(value), top + 13))
  }
  if (row.limit) {
    const at = x(row.limit)
    parts.push(
      `<line x1="${at}" x2="${at}" y1="${top + 2}" y2="${top + 24}" stroke="${COLOURS.limit}" stroke-width="2.5"/>`,
    )
  }
  const end = Math.max(
    to,
    row.limit ? x(row.limit) : 0,
    row.sdk ? x(row.sdk) + 4 : 0,
    row.cli ? x(row.cli) + 4 : 0,
  )
  parts.push(text(end + 5, top + 17, `${Number(row.own.toPrecision(2))}×`, 'start', 12, 600))
  return parts.join('')
}

/** @param {'sdk' | 'cli'} client @param {number} x @param {number} y */
function mark(client, x, y) {
  return client === 'sdk'
    ? `<circle cx="${x}" cy="${y}" r="4" fill="#ffffff" stroke="${COLOURS.other}" stroke-width="2"/>`
    : `<rect x="${x - 3.5}" y="${y - 3.5}" width="7" height="7" fill="#ffffff" stroke="${COLOURS.other}" stroke-width="2"/>`
}

/** @param {number} y */
function legend(y) {
  return [
    `<rect x="16" y="${y - 10}" width="18" height="11" rx="2" fill="${COLOURS.bar}"/>`,
    text(40, y, 'dokeres'),
    `<line x1="112" x2="112" y1="${y - 13}" y2="${y + 3}" stroke="${COLOURS.limit}" stroke-width="2.5"/>`,
    text(120, y, 'the limit: the engine read raw'),
    mark('sdk', 316, y - 4),
    text(326, y, '@docker/node-sdk'),
    mark('cli', 462, y - 4),
    text(472, y, 'docker CLI'),
    text(WIDTH - 16, y, '1× is dockerode; sizes as docs/performance.md says', 'end', 11),
  ].join('\n')
}

/**
 * @param {number} x @param {number} y @param {string} content
 * @param {'start' | 'middle' | 'end'} [anchor]
 */
function text(x, y, content, anchor = 'start', size = 12, weight = 400, colour = COLOURS.text) {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="${colour}">${content}</text>`
}

/** @param {string} content */
function escape(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10
}
