/** Reading records: by id, page by page, and by the value of a field. */
import type { RecordId, Snapshot } from '../../core/record.ts'
import type { FieldValues } from '../../core/value.ts'
import { ConnectorError } from '../../errors.ts'
import type { Connector } from '../connector.ts'
import type { Reading } from '../reading.ts'
import { BATCH_MAX, chunks } from './batches.ts'
import type { Catalogue } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { splitFields, type Edge } from './edges.ts'
import { canonicalObject } from './objects.ts'
import { contextValues } from './problem.ts'
import { listedEdges, listedObjects, readEdges } from './read-edges.ts'
import { listRecords, readRecord, readRecords } from './record-calls.ts'
import { searchIds } from './search-ids.ts'
import { isUnique } from './schema.ts'
import { absorbedIds, MERGE_PROPERTIES, snapshotMaker } from './snapshots.ts'
import type { WireRecord } from './wire.ts'

/** Longer query strings risk a 414; 5 kB are known to work (HubSpot fact sheet 6, 12.1). */
const QUERY_MAX = 7_000

const NUMERIC = /^\d+$/

interface Fetched {
  readonly found: ReadonlyMap<RecordId, WireRecord>
  /** HubSpot failed to show these, for another reason than that they do not exist. */
  readonly hidden: ReadonlyMap<RecordId, ConnectorError>
}

export interface Reader {
  readonly read: Connector['read']
  readonly list: Connector['list']
  readonly find: Connector['find']
}

