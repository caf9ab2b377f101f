// What each workload was to reach, and what it did.

/** @typedef {import('./measure.mjs').Figures} Figures */

/**
 * How many times as good as dockerode, by wall time and by the JavaScript thread's CPU; how many times
 * the limit's wall time at most; how many MB at most.
 * @typedef {{ wall?: number, cpu?: number, limit?: number, rss?: number }} Goal
 */

/** @type {Record<string, Goal>} */
const GOALS = {
  load: { wall: 50 },
  'inspect-sequence': { wall: 2.3, limit: 1.15, cpu: 4 },
  'inspect-50': { wall: 5, limit: 1.3, cpu: 8 },
  'list-300': { wall: 1, limit: 1.03, cpu: 1.5 },
  'list-3000': { wall: 1, limit: 1.03, cpu: 1.5 },
  'logs-chunks': { wall: 2.2, limit: 1, cpu: 20, rss: 120 },
  'logs-lines': { wall: 1.5, cpu: 3, rss: 150 },
  followed: { cpu: 4 },
  'exec-1': { wall: 1.1, limit: 1.03, cpu: 3 },
  'exec-16': { wall: 1.1, limit: 1.03, cpu: 3 },
  'task-1': { wall: 1.1, limit: 1.03, cpu: 3 },
  'task-16': { wall: 1.1, limit: 1.03, cpu: 3 },
  'context-pack': { wall: 35, limit: 1, cpu: 50, rss: 100 },
  'context-build': { wall: 3, limit: 1.05 },
  'image-save': { wall: 1.5, limit: 1.1, cpu: 5, rss: 100 },
  'image-load': { wall: 1.5, limit: 1.1, cpu: 5, rss: 100 },
  'archive-get': { wall: 1.5, limit: 1.1, cpu: 5, rss: 100 },
  'archive-put': { wall: 1.5, limit: 1.1, cpu: 5, rss: 100 },
}

/** @param {readonly import('./table.mjs').Result[]} results */
export function goals(results) {
  const rows = results
    .filter(({ name }) => GOALS[name])
    .map(({ name, clients }) => {
      const { dokeres: own = {}, dockerode, limit } = clients
      const goal = GOALS[name]
      const cells = [
        least(goal.wall, times(own, dockerode, 'wall')),
        most(goal.limit, limit && own.wall && own.wall / limit.wall),
        least(goal.cpu, times(own, dockerode, 'cpu')),
        most(goal.rss, own.rss),
      ]
      return `| \`${name}\` | ${cells.join(' | ')} |`
    })
  return [
    '| workload | × dockerode | of the limit | CPU ÷ dockerode | RSS, MB |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** @param {Figures} own @param {Figures | undefined} other @param {string} figure */
function times(own, other, figure) {
  return other?.[figure] && own[figure] ? other[figure] / own[figure] : undefined
}

/** @param {number | undefined} goal @param {number | undefined} reached */
function least(goal, reached) {
  return cell(goal, reached, '≥', (value) => value >= /** @type {number} */ (goal))
}

/** @param {number | undefined} goal @param {number | undefined} reached */
function most(goal, reached) {
  return cell(goal, reached, '≤', (value) => value <= /** @type {number} */ (goal))
}

/**
 * @param {number | undefined} goal @param {number | undefined} reached @param {string} sign
 * @param {(value: number) => boolean} isThere
 */
function cell(goal, reached, sign, isThere) {
  if (goal === undefined || reached === undefined) return '–'
  // What is shown is what is judged.
  const shown = Number(reached.toPrecision(3))
  const text = `${shown} (${sign} ${goal})`
  return isThere(shown) ? text : `**${text}**`
}
