// The runtimes that dokeres is for, each from npm, and what it does in them.
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { api } from '../engine/api.mjs'
import { sleep } from '../engine/processes.mjs'
import { pack } from '../packages/pack.mjs'
import { must, root, run } from '../run.mjs'

/** How long a program may go on after its last word. */
const PATIENCE = 5000
const LIMIT = 60_000
const LABEL = 'dokeres.runtimes'

const arm = process.arch === 'arm64'
const node = `node-linux-${arm ? 'arm64' : 'x64'}`

/** @typedef {{ name: string, package: string, version: string, program: string, args?: string[] }} Runtime */

/** @type {Runtime[]} */
const RUNTIMES = [
  ...['18.20.8', '20.20.2', '22.23.3', '24.21.0'].map((version) => ({
    name: `Node ${version.split('.')[0]}`,
    package: node,
    version,
    program: 'bin/node',
  })),
  {
    name: 'Bun',
    package: `@oven/bun-linux-${arm ? 'aarch64' : 'x64'}`,
    version: '1.4.5',
    program: 'bin/bun',
  },
  {
    name: 'Deno',
    package: `@deno/linux-${arm ? 'arm64' : 'x64'}-glibc`,
    version: '2.9.6',
    program: 'deno',
    args: ['run', '--allow-all'],
  },
]

/** What is checked in each, as in `__test__/runtimes/`. */
export const CHECKS = ['load', 'run', 'stream', 'error', 'end', 'reaper']

/**
 * @typedef {{ name: string, version: string, checks: Record<string, string> }} Row a check is `ok`, or what
 *   went wrong in it
 * @returns {Promise<{ rows: Row[], missing: string[] }>} `missing` could not be had from npm
 */
export async function checkRuntimes() {
  const rows = []
  const missing = []
  const folder = await install()
  try {
    for (const runtime of RUNTIMES) {
      const program = await fetch_(runtime)
      if (!program) {
        missing.push(`${runtime.package}@${runtime.version}`)
        continue
      }
      const checks = await checkOne(folder, program, runtime.args ?? [])
      rows.push({ name: runtime.name, version: runtime.version, checks })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { rows, missing }
}

/** Puts the package into a folder, as a user gets it. */
async function install() {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-runtimes-'))
  const { main, platforms } = await pack(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const quietly = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts']
  const tarballs = [main, ...Object.values(platforms)]
  const installing = ['install', '--prefix', folder, ...quietly, ...tarballs]
  await must('npm', installing, { quiet: true })
  const sources = join(root, '__test__', 'runtimes')
  for (const name of readdirSync(sources)) cpSync(join(sources, name), join(folder, name))
  return folder
}

/** @param {Runtime} runtime @returns {Promise<string | undefined>} its program */
async function fetch_({ package: name, version, program }) {
  const folder = join(root, '.cache', 'runtimes', `${name.replace('/', '-')}-${version}`)
  const path = join(folder, 'node_modules', name, program)
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const quietly = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts']
  const args = ['install', '--prefix', folder, ...quietly, `${name}@${version}`]
  const { code, output } = await run('npm', args, { quiet: true })
  if (code !== 0) console.log(output)
  return existsSync(path) ? path : undefined
}

/** @param {string} folder @param {string} program @param {string[]} args */
async function checkOne(folder, program, args) {
  /** @type {Record<string, string>} */
  const checks = Object.fromEntries(CHECKS.map((check) => [check, 'it said nothing of this']))
  /** @param {string} check @param {string} outcome */
  const tell = (check, outcome) => {
    // What was wrong once is not put right by the other way of loading.
    if (checks[check] === 'ok' || checks[check] === 'it said nothing of this')
      checks[check] = outcome
  }
  const mains = ['require.cjs', 'import.mjs']
  const runs = mains.map((main) => start(folder, program, [...args, main]))
  const reaping = reaped(folder, program, args)
  for (const [index, { code, signal, output, errors, idle }] of (
    await Promise.all(runs)
  ).entries()) {
    const main = mains[index]
    for (const line of output.split('\n').filter((each) => each.startsWith('{'))) {
      const { check, ok, message } = JSON.parse(line)
      tell(check, ok ? 'ok' : `${main}: ${message}`)
    }
    const well = code === 0 && !errors && idle < PATIENCE
    tell('end', well ? 'ok' : `${main}: ${signal ?? code} after ${Math.round(idle)} ms: ${errors}`)
  }
  tell('reaper', await reaping)
  return checks
}

/**
 * Whether a container goes when its process is killed.
 * @param {string} folder @param {string} program @param {string[]} args
 */
async function reaped(folder, program, args) {
  const mark = `${process.pid}-${Date.now()}`
  const { signal, errors } = await start(folder, program, [...args, 'killed.cjs', mark])
  if (signal !== 'SIGKILL') return `it could not be killed: ${errors}`
  const filters = encodeURIComponent(JSON.stringify({ label: [`${LABEL}=${mark}`] }))
  const host = process.env.DOCKER_HOST ?? ''
  /** @type {{ Id: string }[]} */
  let left = []
  for (let tries = 0; tries < 100; tries++) {
    left = (await api(host, 'GET', `/containers/json?all=1&filters=${filters}`)).json
    if (left.length === 0) return 'ok'
    await sleep(100)
  }
  for (const { Id } of left) await api(host, 'DELETE', `/containers/${Id}?force=1`)
  return 'a container was left'
}

/**
 * @param {string} folder @param {string} program @param {string[]} args
 * @returns {Promise<{ code: number | null, signal: string | null, output: string, errors: string, idle: number }>}
 *   `idle` is how long it went on after its last word, in ms
 */
function start(folder, program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT)
    let [output, errors, last] = ['', '', performance.now()]
    child.stdout.on('data', (data) => {
      output += data
      last = performance.now()
    })
    child.stderr.on('data', (data) => (errors += data))
    child.on('error', reject)
    // Not `close`: its reaper may still have its outputs.
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      const idle = performance.now() - last
      setImmediate(() => resolve({ code, signal, output, errors, idle }))
    })
  })
}
