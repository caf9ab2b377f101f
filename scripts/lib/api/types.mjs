// The types of the engine's JSON, from the models that its published API definition was made into: those
// of the crate `bollard-stubs`, which the addon is built with.

/**
 * Counters that pass 2^53 in practice: nanoseconds of a host's processors, and cgroup limits that stand
 * for “none”. JSON's numbers beyond it come as `bigint`. And what the models have otherwise than the
 * definition.
 * @type {Record<string, string>}
 */
const OTHERWISE = {
  'EventMessage.timeNano': 'bigint',
  'ContainerCPUUsage.total_usage': 'bigint | number',
  'ContainerCPUUsage.percpu_usage': '(bigint | number)[] | null',
  'ContainerCPUUsage.usage_in_kernelmode': 'bigint | number',
  'ContainerCPUUsage.usage_in_usermode': 'bigint | number',
  'ContainerCPUStats.system_cpu_usage': 'bigint | number',
  'ContainerThrottlingData.throttled_time': 'bigint | number',
  'ContainerMemoryStats.limit': 'bigint | number',
  'ContainerMemoryStats.max_usage': 'bigint | number',
  'ContainerMemoryStats.stats': 'Record<string, bigint | number> | null',
  'ContainerBlkioStatEntry.value': 'bigint | number',
  // The models have a list of texts here, the definition has an object of the driver's own.
  'Volume.Status': 'Record<string, unknown> | null',
  // Null while it runs, which the models do not tell.
  'ExecInspectResponse.ExitCode': 'number | null',
}

/** Rust's spelling of the definition's names. */
const NAMES = /** @type {Record<string, string>} */ ({
  Cpu: 'CPU',
  Oci: 'OCI',
  Tls: 'TLS',
  Ipam: 'IPAM',
})

/** What is bollard's own, or of no reply. */
const SKIPPED = new Set(['Body', 'BuildInfoAux', 'BollardDate'])

/** @param {string} name */
function spelled(name) {
  return name.replace(/Cpu|Oci|Tls|Ipam/g, (part) => NAMES[part]).replace(/Enum$/, '')
}

/**
 * The TypeScript of a Rust type. Go writes a list or a map that is empty as `null`.
 * @param {string} type
 * @returns {string}
 */
function typeOf(type) {
  const [, outer, inner] = /^(Option|Vec|HashMap)<(.*)>$/.exec(type) ?? []
  if (outer === 'Option') return typeOf(inner)
  if (outer === 'Vec') return `Array<${bare(inner)}> | null`
  if (type === 'HashMap<(), ()>') return 'Record<string, object> | null'
  if (outer === 'HashMap') return `Record<string, ${typeOf(inner.replace(/^String, /, ''))}> | null`
  if (/^([iu](8|16|32|64|size)|usize|f64)$/.test(type)) return 'number'
  if (type === 'String' || type === 'BollardDate') return 'string'
  if (type === 'bool') return 'boolean'
  if (type === 'serde_json::Value') return 'unknown'
  if (!/^\w+$/.test(type)) throw new Error(`no type is known for ${type}`)
  return spelled(type)
}

/** The same of a list's entry, which is there. @param {string} type */
function bare(type) {
  return typeOf(type).replace(/ \| null$/, '')
}

/**
 * @param {string} source the models' Rust
 * @returns {string} TypeScript, not yet formatted
 */
export function typesOf(source) {
  const parts = []
  const item = /^pub (struct|enum) (\w+) \{ *\n([\s\S]*?)^\}/gm
  for (const [, kind, name, body] of source.matchAll(item)) {
    if (SKIPPED.has(name)) continue
    parts.push({
      name: spelled(name),
      text: kind === 'struct' ? struct(name, body) : union(name, body),
    })
  }
  for (const [, name, type] of source.matchAll(/^pub type (\w+) = (.*);$/gm)) {
    if (!SKIPPED.has(name)) {
      parts.push({ name: spelled(name), text: `export type ${spelled(name)} = ${bare(type)}` })
    }
  }
  parts.sort((one, other) => (one.name < other.name ? -1 : 1))
  return parts.map(({ text }) => text).join('\n\n')
}

/** @param {string} name @param {string} body */
function struct(name, body) {
  const own = spelled(name)
  const lines = []
  const field =
    /#\[serde\((?:rename|alias) = "([^"]*)"\)\]\s*(?:#\[[^\]]*\]\s*)*pub (?:r#)?\w+: (.*),$/gm
  for (const [, key, type] of body.matchAll(field)) {
    // Twice there, one for each way of building bollard; the other is no type of the definition's.
    if (type.includes('BuildInfoAux')) continue
    const known = OTHERWISE[`${own}.${key}`] ?? typeOf(type)
    lines.push(`${JSON.stringify(key)}${type.startsWith('Option<') ? '?' : ''}: ${known}`)
  }
  const fields = (body.match(/^ {4}pub (?!.*BuildInfoAux)/gm) ?? []).length
  if (fields !== lines.length) throw new Error(`${name}: ${fields} fields, ${lines.length} read`)
  return `export interface ${own} {\n${lines.join('\n')}\n[field: string]: unknown\n}`
}

/** @param {string} name @param {string} body */
function union(name, body) {
  const texts = [...body.matchAll(/#\[serde\(rename = "([^"]*)"\)\]/g)].map(([, text]) => text)
  const numbers = [...body.matchAll(/= (-?\d+),/g)].map(([, number]) => number)
  // The models have an empty one in each; what the engine sends in such a case is no field.
  const members = texts.length > 0 ? texts.filter(Boolean).map((text) => `'${text}'`) : numbers
  if (members.length === 0) throw new Error(`${name} has no members`)
  return `export type ${spelled(name)} = ${members.join(' | ')}`
}
