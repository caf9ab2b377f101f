// What it was measured on, for the record.
import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { socket, versions } from './clients.mjs'

/** @returns {{ date: string, node: string, engine: string, versions: Record<string, string>, machine: { processors: number, model: string, memoryGB: number, kernel: string, load: number } }} */
export function machine() {
  const server = spawnSync('curl', ['-s', '--unix-socket', socket(), 'http://d/version']).stdout
  const client = spawnSync('docker', ['version', '--format', '{{.Client.Version}}']).stdout
  return {
    date: new Date().toISOString(),
    node: process.versions.node,
    engine: JSON.parse(`${server}`).Version,
    versions: { ...versions(), cli: `${client}`.trim() },
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
