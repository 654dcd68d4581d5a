/** Creating records so that a second try finds the record of the first: by upsert on our own unique field (13.5). */
import { ConnectorError } from '../../errors.ts'
import type { CreateItem, WriteOutcome } from '../writing.ts'
import { goesAgain, loadRows, wantsBulk } from './bulk.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { encodeItems, failed, type Encoded } from './encode.ts'
import { readBack } from './read-back.ts'
import { collectionResults, ROWS_MAX, sendRows, type RowResult } from './rows.ts'
import { textIn } from './wire.ts'
import { writeHeaders } from './write-headers.ts'

/** Refusals by a duplicate rule of which it is asked, one by one, whom they mean; rows do not say (6.3). */
const DUPLICATES_EXPLAINED_MAX = 20

type Row = Encoded<CreateItem>

export async function createRecords(
  context: SalesforceContext,
  object: string,
  items: readonly CreateItem[],
): Promise<readonly WriteOutcome[]> {
  const { client, catalogue, actors } = context
  await actors.identify(client)
  const names = items.flatMap(({ values }) => Object.keys(values))
  const description = await catalogue.withFields(object, names)
  const { encoded, refused } = encodeItems(client, description, items, {
    creates: true,
    parentOf: (item, body) => String(body['AccountId'] ?? body['OpportunityId'] ?? item.writeId),
  })
  const results = new Map<Row, RowResult>()
  const keyOf = ({ item }: Row) => stampField(description, item)
  for (const [key, rows] of Map.groupBy(encoded, keyOf)) {
    let waiting: readonly Row[] = rows
    if (key !== null && wantsBulk(context, rows)) {
      const load = { operation: 'upsert', key, valueOf: stampOf } as const
      for (const [row, result] of await loadRows(context, description, rows, load)) results.set(row, result)
      waiting = rows.filter((row) => goesAgain(context, results.get(row)))
    }
    const sent = await sendRows(context, waiting, {
      rowsMax: ROWS_MAX,
      awaitsLocks: true,
      parentOf: ({ parent }) => parent,
      send: (chunk) => sendCreations(context, description, chunk, key),
    })
    for (const [row, result] of sent) results.set(row, result)
    if (key !== null) await explainDuplicates(context, description, key, results)
  }
  return outcomesOf(context, description, { encoded, refused, results })
}

function stampOf({ item }: Row): string {
  return item.stamp?.value ?? ''
}

/** Uniqueness makes a second try safe; a stamp that the org does not enforce does not. */
function stampField(description: Description, { stamp }: CreateItem): string | null {
  const field = stamp === null ? undefined : description.fields.get(stamp.field)
  return field?.externalId === true && field.unique ? field.name : null
}

async function sendCreations(
  context: SalesforceContext,
  { object }: Description,
  rows: readonly Row[],
  key: string | null,
): Promise<ReadonlyMap<Row, RowResult>> {
  const answer = await context.client.json({
    method: key === null ? 'POST' : 'PATCH',
    path: `/composite/sobjects${key === null ? '' : `/${encodeURIComponent(object)}/${encodeURIComponent(key)}`}`,
    body: {
      allOrNone: false,
      records: rows.map((row) => ({
        attributes: { type: object },
        ...row.body,
        ...(key !== null && { [key]: stampOf(row) }),
      })),
    },
    headers: writeHeaders(context.settings),
    mutating: true,
    object,
  })
  return collectionResults(context, rows, answer, object)
}

/** The same record by itself: then the refusal names whom the rule means, and the engine can match again. */
async function explainDuplicates(
  context: SalesforceContext,
  { object }: Description,
  key: string,
  results: Map<Row, RowResult>,
): Promise<void> {
  const refused = [...results].filter(
    ([, result]) =>
      result instanceof ConnectorError && result.code === 'DUPLICATES_DETECTED' && result.existingId === null,
  )
  for (const [row] of refused.slice(0, DUPLICATES_EXPLAINED_MAX)) {
    const { [key]: _key, ...body } = row.body
    const path = `/sobjects/${[object, key, stampOf(row)].map(encodeURIComponent).join('/')}`
    try {
      const answer = await context.client.json({
        method: 'PATCH',
        path,
        body,
        headers: writeHeaders(context.settings, { details: true }),
        mutating: true,
        object,
      })
      const id = textIn(answer, 'id')
      // Whatever stood in the way is gone by now.
      if (id !== null) results.set(row, { id })
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      results.set(row, error)
    }
  }
}

export async function outcomesOf<T extends { writeId: string; values: CreateItem['values'] }>(
  context: SalesforceContext,
  description: Description,
  {
    encoded,
    refused,
    results,
    creates = true,
  }: {
    readonly encoded: readonly Encoded<T>[]
    readonly refused: readonly WriteOutcome[]
    readonly results: ReadonlyMap<Encoded<T>, RowResult>
    readonly creates?: boolean
  },
): Promise<readonly WriteOutcome[]> {
  const failures: WriteOutcome[] = []
  const written: { writeId: string; id: string; values: T['values'] }[] = []
  for (const row of encoded) {
    const result = results.get(row)
    if (result === undefined) continue
    const { writeId, values } = row.item
    if (result instanceof ConnectorError) failures.push(failed(row.item, result))
    else written.push({ writeId, id: result.id, values })
  }
  // Somebody changed the schema under us: look again before the next write.
  if (failures.some(showsSchemaChange)) context.catalogue.forget(description.object)
  return [...refused, ...failures, ...(await readBack(context, description, written, { creates }))]
}

function showsSchemaChange(outcome: WriteOutcome): boolean {
  return outcome.kind === 'failed' && /^INVALID_(FIELD|OR_NULL_FOR)/.test(outcome.error.code ?? '')
}
