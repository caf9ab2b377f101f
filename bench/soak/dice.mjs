// Chance that can be had again: the same seed throws the same numbers.

/** @typedef {ReturnType<typeof dice>} Dice */

/** Mulberry32. @param {number} seed */
export function dice(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    /** From 0 up to `below`, which is not among them. @param {number} below */
    whole: (below) => Math.floor(next() * below),
    /** @param {number} likelihood from 0 to 1 */
    chance: (likelihood) => next() < likelihood,
    /** Short times as likely as long ones: as many below 10 as between 10 and 100. @param {number} least @param {number} most */
    time: (least, most) => Math.round(least * (most / least) ** next()),
    /** @template T @param {readonly T[]} all @returns {T[]} all of them, in another order */
    shuffled(all) {
      const rest = [...all]
      return all.map(() => /** @type {T} */ (rest.splice(Math.floor(next() * rest.length), 1)[0]))
    },
  }
}
