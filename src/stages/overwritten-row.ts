/**
 * A value that a write of ours overwrote unseen, as a conflict for people. Open, so that it can be had back, where the
 * mapping leaves conflicts to a person and it was a person's; else on record, as what a rule overwrites. Pure.
 */
import type { LinkBase } from '../core/base.ts'
import type { Overwritten } from '../core/overwritten.ts'
import { otherSide, type RecordId } from '../core/record.ts'
import type { FieldRule, Policy } from '../core/rules.ts'
import { isList, type Canonical } from '../core/value.ts'
import type { Link } from '../store/links.ts'
import type { Conflict } from '../store/waiting.ts'
import type { JournalLine } from '../store/writes.ts'
import { conflictRow } from './conflict-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'

/** A link as it is now. */
export interface Known {
  readonly link: Link
  readonly base: LinkBase
}

export function overwrittenRow(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    /** The write that did it. */
    readonly line: JournalLine
    readonly rule: FieldRule
    /** What its decision saw in the field. */
    readonly seen: Canonical
    readonly overwritten: Overwritten
    readonly known: Known | null
  },
): Conflict {
  const { line, rule, seen, overwritten, known } = options
  const { lost } = overwritten
  const { side } = line
  const of = <T>(own: T, other: T) =>
    side === 'left' ? { left: own, right: other } : { left: other, right: own }
  // The pair may have ended since; the record that lost a value is still the one that was written.
  const [held, other] = [known?.link[side] ?? null, known?.link[otherSide(side)] ?? null]
  const link = { id: line.link, ...of<RecordId | null>(held ?? line.record, other) }
  const prevailing = known?.base[rule.key]?.[otherSide(side)] ?? null
  const asks = known?.link.state === 'live' && isWorthAsking(rule, overwritten)
  return conflictRow(engine, mapping, {
    link,
    field: rule.key,
    report: {
      kind: 'overwritten',
      ...of(lost.value, prevailing),
      base: of(seen, prevailing),
      rule: 'overwritten-in-window',
      loser: asks ? null : side,
      evidence: of(lost.evidence, null),
    },
    state: asks ? 'open' : 'auto',
  })
}

/** The order of a list is not in its history: what a person would get back is not what was lost. */
function isWorthAsking({ shape, policy }: FieldRule, { lost, stands }: Overwritten): boolean {
  const isExact = shape === 'whole' && !isList(lost.value)
  return stands && isExact && lost.evidence.actor.kind === 'human' && asksInTheEnd(policy)
}

/** `most-recent` would have let the lost value win, had it known of it. */
function asksInTheEnd(policy: Policy): boolean {
  return policy.kind === 'ask' || (policy.kind === 'most-recent' && asksInTheEnd(policy.otherwise))
}
