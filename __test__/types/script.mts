// A user's first script, compiled in every way that TypeScript has of finding a package.
import { Container, Dokeres, DokeresError, type RunOptions, type TaskResult } from 'dokeres'
import { Containers, createDocker, portBindings } from 'dokeres/dockops'

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

export function dropIn(): void {
  const containers = new Containers(createDocker('tcp://127.0.0.1:2375'))
  const start = { PortBindings: portBindings(80) }
  containers.run({ create: { Image: 'a' }, start }, (error, container) => {
    if (!error) console.log(container.id.length)
  })
}
