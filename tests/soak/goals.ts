/** What months must not do. */
import type { Held, SoakReport } from './run.ts'

/** Days until history is forgotten as fast as it comes in, and every code path has run. */
const SETTLED_DAYS = 10
/** What the memory of a settled process may vary by. */
const HEAP_MAX_MB = 8
/** Pairs and tombs of new records stay; history does not. */
const DATABASE_MAX_SHARE = 1.25

export interface Goal {
  readonly name: string
  readonly met: boolean
  readonly measured: number
  readonly most: number
}

export function goalsOf(report: SoakReport): readonly Goal[] {
  const goals = [
    atMost('own writes taken for edits', report.ownWritesTakenForEdits, 0),
    atMost('unexplained differences at the end', report.unexplainedDifferences, 0),
    atMost('differences that the comparer of the daemon cannot explain', report.drift.unexplained, 0),
    atMost('findings of any kind', report.findings.length, 0),
  ]
  const settled = report.held.filter(({ day }) => day > SETTLED_DAYS)
  if (settled.length < 2) return goals
  const growth = (pick: (day: Held) => number) => {
    const [early, late] = [settled.slice(0, third(settled)), settled.slice(-third(settled))]
    return { early: mean(early.map(pick)), late: mean(late.map(pick)) }
  }
  const heap = growth(({ heapMb }) => heapMb)
  const database = growth(({ databaseMb }) => databaseMb)
  return [
    ...goals,
    atMost('MB of memory gained since the tenth day', heap.late - heap.early, HEAP_MAX_MB),
    atMost('MB that the last process held after days of life', report.processMb, HEAP_MAX_MB),
    atMost(
      'size of the database against that after the tenth day',
      database.late / database.early,
      DATABASE_MAX_SHARE,
    ),
  ]
}

function third(days: readonly Held[]): number {
  return Math.ceil(days.length / 3)
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length
}

function atMost(name: string, measured: number, most: number): Goal {
  return { name, measured: Math.round(100 * measured) / 100, most, met: measured <= most }
}
