// Does with credentials what can go wrong with them, and prints all that can be seen of it.
import { inspect } from 'node:util'
import { Dokeres } from '../../index.js'

const { names, helped, hanging, auths, right } = JSON.parse(await read(process.stdin))
const dokeres = new Dokeres()

show(dokeres)
for (const name of names) {
  await attempt(() => dokeres.image(name))
  for (const auth of auths) {
    await attempt(() => dokeres.image({ name, auth }))
    await attempt(() => dokeres.image(name), { auth })
  }
}
await attempt(() => dokeres.image(helped))
await attempt(() => dokeres.image({ name: names[0], auth: right }))

// Long enough to be looked at.
await attempt(() => dokeres.image(hanging), { signal: AbortSignal.timeout(1500) })
console.log('the last line')

/** @param {() => any} image @param {object} [options] */
async function attempt(image, options) {
  for (const work of options?.signal ? ['pull'] : ['pull', 'ensure']) {
    try {
      const made = image()
      show(made)
      show(await made[work](...(work === 'pull' && options ? [options] : [])))
    } catch (error) {
      show(error)
    }
  }
}

/** @param {any} value */
function show(value) {
  console.log(inspect(value, { showHidden: true, depth: 10, getters: true }))
  console.log(JSON.stringify(value), String(value), value?.message, value?.stack)
  if (value?.cause) show(value.cause)
}

/** @param {NodeJS.ReadStream} stream */
async function read(stream) {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}
