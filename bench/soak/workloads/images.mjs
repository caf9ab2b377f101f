// Images brought, made and let go of, by both builders and by the registry.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Thrown, rejects } from './common.mjs'

/** @param {import('./common.mjs').Context} context @param {string} step */
const build = ({ d, w, name, o }, step, /** @type {object} */ more = {}) =>
  d.images.build({
    name: `${name}:1`,
    context: { Dockerfile: `FROM ${w.image}\nLABEL own=${name}\n${step}`, file: 'x'.repeat(9000) },
    ...more,
    ...o,
  })

/** @param {'classic' | 'buildkit'} builder @returns {import('./common.mjs').Workloads} */
const built = (builder) => ({
  [`${builder}: a build`]: (context) =>
    build(context, 'COPY file /file\nRUN cat /file | wc -c', { builder }),
  [`${builder}: a build that fails`]: (context) =>
    rejects(context, () => build(context, 'RUN exit 7', { builder }), 'BUILD_FAILED'),
  [`${builder}: a build whose callback throws`]: (context) => {
    const onLine = () => {
      throw new Thrown()
    }
    return rejects(context, () => build(context, 'RUN sleep 1', { builder, onLine }), 'THROWN')
  },
})

/** @type {import('./common.mjs').Workloads} */
export const images = {
  ...built('classic'),
  ...built('buildkit'),
  'ensure by several at once, one of whom leaves': async ({ d, plain, w, name, labels, o }) => {
    const { Dockerfile } = { Dockerfile: `FROM ${w.image}\nRUN echo ${name}` }
    const wanted = { name: `${name}:1`, context: { Dockerfile }, pullPolicy: 'build', labels }
    const leaving = new AbortController()
    const stay = [d, plain, d, plain].map((client) =>
      client.image(/** @type {any} */ (wanted)).ensure(o),
    )
    const leaves = d.image(/** @type {any} */ (wanted)).ensure({ signal: leaving.signal })
    setTimeout(() => leaving.abort(new Thrown()), 30)
    const [last, ...rest] = (await Promise.allSettled([leaves, ...stay])).reverse()
    for (const outcome of rest.slice(0, 3).concat(last ?? [])) {
      if (outcome.status === 'rejected') throw outcome.reason
    }
  },
  'ensure of what is nowhere': (context) => {
    const image = context.d.image(`${context.w.registry}/${context.name}:none`)
    return rejects(context, () => image.ensure(context.o), 'IMAGE_UNAVAILABLE')
  },
  'pull anew': async ({ d, plain, w, name, o }) => {
    const remote = `${w.registry}/soak/${name}:1`
    await plain.images.load(w.smallTar)
    await plain.images.tag(w.small, remote)
    try {
      await plain.images.push(remote)
      await plain.images.remove(remote)
      await d.images.pull(remote, { onProgress: () => {}, ...o })
    } finally {
      await plain.images.remove(remote, { force: true }).catch(() => {})
    }
  },
  'pull whose callback throws': async (context) => {
    const { d, w, o } = context
    const onProgress = () => {
      throw new Thrown()
    }
    await rejects(context, () => d.images.pull(w.published, { onProgress, ...o }), 'THROWN')
  },
  'push of what is not there': (context) => {
    const { d, w, name, o } = context
    const work = () => d.images.push(`${w.registry}/${name}:none`, o)
    return rejects(context, work, 'IMAGE_NOT_FOUND')
  },
  'save to a file, load from it': async ({ d, w, name, o }) => {
    const path = `${w.folder}/${name}.tmp`
    await d.images.save([w.small], path, o)
    assert.ok((await readFile(path)).length > 1000)
    await d.images.load(path, o)
  },
  'load of nonsense': (context) => {
    const work = () => context.d.images.load(randomBytes(5000), context.o)
    return rejects(context, work, 'BAD_REQUEST', 'SERVER_ERROR')
  },
  'load whose source fails': (context) => {
    const source = (async function* () {
      yield context.w.smallTar.subarray(0, 1000)
      throw new Thrown()
    })()
    return rejects(context, () => context.d.images.load(source, context.o), 'THROWN')
  },
}
