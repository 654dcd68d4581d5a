/** Deciding one field of a linked pair whose evidence is known, in few words. */
import type { FieldBase } from '../../src/core/base.ts'
import type { FieldInput } from '../../src/core/field.ts'
import { mergeField, type FieldDecision } from '../../src/core/merge.ts'
import type { Verdict } from '../../src/core/plan.ts'
import type { Side } from '../../src/core/record.ts'
import type { FieldRule } from '../../src/core/rules.ts'
import type { Canonical } from '../../src/core/value.ts'
import { CONTEXT, identityRule } from './rules.ts'

const READ_AT = Date.parse('2026-01-02T00:00:00Z')
const FRAME = { readAtMs: { left: READ_AT, right: READ_AT }, clockErrorMs: { left: 2_000, right: 2_000 } }

export function base(left: Canonical, right: Canonical, more: Partial<FieldBase> = {}): FieldBase {
  return { left, right, doubt: false, held: null, once: false, ring: [], ...more }
}

export function decide(
  state: { base: FieldBase | null; left: Canonical; right: Canonical },
  options: { rule?: Partial<FieldRule>; evidence?: FieldInput['evidence']; choice?: Side } = {},
): FieldDecision {
  return mergeField({
    rule: identityRule(options.rule),
    frame: FRAME,
    context: CONTEXT,
    evidence: 'evidence' in options ? options.evidence : { left: null, right: null },
    choice: options.choice ?? null,
    ...state,
  })
}

/** What a verdict does, in one word and the side it writes. */
export function outcome(verdict: Verdict): string {
  return verdict.kind === 'write' ? `write ${verdict.side} ${JSON.stringify(verdict.target)}` : verdict.kind
}
