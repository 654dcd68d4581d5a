/**
 * What reading and writing share: the context they work in, queries that tell a missing object from a missing
 * record, and a wire record in neutral words.
 */
import { ConnectorError } from '../../errors.ts'
import type { Evidence, RecordId, Snapshot } from '../../core/record.ts'
import { isBlank } from '../../core/value.ts'
import type { FieldValue } from '../../core/value.ts'
import type { Runtime } from '../../runtime.ts'
import type { AttioClient, RecordQuery } from './client.ts'
import { currentEvidence, versionOf } from './evidence.ts'
import type { OwnActor } from './evidence.ts'
import type { Aged, Knowledge } from './replica.ts'
import { objectUnavailable } from './schema.ts'
import type { AttributeCatalog, Attributes } from './schema.ts'
import { UnreadableValue } from './codecs.ts'
import { isArrayValued, readValue } from './values.ts'
import type { WireRecord } from './wire.ts'

export interface AttioContext {
  readonly connection: string
  readonly client: AttioClient
  readonly catalog: AttributeCatalog
  readonly own: OwnActor
  readonly known: Knowledge
  /** `object/attribute` that turned out to have no readable history. */
  readonly unkept: Set<string>
  readonly runtime: Runtime
}

/** A query of an object as a whole; a 404 then is about the object. */
export async function queryObject(
  client: AttioClient,
  object: string,
  query: RecordQuery,
): Promise<Aged<readonly WireRecord[]>> {
  try {
    return await client.query(object, query)
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'not-found') throw objectUnavailable(object, error)
    throw error
  }
}

/** Throws unless the object answers: afterwards a 404 for one of its records is about that record. */
export async function requireObject(client: AttioClient, object: string, id: RecordId): Promise<void> {
  await queryObject(client, object, { ...byId([id]), offset: 0 })
}

export function byId(ids: readonly RecordId[]): { filter: unknown; limit: number } {
  return { filter: { record_id: { $in: ids } }, limit: ids.length }
}

export function snapshotOf(
  context: AttioContext,
  source: {
    readonly object: string
    readonly attributes: Attributes
    readonly fields: readonly string[]
    readonly record: WireRecord
    readonly readAtMs: number
  },
): Snapshot {
  const { object, attributes, fields, record, readAtMs } = source
  const evidence: Record<string, Evidence> = {}
  for (const field of fields) {
    const current = currentEvidence(record.values[field] ?? [], context.own)
    if (current) evidence[field] = current
  }
  return {
    key: { connection: context.connection, object, id: record.id.record_id },
    values: valuesOf(context.connection, attributes, fields, record),
    version: versionOf(record),
    readAtMs,
    evidence,
  }
}

/**
 * The named fields of a record. A field that the answer does not carry stays absent: not read, not blank.
 * Throws `unavailable` for values in a form we do not know, since guessing could spread damage.
 */
export function valuesOf(
  connection: string,
  attributes: Attributes,
  fields: readonly string[],
  record: WireRecord,
): Readonly<Record<string, FieldValue>> {
  const read: Record<string, FieldValue> = {}
  for (const field of fields) {
    const attribute = attributes.get(field)
    const values = record.values[field]
    if (!attribute || !values) continue
    try {
      const value = readValue(attribute, values)
      read[field] = isBlank(value) && !isArrayValued(attribute) ? null : value
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error
      throw new ConnectorError('unavailable', error.message, {
        connection,
        fields: [field],
        hint: 'Attio answers in a form this version does not know; look for a newer version.',
        cause: error,
      })
    }
  }
  return read
}

export function withoutNulls<T>(
  entries: readonly (readonly [string, T | null])[],
): Readonly<Record<string, T>> {
  const present: Record<string, T> = {}
  for (const [key, value] of entries) if (value !== null) present[key] = value
  return present
}
