// The figures of docs/performance.md, made of the results.
import { milliseconds } from './table.mjs'

/** @param {import('./record.mjs').Record} record */
export function figures({ date, node, engine, versions, machine, minutes, workloads }) {
  const { dockerode, sdk, cli } = versions
  const head = [
    `Measured on ${date.slice(0, 10)} in ${minutes.toFixed(0)} minutes: ${machine.processors} processors`,
    `(${machine.model}), ${machine.memoryGB} GB, Linux ${machine.kernel}, load ${machine.load.toFixed(1)} at`,
    `its beginning; Node ${node}, Docker Engine ${engine} over its unix socket; dockerode ${dockerode},`,
    `@docker/node-sdk ${sdk}, docker CLI ${cli}.`,
  ].join(' ')
  const rows = workloads.map(row)
  const table = [
    '| workload | rounds | wall, ± | × dockerode | × node-sdk | × CLI | of the limit | JS-thread CPU | ÷ dockerode | loop delay p99 · max, dockerode’s | RSS, dockerode’s | threads |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...rows,
  ].join('\n')
  const bounds = workloads.map(({ name, bound }) => `- \`${name}\`: ${bound}.`).join('\n')
  return `${head}\n\n${table}\n\nWhat bounds each:\n\n${bounds}`
}

/** @param {import('./table.mjs').Result} result */
function row({ name, title, scale, figure, clients }) {
  const { dokeres: own, dockerode, sdk, cli, limit } = clients
  const size = scale === 1 ? '' : `, ${Number(scale.toPrecision(2))} of it`
  if (!own) return `| \`${name}\`: ${title}${size} | failed |||||||||||`
  const times = (/** @type {import('./measure.mjs').Figures | undefined} */ other, key = 'wall') =>
    other?.[key] ? `${Number((other[key] / own[key]).toPrecision(2))}` : '–'
  const wall = figure === 'wall'
  const two = (/** @type {string} */ key, /** @type {(value: number) => string} */ show) =>
    `${show(own[key])}, ${dockerode ? show(dockerode[key]) : '–'}`
  const delay = (/** @type {import('./measure.mjs').Figures | undefined} */ of) =>
    of?.delayP99 === undefined ? '–' : `${milliseconds(of.delayP99)} · ${milliseconds(of.delayMax)}`
  return `| ${[
    `\`${name}\`: ${title}${size}`,
    own.rounds,
    `${milliseconds(own.wall)}${own.rounds > 1 ? `, ${(own.spread * 100).toFixed(0)} %` : ''}`,
    wall ? times(dockerode) : '–',
    wall ? times(sdk) : '–',
    wall ? times(cli) : '–',
    limit ? (own.wall / limit.wall).toFixed(2) : '–',
    milliseconds(own.cpu),
    times(dockerode, 'cpu'),
    `${delay(own)}, ${delay(dockerode)}`,
    two('rss', (value) => `${value.toFixed(0)} MB`),
    own.threads,
  ].join(' | ')} |`
}
