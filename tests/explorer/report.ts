/** The results of explorations, for people and for programs. */
import { FINDINGS } from './configuration.ts'
import type { Exploration } from './explore.ts'
import { expectation, verdict } from './verdict.ts'

export interface Row {
  readonly exploration: Exploration
  readonly seconds: number
  readonly surprises: readonly string[]
}

export function headline(): string {
  return columns(['', 'name', 'states', 'edges', 'seconds', 'expected', 'found'])
}

/** One row of the table; whatever was not expected follows below it. */
export function line({ exploration, seconds, surprises }: Row): string {
  const { configuration, states, edges } = exploration
  const row = columns([
    surprises.length === 0 ? 'ok' : 'NOT',
    configuration.name,
    states.toLocaleString('en'),
    edges.toLocaleString('en'),
    seconds.toFixed(1),
    expectation(configuration.expected),
    verdict(exploration),
  ])
  return `${row}${surprises.map((surprise) => `    ${configuration.name}: ${surprise}\n`).join('')}`
}

/** Widths of all columns but the last. */
const WIDTHS = [3, 4, 9, 9, 7, 73] as const

function columns(cells: readonly string[]): string {
  const isNumber = (i: number) => i >= 2 && i <= 4
  const padded = cells.map((cell, i) => {
    const width = WIDTHS[i] ?? 0
    return isNumber(i) ? cell.padStart(width) : cell.padEnd(width)
  })
  return `${padded.join('  ').trimEnd()}\n`
}

/** Everything, with a shortest trace to each finding. */
export function documentOf(rows: readonly Row[], big: boolean): object {
  return {
    scope: big ? 'big' : 'small',
    asExpected: rows.every((row) => row.surprises.length === 0),
    configurations: rows.map(({ exploration, seconds, surprises }) => {
      const { configuration, states, edges, found, unrest, trace } = exploration
      const made = FINDINGS.filter((finding) => found.has(finding))
      return {
        name: configuration.name,
        says: configuration.says,
        budget: big ? configuration.big : configuration.small,
        states,
        edges,
        seconds: Number(seconds.toFixed(2)),
        found: Object.fromEntries(made.map((finding) => [finding, found.get(finding)])),
        terminates: unrest.endless === 0,
        writesMax: unrest.writesMax,
        expected: expectation(configuration.expected),
        surprises,
        traces: {
          ...Object.fromEntries(made.map((finding) => [finding, trace(finding)])),
          ...(unrest.endless > 0 ? { endless: trace('endless') } : {}),
        },
      }
    }),
  }
}
