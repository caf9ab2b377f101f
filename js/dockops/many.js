'use strict'

const { batch } = require('./batch.js')
const { pick, say } = require('./both.js')
const { engineOf } = require('./docker.js')
const { shown } = require('./show.js')

/** @typedef {import('./batch.js').Tell} Tell */

/**
 * What can be done to a container, and what is told of it.
 * @type {Record<string, { level: string, begins: string, ends: string, options: string[] }>}
 */
const WORK = {
  stop: { level: 'debug', begins: 'stopping', ends: 'stopped', options: ['timeout'] },
  remove: { level: 'verbose', begins: 'removing', ends: 'removed', options: ['force', 'volumes'] },
  stopRemove: {
    level: 'verbose',
    begins: 'removing',
    ends: 'removed',
    options: ['timeout', 'volumes'],
  },
}

/** @param {any} self @param {string} name of the work @param {string} id @param {any} options @param {Tell} tell */
async function one(self, name, id, options, tell) {
  const { level, begins, ends } = WORK[name]
  tell(level, 'containers', begins, id)
  await engineOf(self.docker).containers[name](id, options)
  tell('info', 'containers', ends, id)
}

/**
 * To each that is listed. The group's calls show each container, and say where there is none.
 * @param {any} self
 * @param {{ work: string, says: string, list: string, of: string | null, none?: string, lists?: string[] }} what
 * @param {any} given the caller's options
 */
async function many(self, what, given) {
  const { work, says, list, of, none, lists = [] } = what
  const { begins, ends, options } = WORK[work]
  const { signal, concurrency, ...rest } = pick(given, [
    ...options,
    ...lists,
    'concurrency',
    'signal',
  ])
  const [ofList, ofWork] = [lists, options].map((names) =>
    Object.fromEntries(names.filter((name) => name in rest).map((name) => [name, rest[name]])),
  )
  const about = of === null ? [] : [of]
  say(self, 'info', 'containers', says, ...about)
  const found = await engineOf(self.docker).containers[list](...about, { ...ofList, signal })
  if (none && found.length === 0) say(self, 'debug', 'containers', none, ...about)
  const how = { verb: ends, concurrency, signal }
  await batch(self, found, how, (container, tell) => {
    if (none) tell('debug', 'containers', begins, shown(container))
    return one(self, work, container.Id, { ...ofWork, signal }, tell)
  })
  return found
}

/** The calls on groups and images. @type {Record<string, { work: string, says: string, list: string, none?: string }>} */
const CALLS = {
  stopGroup: {
    work: 'stop',
    says: 'stopping containers of group',
    list: 'listGroupRunning',
    none: 'no running containers found for group %s, not stopping any',
  },
  removeGroup: {
    work: 'remove',
    says: 'removing containers of group',
    list: 'listGroup',
    none: 'no containers found for group %s, not removing any',
  },
  stopImage: { work: 'stop', says: 'stopping containers of image', list: 'listImage' },
  removeImage: { work: 'remove', says: 'removing containers of image', list: 'listImage' },
  stopRemoveImage: {
    work: 'stopRemove',
    says: 'stopping and removing containers of image',
    list: 'listImage',
  },
}

/** Methods on one container. */
const ofOne = Object.fromEntries(
  Object.keys(WORK).map((work) => [
    work,
    /** @this {any} @param {string} id @param {any} options */
    async function ofOne(id, options) {
      await one(this, work, id, options, (level, ...words) => say(this, level, ...words))
    },
  ]),
)

/** Methods on those of a group or an image. */
const ofMany = Object.fromEntries(
  Object.entries(CALLS).map(([name, call]) => [
    name,
    /** @this {any} @param {string} of @param {any} options */
    async function ofMany(of, options) {
      await many(this, { ...call, of }, options)
    },
  ]),
)

/** @this {any} @param {any} [options] */
function removeStopped(options) {
  const says = 'removing all stopped containers'
  const what = { work: 'remove', says, list: 'listStopped', of: null, lists: ['filters'] }
  return many(this, what, options)
}

/** @this {any} @param {string} group @param {any} options */
async function stopRemoveGroup(group, options) {
  const known = [...WORK['stopRemove'].options, 'concurrency', 'signal']
  const { timeout, volumes, ...both } = pick(options, known)
  await this.stopGroup(group, { timeout, ...both })
  await this.removeGroup(group, { volumes, ...both })
}

module.exports = { ofMany, ofOne, removeStopped, stopRemoveGroup }
