/** The verdicts that a field can be given, in words and with the base that they move from. */
import { NEVER_AGREED, type FieldBase, type RingEntry } from './base.ts'
import type { FieldInput } from './field.ts'
import { pairHash } from './fingerprint.ts'
import type { ConflictReport, Verdict } from './plan.ts'
import { otherSide, type Side } from './record.ts'
import type { FieldRule, Restored } from './rules.ts'
import { isBlank, isEqual, type Canonical } from './value.ts'

export function nothing(rule: FieldRule, because: string): Verdict {
  return { kind: 'nothing', field: rule.key, because }
}

export function rebase(
  rule: FieldRule,
  base: FieldBase | null,
  left: Canonical,
  right: Canonical,
  because: string,
): Verdict {
  const moved: FieldBase = { ...(base ?? NEVER_AGREED), left, right, doubt: false, held: null }
  return { kind: 'rebase', field: rule.key, because, base: moved }
}

/** `settled` names the rule that decided a conflict; the other side's value is then reported as its loser. */
export function propagate(
  input: FieldInput,
  source: Side,
  settled: { rule: string; settles: boolean } | null,
): Verdict {
  const { rule, base, left, right, context } = input
  const side = otherSide(source)
  const value = source === 'left' ? left : right
  const before = side === 'left' ? left : right
  const restored: Restored =
    source === 'left' ? rule.forward(left, right, context) : rule.backward(right, left, context)
  if (restored.kind === 'keep') return nothing(rule, restored.reason)
  if (isEqual(restored.value, before)) {
    return rebase(rule, base, left, right, 'nothing to store: the other side already corresponds')
  }
  // Where both sides agreed once, a blank is a value that somebody cleared.
  const loses = settled !== null && !settled.settles && (base !== null || !isBlank(before))
  return {
    kind: 'write',
    field: rule.key,
    because: settled?.rule ?? (base ? `${source} side changed` : `${source} side has a value`),
    side,
    source: value,
    target: restored.value,
    before,
    agreedAs: null,
    base: base ?? NEVER_AGREED,
    conflict: loses ? report(input, kindOf(base), settled.rule, side) : null,
    human: input.evidence?.[source]?.actor.kind === 'human' || settled?.settles === true,
  }
}

export function hold(input: FieldInput, kind: ConflictReport['kind'], ruleName: string): Verdict {
  const { rule, base, left, right } = input
  return {
    kind: 'hold',
    field: rule.key,
    because: kind === 'automation-fight' ? 'two automations fight over this field' : `conflict: ${ruleName}`,
    base: { ...(base ?? NEVER_AGREED), held: pairHash(left, right) },
    conflict: report(input, kind, ruleName, null),
  }
}

export function report(
  input: FieldInput,
  kind: ConflictReport['kind'],
  rule: string,
  loser: Side | null,
): ConflictReport {
  const { base, left, right, evidence } = input
  return {
    kind,
    left,
    right,
    base: base ? { left: base.left, right: base.right } : null,
    rule,
    loser,
    evidence: { left: evidence?.left ?? null, right: evidence?.right ?? null },
  }
}

/** A conflict about values that never agreed is another one. */
export function kindOf(base: FieldBase | null): 'seed' | 'both-changed' {
  return base ? 'both-changed' : 'seed'
}

/** What the ring will say about this write. */
export function ringEntry({ side, source, target, human }: Extract<Verdict, { kind: 'write' }>): RingEntry {
  return { pair: side === 'right' ? pairHash(source, target) : pairHash(target, source), side, human }
}
