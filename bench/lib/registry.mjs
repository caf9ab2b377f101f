// The workloads that there are: one file a subject, in the order in which they run.
/** The order has those next to each other that need the same. */
const SUBJECTS = [
  'load',
  'inspect',
  'list',
  'exec',
  'task',
  'logs',
  'followed',
  'stats',
  'context',
  'images',
  'archives',
  'ensure',
]

/** @returns {Promise<import('./workload.mjs').Workload[]>} */
export async function load() {
  const modules = await Promise.all(
    SUBJECTS.map((subject) => import(`../workloads/${subject}.mjs`)),
  )
  return modules.flatMap((module) => module.default)
}

/**
 * Those that words choose: a workload's name, or the beginning of some.
 * @param {import('./workload.mjs').Workload[]} all @param {string[]} words
 */
export function choose(all, words) {
  if (words.length === 0) return all.filter(({ onlyByName }) => !onlyByName)
  const chosen = new Set()
  for (const word of words) {
    const exact = all.filter(({ name }) => name === word)
    const found = exact.length > 0 ? exact : all.filter(({ name }) => name.startsWith(word))
    if (found.length === 0) {
      throw new Error(
        `there is no workload ${word}; there are ${all.map(({ name }) => name).join(' ')}`,
      )
    }
    for (const workload of found) chosen.add(workload)
  }
  return all.filter((workload) => chosen.has(workload))
}
