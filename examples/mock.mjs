// A unit test of one's own code, without an engine: `Dokeres.mock()` stands in for it.
import assert from 'node:assert/strict'
import { Dokeres } from 'dokeres'

/** What is tested. @param {Dokeres} dokeres @param {string} folder */
async function lint(dokeres, folder) {
  const image = dokeres.image('my-org/linter:v1')
  const { exitCode, stdout } = await image.task(['lint', '/src'], {
    readonly: { [folder]: '/src' },
    reject: false,
  })
  return exitCode === 0 ? 'clean' : stdout.trim()
}

// Without a script images are there, and programs write nothing and end with 0.
const calm = Dokeres.mock()
console.log(await lint(calm, process.cwd()))
const { body } = calm.calls.find(({ path }) => path === '/containers/create') ?? {}
assert.deepEqual(body.Cmd, ['lint', '/src'])

// A script says what the engine would, where that matters.
const strict = Dokeres.mock(({ path, command }) => {
  if (path.endsWith('/attach')) return { stream: [`${command?.join(' ')}: 3 problems\n`] }
  if (path.endsWith('/wait')) return { json: { StatusCode: 1 } }
})
console.log(await lint(strict, process.cwd()))

const broken = Dokeres.mock(({ path }) => (path === '/containers/create' ? { status: 500 } : null))
await lint(broken, process.cwd()).catch((error) => console.log(error.code))
