'use strict'

// The bridge is installed there.
require('./index.js')
const { Modem } = require('./js/modem/modem.js')

module.exports = { Modem }
