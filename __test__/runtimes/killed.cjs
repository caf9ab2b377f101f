// Dies without a chance to clean up: the reaper, a process of the same runtime, does it.
const { Dokeres } = require('dokeres')

const engine = new Dokeres({ reaper: true })
const labels = { 'dokeres.runtimes': process.argv[2] }
engine
  .image(process.env.DOKERES_TEST_BASE)
  .run(null, { labels }, ['sleep', '300'])
  .then(() => process.kill(process.pid, 'SIGKILL'))
