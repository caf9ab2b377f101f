// A registry, and npm, pnpm and yarn as a stranger has them: a folder and a home of one's own, no compiler.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { end, freePort, start, until } from '../../scripts/lib/engine/processes.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tools = join(root, '.cache', 'managers')
const modules = join(tools, 'node_modules')

/** What they may find on their path: no Rust, no C. */
const PROGRAMS = ['sh', 'env', 'uname', 'dirname', 'basename', 'sed', 'getconf']

/** Fetches what is pinned in `__test__/managers/`, once. */
export async function fetchManagers() {
  const lock = 'package-lock.json'
  const pinned = readFileSync(join(root, '__test__', 'managers', lock), 'utf8')
  const has = existsSync(join(modules, '.bin')) && readFileSync(join(tools, lock), 'utf8')
  if (has === pinned) return
  mkdirSync(tools, { recursive: true })
  cpSync(join(root, '__test__', 'managers'), tools, { recursive: true })
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts']
  await promisify(execFile)('npm', ['ci', ...quietly], { cwd: tools })
}

/**
 * Starts a registry that takes what anyone publishes, and has the rest from the one that is used here.
 * @param {string} folder
 */
export async function startRegistry(folder) {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'])
  mkdirSync(folder, { recursive: true })
  const config = {
    storage: join(folder, 'storage'),
    uplinks: { upstream: { url: stdout.trim(), cache: true } },
    packages: {
      'dokeres*': { access: '$anonymous', publish: '$anonymous' },
      '**': { access: '$anonymous', proxy: 'upstream' },
    },
    max_body_size: '200mb',
    log: { type: 'stdout', format: 'json', level: 'warn' },
  }
  // JSON is YAML.
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config))
  const program = join(modules, 'verdaccio', 'bin', 'verdaccio')
  const address = `127.0.0.1:${await freePort()}`
  const args = [program, '--config', join(folder, 'config.yaml'), '--listen', address]
  const log = join(folder, 'log')
  const pid = start(process.execPath, args, log)
  const url = `http://${address}`
  const answers = () =>
    fetch(`${url}/-/ping`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(pid, answers, log)
  return { url, close: () => end(pid) }
}

/**
 * A new user, whose only registry is this one.
 * @param {string} home a folder that is to be made
 * @param {string} registry
 */
export function newcomer(home, registry) {
  const bin = join(home, 'bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(process.execPath, join(bin, 'node'))
  for (const name of PROGRAMS) {
    const path = ['/bin', '/usr/bin']
      .map((each) => join(each, name))
      .find((each) => existsSync(each))
    if (path) symlinkSync(path, join(bin, name))
  }
  const token = `${registry.replace('http:', '')}/:_authToken=anyone\n`
  writeFileSync(join(home, '.npmrc'), `registry=${registry}/\n${token}`)
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      /^DOCKER_|^DOKERES_|^NODE_EXTRA_CA|^LANG$|^TZ$/.test(name) && name !== 'DOKERES_ENGINE_DIR',
  )
  const env = {
    ...Object.fromEntries(inherited),
    HOME: home,
    PATH: bin,
    CI: 'true',
    NO_UPDATE_NOTIFIER: 'true',
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_ENABLE_TELEMETRY: 'false',
    // What a project with ES modules sets there.
    YARN_PNP_ENABLE_ESM_LOADER: 'true',
    // It takes nothing that is younger than a day.
    YARN_NPM_MINIMAL_AGE_GATE: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  }
  return {
    /**
     * Runs a program, and answers with what it wrote; a failure throws it.
     * @param {string} cwd @param {string} program @param {string[]} args
     */
    async run(cwd, program, ...args) {
      try {
        const options = { cwd, env, maxBuffer: 1 << 26, timeout: 120_000 }
        return (await promisify(execFile)(program, args, options)).stdout
      } catch (error) {
        const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error)
        throw new Error(`${program} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error })
      }
    },
  }
}

/** Each with how it is started, adds packages and runs a script. */
export const managers = {
  npm: {
    program: [process.execPath, join(modules, 'npm', 'bin', 'npm-cli.js')],
    add: ['install', '--no-audit', '--no-fund'],
    node: [process.execPath],
  },
  pnpm: {
    program: [process.execPath, join(modules, 'pnpm', 'bin', 'pnpm.mjs')],
    add: ['add'],
    node: [process.execPath],
  },
  'yarn 1': {
    program: [process.execPath, join(modules, 'yarn', 'bin', 'yarn.js')],
    add: ['add', '--no-progress'],
    node: [process.execPath],
  },
  // Plug'n'Play: there is no node_modules.
  'yarn 4': {
    program: [process.execPath, join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js')],
    add: ['add'],
    node: [process.execPath, join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js'), 'node'],
  },
}
