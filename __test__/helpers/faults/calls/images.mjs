// Images: asked for, brought, made and let go of.
import { total } from './common.mjs'

const UNIQUE = { builder: /** @type {const} */ ('classic'), noCache: true }
/** @param {string} image @param {string} name */
const dockerfile = (image, name) => ({
  Dockerfile: `FROM ${image}\nLABEL own=${name}\nRUN echo hello`,
})

/** @type {import('./common.mjs').Calls} */
export const calls = {
  'ImageCollection.list': {
    run: ({ d, o }) => d.images.list(o),
    right: (all) => all.length > 0 && all.every((/** @type {any} */ { Id }) => Id),
  },
  'ImageCollection.listGroup': {
    run: ({ d, w, o }) => d.images.listGroup(w.image.split(':')[0], o),
    right: (all) => all.length > 0,
  },
  'ImageCollection.inspect': {
    run: ({ d, w, o }) => d.images.inspect(w.image, o),
    right: ({ Id }, { w }) => Id === w.imageId,
  },
  'ImageCollection.history': {
    run: ({ d, w, o }) => d.images.history(w.image, o),
    right: (all) => all.length > 0,
  },
  'ImageCollection.tag': {
    run: ({ d, w, name, o }) => d.images.tag(w.image, `${name}:1`, o),
    names: true,
  },
  'ImageCollection.remove': {
    prepare: ({ plain, w, name }) => plain.images.tag(w.image, `${name}:1`),
    run: ({ d, name, o }) => d.images.remove(`${name}:1`, o),
    removes: true,
  },
  'ImageCollection.removeGroup': {
    prepare: ({ plain, w, name }) => plain.images.tag(w.image, `${name}:1`),
    run: ({ d, name, o }) => d.images.removeGroup(name, o),
    wraps: ['PARTIAL_FAILURE'],
    removes: true,
  },
  'ImageCollection.clean': {
    run: ({ d, o }) => d.images.clean({ olderThan: '1000d', dryRun: true, ...o }),
    right: ({ dryRun }) => dryRun === true,
  },
  'ImageCollection.prune': {
    alone: 'images',
    run: ({ d, o }) => d.images.prune({ filters: { label: 'of=none' }, ...o }),
    right: ({ ImagesDeleted }) => !ImagesDeleted?.length,
  },
  'ImageCollection.save': {
    run: ({ d, w, o }) => total(d.images.save([w.small], o)),
    right: (size) => size > 1000,
  },
  'ImageCollection.load': {
    run: ({ d, w, o }) => d.images.load(w.smallTar, o),
    right: ({ images }, { w }) => images.includes(w.small),
    uploads: true,
  },
  'ImageCollection.import': {
    run: ({ d, w, name, o }) => d.images.import(w.tar, { repository: name, tag: '1', ...o }),
    right: ({ id }) => id.startsWith('sha256:'),
    uploads: true,
    names: true,
  },
  'ImageCollection.pull': {
    run: ({ d, w, o }) => d.images.pull(w.published, o),
    right: ({ digest }) => digest.startsWith('sha256:'),
    wraps: ['PULL_FAILED'],
    shared: 'published',
  },
  'ImageCollection.push': {
    run: ({ d, w, o }) => d.images.push(w.published, o),
    right: ({ digest }) => digest.startsWith('sha256:'),
    wraps: ['PUSH_FAILED'],
  },
  'ImageCollection.build': {
    names: true,
    run: ({ d, w, name, o }) =>
      d.images.build({ name: `${name}:1`, context: dockerfile(w.image, name), ...UNIQUE, ...o }),
    right: ({ tags }, { name }) => tags.includes(`${name}:1`),
    wraps: ['BUILD_FAILED'],
    uploads: true,
    costs: true,
  },
  'DokeresImage.build': {
    names: true,
    run: ({ d, w, name, o }) =>
      d.image({ name: `${name}:1`, context: dockerfile(w.image, name) }).build({ ...UNIQUE, ...o }),
    right: ({ imageId }) => imageId.startsWith('sha256:'),
    wraps: ['BUILD_FAILED'],
    costs: true,
  },
  'DokeresImage.pull': {
    costs: true,
    run: ({ d, w, o }) => d.image(w.published).pull(o),
    right: ({ id }, { w }) => id === w.smallId,
    wraps: ['PULL_FAILED'],
  },
  'DokeresImage.push': {
    costs: true,
    run: ({ d, w, o }) => d.image(w.published).push(o),
    right: ({ tag }) => tag === '1',
    wraps: ['PUSH_FAILED'],
  },
  'DokeresImage.ensure': {
    run: ({ d, w, o }) => d.image({ name: w.published, pullPolicy: 'always' }).ensure(o),
    right: ({ name }, { w }) => name === w.published,
    wraps: ['IMAGE_UNAVAILABLE'],
  },
  'DokeresImage.ensure of a newer one': {
    costs: true,
    run: ({ d, w, o }) => d.image({ name: w.published, pullPolicy: 'newer' }).ensure(o),
    right: ({ name }, { w }) => name === w.published,
    wraps: ['IMAGE_UNAVAILABLE'],
  },
  'DokeresImage.check': {
    run: ({ d, w, o }) => d.image(w.image).check(o),
    right: ({ name }, { w }) => name === w.image,
  },
  'DokeresImage.exists': {
    run: ({ d, w, o }) => d.image(w.image).exists(o),
    right: (exists) => exists === true,
  },
  'DokeresImage.inspect': {
    costs: true,
    run: ({ d, w, o }) => d.image(w.image).inspect(o),
    right: ({ Id }, { w }) => Id === w.imageId,
  },
  'DokeresImage.history': {
    costs: true,
    run: ({ d, w, o }) => d.image(w.image).history(o),
    right: (all) => all.length > 0,
  },
  'DokeresImage.tag': {
    costs: true,
    run: ({ d, w, name, o }) => d.image(w.image).tag(`${name}:1`, o),
    names: true,
  },
  'DokeresImage.remove': {
    costs: true,
    prepare: ({ plain, w, name }) => plain.images.tag(w.image, `${name}:1`),
    run: ({ d, name, o }) => d.image(`${name}:1`).remove(o),
    removes: true,
  },
  'DokeresImage.save': {
    run: ({ d, w, name, o }) => d.image(w.small).save(`${w.folder}/${name}.tar`, o),
    right: ({ size }) => size > 1000,
    file: '.tar',
  },
  'DokeresImage.run': {
    run: ({ d, w, name, labels, o }) =>
      d
        .image(w.image)
        .run({ name, labels, network: 'none', command: 'sleep 100', init: true, ...o }),
    right: ({ id }) => id.length === 64,
    costs: true,
  },
  'DokeresImage.task': {
    run: ({ d, w, labels, o }) =>
      d.image(w.image).task(['echo', 'hello'], { labels, network: 'none', ...o }),
    right: ({ stdout, exitCode }) => stdout === 'hello\n' && exitCode === 0,
    costs: true,
  },
}
