/** What a pass did, as a person wants to read it: first the verdict, then the figures, then what waits. */
import type { Both } from '../core/record.ts'
import type { StatusCounts } from '../store/operate.ts'
import type { SyncSummary } from './run-sync.ts'
import { count, durationText, grouped, paint, table } from './style.ts'

/** `names`: what the two sides are called. `shared`: by connection, who else used it meanwhile. */
export function summaryText(
  summary: SyncSummary,
  status: StatusCounts,
  names: Both<string> = { left: 'left', right: 'right' },
  shared: ReadonlyMap<string, readonly string[]> = new Map(),
): string {
  const blocks = [
    verdictText(status),
    figuresText(summary, names),
    waitingText(status),
    trafficText(summary, shared),
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

function verdictText(status: StatusCounts): string {
  const waiting = status.openConflicts + status.review + status.quarantined
  const linked = `${count(status.links, 'pair')} of records`
  // Records at rest were announced by the vendor and are looked at in a moment, mostly for our own writes.
  const unfinished = status.dirty - status.resting
  if (unfinished + status.openIntents > 0) {
    return paint(
      'yellow',
      `Not finished: ${count(unfinished, 'record')} will be looked at again. ${linked} so far.`,
    )
  }
  if (waiting > 0) return paint('green', `In agreement: ${linked}. Some wait for a decision:`)
  return paint('green', `In agreement: ${linked}, nothing is waiting.`)
}

function figuresText(summary: SyncSummary, names: Both<string>): string {
  const rows: string[][] = [['', names.left, names.right].map((name) => paint('bold', name))]
  for (const kind of ['created', 'updated', 'deleted'] as const) {
    const { left, right } = summary[kind]
    if (left + right > 0) rows.push([`  ${kind}`, grouped(left), grouped(right)])
  }
  const linked = summary.linked > 0 ? `Newly linked: ${grouped(summary.linked)}` : ''
  if (rows.length === 1) return linked || 'Nothing had to be changed.'
  return [linked, table(rows, [1, 2])].filter((part) => part !== '').join('\n')
}

function waitingText(status: StatusCounts): string {
  const rows = [
    [status.openConflicts, 'conflicts', 'both sides changed the same field', 'attune conflicts'],
    [status.review, 'in review', 'it is not clear which records belong together', 'attune pair'],
    [status.quarantined, 'quarantined', 'a CRM refuses the value', 'attune status'],
    [status.waiting, 'waiting', 'they point at a record that has no counterpart yet', ''],
  ] as const
  const shown = rows.filter(([number]) => number > 0)
  if (shown.length === 0) return ''
  const cells = shown.map(([number, what, why, command]) => [
    `  ${paint('yellow', grouped(number))}`,
    what,
    why,
    command && paint('dim', command),
  ])
  return table(cells, [0])
}

function trafficText(summary: SyncSummary, shared: ReadonlyMap<string, readonly string[]>): string {
  const rows = Object.entries(summary.requests).map(([connection, { read, write, throttled }]) => [
    `  ${connection}`,
    count(read, 'read'),
    count(write, 'write'),
    throttled > 0 ? paint('yellow', `${grouped(throttled)} throttled`) : '',
    sharedText(shared.get(connection) ?? []),
  ])
  const head = `Requests, in ${durationText(summary.durationMs)}`
  return `${paint('bold', head)}\n${table(rows, [1, 2])}`
}

function sharedText(others: readonly string[]): string {
  return others.length === 0 ? '' : paint('dim', `with those of ${others.join(' and ')} meanwhile`)
}
