// `npm run release`: makes the changelog's unreleased version the one of this commit, and tags it; the
// workflow that the tag starts builds, tests and publishes. `npm run release -- --dry-run` changes
// nothing, and shows what would come of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkPackages } from './lib/packages/check.mjs'
import { pack } from './lib/packages/pack.mjs'
import { publish } from './lib/release/publish.mjs'
import {
  changes,
  disagreeing,
  nextVersion,
  notes,
  releasedOn,
  write,
} from './lib/release/version.mjs'
import { must, root, run } from './lib/run.mjs'

const USAGE = `npm run release [-- OPTIONS]
  --dry-run             changes nothing, and shows what would be changed, packed and published
The workflow's steps:
  --check TAG           whether everything in this commit is of the tag's version
  --notes TAG           what the changelog says of it
  --pack DIR            packs all packages, with the addons that are in --addons DIR
  --publish DIR         publishes what was packed [--registry URL] [--provenance] [--dry-run]`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    'dry-run': { type: 'boolean', default: false },
    check: { type: 'string' },
    notes: { type: 'string' },
    pack: { type: 'string' },
    addons: { type: 'string', default: root },
    publish: { type: 'string' },
    registry: { type: 'string' },
    provenance: { type: 'boolean', default: false },
  },
})

try {
  if (values.help) console.log(USAGE)
  else if (values.check) check(values.check.replace(/^v/, ''))
  else if (values.notes) console.log(notes(values.notes.replace(/^v/, '')))
  else if (values.pack) await packInto(values.pack, values.addons)
  else if (values.publish) await publish(values.publish, { ...values, dryRun: values['dry-run'] })
  else if (values['dry-run']) await rehearse()
  else await release()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** @param {string} version */
function check(version) {
  const wrong = disagreeing(version)
  if (!releasedOn(version)) wrong.push(`CHANGELOG.md: no “## ${version} (YYYY-MM-DD)”`)
  if (wrong.length > 0) throw new Error(`not all is ${version}:\n${wrong.join('\n')}`)
  console.log(`all is ${version}`)
}

/** @param {string} destination @param {string} addons */
async function packInto(destination, addons) {
  const { missing } = await pack(destination, { addons })
  if (missing.length > 0) throw new Error(`no addon for ${missing.join(', ')}`)
  await checkPackages(destination)
}

/** What is to be released, and whether that can be done now. */
async function plan() {
  const version = nextVersion()
  if (!version) throw new Error('the changelog has no “## VERSION (unreleased)” at its top')
  const hindrances = []
  const status = await run('git', ['status', '--porcelain'], { quiet: true })
  const tags = await run('git', ['tag', '--list', `v${version}`], { quiet: true })
  if (status.code !== 0) hindrances.push(status.output.trim())
  else if (status.output) hindrances.push('there are changes that are not committed')
  if (tags.code === 0 && tags.output) hindrances.push(`there is a tag v${version}`)
  const files = changes(version, new Date().toISOString().slice(0, 10))
  return { version, hindrances, files }
}

async function release() {
  const { version, hindrances, files } = await plan()
  if (hindrances.length > 0) throw new Error(hindrances.join('\n'))
  write(files)
  check(version)
  await must('git', ['commit', '--quiet', '--all', '--message', `Release ${version}`])
  await must('git', [
    'tag',
    '--annotate',
    `v${version}`,
    '--message',
    `${version}\n\n${notes(version)}`,
  ])
  console.log(`v${version} is tagged; to publish it: git push --follow-tags`)
}

async function rehearse() {
  const { version, hindrances, files } = await plan()
  for (const hindrance of hindrances) console.log(`not yet: ${hindrance}`)
  console.log(`version ${version}, to be written in: ${files.map(({ file }) => file).join(', ')}`)
  console.log(
    `commit “Release ${version}”, tag v${version}, with these notes:\n${notes(version)}\n`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-release-'))
  try {
    const { missing } = await pack(folder)
    for (const platform of missing) console.log(`built by the workflow only: dokeres-${platform}`)
    await checkPackages(folder)
    await publish(folder, { dryRun: true, ...(values.registry && { registry: values.registry }) })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
