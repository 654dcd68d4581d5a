/**
 * The other half of I4: a value is only reported as overwritten unseen where the record held it, by somebody else's hand,
 * right before a write of the engine replaced it or took the record away. Only for chronicles that miss nothing, however short it lasted.
 */
import { SIDES } from '../../../src/core/record.ts'
import type { FieldRule } from '../../../src/core/rules.ts'
import { toSet } from '../../../src/core/sets.ts'
import { isEqual, isList, type Canonical } from '../../../src/core/value.ts'
import type { Conflict } from '../../../src/store/waiting.ts'
import type { Kind } from '../hands/hands.ts'
import type { Violation } from './audit.ts'
import type { Case } from './case.ts'
import { kindOf, meaning, plainRules, rulesOf } from './rules.ts'

/** `mayBeOurs`: whether a write of ours about this record was never answered, so that nobody can tell whose a removal is. */
export function auditFalseAlarms(
  facts: Case,
  mayBeOurs: (id: string, beforeMs: number) => boolean,
): readonly Violation[] {
  return facts.reports.conflicts
    .filter((conflict) => conflict.kind === 'overwritten')
    .flatMap((conflict): Violation[] => {
      const kind = kindOf(facts, conflict.mapping)
      const rule = kind && plainRules(rulesOf(facts, kind)).find(({ key }) => key === conflict.field)
      if (!kind || !rule || wasLost(facts, { kind, rule, conflict, mayBeOurs })) return []
      return [
        {
          invariant: 'I4',
          what: `${conflict.field} of ${JSON.stringify(conflict.records)}: ${JSON.stringify([conflict.left, conflict.right])} is reported as overwritten unseen (${JSON.stringify(conflict.evidence)}), and was not`,
        },
      ]
    })
}

function wasLost(
  facts: Case,
  {
    kind,
    rule,
    conflict,
    mayBeOurs,
  }: {
    readonly kind: Kind
    readonly rule: FieldRule
    readonly conflict: Conflict
    readonly mayBeOurs: (id: string, beforeMs: number) => boolean
  },
): boolean {
  const side = SIDES.find((each) => conflict.evidence[each] !== null)
  if (!side) return false
  const biography = facts.witness.find(facts.pairing[side], kind, conflict.records[side] ?? '')
  let held: { readonly value: Canonical; readonly isOurs: boolean } | null = null
  for (const chapter of biography?.chapters ?? []) {
    const value = meaning(rule, side, chapter)
    const isTaken =
      chapter.state !== 'live' && (chapter.by === 'engine' || mayBeOurs(biography?.id ?? '', chapter.atMs))
    if (isTaken && held && !held.isOurs && isSame(held.value, conflict[side])) return true
    if (held && isSame(held.value, value)) continue
    if (held && chapter.by === 'engine' && !held.isOurs && isSame(held.value, conflict[side])) return true
    held = { value, isOurs: chapter.by === 'engine' }
  }
  return false
}

/** Lists by their elements: not every vendor's history tells their order. */
function isSame(a: Canonical, b: Canonical): boolean {
  return isList(a) && isList(b) ? isEqual(toSet(a), toSet(b)) : isEqual(a, b)
}
