// Frames of a terminal as one picture that moves by CSS alone, for pages that show it as an image: no script, no font,
// nothing from elsewhere. Who wants no motion sees the last frame.
import { createHash } from 'node:crypto'

/** @typedef {import('./frames.mjs').Frame} Frame */

const FONT = 14
const CELL = 8.43
const LINE = 19
const MARGIN = 16
const BAR = 34

const STYLES = `text{white-space:pre;fill:#d5dae3}
.c1{fill:#f47f7f}.c2{fill:#8fd18a}.c3{fill:#e0b567}.c4{fill:#7db4f5}.c5{fill:#d49ae8}.c6{fill:#6fcfd8}.c0,.d{fill:#8b93a3}.b{font-weight:bold}`

/** @param {Frame[]} frames @param {string} cast that they are of */
export function draw(frames, cast) {
  const { width: columns, height: rows, title } = JSON.parse(cast.slice(0, cast.indexOf('\n')))
  const width = Math.round(columns * CELL + 2 * MARGIN)
  const height = BAR + rows * LINE + MARGIN
  const shown = frames.slice(0, -1)
  const lasts = frames.at(-1)?.at ?? 1
  /** Rows that are the same are drawn once. @type {Map<string, number>} */
  const drawn = new Map()
  const film = shown.map((frame, index) => {
    const uses = frame.rows.flatMap((spans, y) => {
      if (spans.length === 0) return []
      const text = spans.map(({ x, text, style }) => word(x, text, style)).join('')
      if (!drawn.has(text)) drawn.set(text, drawn.size)
      return `<use href="#r${drawn.get(text)}" y="${y * LINE}"/>`
    })
    const { cursor } = frame
    if (cursor) uses.push(`<use href="#c" x="${short(cursor.x * CELL)}" y="${cursor.y * LINE}"/>`)
    return `<g transform="translate(0 ${index * height})">${uses.join('')}</g>`
  })
  const steps = shown.map(
    ({ at }, index) =>
      `${short((at / lasts) * 100, 3)}%{transform:translateY(-${index * height}px)}`,
  )
  const last = `translateY(-${(shown.length - 1) * height}px)`
  const texts = [...drawn].map(([text, id]) => `<g id="r${id}">${text}</g>`)
  const family = "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace"
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${family}" font-size="${FONT}">
<title>${escaped(title)}</title>
<desc>Drawn from docs/terminal.cast, sha256 ${digest(cast)}</desc>
<style>${STYLES}
#f{transform:${last};animation:f ${short(lasts, 2)}s steps(1,end) infinite}
@keyframes f{${steps.join('')}}
@media (prefers-reduced-motion:reduce){#f{animation:none}}</style>
<rect width="100%" height="100%" rx="8" fill="#1b1f27"/>
<circle cx="20" cy="17" r="5.5" fill="#ff5f57"/><circle cx="39" cy="17" r="5.5" fill="#febc2e"/><circle cx="58" cy="17" r="5.5" fill="#28c840"/>
<defs><rect id="c" y="3" width="${CELL}" height="${LINE - 3}" fill="#8b93a3"/>
${texts.join('\n')}</defs>
<svg x="${MARGIN}" y="${BAR}" width="${width - 2 * MARGIN}" height="${rows * LINE}"><g id="f">
${film.join('\n')}
</g></svg>
</svg>
`
}

/** What the drawing says it is drawn from. @param {string} cast */
export function digest(cast) {
  return createHash('sha256').update(cast).digest('hex')
}

/** Each word as wide as its cells, whatever the font is. @param {number} x @param {string} text @param {string} style */
function word(x, text, style) {
  const place = x === 0 ? '' : ` x="${short(x * CELL)}"`
  const kind = style ? ` class="${style}"` : ''
  const length = short([...text].length * CELL)
  return `<text y="16"${place}${kind} textLength="${length}">${escaped(text)}</text>`
}

/** @param {number} value */
function short(value, digits = 1) {
  return String(Number(value.toFixed(digits)))
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
