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
  const filters = (/** @type {string} */ name) =>
    encodeURIComponent(JSON.stringify({ label: [`${world.label}=${name}`] }))
  const all = async (/** @type {string} */ name) =>
    (await api(host, 'GET', `/containers/json?all=1&filters=${filters(name)}`)).json
  /** @type {string[]} */
  const late = []
  return Object.assign(world, {
    /** What those containers run, to know whose they are. @param {string[]} left */
    async whence(left) {
      const names = left.flatMap((one) => /^container \/(\S+)/.exec(one)?.[1] ?? [])
      const told = await Promise.all(
        names.map(async (name) => (await api(host, 'GET', `/containers/${name}/json`)).json),
      )
      return told
        .map(({ Name, Created, State, Config, HostConfig }) =>
          JSON.stringify({
            Name,
            Created,
            State: State.Status,
            ...Config,
            Binds: HostConfig.Binds,
            Mounts: HostConfig.Mounts,
          }),
        )
        .join('\n')
    },
    talker: id,
    late,
    async clearLate() {
      for (const name of late.splice(0)) await world.clear(name)
    },
    /** What a turn has left behind, once the engine has had time. @param {string} name */
    async left(name) {
      const end = performance.now() + LEAVES
      for (;;) {
        const found = (await all(name)).map(
          (/** @type {any} */ { Names, State }) => `${Names} ${State}`,
        )
        if (found.length === 0 || performance.now() > end) return found
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  })
}
