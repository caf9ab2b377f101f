// Which test files say something about an engine: not chosen by hand, but by what they import.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run.mjs'

/** What a file, or a helper that it imports, says when it talks to a real engine. */
const TALKS = /DOCKER_HOST|DOKERES_TEST_(BASE|NODE|REGISTRY)|\bstartEngine\(/

/** Files that talk to an engine and yet are not about it, by their names, and why. */
const NOT_ABOUT = [
  { name: /^(bench|soak)$/, why: 'they measure dokeres, and run for long' },
  { name: /^fault-/, why: 'what they ask is how dokeres bears faults that a proxy of ours makes' },
  {
    name: /-memory$|^process$|^leaks-/,
    why: 'they measure what the process of dokeres uses and leaves',
  },
  { name: /^(docs-snippets|examples(-jobs)?|original)$/, why: 'they check documents and examples' },
]

/** Files for which an engine lacks the very subject. */
const LACKS = [
  { engine: 'podman', name: /swarm/, why: 'Podman has no swarm' },
  { engine: 'podman', name: /^plugins$/, why: 'Podman has no managed plugins' },
  {
    engine: 'podman',
    name: /^registry-faults$/,
    why: 'it starts an engine of its own, with options that Podman does not have',
  },
  { engine: 'podman', name: /^checkpoints$/, why: 'Podman has no checkpoints in Docker’s API' },
  {
    engine: 'podman',
    name: /^(buildkit|buildkit-context)$/,
    why: 'Podman has no BuildKit; what needs it is `NOT_SUPPORTED`',
  },
]

/**
 * @param {string} engine
 * @returns {{ files: string[], left: { files: string[], why: string }[] }} names without their ending; what
 *   does not talk to an engine is in neither
 */
export function choose(engine) {
  /** @type {Map<string, string[]>} */
  const left = new Map()
  const files = []
  const lacks = LACKS.filter((rule) => rule.engine === engine)
  for (const file of readdirSync(join(root, '__test__')).sort()) {
    if (!file.endsWith('.test.mjs') || !talks(join(root, '__test__', file))) continue
    const name = file.slice(0, -'.test.mjs'.length)
    const rule = [...NOT_ABOUT, ...lacks].find((one) => one.name.test(name))
    if (!rule) files.push(name)
    else left.set(rule.why, [...(left.get(rule.why) ?? []), name])
  }
  return { files, left: [...left].map(([why, names]) => ({ files: names, why })) }
}

/** @param {string} path @param {Set<string>} seen */
function talks(path, seen = new Set()) {
  if (seen.has(path)) return false
  seen.add(path)
  const text = readFileSync(path, 'utf8')
  // What helpers are made of may name what the helper that imports it never asks for.
  if (TALKS.test(text)) return true
  const imports = [...text.matchAll(/from '(\.\/[^']+)'/g)].map(([, to]) => join(dirname(path), to))
  /** @type {(to: string) => boolean} */
  const any = (to) => talks(to, seen)
  return imports.some(any)
}
