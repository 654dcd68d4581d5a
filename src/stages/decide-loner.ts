/** A record without a pair, its prospects, and the mapping's rules for creating and scope: what becomes of it. */
import { decideMatch, type MatchDecision } from '../core/match.ts'
import { otherSide, type Side, type Snapshot } from '../core/record.ts'
import type { MappingRuntime } from './engine.ts'
import type { Loner } from './loners.ts'
import { strengthOf, type Member, type Prospects } from './prospects.ts'
import { refKey } from './work.ts'

/** Why a record whose stamp names a dead one is not created again (I9). */
export const BEREAVED = 'the counterpart that its stamp names was deleted'

/** Who a record's counterpart is, from everything that is known about it. */
export function decideLoner(mapping: MappingRuntime, loner: Loner, prospects: Prospects): MatchDecision {
  const { side, id } = loner.subject
  const { rules } = mapping
  // What a person deleted does not come back, whichever record inherited its stamp, and with or without our memory.
  const suppressed = loner.subject.suppressed ?? (isBereaved(loner, prospects) ? BEREAVED : null)
  const component = prospects.components.get(refKey(loner.subject))
  const strength = component ? strengthOf(mapping, component) : null
  const members = component?.members ?? []
  const plausible =
    strength === 'weak' ? members.filter((member) => mayBeSame(mapping, loner, member, prospects)) : members
  return decideMatch({
    side,
    id,
    suppressed,
    members: plausible,
    strength,
    cut: (component?.cut ?? false) && plausible.length > 1,
    outsiders: component?.outsiders ?? [],
    stamped: prospects.stamps.free.get(refKey(loner.subject)) ?? null,
    mayCreate: rules.create[otherSide(side)],
    inScope: rules.inScope[side](loner.snapshot.values),
  })
}

/** Whether its stamp names one that is gone, by the mapping that these prospects are of. */
export function isBereaved({ subject, former }: Loner, { stamps }: Prospects): boolean {
  return former === null && stamps.bereaved.has(refKey(subject))
}

/**
 * Equal weak keys propose a pair only while a strong key is missing on either record: two people of one name
 * with different e-mail addresses are two people.
 */
function mayBeSame(mapping: MappingRuntime, loner: Loner, member: Member, prospects: Prospects): boolean {
  const other = prospects.snapshots.get(refKey(member))
  if (!other) return true
  const { side } = loner.subject
  return !hasStrongKey(mapping, side, loner.snapshot) || !hasStrongKey(mapping, member.side, other)
}

function hasStrongKey(mapping: MappingRuntime, side: Side, snapshot: Snapshot): boolean {
  return mapping.rules.match.some(
    (rule) => rule.strength === 'strong' && rule.keys[side](snapshot.values).length > 0,
  )
}
