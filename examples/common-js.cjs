const { Dokeres } = require('dokeres')

async function main() {
  const image = new Dokeres().image('busybox')
  const { stdout, durationMs } = await image.task('uname -sm')
  console.log(`${stdout.trim()}, in ${durationMs.toFixed()} ms`)
}

main()
