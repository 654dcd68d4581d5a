/** Finding records by a key: upserts, references by external id, unique fields (Salesforce fact sheet 8, 13.3). */
import type { Field } from '../catalogue/field.ts'
import { normalId } from '../ids.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { jsonProblem, refusal } from '../wire.ts'
import type { Row, Values } from './row-store.ts'
import { indexKey } from './value-index.ts'

/** A key as a body has it: text, or a number that some clients send; null for none. */
export function keyText(raw: unknown): string | null {
  if (raw === undefined || raw === null || raw === '') return null
  if (typeof raw === 'string') return raw
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  throw jsonProblem('Cannot deserialize instance of string from START_OBJECT at [line:1, column:1]')
}

/** Live records with this key; deleted ones do not match (13.3). */
export function rowsByKey(org: Org, type: ObjectType, key: Field, value: string): Row[] {
  if (key.type === 'id') {
    const row = org.rows.find(type.name, normalId(value) ?? '')
    return row === undefined || row.deletedAt !== null ? [] : [row]
  }
  return [...org.rows.withValue(type.name, key.name, indexKey(value))].filter(
    (row) => row.deletedAt === null && (!key.caseSensitive || row.values[key.name] === value),
  )
}

/**
 * Throws when another record holds a unique value. Whether a record in the recycle bin still holds it is not known
 * (13.3): here it does, so that a client which re-creates what was deleted meets the refusal.
 */
export function requireUnique(
  org: Org,
  type: ObjectType,
  { id, next }: { id: string | null; next: Values },
): void {
  for (const field of type.unique) {
    const value = next[field.name]
    if (value === undefined) continue
    for (const row of org.rows.withValue(type.name, field.name, indexKey(value))) {
      if (row.id === id || (field.caseSensitive && row.values[field.name] !== value)) continue
      throw refusal(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${row.id.slice(0, 15)}`,
        [],
      )
    }
  }
}
