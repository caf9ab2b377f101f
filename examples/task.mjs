// Run a program to its end: complete output, exit code, and no container left.
import { Dokeres, DokeresError } from 'dokeres'

const image = new Dokeres().image('busybox')

const { stdout, durationMs } = await image.task(['sh', '-c', 'wc -w'], {
  stdin: 'four words of text',
})
console.log(`${stdout.trim()} words, in ${durationMs.toFixed()} ms`)

try {
  await image.task('ls /nowhere', { timeout: '10s', memory: '64m' })
} catch (error) {
  if (!(error instanceof DokeresError && error.code === 'EXIT_CODE')) throw error
  console.log(`exit code ${error.exitCode}: ${error.stderr}`)
}
