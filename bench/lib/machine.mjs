// What it was measured on, for the record.
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { versions } from './clients.mjs'

export function facts() {
  const format = '{{.Server.Version}} {{.Client.Version}}'
  const [engine, cli] = execFileSync('docker', ['version', '--format', format], {
    encoding: 'utf8',
  })
    .trim()
    .split(' ')
  return {
    date: new Date().toISOString(),
    node: process.versions.node,
    engine,
    versions: { ...versions(), cli },
    machine: {
      processors: cpus().length,
      model: cpus()[0]?.model.trim(),
      memoryGB: Math.round(totalmem() / 1e9),
      kernel: release(),
      /** Of the last quarter of an hour: what else was going on is in it. */
      load: loadavg()[2],
    },
  }
}
