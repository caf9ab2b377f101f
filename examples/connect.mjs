// Where the engine is: found as the docker CLI finds it, or said. One object is enough for a process:
// its connections are pooled, and streams have their own.
import { Dokeres, DokeresError } from 'dokeres'

const dokeres = new Dokeres()
const { apiVersion } = await dokeres.ping()
console.log(`API ${apiVersion} at ${dokeres.endpoint.source}`)

const answers = await Promise.all(Array.from({ length: 50 }, () => dokeres.ping()))
console.log(`${answers.length} answers`)

try {
  await new Dokeres({ host: 'tcp://127.0.0.1:1', connectTimeout: '1s' }).ping()
} catch (error) {
  if (!(error instanceof DokeresError)) throw error
  console.log(`${error.code}: ${error.endpoint?.url}`)
}
