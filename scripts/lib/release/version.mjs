// The version: what the changelog calls the next one, and all the places that have to say the same.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run.mjs'

const CHANGELOG = 'CHANGELOG.md'
const UNRELEASED = /^## (\S+) \(unreleased\)$/m

/** Each with where its version stands: the second group, of every match. */
const PLACES = [
  ...[
    'package.json',
    ...readdirSync(join(root, 'npm')).map((name) => `npm/${name}/package.json`),
  ].map((file) => ({ file, pattern: /^( {2}"version": ")([^"]+)/gm })),
  { file: 'package-lock.json', pattern: /("name": "dokeres",\n +"version": ")([^"]+)/g },
  { file: 'Cargo.toml', pattern: /^(version = ")([^"]+)/gm },
  { file: 'Cargo.lock', pattern: /^(name = "dokeres"\nversion = ")([^"]+)/gm },
]

/** @param {string} file */
const read = (file) => readFileSync(join(root, file), 'utf8')

/** @returns {string | undefined} what the changelog is written for at present */
export function nextVersion() {
  return UNRELEASED.exec(read(CHANGELOG))?.[1]
}

/**
 * @param {string} version
 * @returns {string[]} where another version stands, or none
 */
export function disagreeing(version) {
  return PLACES.flatMap(({ file, pattern }) => {
    const found = [...read(file).matchAll(pattern)].map((match) => match[2])
    if (found.length > 0 && found.every((each) => each === version)) return []
    return [`${file}: ${found.join(', ') || 'no version'}`]
  })
}

/**
 * What is to be written for a version to be released on a day: its places, and the changelog's heading.
 * @param {string} version @param {string} day `2026-11-21`
 * @returns {{ file: string, text: string }[]} the files that change
 */
export function changes(version, day) {
  const places = PLACES.map(({ file, pattern }) => ({
    file,
    text: read(file).replaceAll(pattern, `$1${version}`),
  }))
  const changelog = read(CHANGELOG).replace(UNRELEASED, `## $1 (${day})`)
  return [...places, { file: CHANGELOG, text: changelog }].filter(
    ({ file, text }) => text !== read(file),
  )
}

/** @param {{ file: string, text: string }[]} files */
export function write(files) {
  for (const { file, text } of files) writeFileSync(join(root, file), text)
}

/** @param {string} version @returns {string} what the changelog has on it, without its heading */
export function notes(version) {
  const sections = read(CHANGELOG).split(/^(?=## )/m)
  const section = sections.find((each) => each.startsWith(`## ${version} (`)) ?? ''
  return section.replace(/^.*\n/, '').trim()
}

/** @param {string} version @returns {string | undefined} the day that the changelog has for it */
export function releasedOn(version) {
  const escaped = version.replaceAll('.', '\\.')
  return new RegExp(`^## ${escaped} \\((\\d{4}-\\d{2}-\\d{2})\\)$`, 'm').exec(read(CHANGELOG))?.[1]
}
