// As an ES module has it; and it is the same one.
import { createRequire } from 'node:module'
import * as dokeres from 'dokeres'
import checks from './check.cjs'

const required = createRequire(import.meta.url)('dokeres')
if (required.Dokeres !== dokeres.Dokeres) throw new Error('require and import give two of them')
await checks.check(dokeres, 'import')
