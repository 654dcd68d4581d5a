/** Upsert by a key (Salesforce fact sheet 13.3): creates when nobody has it, updates the one who does. */
import type { Field } from '../catalogue/field.ts'
import { normalId } from '../ids.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { isDeleted, Problem, refusal, unknownRecord } from '../wire.ts'
import { writeRecord, type Written } from './commit.ts'
import { keyText, rowsByKey } from './keys.ts'
import type { Row } from './row-store.ts'
import type { Transaction } from './transaction.ts'

/** Several records have the key: a single upsert answers their URLs with 300, a row of many fails. */
export class SeveralMatch extends Problem {
  readonly rows: readonly Row[]

  constructor(rows: readonly Row[], field: Field) {
    super(400, [
      {
        errorCode: 'DUPLICATE_EXTERNAL_ID',
        message: `${field.name}: more than one record found for external id field: [${rows.map(({ id }) => id).join(', ')}]`,
        fields: [field.name],
      },
    ])
    this.rows = rows
  }
}

export interface Upsert {
  readonly type: ObjectType
  readonly key: Field
  readonly value: unknown
  /** Without the key. */
  readonly body: Readonly<Record<string, unknown>>
  readonly updateOnly: boolean
}

export function upsertRecord(transaction: Transaction, upsert: Upsert): Written {
  const { org } = transaction
  const { type, key, value, body } = upsert
  const row = existingRow(org, upsert)
  if (row !== null) return writeRecord(transaction, { type, row, body })
  if (upsert.updateOnly) throw unknownRecord(keyText(value) ?? '')
  const keyed = key.type === 'id' ? body : { ...body, [key.name]: value }
  return writeRecord(transaction, { type, row: null, body: keyed })
}

function existingRow(org: Org, { type, key, value }: Upsert): Row | null {
  const text = keyText(value)
  if (key.type === 'id') {
    // Rows without an id are created (14, recorded); an id that was given must exist.
    if (text === null) return null
    const id = normalId(text)
    if (id === null) throw refusal('MALFORMED_ID', `malformed id ${text}`, ['Id'])
    const row = org.rows.find(type.name, id)
    if (row === undefined) throw refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [])
    if (row.deletedAt !== null) throw isDeleted()
    return row
  }
  if (text === null) throw refusal('MISSING_ARGUMENT', `${key.name} not specified`, [])
  const rows = rowsByKey(org, type, key, text)
  if (rows.length > 1) throw new SeveralMatch(rows, key)
  return rows[0] ?? null
}
