import { Dokeres, DokeresError, type DokeresErrorCode, type TaskOptions } from 'dokeres'

const options: TaskOptions = { env: { LIMIT: 3 }, memory: '64m', readonly: { './sources': '/src' } }
const hints: Partial<Record<DokeresErrorCode, string>> = {
  BIND_SOURCE_MISSING: 'make it, or say createPaths',
  ENGINE_UNREACHABLE: 'ask npx dokeres doctor',
}

try {
  const { stdout } = await new Dokeres().image('busybox').task('ls /src', options)
  console.log(stdout)
} catch (error) {
  // Where it is one, all of its facts have types.
  if (!(error instanceof DokeresError)) throw error
  console.log(`${error.code}: ${hints[error.code] ?? error.message}`)
}
