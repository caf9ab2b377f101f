'use strict'

const { EventEmitter } = require('node:events')
const { Readable } = require('node:stream')
const { inherits } = require('node:util')
const { batch } = require('./batch.js')
const { define, pick, say } = require('./both.js')
const { dockerOf, engineOf } = require('./docker.js')
const { shown } = require('./show.js')

/**
 * Images of an engine, whose doings are told by events.
 * @class
 * @param {any} [docker]
 * @this {any}
 */
function Images(docker) {
  if (!(this instanceof Images)) return new /** @type {any} */ (Images)(docker)
  EventEmitter.call(/** @type {any} */ (this))
  this.docker = dockerOf(docker)
}

inherits(Images, EventEmitter)

/**
 * A name and its tag: `localhost:5000/team/app:v1` is `localhost:5000/team/app` and `v1`. Null where
 * there is no tag.
 * @param {string | null} [name]
 */
function deserializeImageName(name) {
  if (!name || /^sha256:[0-9a-f]{64}$/.test(name)) return null
  const [named] = name.split('@')
  const colon = named.lastIndexOf(':')
  // One before a slash is of the registry's port.
  if (colon <= named.lastIndexOf('/')) return null
  return { group: named.slice(0, colon), tag: named.slice(colon + 1) }
}

Images.deserializeImageName = deserializeImageName
Images.prototype.deserializeImageName = deserializeImageName

/** What streams made by dockerify tell, and what becomes of it. */
const REMARKS = {
  entry: ['silly', 'processing'],
  'overriding-dockerfile': ['debug', 'overriding existing dockerfile'],
  'existing-dockerfile': [
    'debug',
    'using dockerfile found inside the tarball instead of the one provided, use opts.override:true to change that',
  ],
}

/**
 * Passes on what a tar stream tells. @returns what ends that
 * @param {any} images
 * @param {any} tar
 * @param {string} image
 */
function follow(images, tar, image) {
  if (typeof tar?.on !== 'function') return () => {}
  /** @type {[string, (...args: any[]) => void][]} */
  const listeners = [
    ['end', () => say(images, 'debug', 'images', 'processed tar for', image)],
    ['info', (...words) => say(images, 'info', ...words)],
    ['debug', (...words) => say(images, 'debug', ...words)],
  ]
  for (const [event, [level, text]] of Object.entries(REMARKS)) {
    const about = (/** @type {unknown} */ what) => (event === 'entry' ? [shown(what)] : [])
    listeners.push([event, (what) => say(images, level, 'images', text, ...about(what))])
  }
  for (const [event, listener] of listeners) tar.on(event, listener)
  // The build tells of its failure. One that comes when nobody reads any more is no crash either.
  tar.on('error', () => {})
  return () => {
    for (const [event, listener] of listeners) tar.removeListener(event, listener)
  }
}

/** One of the streams of Node's first years is made one of today's. @param {any} tar */
function contextOf(tar) {
  const isOld = typeof tar?.pipe === 'function' && typeof tar[Symbol.asyncIterator] !== 'function'
  return isOld ? new Readable().wrap(tar) : tar
}

define(Images.prototype, 0, {
  async list(options) {
    return engineOf(this.docker).images.list(options)
  },
})

define(Images.prototype, 1, {
  async listGroup(group, options) {
    return engineOf(this.docker).images.listGroup(group, options)
  },

  async removeGroup(group, options) {
    const { force, signal } = pick(options, ['force', 'signal'])
    const { images } = engineOf(this.docker)
    const found = await images.listGroup(group, { signal })
    if (found.length === 0) {
      const text = 'no images found for group %s, not removing any'
      return say(this, 'debug', 'images', text, group)
    }
    const wanted = images.parseReference(group).group
    // One after another: the last name takes its image along, and its parents that have none.
    const one = { verb: 'removed', concurrency: 1, signal }
    await batch(this, found, one, async (image, tell) => {
      tell('debug', 'images', 'removing', shown(image))
      for (const name of namesIn(images, wanted, image)) {
        await images.remove(name, { force, signal }).catch(unlessGone)
      }
      tell('info', 'images', 'removed', shown({ name: image.RepoTags, id: image.Id }))
    })
  },
})

/**
 * An image's names in a group: its others stay, and it with them.
 * @param {any} images
 * @param {string} group
 * @param {any} image as the engine lists it
 * @returns {string[]}
 */
function namesIn(images, group, { Id, RepoTags, RepoDigests }) {
  /** @param {string} name */
  const isOfGroup = (name) =>
    !name.startsWith('<none>') && images.parseReference(name).group === group
  const tags = (RepoTags ?? []).filter(isOfGroup)
  if (tags.length > 0) return tags
  const digests = (RepoDigests ?? []).filter(isOfGroup)
  return digests.length > 0 ? digests : [Id]
}

/** @param {any} error */
function unlessGone(error) {
  if (error?.code !== 'IMAGE_NOT_FOUND') throw error
}

define(Images.prototype, 2, {
  async buildStream(tarStream, image, options) {
    /** @param {string} line */
    const onLine = (line) => {
      say(this, 'debug', 'images', line)
      return options?.onLine?.(line)
    }
    const { images } = engineOf(this.docker)
    await images.build({ ...options, name: image, context: contextOf(tarStream), onLine })
    say(this, 'info', 'images', 'built', image)
  },

  async build(tarStream, image, options) {
    say(this, 'debug', 'images', 'building', image)
    const unfollow = follow(this, tarStream, image)
    try {
      await this.buildStream(tarStream, image, options)
    } finally {
      unfollow()
    }
  },
})

module.exports = { Images }