export function createReader(client: HubSpotClient, catalogue: Catalogue): Reader {
  const { connection, runtime } = client

  /** The records behind these ids (an id that was merged away leads to its survivor), without their edges. */
  const fetchRecords = async (
    object: string,
    ids: readonly RecordId[],
    properties: readonly string[],
  ): Promise<Fetched> => {
    const asked = [...new Set([...properties, ...MERGE_PROPERTIES])]
    const found = new Map<RecordId, WireRecord>()
    const hidden = new Map<RecordId, ConnectorError>()
    for (const batch of chunks(ids, BATCH_MAX)) {
      const { records, problems } = await readRecords(client, object, { ids: batch, properties: asked })
      const wanted = new Set(batch)
      for (const record of records) {
        for (const id of [...absorbedIds(record), record.id]) if (wanted.has(id)) found.set(id, record)
      }
      const missing = new Set<RecordId>()
      for (const problem of problems) {
        const isGone = problem.category === 'OBJECT_NOT_FOUND'
        for (const id of contextValues(problem, 'ids')) {
          if (isGone) missing.add(id)
          else if (!found.has(id)) hidden.set(id, client.itemError(problem))
        }
      }
      // Neither answered nor reported missing, for instance a survivor that does not list what it absorbed.
      // Asked one by one, it is certain which question an answer belongs to.
      for (const id of batch) {
        if (found.has(id) || missing.has(id) || hidden.has(id)) continue
        const record = await unlessGone(readRecord(client, object, id, asked))
        if (record) found.set(id, record)
      }
    }
    return { found, hidden }
  }

  const archivedAmong = async (object: string, ids: readonly RecordId[]): Promise<ReadonlySet<RecordId>> => {
    const archived = new Set<RecordId>()
    for (const batch of chunks(ids, BATCH_MAX)) {
      const { records } = await readRecords(client, object, { ids: batch, properties: [], archived: true })
      for (const record of records) archived.add(record.id)
    }
    return archived
  }

  const snapshotsOf = async (
    object: string,
    records: readonly WireRecord[],
    fields: { properties: readonly string[]; edges: readonly Edge[] },
    readAtMs: number,
  ): Promise<readonly Snapshot[]> => {
    const { properties, edges } = fields
    const maker = await snapshotMaker(catalogue, { connection, object, properties, readAtMs })
    if (edges.length === 0 || records.length === 0) return records.map((record) => maker.make(record))
    const ids = records.map((record) => record.id)
    const values = await readEdges(client, object, [...new Set(ids)], edges)
    return records.map((record) => maker.make(record, values.get(record.id)))
  }

  /** Whether records can be read by this field, past the search index, which lags. */
  const isStrong = (object: string, field: string): boolean => {
    if (field === 'email' && canonicalObject(object) === 'contacts') return true
    const definition = catalogue.known(object)?.get(field)
    return definition !== undefined && field !== 'hs_object_id' && isUnique(object, definition)
  }

  return {
    async read({ object, ids, fields }) {
      const readAtMs = runtime.now()
      const distinct = [...new Set(ids)]
      const { properties, edges } = splitFields(fields)
      // Anything but digits is answered with a 404 (HubSpot fact sheet 5.2), and might spoil a whole batch.
      const possible = distinct.filter((id) => NUMERIC.test(id))
      const { found, hidden } = await fetchRecords(object, possible, properties)
      const missing = possible.filter((id) => !found.has(id) && !hidden.has(id))
      const archived = await archivedAmong(object, missing)
      const records = [...new Set(found.values())]
      const snapshots = new Map(
        (await snapshotsOf(object, records, { properties, edges }, readAtMs)).map((each) => [
          each.key.id,
          each,
        ]),
      )
      return distinct.map((requestedId): Reading => {
        const snapshot = snapshots.get(found.get(requestedId)?.id ?? '')
        if (snapshot) return { kind: 'found', requestedId, snapshot }
        const error = hidden.get(requestedId)
        if (error) return { kind: 'hidden', requestedId, error }
        return { kind: 'gone', requestedId, how: archived.has(requestedId) ? 'archived' : 'deleted' }
      })
    },

    async list({ object, fields, cursor, archived = false }) {
      const readAtMs = runtime.now()
      const { properties, edges } = splitFields(fields)
      // Associations vanish from reads while a record is archived (HubSpot fact sheet 7.9): not read, not empty.
      const wantedEdges = archived ? [] : edges
      const isLong =
        properties.reduce((sum, name) => sum + 'properties='.length + name.length + 1, 0) > QUERY_MAX
      const page = await listRecords(client, object, {
        limit: BATCH_MAX,
        after: cursor,
        properties: isLong ? [] : properties,
        associations: listedObjects(wantedEdges),
        archived,
      })
      const records = isLong ? await widened(object, page.records, properties, archived) : page.records
      const maker = await snapshotMaker(catalogue, { connection, object, properties, readAtMs })
      const listed = new Map<RecordId, FieldValues>(
        page.records.map((row) => [row.id, listedEdges(object, row, wantedEdges)]),
      )
      const doubtful = wantedEdges.filter((edge) => [...listed.values()].some((row) => !(edge.field in row)))
      const ids = [...listed]
        .filter(([, row]) => doubtful.some(({ field }) => !(field in row)))
        .map(([id]) => id)
      const reread = ids.length === 0 ? null : await readEdges(client, object, ids, doubtful)
      return {
        records: records.map((record) =>
          maker.make(record, { ...listed.get(record.id), ...reread?.get(record.id) }),
        ),
        next: page.after,
      }
    },

    async find({ object, field, values, fields }) {
      const readAtMs = runtime.now()
      const { properties, edges } = splitFields(fields)
      // Whether a field is unique, and so can be looked up past the index, is only known from its definition.
      await catalogue.kinds(object, [field])
      // E-mails match in any case, so two spellings would be one input twice, which spoils the batch.
      const usable = values.map((value) => (field === 'email' ? value.toLowerCase() : value).trim())
      const distinct = [...new Set(usable)].filter((value) => value !== '')
      if (distinct.length === 0) return []
      const found = new Map<RecordId, WireRecord>()
      if (isStrong(object, field)) {
        for (const ids of chunks(distinct, BATCH_MAX)) {
          const { records } = await readRecords(client, object, { ids, idProperty: field, properties })
          for (const record of records) found.set(record.id, record)
        }
      } else {
        const ids = await searchIds(client, catalogue, { object, field, values: distinct })
        // The index may be behind: what is returned are the records as they are now.
        const fetched = await fetchRecords(object, ids, properties)
        for (const record of fetched.found.values()) found.set(record.id, record)
      }
      return snapshotsOf(object, [...found.values()], { properties, edges }, readAtMs)
    },
  }

  /** The same rows with all the properties that did not fit into the listing's query string. */
  async function widened(
    object: string,
    rows: readonly WireRecord[],
    properties: readonly string[],
    archived: boolean,
  ): Promise<readonly WireRecord[]> {
    if (rows.length === 0) return rows
    const ids = rows.map((row) => row.id)
    return (await readRecords(client, object, { ids, properties, archived })).records
  }
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'not-found') return null
    throw error
  }
}
