// scripts/engine: finds an engine, or installs and starts a private one, and takes it down again.
import { spawn } from 'node:child_process'
import { isRelease } from './daemon.mjs'
import { down } from './down.mjs'
import { environment, exports_ } from './environment.mjs'
import { publish } from './publish.mjs'
import { read } from './state.mjs'
import { up } from './up.mjs'

const USAGE = `usage: scripts/engine up [--private]      find or start an engine and a registry
       scripts/engine up --engine 26|28|podman
                                         the same with a private engine of that release
       scripts/engine down               take down what up started
       scripts/engine env                print the environment, for eval
       scripts/engine status             say what is up
       scripts/engine publish IMAGE      move an image into the registry; prints the name to pull
       scripts/engine run [--private] [--engine 26|28|podman] -- COMMAND …
                                         up, run the command with that environment, down again`

const [verb, ...rest] = process.argv.slice(2)
const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest
const release = own.includes('--engine') ? (own[own.indexOf('--engine') + 1] ?? '') : undefined
if (release !== undefined && !isRelease(release)) fail(USAGE)
const options = { private: own.includes('--private') || release !== undefined, release }

switch (verb) {
  case 'up':
    console.error(exports_(await up(options)))
    break
  case 'down':
    await down()
    break
  case 'env': {
    const state = read()
    if (!state) fail('no engine is up; say: scripts/engine up')
    console.log(exports_(state))
    break
  }
  case 'publish': {
    const state = read()
    if (!state || !rest[0]) fail(state ? USAGE : 'no engine is up; say: scripts/engine up')
    console.log(await publish(state, rest[0]))
    break
  }
  case 'status': {
    const state = read()
    console.log(state ? `up: ${state.host}${state.dockerd ? ' (private)' : ''}` : 'down')
    break
  }
  case 'run':
    process.exitCode = await run(rest.slice(rest.indexOf('--') + 1))
    break
  default:
    fail(USAGE)
}

/** @param {string[]} command */
async function run(command) {
  if (command.length === 0 || !rest.includes('--')) fail(USAGE)
  const before = read()
  // Set before anything is started, so that an interrupt takes it down whenever it comes.
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  let stopped = false
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      stopped = true
      child?.kill(signal)
    })
  }
  try {
    const state = await up(options)
    if (stopped) return 130
    const [program, ...args] = command
    child = spawn(program, args, {
      stdio: 'inherit',
      env: { ...process.env, ...environment(state) },
    })
    return await new Promise((resolve, reject) => {
      child?.on('error', reject)
      child?.on('close', (code, signal) => resolve(signal ? 1 : (code ?? 1)))
    })
  } finally {
    // What was up before this call stays up.
    if (!before) await down()
  }
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(2)
}
