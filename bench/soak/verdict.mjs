// Whether memory stays as it was, and what else is said at the end.

/** @typedef {import('./census.mjs').Census & { at: number }} Point `at` in seconds */

/**
 * What memory may seem to grow by in a run of any length, MiB. The allocator gives back whole pages only, and
 * a small thing keeps a page: without any leak one census differs from the next by up to 15 MiB, and a line
 * through the points of 10 minutes, some 20, leans by 2 (5,130 turns, from 33 to 48 MiB and back; with few
 * points it leans by more). A leak of 2 KiB a turn would be 10 MiB.
 * @param {number} points
 */
export const mostRss = (points) => (points < 12 ? 24 : 8)

/** The line through all points by least squares: by how much it rises from the first to the last, and its slope. @param {Point[]} points */
export function trend(points) {
  const mean = (/** @type {number[]} */ all) => all.reduce((sum, one) => sum + one, 0) / all.length
  const x = mean(points.map(({ at }) => at))
  const y = mean(points.map(({ rss }) => rss))
  const over = points.reduce((sum, { at, rss }) => sum + (at - x) * (rss - y), 0)
  const under = points.reduce((sum, { at }) => sum + (at - x) ** 2, 0)
  const slope = under === 0 ? 0 : over / under
  return { slope, rise: slope * ((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0)) }
}

/** @param {Map<string, Tally>} tallies */
export function table(tallies) {
  const rows = [...tallies].sort(([one], [other]) => (one < other ? -1 : 1))
  const line = (/** @type {(string | number)[]} */ [name, ...figures]) =>
    String(name).padEnd(48) + figures.map((figure) => String(figure).padStart(9)).join('')
  const sum = { done: 0, rejected: 0, aborted: 0, ms: 0 }
  for (const [, tally] of rows) {
    for (const key of /** @type {(keyof Tally)[]} */ (Object.keys(sum))) sum[key] += tally[key]
  }
  return [
    line(['workload', 'done', 'rejected', 'aborted', 'ms each']),
    ...[...rows, /** @type {[string, Tally]} */ (['all', sum])].map(([name, tally]) => {
      const count = tally.done + tally.rejected + tally.aborted
      return line([name, tally.done, tally.rejected, tally.aborted, Math.round(tally.ms / count)])
    }),
  ].join('\n')
}

/** @typedef {{ done: number, rejected: number, aborted: number, ms: number }} Tally */
