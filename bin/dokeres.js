#!/usr/bin/env node
'use strict'

// `npx dokeres doctor`: what `dokeres.diagnose()` finds, to be read by people, or by `--json`.

const { parseArgs } = require('node:util')

/** @typedef {Omit<import('dokeres').Diagnosis, 'problems'> & { problems: Problem[] }} Diagnosis */
/** @typedef {{ severity: 'error' | 'warning', area: string, message: string, advice: string }} Problem */
/** @typedef {(style: 'bold' | 'dim' | 'red' | 'yellow' | 'green', text: string) => string} Paint */
/** One fact: how it is, about what, and what there is to say. @typedef {[Mark, string, string[]]} Row */
/** @typedef {'✓' | '!' | '✗' | '·'} Mark */

const USAGE = `Usage: npx dokeres doctor [options]

Says which engine dokeres uses and why, how it is, and for each problem what to do.

Options:
  -H, --host <url>      ask this engine: unix://, npipe://, tcp://, https:// or ssh://
  -c, --context <name>  ask the engine of this docker context
      --json            print what dokeres.diagnose() resolves to, for programs
  -h, --help            print this
      --version         print the version

Exit code: 0 all is well, 1 there are problems, 2 it was called in a wrong way.
`

const PLATFORM = `${process.platform}-${process.arch}`

const WELL = 0
const PROBLEMS = 1
const WRONG_USAGE = 2

/** Where values begin; labels are shorter. */
const INDENT = 15

const CODES = { bold: 1, dim: 2, red: 31, yellow: 33, green: 32 }

/** @type {Record<Mark, 'red' | 'yellow' | 'green' | 'dim'>} */
const COLOURS = { '✓': 'green', '!': 'yellow', '✗': 'red', '·': 'dim' }

// Who reads only the beginning (`| head`) wants no complaint.
process.stdout.on('error', () => {})

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})

/** @param {string[]} args */
async function main(args) {
  /** @type {ReturnType<typeof read>} */
  let asked
  try {
    asked = read(args)
  } catch (error) {
    const { message } = /** @type {Error} */ (error)
    // Node goes on about operands that begin with a dash.
    process.stderr.write(`dokeres: ${message.split('. ')[0]}\n\n${USAGE}`)
    return WRONG_USAGE
  }
  const { help, version, json, host, context } = asked
  if (help) return say(USAGE)
  const package_ = require('../package.json').version
  if (version) return say(`${package_}\n`)
  const found = await diagnosis({ host, context })
  const about = { dokeres: package_, node: process.version, platform: PLATFORM }
  if (json) say(`${JSON.stringify({ ...about, ...found }, null, 2)}\n`)
  else say(report(about, found, painter()))
  return found.ok ? WELL : PROBLEMS
}

/** @param {string} text */
function say(text) {
  process.stdout.write(text)
  return WELL
}

/** @param {string[]} args */
function read(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      host: { type: 'string', short: 'H' },
      context: { type: 'string', short: 'c' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  })
  if (values.help || values.version) return values
  const [command, ...more] = positionals
  if (command === undefined) throw new Error('what is to be done? There is one command: doctor')
  if (command !== 'doctor') throw new Error(`there is no command \`${command}\``)
  if (more.length > 0) throw new Error(`\`${more.join(' ')}\` is too much`)
  if (values.host !== undefined && values.context !== undefined) {
    throw new Error('--host and --context exclude each other')
  }
  return values
}

/**
 * Nothing here fails: what fails is what is wrong.
 * @param {{ host: string | undefined, context: string | undefined }} options
 * @returns {Promise<Diagnosis>}
 */
async function diagnosis(options) {
  try {
    const { Dokeres } = require('../index.js')
    return await new Dokeres(options).diagnose()
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error)
    // Either the address is none, or the addon is not there: it says itself what to do.
    const isAddress = code === 'INVALID_OPTION'
    return {
      ok: false,
      reachable: false,
      endpoint: null,
      engine: null,
      builder: null,
      credentials: null,
      permissions: { uid: process.getuid?.() ?? null, socket: null },
      disk: null,
      clock: null,
      problems: [
        {
          severity: 'error',
          area: isAddress ? 'endpoint' : 'addon',
          message,
          advice: isAddress
            ? 'correct the address'
            : `install dokeres again, on this machine and for its platform (${PLATFORM})`,
        },
      ],
    }
  }
}

