/** A record as a listing or a read showed it, reduced to its fingerprint and matching keys. */
import { fingerprint } from '../core/fingerprint.ts'
import type { RecordId, Side, Snapshot } from '../core/record.ts'
import type { MatchRule, ObjectRules } from '../core/rules.ts'
import type { FieldValues } from '../core/value.ts'
import { outsiderKey, type KeyedRecord, type Sighting } from '../store/records.ts'
import { readsOf } from './rule-index.ts'

/** Needs a snapshot with every field the mapping reads, associations included. */
export function sightingOf(rules: ObjectRules, side: Side, snapshot: Snapshot): Sighting {
  return {
    ...keyedRecord(rules, side, snapshot),
    fingerprint: `${valuePrint(rules, side, snapshot.values)}.${edgePrint(rules, side, snapshot.values)}`,
    version: snapshot.version,
  }
}

/** A record just read, reduced to what it is matched by. */
export function keyedRecord(rules: ObjectRules, side: Side, snapshot: Snapshot): KeyedRecord {
  const keysOf = (rule: MatchRule) => {
    const number = rules.match.indexOf(rule)
    return rule.keys[side](snapshot.values).map((key) => `${number}:${key}`)
  }
  // Outside it is nobody's counterpart, and nobody is created beside it.
  const keys = rules.inScope[side](snapshot.values)
    ? [...rules.match.flatMap(keysOf), ...stampKeys(rules, side, snapshot)]
    : rules.match
        .filter(({ strength }) => strength === 'strong')
        .flatMap((rule) => keysOf(rule).map(outsiderKey))
  return { id: snapshot.key.id, keys: [...new Set(keys)] }
}

/** Under which key a record's counterpart is found whose stamp names it. */
export function stampKey(id: RecordId): string {
  return `stamp:${id}`
}

function stampKeys(rules: ObjectRules, side: Side, snapshot: Snapshot): readonly string[] {
  const field = rules.stamp[side]
  const value = field === null ? null : snapshot.values[field]
  return typeof value === 'string' && value !== '' ? [stampKey(value)] : []
}

/**
 * The fingerprint at which nothing is left to do. Associations that this batch did not read were not announced
 * as changed: their part of `known`, the fingerprint agreed on before, still holds. Null when a part is unknown.
 */
export function agreedPrint(
  rules: ObjectRules,
  side: Side,
  values: FieldValues,
  known: string | null,
): string | null {
  const { plain, edges } = readsOf(rules, side)
  if (!plain.every((field) => field in values)) return null
  const edge = edges.every((field) => field in values)
    ? edgePrint(rules, side, values)
    : (known?.split('.')[1] ?? null)
  return edge === null ? null : `${valuePrint(rules, side, values)}.${edge}`
}

/** Fingerprint of everything but the associations, which a read may leave out. */
export function valuePrint(rules: ObjectRules, side: Side, values: FieldValues): string {
  return fingerprint(values, readsOf(rules, side).plain, rules.version)
}

function edgePrint(rules: ObjectRules, side: Side, values: FieldValues): string {
  return fingerprint(values, readsOf(rules, side).edges, rules.version)
}
