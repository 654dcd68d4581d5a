/**
 * Identity of a record that has no link (algorithms 3.2). Several candidates are never settled by a guess:
 * the record waits in review, and nothing is created beside them.
 */
import type { RecordId, Side } from './record.ts'

export interface Candidate {
  readonly side: Side
  readonly id: RecordId
  /** Already half of another pair. */
  readonly linked: boolean
  /** Released or merged away by an earlier decision: may be matched, is never created again. */
  readonly suppressed: boolean
}

/** Reason under which a person keeps a record alone: it is neither matched nor created, whatever it resembles. */
export const LEFT_APART = 'left apart by a person'

/**
 * Reason under which a record is alone since its counterpart was merged into one that had a pair. The survivor may carry
 * the stamp of either: what we remember wins over it.
 */
export const MERGED_AWAY = 'its counterpart was merged away'

export interface MatchInput {
  readonly side: Side
  readonly id: RecordId
  /** The record's own suppression, or null. */
  readonly suppressed: string | null
  /** Everybody connected through equal keys of the strongest rule that finds anybody, the record included. */
  readonly members: readonly Candidate[]
  readonly strength: 'strong' | 'weak' | null
  /** The component was larger than we look. */
  readonly cut: boolean
  /** Of the other side: records outside the scope that hold one of this record's strong keys. */
  readonly outsiders: readonly Candidate[]
  /** The other side's record named by this record's stamp, when it exists and is free to be linked. */
  readonly stamped: RecordId | null
  readonly mayCreate: boolean
  readonly inScope: boolean
}

export type MatchDecision =
  | { readonly kind: 'adopt'; readonly other: RecordId; readonly because: 'stamp' | 'key' }
  | { readonly kind: 'create' }
  | { readonly kind: 'nothing'; readonly because: string }
  | {
      readonly kind: 'review'
      readonly review: 'ambiguous' | 'duplicate'
      readonly candidates: readonly Candidate[]
      readonly because: string
    }

export function decideMatch(input: MatchInput): MatchDecision {
  if (!input.inScope) return { kind: 'nothing', because: 'outside the scope' }
  if (input.suppressed === LEFT_APART) return { kind: 'nothing', because: LEFT_APART }
  if (input.stamped !== null) return { kind: 'adopt', other: input.stamped, because: 'stamp' }

  const others = input.members.filter((m) => m.side !== input.side)
  const siblings = input.members.filter((m) => m.side === input.side && m.id !== input.id)
  const linkedOthers = others.filter((m) => m.linked)
  const free = others.filter((m) => !m.linked)

  if (input.cut) return review('ambiguous', input, 'too many records share a matching key')
  if (input.strength === 'weak') {
    if (free.length > 0) return review('ambiguous', input, 'only a weak key matches; a person has to confirm')
    return alone(input)
  }
  if (linkedOthers.length > 0) {
    // Our partner by key belongs to somebody else already: never steal, never create a second one.
    return review('duplicate', input, 'the record with the same key is linked to another record')
  }
  const rivals = siblings.filter((m) => !m.linked && !m.suppressed)
  if (free.length === 1 && rivals.length === 0) {
    const other = free[0]
    if (other) return { kind: 'adopt', other: other.id, because: 'key' }
  }
  if (free.length > 0) return review('ambiguous', input, 'several records share a matching key')
  if (siblings.length > 0)
    return review('duplicate', input, 'several records on this side share a matching key')
  return alone(input)
}

function alone(input: MatchInput): MatchDecision {
  if (input.suppressed !== null) return { kind: 'nothing', because: `not created again: ${input.suppressed}` }
  if (!input.mayCreate) return { kind: 'nothing', because: 'the mapping does not create here' }
  // Whoever took it out of the scope did not want a second one (I8).
  if (input.outsiders.length > 0) {
    return {
      kind: 'review',
      review: 'duplicate',
      candidates: input.outsiders,
      because: 'the record with the same key is outside the scope',
    }
  }
  return { kind: 'create' }
}

function review(kind: 'ambiguous' | 'duplicate', input: MatchInput, because: string): MatchDecision {
  const candidates = input.members.filter((m) => m.id !== input.id || m.side !== input.side)
  return { kind: 'review', review: kind, candidates, because }
}
