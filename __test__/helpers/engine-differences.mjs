// What engines do otherwise than Docker 20.10 to 28 do, as `npm run matrix` meets it. A test that fails on an
// engine and is not here fails the matrix; one that is here and passes is told as stale.

/** @type {readonly import('../../scripts/lib/matrix/judge.mjs').Difference[]} */
export const differences = []
