// The layers as a house: a roof over what JavaScript sees, floors that reach over all of it, and towers of what
// has to do with each other. Arrows go down only.

/** @typedef {import('./layers.mjs').Layer} Layer */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

const WIDTH = 900
const MARGIN = 70
const FLOOR = 70
const GAP = 26
/** Between a tower and what is beside it: there arrows pass boxes by. */
const GUTTER = 34
const ROOF = 92

const COLOURS = {
  roof: '#b5533c',
  script: '#f5e6c8',
  floor: '#dbe7f3',
  tower: '#e9f0e4',
  ground: '#d8d2c8',
}

/** @param {Layer[]} layers */
export function drawing(layers) {
  const floors = layers
    .filter(({ name }) => reachesAll(name, layers))
    .sort((a, b) => b.level - a.level)
  const towers = connected(layers.filter((layer) => !floors.includes(layer)))
  /** @type {Map<string, Box>} */
  const boxes = new Map()
  const width = WIDTH - 2 * MARGIN
  let y = ROOF + 14
  const script = { x: MARGIN, y, width, height: FLOOR }
  for (const { name } of floors) {
    y += FLOOR + GAP
    boxes.set(name, { x: MARGIN, y, width, height: FLOOR })
  }
  y += FLOOR + GAP
  const height = Math.max(...towers.flat().map(({ level }) => level)) + 1
  const ground = y + height * (FLOOR + GAP)
  const each = (width - (towers.length - 1) * 2 * GUTTER - 2 * GUTTER) / towers.length
  for (const [at, tower] of towers.entries()) {
    const left = MARGIN + GUTTER + at * (each + 2 * GUTTER)
    for (const layer of tower) {
      const beside = tower.filter(({ level }) => level === layer.level)
      const part = (each - (beside.length - 1) * GAP) / beside.length
      const x = left + beside.indexOf(layer) * (part + GAP)
      const top = ground - (layer.level + 1) * (FLOOR + GAP)
      boxes.set(layer.name, { x, y: top, width: part, height: FLOOR })
    }
  }
  const parts = [
    roof(),
    box(
      script,
      'index.js, js/',
      'What only JavaScript can do: a class that extends Error, RegExp, Node streams',
      COLOURS.script,
    ),
    straight(script, /** @type {Box} */ (boxes.get(floors[0]?.name ?? ''))),
    ...layers.map((layer) => {
      const colour = floors.includes(layer) ? COLOURS.floor : COLOURS.tower
      return box(
        /** @type {Box} */ (boxes.get(layer.name)),
        `src/${layer.name}`,
        layer.purpose,
        colour,
      )
    }),
    ...layers.flatMap((layer) => arrows(layer, floors, towers, boxes)),
    earth(ground, layers, boxes),
  ]
  return svg(ground + FLOOR, layers, parts)
}

/** Whether a layer leads, by whatever way, to all that are below it. @param {string} name @param {Layer[]} layers */
function reachesAll(name, layers) {
  const reached = new Set([name])
  for (const each of reached) {
    for (const next of layers.find((layer) => layer.name === each)?.imports ?? []) reached.add(next)
  }
  const own = layers.find((layer) => layer.name === name)?.level ?? 0
  return (
    layers.every((layer) => layer.level > own || layer.name === name || reached.has(layer.name)) &&
    own > 0
  )
}

/** Groups of layers that import each other, the lowest levels first. @param {Layer[]} layers @returns {Layer[][]} */
function connected(layers) {
  /** @type {Layer[][]} */
  const groups = []
  for (const layer of [...layers].sort(
    (a, b) => a.level - b.level || a.name.localeCompare(b.name),
  )) {
    const own = groups.filter((group) => group.some(({ name }) => layer.imports.includes(name)))
    const rest = groups.filter((group) => !own.includes(group))
    groups.splice(0, groups.length, ...rest, [...own.flat(), layer])
  }
  return groups.sort((a, b) => (a[0]?.name ?? '').localeCompare(b[0]?.name ?? ''))
}

