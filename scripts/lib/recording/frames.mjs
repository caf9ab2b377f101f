// What a terminal shows while a recording is played to it. The terminal is xterm's own, without a window; it is
// fetched when it is needed, for drawing is rare.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { must, root } from '../run.mjs'

const XTERM = '@xterm/headless@6.0.0'
/** Frames of less than this are not seen. */
const SHORTEST = 0.06

/** A piece of a row in one style. @typedef {{ x: number, text: string, style: string }} Span */
/** @typedef {{ at: number, rows: Span[][], cursor: { x: number, y: number } | null }} Frame */

/** @param {string} cast @returns {Promise<Frame[]>} */
export async function frames(cast) {
  const [header, ...events] = cast
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { Terminal } = await xterm()
  const options = { cols: header.width, rows: header.height, allowProposedApi: true, scrollback: 0 }
  const terminal = new Terminal(options)
  /** @type {Frame[]} */
  const found = []
  for (const [index, [at, , data]] of events.entries()) {
    await new Promise((resolve) => terminal.write(data, () => resolve(undefined)))
    const next = events[index + 1]?.[0] ?? Infinity
    if (next - at < SHORTEST) continue
    const frame = look(terminal, at)
    const { at: _, ...shown } = frame
    const { at: __, ...before } = found.at(-1) ?? { at: 0 }
    // The last one says how long it all is.
    if (JSON.stringify(shown) !== JSON.stringify(before) || next === Infinity) found.push(frame)
  }
  return found
}

async function xterm() {
  const folder = join(root, '.cache', 'recording')
  if (!existsSync(join(folder, 'node_modules', '@xterm'))) {
    const quietly = ['--no-audit', '--no-fund', '--ignore-scripts']
    await must('npm', ['install', '--prefix', folder, ...quietly, XTERM], { quiet: true })
  }
  return createRequire(join(folder, 'package.json'))('@xterm/headless')
}

/** @param {any} terminal @param {number} at @returns {Frame} */
function look(terminal, at) {
  const { active } = terminal.buffer
  const rows = Array.from({ length: terminal.rows }, (_, y) =>
    spans(active.getLine(active.viewportY + y), terminal.cols),
  )
  const isHidden = terminal._core?.coreService?.isCursorHidden
  const cursor = isHidden ? null : { x: active.cursorX, y: active.cursorY }
  return { at, rows, cursor }
}

/** @param {any} line @param {number} columns */
function spans(line, columns) {
  /** @type {Span[]} */
  const found = []
  for (let x = 0; x < columns; x++) {
    const cell = line.getCell(x)
    const text = cell.getChars() || ' '
    const style = styleOf(cell)
    const last = found.at(-1)
    // A blank goes with what is before it, whatever its style; two of them begin anew.
    if (last && (last.style === style || text === ' ')) last.text += text
    else if (text !== ' ') found.push({ x, text, style })
  }
  return found
    .map((span) => ({ ...span, text: span.text.trimEnd() }))
    .filter(({ text }) => text !== '')
}

/** Classes of the drawing's. @param {any} cell */
function styleOf(cell) {
  const colour = cell.isFgPalette() && cell.getFgColor() < 16 ? `c${cell.getFgColor() % 8}` : ''
  return [colour, cell.isBold() && 'b', cell.isDim() && 'd'].filter(Boolean).join(' ')
}
