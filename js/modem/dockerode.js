'use strict'

const { dirname } = require('node:path')
const { DokeresError } = require('../error.js')
const { Modem } = require('./modem.js')

/** @type {WeakMap<object, Modem>} */
const modems = new WeakMap()
/** @type {WeakMap<object, any>} */
const dockers = new WeakMap()

/** The one modem of a `Dokeres`. @param {object} dokeres */
function modemOf(dokeres) {
  let modem = modems.get(dokeres)
  if (!modem) modems.set(dokeres, (modem = Modem.over(dokeres)))
  return modem
}

/** A dockerode instance over that modem. @param {object} dokeres */
function dockerOf(dokeres) {
  let docker = dockers.get(dokeres)
  if (!docker) {
    const Docker = dockerode('dokeres.docker is a dockerode instance')
    dockers.set(dokeres, (docker = new Docker({ modem: modemOf(dokeres) })))
  }
  return docker
}

/**
 * The user's dockerode: beside this package, or where the program is.
 * @param {string} who says what it is needed for
 */
function dockerode(who) {
  const program = require.main?.filename ?? process.argv[1]
  const paths = [__dirname, ...(program ? [dirname(program)] : []), process.cwd()]
  let found
  try {
    found = require.resolve('dockerode', { paths })
  } catch (cause) {
    throw new DokeresError({
      code: 'NOT_SUPPORTED',
      message:
        `${who}, and dockerode is not installed here; ` +
        'install it (npm install dockerode), or do without: see docs/migrating.md',
      cause,
    })
  }
  return require(found)
}

module.exports = { modemOf, dockerOf, dockerode }
