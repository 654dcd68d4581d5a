/**
 * The other half of I4: a value is only reported as overwritten unseen where the record held it, by somebody else's hand,
 * right before a write of the engine replaced it.
 */
import { SIDES } from '../../../src/core/record.ts'
import type { FieldRule } from '../../../src/core/rules.ts'
import { toSet } from '../../../src/core/sets.ts'
import { isEqual, isList, type Canonical } from '../../../src/core/value.ts'
import type { Conflict } from '../../../src/store/store.ts'
import { PAIRING } from '../cast.ts'
import { KINDS, type Kind } from '../hands/hands.ts'
import type { Reports } from '../run.ts'
import type { World } from '../world.ts'
import type { Violation } from './audit.ts'
import { meaning, plainRules, rulesOf } from './rules.ts'

export function auditFalseAlarms(world: World, { conflicts }: Reports): readonly Violation[] {
  return conflicts
    .filter((conflict) => conflict.kind === 'overwritten')
    .flatMap((conflict): Violation[] => {
      const kind = KINDS.find((each) => rulesOf(world, each).mapping === conflict.mapping)
      const rule = kind && plainRules(rulesOf(world, kind)).find(({ key }) => key === conflict.field)
      if (!kind || !rule || wasLost(world, kind, rule, conflict)) return []
      return [
        {
          invariant: 'I4',
          what: `${conflict.field} of ${JSON.stringify(conflict.records)}: ${JSON.stringify([conflict.left, conflict.right])} is reported as overwritten unseen (${JSON.stringify(conflict.evidence)}), and was not`,
        },
      ]
    })
}

function wasLost(world: World, kind: Kind, rule: FieldRule, conflict: Conflict): boolean {
  const side = SIDES.find((each) => conflict.evidence[each] !== null)
  if (!side) return false
  const biography = world.witness.find(PAIRING[side], kind, conflict.records[side] ?? '')
  let held: { readonly value: Canonical; readonly isOurs: boolean } | null = null
  for (const chapter of biography?.chapters ?? []) {
    const value = meaning(rule, side, chapter)
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
