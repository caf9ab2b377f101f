// As a CommonJS program has it.
const dokeres = require('dokeres')

require('./check.cjs').check(dokeres, 'require')
