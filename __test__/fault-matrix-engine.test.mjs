// Calls by faults, before a real engine: each ends in time, in the right result or in the right error,
// leaves nothing, and the next one works.
import { testMatrix } from './helpers/faults/suite.mjs'

testMatrix('engine', 150)
