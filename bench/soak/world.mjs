// The engine that the workloads are on: the one of the matrix of faults, told to show its goroutines.
import { makeWorld as make } from '../../__test__/helpers/faults/world.mjs'
import { api } from '../../scripts/lib/engine/api.mjs'

/** A removal that was under way when its caller left may take the engine as long. */
const LEAVES = 5_000

export async function makeWorld() {
  const world = await make({ args: ['--debug'] })
  const { host } = world.engine
  // By both streams: only by what it writes on each does an engine learn that its reader has gone.
  const command = ['sh', '-c', 'while :; do echo tick; echo tock >&2; sleep 0.02; done']
  const { id } = await world.start({}, command)
  const all = async (/** @type {string} */ marked) => {
    const filters = encodeURIComponent(JSON.stringify({ label: [marked] }))
    return (await api(host, 'GET', `/containers/json?all=1&filters=${filters}`)).json
  }
  /** @type {string[]} */
  const late = []
  return Object.assign(world, {
    talker: id,
    late,
    /** Takes away what the engine made of turns that had been left by then. Between rounds. */
    async clearLate() {
      for (const name of late.splice(0)) await world.clear(name)
      // A classic builder whose caller leaves between two steps forgets the container of the first
      // (moby 20.10). It has the labels of the image.
      for (const { Id, Labels } of await all('own')) {
        if (!Labels.own.startsWith('soak')) continue
        await api(host, 'DELETE', `/containers/${Id}?force=1&v=1`)
      }
    },
    /** What a turn has left behind, once the engine has had time. @param {string} name */
    async left(name) {
      const end = performance.now() + LEAVES
      for (;;) {
        const found = (await all(`${world.label}=${name}`)).map(
          (/** @type {any} */ { Names, State }) => `${Names} ${State}`,
        )
        if (found.length === 0 || performance.now() > end) return found
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  })
}
