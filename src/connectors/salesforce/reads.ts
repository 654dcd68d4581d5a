/** Records out of Salesforce: listing, reading by id, finding by value, and who changed them last. */
import { ConnectorError } from '../../errors.ts'
import type { Evidence, RecordId, Snapshot } from '../../core/record.ts'
import type { FieldValues } from '../../core/value.ts'
import type { Connector } from '../connector.ts'
import type { ListPage, Reading } from '../reading.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { edgesOf, rolesSubquery } from './contact-roles.ts'
import { splitFields } from './edges.ts'
import { literalsFor } from './literals.ts'
import { CONVERSION, conversionOf, LEAD, leadsThatBecame, whereabouts } from './whereabouts.ts'
import { after, parsePlace, printPlace } from './listing-place.ts'
import { inChunks } from './chunks.ts'
import { columnsFor } from './snapshots.ts'
import { query, queryAllPages, type QueryPage, type Row } from './soql.ts'
import { idOn } from './ids.ts'
import { isObject, textIn } from './wire.ts'

/** Rows of a page at most (7). */
const LIST_ROWS = 2_000
/** A page with less does not get any faster. */
const LIST_ROWS_MIN = 100
export const READ_IDS = 2_000
export const FIND_VALUES = 200

type Reads = Pick<Connector, 'list' | 'read' | 'find' | 'origins' | 'evidence'>

