/**
 * Conflict policies (algorithms 2.5): what happens when both sides changed a field to values that do not
 * agree. Pure, deterministic, and invariant under swapping the sides except where a policy names one (I19).
 */
import { laterSide } from './evidence.ts'
import { mergeSets } from './sets.ts'
import { otherSide, type Side } from './record.ts'
import type { FieldInput } from './field.ts'
import type { Policy } from './rules.ts'
import { isBlank, type Canonical } from './value.ts'

/** Evidence is undefined where nobody has looked yet; a policy that needs it then answers `needs-evidence`. */
export type Contest = Pick<FieldInput, 'rule' | 'base' | 'left' | 'right' | 'evidence' | 'frame'>

export type Resolution =
  | { readonly kind: 'winner'; readonly side: Side; readonly rule: string }
  | { readonly kind: 'merged'; readonly value: Canonical; readonly rule: string }
  /** The difference stays, by policy; not a conflict. */
  | { readonly kind: 'diverge'; readonly rule: string }
  | { readonly kind: 'ask'; readonly rule: string }
  | { readonly kind: 'needs-evidence' }

export function resolveConflict(policy: Policy, contest: Contest): Resolution {
  const { left, right, rule, base } = contest
  switch (policy.kind) {
    case 'ask':
      return { kind: 'ask', rule: 'ask' }
    case 'prefer':
      return { kind: 'winner', side: policy.side, rule: `prefer-${policy.side}` }
    case 'prefer-unless-blank': {
      const preferred = policy.side === 'left' ? left : right
      const side = isBlank(preferred) ? otherSide(policy.side) : policy.side
      return { kind: 'winner', side, rule: `prefer-${policy.side}-unless-blank` }
    }
    case 'most-recent': {
      if (!contest.evidence) return { kind: 'needs-evidence' }
      const later = laterSide(contest.evidence, contest.frame)
      if (later) return { kind: 'winner', side: later, rule: 'most-recent' }
      return resolveConflict(policy.otherwise, contest)
    }
    case 'union':
      if (rule.shape !== 'elements') return { kind: 'ask', rule: 'union' }
      return {
        kind: 'merged',
        value: mergeSets({ baseLeft: base?.left ?? null, baseRight: base?.right ?? null, left, right }),
        rule: 'union',
      }
    case 'advance':
      return byRank(policy.rank.left(left), policy.rank.right(right), 'advance')
    case 'max':
      return byRank(rule.compare(left, right), 0, 'max')
    case 'min':
      return byRank(0, rule.compare(left, right), 'min')
    case 'never-overwrite':
    case 'write-once':
      if (policy.kind === 'write-once' && base?.once) return { kind: 'diverge', rule: policy.kind }
      if (isBlank(left)) return { kind: 'winner', side: 'right', rule: policy.kind }
      if (isBlank(right)) return { kind: 'winner', side: 'left', rule: policy.kind }
      return { kind: 'diverge', rule: policy.kind }
  }
}

/**
 * Whether the policy forbids storing `source`'s value on the other side although only `source` changed: some
 * policies bind every write, not only conflicts. Returns the reason, or null when the write may happen.
 */
export function forbidsWrite(contest: Contest, source: Side): string | null {
  const { rule, left, right, base } = contest
  const target = source === 'left' ? right : left
  switch (rule.policy.kind) {
    case 'never-overwrite':
      return isBlank(target) ? null : 'never-overwrite: the target has a value'
    case 'write-once':
      if (base?.once) return 'write-once: written before'
      return isBlank(target) ? null : 'write-once: the target has a value'
    case 'advance': {
      const { rank } = rule.policy
      const ahead = rank.left(left) - rank.right(right)
      return (source === 'left' ? ahead : -ahead) < 0 ? 'advance: the target is further along' : null
    }
    case 'max':
    case 'min': {
      const sign = (rule.policy.kind === 'max' ? 1 : -1) * (source === 'left' ? 1 : -1)
      return rule.compare(left, right) * sign < 0 ? `${rule.policy.kind}: the target already wins` : null
    }
    case 'ask':
    case 'prefer':
    case 'prefer-unless-blank':
    case 'most-recent':
    case 'union':
      return null
  }
}

function byRank(left: number, right: number, rule: string): Resolution {
  if (left === right) return { kind: 'ask', rule }
  return { kind: 'winner', side: left > right ? 'left' : 'right', rule }
}
