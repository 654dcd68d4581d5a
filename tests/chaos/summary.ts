/** What one run was like, for people and for scripts. */
import type { Violation } from '../sim/audit/audit.ts'
import type { CastName } from '../sim/cast.ts'
import type { LifeFigures } from './lives.ts'

export interface ChaosSummary {
  readonly seed: number
  readonly cast: CastName
  /** From the start of the storm to the verdict. */
  readonly minutes: number
  readonly edits: number
  /** Edits that a person could not make. */
  readonly refused: number
  readonly kills: number
  /** Times that a process was started again. */
  readonly restarts: number
  readonly drains: number
  /** Second processes that were turned away. */
  readonly turnedAway: number
  /** Ends that nobody asked for: `guard` and `trouble`. */
  readonly ends: LifeFigures['ends']
  /** Pairings that a guard had stopped and somebody let go on. */
  readonly resumed: number
  /** Kind → requests hit. */
  readonly faults: Readonly<Record<string, number>>
  readonly requests: number
  readonly writes: number
  /** Writes until the storm was over. */
  readonly stormWrites: number
  readonly throttled: number
  /** Changes that a CRM told of by webhook. */
  readonly webhooks: number
  /** What happened at each CRM: edits of people, writes of the engine, requests that a fault hit. */
  readonly crms: Readonly<
    Record<string, { readonly edits: number; readonly writes: number; readonly faults: number }>
  >
  readonly records: number
  readonly waiting: {
    readonly conflicts: number
    readonly reviews: number
    readonly quarantined: number
  }
  /** How long it took after the storm until nothing was left to do. */
  readonly quietAfterMs: number
  readonly violations: readonly Violation[]
  /** Folder with everything that happened; null when nothing was found and it was removed. */
  readonly evidence: string | null
}

export function summaryText(summary: ChaosSummary): string {
  const { seed, cast, faults, waiting, violations, ends } = summary
  const listed = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none'
  const lines = [
    `${cast}, seed ${seed}, ${summary.minutes.toFixed(1)} minutes, quiet ${(summary.quietAfterMs / 1_000).toFixed(0)} s after the storm`,
    `people    ${summary.edits} edits, ${summary.refused} refused by the CRMs; ${summary.records} live records at the end`,
    `engine    ${summary.kills} kill -9, ${summary.drains} SIGTERM, ${summary.restarts} restarts, ${summary.turnedAway} second processes turned away; ended by itself: ${listed(ends)}; ${summary.resumed} times let go on after a guard`,
    `faults    ${listed(faults)}`,
    `requests  ${summary.requests}, of which ${summary.writes} writes, ${summary.stormWrites} of them in the storm; ${summary.throttled} throttled; ${summary.webhooks} changes heard of by webhook`,
    ...Object.entries(summary.crms).map(
      ([crm, { edits, writes, faults: hits }]) =>
        `${crm.padEnd(9)} ${edits} edits, ${writes} writes, ${hits} faults`,
    ),
    `waiting   ${waiting.conflicts} conflicts, ${waiting.reviews} reviews, ${waiting.quarantined} quarantined`,
    violations.length === 0 ? 'No promise was broken.' : `${violations.length} VIOLATIONS`,
    ...violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
  ]
  if (summary.evidence !== null) {
    lines.push(`Evidence: ${summary.evidence}`, `Again: npm run chaos -- --seed ${seed} --cast ${cast}`)
  }
  return `${lines.join('\n')}\n`
}
