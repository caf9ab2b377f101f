// Writes engine-api.d.ts; with --check only tells whether it is as it would be written.
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { typesOf } from './lib/api/types.mjs'
import { root, run } from './lib/run.mjs'

const path = join(root, 'engine-api.d.ts')

/** What is written, and the crate that it is made of. */
async function made() {
  const { code, output } = await run(
    'cargo',
    ['metadata', '--format-version', '1', '--locked', '--offline'],
    { quiet: true },
  )
  if (code !== 0) throw new Error(output)
  const json = output.slice(output.indexOf('{"packages"'))
  const { packages } = JSON.parse(json.slice(0, json.lastIndexOf('}') + 1))
  const crate = packages.find((/** @type {any} */ one) => one.name === 'bollard-stubs')
  const models = await readFile(join(dirname(crate.manifest_path), 'src/models.rs'), 'utf8')
  const version = /^(\d+\.\d+)\./.exec(crate.version)?.[1]
  const head = [
    `// The engine's JSON: Docker Engine API ${version}, from its published definition (api/docs/v${version}.yaml of`,
    `// moby/moby, Apache License 2.0) by way of the models of ${crate.name} ${crate.version}, which are`,
    '// generated from it. Written by scripts/api-types.mjs; not to be edited.',
    '//',
    '// Fields that a definition does not know, those of newer and of older engines, are there as well:',
    '// `[field: string]: unknown`. A number beyond 2^53 comes as `bigint`, one within it as `number`;',
    '// the fields that pass it in practice say so.',
  ]
  const config = await resolveConfig(path)
  return format(`${head.join('\n')}\n\n${typesOf(models)}\n`, { ...config, filepath: path })
}

const text = await made()
if (!process.argv.includes('--check')) await writeFile(path, text)
else if ((await readFile(path, 'utf8')) !== text) {
  console.error('engine-api.d.ts is stale: run node scripts/api-types.mjs')
  process.exitCode = 1
}
