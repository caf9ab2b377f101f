// `npm run build:dist [-- --target TRIPLE]`: the addon as it is released. On Linux it runs with old C
// libraries; what only a debugger wants is in `artifacts/`, in a file of its own.
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { OLDEST_GLIBC, unfit } from './lib/packages/addon.mjs'
import { oldGlibc } from './lib/packages/toolchain.mjs'
import { ownTarget, targets } from './lib/packages/targets.mjs'
import { has, must, root } from './lib/run.mjs'

const { values } = parseArgs({ options: { target: { type: 'string' } } })
const target = targets().find(({ triple }) => triple === (values.target ?? ownTarget().triple))
if (!target) throw new Error(`no target is called ${values.target}`)
const { triple, os, libc, addon, cpu } = target
const built = join(root, 'target', triple, 'dist')
const artifacts = join(root, 'artifacts')

// With zig's C library where that is musl.
const flags = ['--target', triple, ...(libc === 'musl' ? ['--cross-compile'] : [])]
const env = {
  ...(libc === 'glibc' && (await oldGlibc(triple))),
  ...(os === 'darwin' && { CARGO_PROFILE_DIST_SPLIT_DEBUGINFO: 'packed' }),
}
await must('npm', ['run', '--silent', 'build:napi', '--', ...flags], { env })
mkdirSync(artifacts, { recursive: true })
if (os === 'linux') await separate()
if (os === 'darwin') keep('libdokeres.dylib.dSYM', 'dSYM')
if (os === 'win32') keep('dokeres.pdb', 'pdb')
if (libc === 'glibc') await mustFit()
console.log(`${addon} is built`)

/** Takes the symbols out of the addon, and leaves a note where they are. */
async function separate() {
  const prefix = { x64: 'x86_64', arm64: 'aarch64' }[cpu] ?? cpu
  const cross = `${prefix}-linux-gnu-objcopy`
  const objcopy = (await has(cross)) ? cross : 'objcopy'
  const symbols = join(artifacts, `${addon}.debug`)
  await must(objcopy, ['--only-keep-debug', '--compress-debug-sections', addon, symbols])
  await must(objcopy, ['--strip-all', `--add-gnu-debuglink=${symbols}`, addon])
}

/** @param {string} file what the linker has written beside the addon @param {string} as */
function keep(file, as) {
  const from = [join(built, file), join(built, 'deps', file)].find((path) => existsSync(path))
  if (!from) throw new Error(`the build has left no ${file}`)
  cpSync(from, join(artifacts, `${addon}.${as}`), { recursive: true })
}

async function mustFit() {
  const faults = await unfit(join(root, addon))
  if (faults.length > 0) throw new Error(`${addon}: ${faults.join('; ')}`)
  console.log(`${addon} runs with glibc ${OLDEST_GLIBC}`)
}
