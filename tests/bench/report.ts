/** The figures of a run, and how a person reads them. */
import type { Goal } from './goals.ts'
import type { Noop, Size } from './memory.ts'
import type { Ratio } from './ratios.ts'
import type { Change, Requests } from './requests.ts'

export interface Report {
  ratios: readonly Ratio[]
  requests: Requests | null
  memory: readonly Size[]
  noop: Noop | null
  goals: readonly Goal[]
}

export function reportText({ ratios, requests, memory, noop, goals }: Report): string {
  return [
    section('Engine against a bare loop of the same calls', [
      [
        '',
        'records',
        'requests',
        'engine/s',
        'bare/s',
        'ratio',
        'one by one/s',
        'ratio to it',
        'starved',
        'bare',
      ],
      ...ratios.map((each) => [
        each.scenario,
        each.records,
        each.requests,
        each.engineRecordsPerSecond,
        each.bareRecordsPerSecond,
        each.ratio,
        each.oneAfterTheOther?.recordsPerSecond ?? '',
        each.oneAfterTheOther?.ratio ?? '',
        each.starved.engine,
        each.starved.bare,
      ]),
    ]),
    requests &&
      section('Requests', [
        ['', 'records', 'Attio reads', 'writes', 'HubSpot reads', 'writes'],
        ['first load into HubSpot', requests.firstLoad.created, ...countsOf(requests.firstLoad)],
        ['changed in Attio', requests.changedInAttio.records, ...countsOf(requests.changedInAttio)],
        ['changed in HubSpot', requests.changedInHubSpot.records, ...countsOf(requests.changedInHubSpot)],
        ['new in HubSpot', requests.createdInHubSpot.records, ...countsOf(requests.createdInHubSpot)],
      ]),
    section('Peak memory', [
      ['', 'pairs', 'first pass MB', 'no-op pass MB'],
      ...memory.map((each) => [
        `${each.people} people`,
        each.pairs,
        each.firstPassPeakMb,
        each.noopPassPeakMb,
      ]),
    ]),
    noop &&
      section('A pass that finds nothing to do', [
        ['', 'pairs', 'requests', 'writes', 'ms'],
        ['no-op', noop.pairs, noop.requests, noop.writes, noop.durationMs],
      ]),
    section('Goals', [
      ['', 'goal', 'measured', ''],
      ...goals.map((each) => [each.name, each.goal, each.measured, each.met ? 'met' : 'MISSED']),
    ]),
  ]
    .filter((part) => part !== null && part !== '')
    .join('\n')
}

function countsOf({ attio, hubspot }: Pick<Change, 'attio' | 'hubspot'> | Requests['firstLoad']): number[] {
  return [attio.reads, attio.writes, hubspot.reads, hubspot.writes]
}

/** A table whose first column is text; empty when there is nothing below its heads. */
function section(title: string, rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length < 2) return ''
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? number(cell) : cell)))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const lines = cells.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  )
  return `${title}\n${lines.map((line) => `  ${line.join('  ')}`.trimEnd()).join('\n')}\n`
}

function number(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(2)
}
