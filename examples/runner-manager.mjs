// Runners for CI jobs: containers with limits, each of which takes job after job from a queue. What a job
// says is followed line by line; a runner that dies is replaced, and its job is run again.
import { Dokeres } from 'dokeres'

/** @typedef {{ name: string, command: string[], timeout?: number }} Job `timeout` in milliseconds */
/** @typedef {import('dokeres').DokeresContainer} Runner */

class RunnerManager {
  #made = 0

  /** @param {{ image: string, group: string, log: (runner: string, line: string) => void }} options */
  constructor({ image, group, log }) {
    this.group = group
    this.log = log
    // They go with this process, however it ends: a helper process sees to it where it is killed.
    this.dokeres = new Dokeres({ cleanupOnExit: true, reaper: true })
    this.image = this.dokeres.image(image)
  }

  /** Runs all jobs, so many at once, and tells how each went. @param {Job[]} jobs @param {number} atOnce */
  async run(jobs, atOnce) {
    const queue = jobs.values()
    const workers = Array.from({ length: atOnce }, () => this.#work(queue))
    return (await Promise.all(workers)).flat()
  }

  /** Those that there are, dead ones as well. */
  list() {
    return this.dokeres.containers.listAll({ filters: { label: `runner.group=${this.group}` } })
  }

  /** What each of those that run uses now. */
  async stats() {
    const running = (await this.list()).filter(({ State }) => State === 'running')
    const runners = await Promise.all(running.map(({ Id }) => this.dokeres.container(Id)))
    return Promise.all(runners.map((runner) => runner.stats()))
  }

  /** Removes them all, dead or alive. */
  async close() {
    return (await this.dokeres.cleanup()).removed
  }

  #create() {
    return this.image.run({
      name: `${this.group}-${++this.#made}`,
      labels: { 'runner.group': this.group },
      command: ['tail', '-f', '/dev/null'],
      init: true,
      memory: '64m',
      cpus: 0.5,
      pidsLimit: 64,
      network: 'none',
      healthcheck: { test: 'test -w /tmp', interval: '500ms' },
      waitFor: { healthy: true, timeout: '30s' },
    })
  }

  /** One runner after the other, until there is no job any more. @param {Iterable<Job>} queue */
  async #work(queue) {
    const results = []
    let runner = await this.#create()
    for (const job of queue) {
      let result = await this.#attempt(runner, job)
      // Where the runner is dead, that was not the job's fault, unless it happens each time.
      for (let tries = 1; result.exitCode !== 0 && tries < 3 && !(await isAlive(runner)); tries++) {
        this.log(runner.name ?? '', `is dead, ${job.name} is run again`)
        await runner.remove({ force: true })
        runner = await this.#create()
        result = await this.#attempt(runner, job)
      }
      results.push({ job: job.name, ...result })
    }
    return results
  }

  /** @param {Runner} runner @param {Job} job @returns {Promise<{ exitCode?: number, error?: string }>} */
  async #attempt(runner, { name, command, timeout = 600_000 }) {
    try {
      // When its time is over the command is ended in the runner, with what it has started.
      const signal = AbortSignal.timeout(timeout)
      const running = runner.execStream(command, { stdin: false, signal })
      for await (const line of running.lines()) this.log(runner.name ?? '', `${name}: ${line}`)
      return await running.wait()
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** Not by what the engine says of it, which may be a moment late. @param {Runner} runner */
const isAlive = async (runner) =>
  runner.exec(['true'], { timeout: '10s' }).then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  )

const dies = /** @type {Set<string>} */ (new Set(['deploy: begins']))
const manager = new RunnerManager({
  image: process.env.DOKERES_TEST_BASE ?? 'busybox',
  group: 'example-runner',
  log(runner, line) {
    console.log(`${runner} │ ${line}`)
    // Once, as if its machine had run out of memory.
    if (dies.delete(line)) manager.dokeres.container(runner).then((one) => one.kill())
  },
})
const script = (/** @type {string} */ text) => ['sh', '-c', text]
const jobs = [
  { name: 'lint', command: script('echo 7 files; echo 2 problems >&2; exit 2') },
  { name: 'test', command: script('echo 12 tests; sleep 0.2; echo all pass') },
  { name: 'deploy', command: script('echo begins; sleep 1; echo is done') },
  { name: 'endless', command: ['sleep', '600'], timeout: 1000 },
]
try {
  for (const { job, exitCode, error } of await manager.run(jobs, 2)) {
    console.log(`${job}: ${error ?? `exit code ${exitCode}`}`)
  }
  for (const { name, cpuPercent, memory, pids } of await manager.stats()) {
    console.log(`${name}: cpu ${cpuPercent.toFixed()} %, ${memory.usage} bytes, ${pids} processes`)
  }
} finally {
  console.log(`removed ${(await manager.close()).length}, left ${(await manager.list()).length}`)
}
