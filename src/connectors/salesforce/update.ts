/** Updating records by id: 200 a request, or 25 where each has to be as the decision saw it. */
import { ConnectorError } from '../../errors.ts'
import type { RecordId } from '../../core/record.ts'
import type { UpdateItem, WriteOutcome } from '../writing.ts'
import { goesAgain, loadRows, wantsBulk } from './bulk.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { outcomesOf } from './create.ts'
import { encodeItems, type Encoded } from './encode.ts'
import { toId18 } from './ids.ts'
import { collectionResults, ROWS_MAX, sendRows, type RowResult } from './rows.ts'
import { stampIn } from './snapshots.ts'
import { partsOf } from './soql.ts'
import { whereabouts } from './whereabouts.ts'
import { writeHeaders } from './write-headers.ts'

/** Parts of one composite request (7). */
const PARTS_MAX = 25

type Row = Encoded<UpdateItem>

export async function updateRecords(
  context: SalesforceContext,
  object: string,
  items: readonly UpdateItem[],
): Promise<readonly WriteOutcome[]> {
  const { client, catalogue, actors, settings, parents } = context
  await actors.identify(client)
  const names = items.flatMap(({ values }) => Object.keys(values))
  const description = await catalogue.withFields(object, names)
  const { encoded, refused } = encodeItems(client, description, items, {
    creates: false,
    parentOf: ({ id }, body) => String(body['AccountId'] ?? parents.of(id)),
  })
  const results = new Map<Row, RowResult>()
  for (const turn of distinctTurns(encoded)) {
    const sent = new Map<Row, RowResult>()
    let waiting: readonly Row[] = turn
    if (!settings.strict && wantsBulk(context, turn)) {
      const load = { operation: 'update', key: 'Id', valueOf: ({ item }: Row) => item.id } as const
      for (const [row, result] of await loadRows(context, description, turn, load)) sent.set(row, result)
      waiting = turn.filter((row) => goesAgain(context, sent.get(row)))
    }
    const send = settings.strict ? sendConditionally : sendUpdates
    const small = await sendRows(context, waiting, {
      rowsMax: settings.strict ? PARTS_MAX : ROWS_MAX,
      awaitsLocks: false,
      parentOf: ({ parent }) => parent,
      send: (rows) => send(context, description, rows),
    })
    for (const [row, result] of small) sent.set(row, result)
    for (const [row, result] of await explained(context, description, sent)) results.set(row, result)
  }
  return outcomesOf(context, description, { encoded, refused, results, creates: false })
}

async function sendUpdates(
  context: SalesforceContext,
  { object }: Description,
  rows: readonly Row[],
): Promise<ReadonlyMap<Row, RowResult>> {
  const answer = await context.client.json({
    method: 'PATCH',
    path: '/composite/sobjects',
    body: {
      allOrNone: false,
      records: rows.map(({ item, body }) => ({ attributes: { type: object }, id: item.id, ...body })),
    },
    headers: writeHeaders(context.settings),
    mutating: true,
    object,
  })
  return collectionResults(context, rows, answer, object)
}

/** One second is as fine as it gets: an edit within the second of the last one passes unseen (19). */
async function sendConditionally(
  context: SalesforceContext,
  { object }: Description,
  rows: readonly Row[],
): Promise<ReadonlyMap<Row, RowResult>> {
  const { client, settings } = context
  const answer = await client.json({
    method: 'POST',
    path: '/composite',
    body: {
      allOrNone: false,
      collateSubrequests: false,
      compositeRequest: rows.map(({ item, body }, index) => {
        const stamp = stampIn(item.version)
        return {
          method: 'PATCH',
          url: `${client.root}/sobjects/${encodeURIComponent(object)}/${encodeURIComponent(item.id)}`,
          referenceId: `r${index}`,
          httpHeaders: {
            ...writeHeaders(settings),
            ...(stamp !== null && { 'If-Unmodified-Since': new Date(stamp).toUTCString() }),
          },
          body,
        }
      }),
    },
    mutating: true,
    object,
  })
  const parts = new Map(partsOf(client, answer, { mutating: true }).map((part) => [part.referenceId, part]))
  return new Map(
    rows.flatMap((row, index): [Row, RowResult][] => {
      const part = parts.get(`r${index}`)
      if (!part) return []
      const { status, body } = part
      if (status < 300) return [[row, { id: row.item.id }]]
      return [[row, client.partError(status, body, { mutating: true, object })]]
    }),
  )
}

/**
 * An unknown id, one that was merged away and a parent that is gone all have the same words, "invalid cross reference
 * id": where the record itself is tells them apart.
 */
async function explained(
  context: SalesforceContext,
  description: Description,
  results: ReadonlyMap<Row, RowResult>,
): Promise<ReadonlyMap<Row, RowResult>> {
  const doubtful = [...results].filter(
    ([, result]) =>
      result instanceof ConnectorError &&
      (result.code === 'INVALID_CROSS_REFERENCE_KEY' || result.code === 'ENTITY_IS_DELETED'),
  )
  if (doubtful.length === 0) return results
  const explainedResults = new Map(results)
  const ids = doubtful.map(([{ item }]) => item.id)
  const found = await whereabouts(context, description, ids)
  for (const [row] of doubtful) {
    const place = found.get(row.item.id)
    if (place?.kind === 'gone') {
      const hint = 'The record is not in Salesforce any more.'
      const message = `${description.object} ${row.item.id} is ${place.how}`
      explainedResults.set(row, context.client.error('not-found', message, hint))
    } else if (place?.kind === 'at' && place.id !== toId18(row.item.id)) {
      const hint = 'Nothing to do: the change is decided again on the surviving record.'
      const message = `${description.object} ${row.item.id} was merged into ${place.id}`
      explainedResults.set(row, context.client.error('stale', message, hint))
    }
  }
  return explainedResults
}

/** A request must not name an id twice (5.4): the second change of a record waits its turn. */
function distinctTurns(rows: readonly Row[]): readonly (readonly Row[])[] {
  const turns: Row[][] = []
  const turnOf = new Map<RecordId, number>()
  for (const row of rows) {
    const turn = turnOf.get(row.item.id) ?? 0
    turnOf.set(row.item.id, turn + 1)
    const batch = (turns[turn] ??= [])
    batch.push(row)
  }
  return turns
}
