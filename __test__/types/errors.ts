import { DokeresError, LineTransformStream, type DokeresErrorCode } from 'dokeres'
import { expectType } from './expect.js'

export function told(error: unknown): string {
  if (!(error instanceof DokeresError)) throw error
  expectType<Error>(error)
  expectType<DokeresErrorCode>(error.code)
  // @ts-expect-error no such code
  if (error.code === 'EXITED') return ''
  if (error.code === 'IMAGE_UNAVAILABLE' && error.reason === 'unauthorized') return 'log in'
  if (error.code === 'BUILD_FAILED') return `${error.step} ${error.instruction} ${error.exitCode}`
  return `${error.container?.name} ${error.logs?.at(-1)} ${error.endpoint?.tried[0]?.url}`
}

new LineTransformStream((line) => (line === '' ? null : `> ${line}`)).pipe(process.stdout)
new LineTransformStream().end()