export function salesforceReads(context: SalesforceContext): Reads {
  const { client, catalogue, runtime, snapshots, asked, parents, actors } = context

  /** Runs `work` with the object as it is described; once more with a fresh description when a field is gone. */
  const described = async <T>(
    object: string,
    fields: readonly string[],
    work: (description: Description) => Promise<T>,
  ): Promise<T> => {
    asked.note(object, fields)
    await actors.identify(client)
    const description = await catalogue.withFields(object, fields)
    try {
      return await work(description)
    } catch (error) {
      // Somebody took a field away, or the leave to see it: the others can be read all the same.
      if (!(error instanceof ConnectorError) || error.code !== 'INVALID_FIELD') throw error
      return work(await catalogue.load(object))
    }
  }

  const snapshotOf = (
    description: Description,
    row: Row,
    options: { fields: readonly string[]; edges?: FieldValues; readAtMs: number },
  ): Snapshot => {
    parents.note(textIn(row, 'Id') ?? '', row)
    return snapshots.make(description, row, options)
  }

  const listPage = async (
    soql: (rows: number) => string,
    deleted: boolean,
  ): Promise<QueryPage & { rowsMax: number }> => {
    for (let rowsMax = LIST_ROWS; ; rowsMax = Math.ceil(rowsMax / 4)) {
      try {
        return { ...(await query(client, soql(rowsMax), { deleted })), rowsMax }
      } catch (error) {
        // Too much for one answer: as it is it would be refused again (24).
        const isTooMuch = error instanceof ConnectorError && TOO_MUCH.test(error.code ?? '')
        if (!isTooMuch || rowsMax <= LIST_ROWS_MIN) throw error
      }
    }
  }

  const readRows = async (
    description: Description,
    ids: readonly RecordId[],
    fields: readonly string[],
  ): Promise<readonly Row[]> => {
    const answer = await client.json({
      method: 'POST',
      path: `/composite/sobjects/${encodeURIComponent(description.object)}`,
      body: { ids, fields: columnsFor(description, fields, CONVERSION) },
      mutating: false,
    })
    if (!Array.isArray(answer)) {
      throw client.error('transient', 'the answer to a read is no list', 'It is asked again.')
    }
    return answer.filter(isObject)
  }

  return {
    list: ({ object, fields, cursor, archived = false }) =>
      described(object, fields, async (description): Promise<ListPage> => {
        const { plain, edges } = splitFields(fields)
        // Oldest first, and past a place in that order rather than a number of rows: cursors of the vendor do not last.
        const place = cursor === null ? null : parsePlace(client, cursor)
        const columns = columnsFor(description, plain, ['CreatedDate'])
        const conditions = [
          ...(archived ? ['IsDeleted = true'] : stillItself(description)),
          ...(place ? [after(place)] : []),
        ]
        const select = [...columns, ...(edges.length > 0 && !archived ? [rolesSubquery()] : [])].join(', ')
        const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
        const readAtMs = runtime.now()
        const page = await listPage(
          (rows) => `SELECT ${select} FROM ${object}${where} ORDER BY CreatedDate, Id LIMIT ${rows}`,
          archived,
        )
        const withEdges = archived ? new Map() : await edgesOf(client, page.rows, edges)
        const last = page.rows.at(-1)
        const isLast = last === undefined || (page.done && page.rows.length < page.rowsMax)
        return {
          records: page.rows.map((row) =>
            snapshotOf(description, row, {
              fields: plain,
              edges: withEdges.get(textIn(row, 'Id') ?? '') ?? {},
              readAtMs,
            }),
          ),
          next: isLast ? null : printPlace(last),
        }
      }),

    read: ({ object, ids, fields }) =>
      described(object, fields, async (description): Promise<readonly Reading[]> => {
        const distinct = [...new Set(ids)]
        if (distinct.length === 0) return []
        const { plain, edges } = splitFields(fields)
        const readAtMs = runtime.now()
        const own = new Map(distinct.map((id) => [id, idOn(description, id)]))
        const wanted = [...new Set([...own.values()].filter((id) => id !== null))]
        const rows = await inChunks(wanted, READ_IDS, (chunk) => readRows(description, chunk, plain))
        const byId = new Map(rows.map((row) => [textIn(row, 'Id') ?? '', row]))
        const missing = distinct.filter((id) => !byId.has(own.get(id) ?? ''))
        const found = await whereabouts(context, description, missing)
        const heirs = [...found.values()].flatMap((each) =>
          each.kind === 'at' && !byId.has(each.id) ? [each.id] : [],
        )
        const heirRows = await inChunks([...new Set(heirs)], READ_IDS, (chunk) =>
          readRows(description, chunk, plain),
        )
        for (const row of heirRows) byId.set(textIn(row, 'Id') ?? '', row)
        const withEdges = await edgesOf(client, [...byId.values()], edges)
        return distinct.map((requestedId): Reading => {
          const place = found.get(requestedId)
          if (place?.kind === 'gone') return { kind: 'gone', requestedId, how: place.how }
          if (place?.kind === 'moved') return { kind: 'moved', requestedId, to: place.to }
          if (place?.kind === 'foreign')
            return { kind: 'hidden', requestedId, error: foreign(object, requestedId) }
          const row = byId.get(place?.kind === 'at' ? place.id : (own.get(requestedId) ?? ''))
          // Its heir vanished between two requests: the next look finds out.
          if (!row) return { kind: 'hidden', requestedId, error: vanished(object, requestedId) }
          const converted = conversionOf(description, row)
          if (converted) return { kind: 'moved', requestedId, to: converted }
          const id = textIn(row, 'Id') ?? ''
          const options = { fields: plain, edges: withEdges.get(id) ?? {}, readAtMs }
          return { kind: 'found', requestedId, snapshot: snapshotOf(description, row, options) }
        })
      }),

    find: ({ object, field, values, fields }) =>
      described(object, [...fields, field], async (description): Promise<readonly Snapshot[]> => {
        const { plain, edges } = splitFields(fields)
        const readAtMs = runtime.now()
        const columns = columnsFor(description, plain).join(', ')
        const distinct = [...new Set(values.map((value) => value.trim()))].filter((value) => value !== '')
        const rows = await inChunks(distinct, FIND_VALUES, async (chunk) => {
          const condition = literalsFor(context, description, field, chunk)
          return condition === null
            ? []
            : queryAllPages(
                client,
                `SELECT ${columns} FROM ${object} WHERE ${[`(${condition})`, ...stillItself(description)].join(' AND ')}`,
              )
        })
        const byId = new Map(rows.map((row) => [textIn(row, 'Id') ?? '', row]))
        const withEdges = await edgesOf(client, [...byId.values()], edges)
        return [...byId].map(([id, row]) =>
          snapshotOf(description, row, { fields: plain, edges: withEdges.get(id) ?? {}, readAtMs }),
        )
      }),

    origins: async ({ object, ids }) => {
      const found = new Map<RecordId, readonly { object: string; id: RecordId }[]>()
      if (object !== 'Contact') return found
      const rows = await inChunks(ids, FIND_VALUES, (chunk) => leadsThatBecame(context, chunk))
      // Those in the bin come first.
      for (const row of rows) {
        const contact = textIn(row, 'ConvertedContactId') ?? ''
        found.set(contact, [...(found.get(contact) ?? []), { object: LEAD, id: textIn(row, 'Id') ?? '' }])
      }
      return found
    },

    evidence: ({ object, records }) =>
      described(object, [], async (description) => {
        const own = new Map(records.map(({ id }) => [id, idOn(description, id)]))
        const wanted = [...new Set([...own.values()].filter((id) => id !== null))]
        const rows = await inChunks(wanted, READ_IDS, (chunk) => readRows(description, chunk, []))
        const byId = new Map(rows.map((row) => [textIn(row, 'Id') ?? '', row]))
        const evidence = new Map<RecordId, Readonly<Record<string, Evidence>>>()
        for (const { id, fields } of records) {
          const row = byId.get(own.get(id) ?? '')
          if (!row) continue
          const { plain } = splitFields(fields)
          const snapshot = snapshots.make(description, row, { fields: plain, readAtMs: runtime.now() })
          evidence.set(id, { ...evidence.get(id), ...snapshot.evidence })
        }
        return evidence
      }),
  }

  function foreign(object: string, id: RecordId): ConnectorError {
    return client.error(
      'unavailable',
      `${id} is no ${object}`,
      'The id belongs to another object of the org.',
    )
  }

  function vanished(object: string, id: RecordId): ConnectorError {
    return client.error('transient', `${object} ${id} is being merged or deleted`, 'It is looked at again.')
  }
}

const TOO_MUCH = /^(QUERY_TIMEOUT|OPERATION_TOO_LARGE|QUERY_TOO_COMPLICATED)$/

/** A lead that was converted is listed and found as the contact that it is now. */
function stillItself({ fields }: Description): readonly string[] {
  return fields.has('IsConverted') ? ['IsConverted = false'] : []
}
