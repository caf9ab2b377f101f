// Of the rounds' figures: their middle, and how far they lie apart.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** Half the way from the least to the most, as a part of the median. @param {readonly number[]} values */
export function spread(values) {
  const middle = median(values)
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / 2 / middle
}

/**
 * The medians of each figure, and the spread of the wall time.
 * @param {readonly import('./measure.mjs').Figures[]} rounds
 */
export function summary(rounds) {
  const names = Object.keys(rounds[0])
  const of = (/** @type {string} */ name) => rounds.map((figures) => figures[name])
  /** @type {import('./measure.mjs').Figures} */
  const medians = Object.fromEntries(names.map((name) => [name, median(of(name))]))
  return { ...medians, rounds: rounds.length, spread: spread(of('wall')) }
}
