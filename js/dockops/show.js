'use strict'

const { inspect } = require('node:util')

/** A value in an event, as dockops shows it: in colours. @param {unknown} value */
const shown = (value) => inspect(value, false, 5, true)

module.exports = { shown }