/** Colours are for terminals, and for those who have not said NO_COLOR. @returns {Paint} */
function painter() {
  const { stdout } = process
  if (!stdout.isTTY || !stdout.hasColors()) return (_, text) => text
  return (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`
}

/**
 * @param {{ dokeres: string, node: string, platform: string }} about
 * @param {Diagnosis} found
 * @param {Paint} paint
 */
function report(about, found, paint) {
  const width = Math.min(process.stdout.columns || 80, 100)
  const { problems } = found
  const lines = [
    paint('bold', `dokeres ${about.dokeres}`) + `, Node ${about.node}, ${about.platform}`,
  ]
  lines.push('')
  for (const [mark, label, texts] of rows(found)) {
    const wrapped = texts.flatMap((text) => wrap(text, width - INDENT))
    const [first = '', ...rest] = wrapped
    const head = label.padEnd(INDENT - 2)
    lines.push(`${paint(COLOURS[mark], mark)} ${paint('bold', head)}${first}`)
    for (const line of rest) lines.push(' '.repeat(INDENT) + line)
  }
  for (const { severity, area, message, advice } of problems) {
    const [mark, colour] = severity === 'error' ? ['✗', 'red'] : ['!', 'yellow']
    const [first, ...rest] = wrap(`${area}: ${short(message, found)}`, width - 2)
    lines.push('', paint(/** @type {'red'} */ (colour), `${mark} ${first}`))
    for (const line of rest) lines.push(`  ${line}`)
    for (const [at, line] of wrap(advice, width - 4).entries()) {
      lines.push(paint('bold', at === 0 ? '  → ' : '    ') + line)
    }
  }
  lines.push('', summary(found, paint))
  return `${lines.join('\n')}\n`
}

/** Without the places that are listed above it already. @param {string} message @param {Diagnosis} found */
function short(message, { endpoint }) {
  const tried = endpoint?.tried ?? []
  const isList = tried.length > 1 && tried.every(({ url }) => message.includes(url))
  return isList ? message.replace(/; tried .*(?=; )/, '') : message
}

/** @param {Diagnosis} found @param {Paint} paint */
function summary({ ok, problems }, paint) {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const of = (/** @type {number} */ count, /** @type {string} */ word) =>
    count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`]
  const counts = [...of(errors, 'problem'), ...of(warnings, 'warning')].join(', ')
  if (!ok) return paint('red', `${counts}.`)
  return paint('green', counts ? `All is well; ${counts}.` : 'All is well.')
}

/** What is known, a line each. @param {Diagnosis} found @returns {Row[]} */
function rows(found) {
  const { endpoint, engine, builder, credentials, permissions, disk, clock } = found
  /** How an area is, unless nothing is known of it. @type {(area: string, isKnown?: boolean) => Mark} */
  const mark = (area, isKnown = true) => {
    const own = found.problems.filter((problem) => problem.area === area)
    if (own.some(({ severity }) => severity === 'error')) return '✗'
    if (own.length > 0) return '!'
    return isKnown ? '✓' : '·'
  }
  const unknown = found.reachable ? 'not known' : 'not known: no engine has answered'
  const helpers = credentials?.helpers.map(
    ({ name, path }) => `helper ${name}: ${path ?? 'missing'}`,
  )
  return [
    [found.reachable ? '✓' : '✗', 'endpoint', placed(endpoint)],
    [mark('engine', engine !== null), 'engine', engine ? described(engine) : [unknown]],
    [mark('builder', builder !== null), 'builder', [builder ?? unknown]],
    [
      mark('credentials', credentials !== null),
      'credentials',
      credentials
        ? [credentials.config ?? 'no config.json of docker', ...(helpers ?? [])]
        : ['not known'],
    ],
    [
      mark('permissions', permissions.socket?.mode !== undefined),
      'permissions',
      allowed(permissions),
    ],
    [
      mark('disk', disk !== null),
      'disk',
      [
        disk
          ? `${gib(disk.free)} of ${gib(disk.total)} GiB are free in ${disk.path}`
          : found.reachable
            ? "not known: the engine's disk cannot be seen from here"
            : unknown,
      ],
    ],
    [mark('clock', clock !== null), 'clock', [clock ? skewed(clock.skewMs) : unknown]],
  ]
}

/** What is not an engine may have said less. @param {NonNullable<Diagnosis['engine']>} engine */
function described(engine) {
  const { version, apiVersion, osType, os, kernel, rootless, storageDriver } = engine
  const lines = [
    [version, apiVersion && `API ${apiVersion}`, osType && `${osType}/${engine.architecture}`],
    [os, kernel && `kernel ${kernel}`, rootless && 'rootless'],
    [storageDriver && `${storageDriver} in ${engine.dataRoot}, cgroup ${engine.cgroupVersion}`],
  ].flatMap((facts) => facts.filter(Boolean).join(', ') || [])
  return lines.length > 0 ? lines : ['something answers that has not said what it is']
}

/** @param {Diagnosis['endpoint']} endpoint */
function placed(endpoint) {
  if (!endpoint) return ['none']
  const { url, source, tried } = endpoint
  const others = tried.filter((place) => place.url !== url)
  return [
    url ?? 'none was found',
    ...(source ? [`chosen by: ${source}`] : []),
    ...others.map(({ url, error }) => `tried: ${url}: ${error ?? 'answers'}`),
  ]
}

/** @param {Diagnosis['permissions']} permissions */
function allowed({ uid, socket }) {
  const who = uid === null ? [] : [`this process is of user ${uid}`]
  if (!socket) return who.length > 0 ? who : ['not known']
  if (socket.error)
    return [...who, `${socket.path}: ${socket.error.replace(/ \(os error \d+\)$/, '')}`]
  const { path, mode } = socket
  return [...who, mode ? `${path} is ${mode}, of ${socket.uid}:${socket.gid}` : path]
}

/** @param {number} bytes */
function gib(bytes) {
  return (bytes / 2 ** 30).toFixed(1)
}

/** @param {number} ms */
function skewed(ms) {
  if (ms === 0) return 'that of this machine'
  return `${Math.abs(ms)} ms ${ms > 0 ? 'ahead of' : 'behind'} this machine's`
}

/** Cut between words; a word that is too long stays whole. @param {string} text @param {number} width */
function wrap(text, width) {
  /** @type {string[]} */
  const lines = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line ? `${line} ${word}` : word
    }
  }
  return [...lines, line]
}