/** @param {Layer} layer @param {Layer[]} floors @param {Layer[][]} towers @param {Map<string, Box>} boxes */
function arrows({ name, imports, level }, floors, towers, boxes) {
  const from = /** @type {Box} */ (boxes.get(name))
  const rank = floors.findIndex((floor) => floor.name === name)
  return imports.map((other) => {
    const to = /** @type {Box} */ (boxes.get(other))
    const below = floors.findIndex((floor) => floor.name === other)
    if (below >= 0 && below === rank + 1) return straight(from, to)
    const tower = towers.find((all) => all.some((layer) => layer.name === other)) ?? []
    const target = tower.find((layer) => layer.name === other)
    if (rank < 0 && target?.level === level - 1) return straight(from, to)
    // The lowest floor goes down on the left of a tower, all others on its right.
    const isLeft = rank === floors.length - 1
    const side = isLeft
      ? to.x - GUTTER / 2
      : to.x + to.width + (rank < 0 ? GUTTER / 3 : 1.35 * GUTTER + MARGIN / 4)
    const end = isLeft ? to.x : to.x + to.width
    const middle = to.y + to.height / 2
    if (isLeft) return arrow(`M${side} ${from.y + from.height}V${middle}H${end}`)
    return arrow(`M${from.x + from.width} ${from.y + from.height / 2}H${side}V${middle}H${end}`)
  })
}

/** @param {Box} from @param {Box} to */
function straight(from, to) {
  const x = (Math.max(from.x, to.x) + Math.min(from.x + from.width, to.x + to.width)) / 2
  return arrow(`M${x} ${from.y + from.height}V${to.y}`)
}

/** @param {string} path */
function arrow(path) {
  return `<path class="arrow" d="${path}" marker-end="url(#head)"/>`
}

/** @param {Box} box @param {string} title @param {string} text @param {string} colour */
function box({ x, y, width, height }, title, text, colour) {
  const lines = wrap(text, Math.floor((width - 20) / 6.3))
  const first = y + (height - 15 * (lines.length + 1)) / 2 + 11.5
  const told = lines.map(
    (line, at) => `<text x="${x + width / 2}" y="${first + 15 * (at + 1)}">${escape(line)}</text>`,
  )
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${colour}"/>`,
    `<text class="title" x="${x + width / 2}" y="${first}">${escape(title)}</text>`,
    ...told,
  ].join('\n')
}

function roof() {
  const middle = WIDTH / 2
  return [
    `<path class="roof" d="M${MARGIN - 30} ${ROOF}L${middle} 8L${WIDTH - MARGIN + 30} ${ROOF}Z"/>`,
    `<text class="sign" x="${middle}" y="${ROOF - 26}">your program</text>`,
  ].join('\n')
}

/** @param {number} y @param {Layer[]} layers @param {Map<string, Box>} boxes */
function earth(y, layers, boxes) {
  const ground = { x: MARGIN - 30, y, width: WIDTH - 2 * MARGIN + 60, height: FLOOR - 12 }
  const way = layers.find(({ name }) => name === 'transport') ?? layers[0]
  return [
    box(ground, 'the engine', 'unix socket, named pipe, TCP, TLS, ssh', COLOURS.ground),
    straight(/** @type {Box} */ (boxes.get(way?.name ?? '')), ground),
  ].join('\n')
}

/** @param {string} text @param {number} length */
function wrap(text, length) {
  /** @type {string[]} */
  const lines = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < length)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** @param {number} height @param {Layer[]} layers @param {string[]} parts */
function svg(height, layers, parts) {
  const told = layers.filter(({ imports }) => imports.length > 0)
  const words = told.map(({ name, imports }) => `${name} imports ${imports.join(', ')}`).join('; ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>The layers of dokeres, and who imports whom</title>
<desc>${words}.</desc>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0 0L8 4L0 8Z" fill="#555"/></marker></defs>
<style>
rect { stroke: #888 }
text { font: 12px system-ui, sans-serif; text-anchor: middle; fill: #333 }
.title { font: bold 13px ui-monospace, monospace; fill: #111 }
.sign { font: bold 15px system-ui, sans-serif; fill: #fff }
.roof { fill: ${COLOURS.roof} }
.arrow { fill: none; stroke: #555; stroke-width: 1.3 }
</style>
<rect x="0" y="0" width="${WIDTH}" height="${height}" fill="#fff" style="stroke: none"/>
${parts.join('\n')}
</svg>
`
}
