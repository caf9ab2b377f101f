// Adds to package-lock.json, or the lock that is named, the optional packages of other platforms that `npm install` has left out,
// as it does where the registry does not have them: without them `npm ci` refuses the lock.
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { root } from './lib/run.mjs'

const OS = /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)\b/
const CPU = /\b(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|wasm32|x64)\b/

/**
 * What a platform's package says of itself, told from its name.
 * @param {string} name
 */
function platform(name) {
  const os = OS.exec(name)?.[1]
  const cpu = CPU.exec(name)?.[1]
  const libc = /musl/.test(name) ? 'musl' : /-gnu/.test(name) ? 'glibc' : undefined
  return {
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    ...(os && { os: [os] }),
  }
}

const file = resolve(root, process.argv[2] ?? 'package-lock.json')
const lock = JSON.parse(await readFile(file, 'utf8'))
const count = Object.keys(lock.packages).length
for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const isPlatform = /^\d+\.\d+\.\d+$/.test(version) && CPU.test(name)
    if (!isPlatform) continue
    lock.packages[`node_modules/${name}`] ??= {
      version,
      ...platform(name),
      dev: true,
      optional: true,
    }
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
lock.packages = Object.fromEntries(sorted)
await writeFile(file, JSON.stringify(lock, null, 2) + '\n')
console.log(`${Object.keys(lock.packages).length - count} packages added to package-lock.json`)
