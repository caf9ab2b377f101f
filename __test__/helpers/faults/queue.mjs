// Many cells at a time, and one after the other where a call wants that.

const AT_ONCE = 12

/** Those that must not run at once, apart from each other. @param {import('./matrix.mjs').Cell[]} cells */
export function interleaved(cells) {
  const alone = cells.filter(({ call }) => call.alone)
  const others = cells.filter(({ call }) => !call.alone)
  const every = Math.max(1, Math.floor(others.length / (alone.length + 1)))
  return others
    .flatMap((cell, at) =>
      at % every === 0 && alone.length > 0
        ? [/** @type {import('./matrix.mjs').Cell} */ (alone.shift()), cell]
        : [cell],
    )
    .concat(alone)
}

/** @type {Map<string, Promise<unknown>>} */
const queues = new Map()

/** @template T @param {T[]} items @param {(item: T) => Promise<void>} work */
export async function each(items, work) {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      const own = item
      const alone = /** @type {any} */ (own)?.call?.alone ?? /** @type {any} */ (own)[1]?.alone
      if (!alone) {
        await work(own)
        continue
      }
      const turn = (queues.get(alone) ?? Promise.resolve()).then(() => work(own))
      queues.set(alone, turn)
      await turn
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
