/** Records out of Attio: listing, reading by id, finding by value, and who changed what. */
import { ConnectorError } from '../../errors.ts'
import type { Evidence, RecordId, Snapshot } from '../../core/record.ts'
import type { Connector } from '../connector.ts'
import type { ListPage, Reading } from '../reading.ts'
import type { RecordQuery } from './client.ts'
import { currentEvidence, historicEvidence } from './evidence.ts'
import { readHistory } from './history.ts'
import { byId, queryObject, snapshotOf, withoutNulls } from './records.ts'
import type { AttioContext } from './records.ts'
import type { Aged } from './replica.ts'
import type { Attributes } from './schema.ts'
import { filterFor, isArrayValued } from './values.ts'
import type { WireRecord } from './wire.ts'

/** The documented default and the largest page anybody has shown to work (Attio fact sheet 6). */
const LIST_ROWS = 500

/** `$in` and `$or` have no documented limit; these sizes are known to be safe (9.2). */
export const READ_IDS = 100
export const FIND_VALUES = 50

type Reads = Pick<Connector, 'list' | 'read' | 'find' | 'evidence' | 'history'>

export function attioReads(context: AttioContext): Reads {
  const { client, catalog, own, known } = context

  const snapshots = async (
    object: string,
    fields: readonly string[],
    query: RecordQuery,
    options: { readonly atLeastMs: number },
  ): Promise<Aged<readonly Snapshot[]>> => {
    const attributes = await catalog.attributes(object, fields)
    const { value, accurateAtMs } = await known.fresh(options.atLeastMs, () =>
      queryObject(client, object, query),
    )
    const readAtMs = accurateAtMs
    const records = value.map((record) =>
      snapshotOf(context, { object, attributes, fields, record, readAtMs }),
    )
    return { value: records, accurateAtMs }
  }

  const readOne = async (object: string, id: RecordId, fields: readonly string[]): Promise<Reading> => {
    const attributes = await catalog.attributes(object, fields)
    try {
      const { value: record, accurateAtMs } = await known.fresh(known.aboutRecords([id]), () =>
        client.record(object, id),
      )
      known.knows(id, accurateAtMs)
      const source = { object, attributes, fields, record, readAtMs: accurateAtMs }
      return { kind: 'found', requestedId: id, snapshot: snapshotOf(context, source) }
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      switch (error.kind) {
        case 'not-found':
          return { kind: 'gone', requestedId: id, how: 'deleted' }
        case 'rate-limited':
        case 'unavailable':
          throw error
        default:
          // A dead token or an outage says nothing about this record; a 403 on it alone, or a merge under way, does.
          if (error.status === 401 || isOutage(error)) throw error
          return { kind: 'hidden', requestedId: id, error }
      }
    }
  }

  const readMany = async (
    object: string,
    ids: readonly RecordId[],
    fields: readonly string[],
  ): Promise<readonly Reading[]> => {
    const query = { ...byId(ids), offset: 0 }
    const atLeastMs = known.aboutRecords(ids)
    const { value: found, accurateAtMs } = await snapshots(object, fields, query, { atLeastMs })
    const seen = new Set(found.map((snapshot) => snapshot.key.id))
    for (const id of seen) known.knows(id, accurateAtMs)
    // Not being in an answer proves nothing; a 404 for the record does, now that its object has answered from a
    // replica that must have known it.
    const others = ids.filter((id) => !seen.has(id)).map((id) => readOne(object, id, fields))
    return [
      ...found.map((snapshot) => ({ kind: 'found' as const, requestedId: snapshot.key.id, snapshot })),
      ...(await Promise.all(others)),
    ]
  }

  const fieldEvidence = async (
    object: string,
    attributes: Attributes,
    record: WireRecord,
    field: string,
  ): Promise<Evidence | null> => {
    const attribute = attributes.get(field)
    if (!attribute) return null
    const values = record.values[field] ?? []
    // A single value tells of its own setting. A removal only shows in the history, at one request a field.
    if (values.length > 0 && !isArrayValued(attribute)) return currentEvidence(values, own)
    try {
      return historicEvidence((await client.history(object, record.id.record_id, field)).value, own)
    } catch (error) {
      // Enriched and communication attributes have no readable history (10.8): what the values say must do.
      if (error instanceof ConnectorError && error.kind === 'rejected') return currentEvidence(values, own)
      throw error
    }
  }

  return {
    list: async ({ object, fields, cursor, archived = false }): Promise<ListPage> => {
      if (archived) return { records: [], next: null }
      const offset = cursor === null ? 0 : Number(cursor)
      // A listing only says where to look: it may be as old as it likes.
      const anyAge = { atLeastMs: Number.NEGATIVE_INFINITY }
      const { value: records } = await snapshots(object, fields, { limit: LIST_ROWS, offset }, anyAge)
      return { records, next: records.length < LIST_ROWS ? null : String(offset + records.length) }
    },

    read: async ({ object, ids, fields }) => {
      const distinct = [...new Set(ids)]
      const [only, ...more] = distinct
      if (only === undefined) return []
      if (more.length === 0) {
        const reading = await readOne(object, only, fields)
        // One 404 alone could also mean that the whole object was renamed or switched off.
        return reading.kind === 'gone' ? readMany(object, distinct, fields) : [reading]
      }
      const chunks = inChunks(distinct, READ_IDS).map((chunk) => readMany(object, chunk, fields))
      return (await Promise.all(chunks)).flat()
    },

    find: async ({ object, field, values, fields, asOfMs = 0 }) => {
      const atLeastMs = Math.max(asOfMs, known.aboutObject(object))
      const attribute = (await catalog.attributes(object, [field])).get(field)
      const found = new Map<RecordId, Snapshot>()
      for (const chunk of inChunks([...new Set(values)], FIND_VALUES)) {
        const filter = attribute ? filterFor(attribute, chunk) : null
        if (filter === null) throw cannotFind(context.connection, object, field, attribute?.type ?? null)
        let page: readonly Snapshot[]
        let offset = 0
        do {
          const query = { filter, limit: LIST_ROWS, offset }
          page = (await snapshots(object, fields, query, { atLeastMs })).value
          for (const snapshot of page) found.set(snapshot.key.id, snapshot)
          offset += page.length
        } while (page.length === LIST_ROWS)
      }
      return [...found.values()]
    },

    evidence: async ({ object, records }) => {
      const named = [...new Set(records.flatMap(({ fields }) => fields))]
      const attributes = await catalog.attributes(object, named)
      const found = await Promise.all(
        records.map(async ({ id, fields }) => {
          const record = await orNull(client.record(object, id))
          if (record === null) return null
          const entries = await Promise.all(
            fields.map(
              async (field) => [field, await fieldEvidence(object, attributes, record, field)] as const,
            ),
          )
          return [id, withoutNulls(entries)] as const
        }),
      )
      return new Map(found.filter((entry) => entry !== null))
    },

    history: (request) => readHistory(context, request),
  }
}

function cannotFind(connection: string, object: string, field: string, type: string | null): ConnectorError {
  const reason = type === null ? 'has no such attribute' : `cannot be searched by a ${type} attribute`
  return new ConnectorError('rejected', `${object} ${reason}: ${field}`, {
    connection,
    fields: [field],
    hint: 'Match by a text, number, e-mail, domain, phone, name, date, select or status attribute.',
  })
}

/** A record that is gone or out of sight has no evidence. */
async function orNull(record: Promise<Aged<WireRecord>>): Promise<WireRecord | null> {
  try {
    return (await record).value
  } catch (error) {
    const isOutOfSight =
      error instanceof ConnectorError && (error.kind === 'not-found' || error.code === 'merge_in_progress')
    if (isOutOfSight) return null
    throw error
  }
}

function inChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}

function isOutage({ kind, code }: ConnectorError): boolean {
  return kind === 'transient' && code !== 'merge_in_progress'
}
