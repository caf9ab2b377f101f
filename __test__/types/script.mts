// A user's first script, compiled in every way that TypeScript has of finding a package.
import { Container, Dokeres, DokeresError, type RunOptions, type TaskResult } from 'dokeres'

export async function main(): Promise<number> {
  const options: RunOptions = {
    readonly: { '/my/project/sources': '/src' },
    writable: { '/my/project/artifacts': '/dist' },
  }
  const image = new Dokeres().image('my-org/my-build-image:v1', '/path/to/my/Dockerfile')
  const container: Container = await image.run('build-my-thing', options)
  for await (const line of container.logs({ follow: true }).lines()) console.log(line.length)
  try {
    const { stdout, exitCode }: TaskResult = await image.task('npm ci')
    return stdout.length + exitCode
  } catch (error) {
    if (error instanceof DokeresError && error.code === 'EXIT_CODE') return error.exitCode ?? 1
    throw error
  }
}
