/** The record endpoints: what we send and the parts of the answers that we use, in plain data. */
import type { HubSpotClient, HubSpotSdk } from './client.ts'
import { parseProblem, type Problem } from './problem.ts'
import { wireRecord, type RawRecord, type WireRecord } from './wire.ts'

/** `problems` are the failed items of a 207 answer. */
export interface BatchAnswer {
  readonly records: readonly WireRecord[]
  readonly problems: readonly Problem[]
}

export interface Page {
  readonly records: readonly WireRecord[]
  readonly after: string | null
}

export interface WireInput {
  readonly traceId: string
  readonly properties: Readonly<Record<string, string>>
}

export type SearchOperator = 'EQ' | 'GT' | 'GTE' | 'LT' | 'IN'

export interface SearchFilter {
  readonly propertyName: string
  readonly operator: SearchOperator
  readonly value?: string
  readonly values?: readonly string[]
}

export async function listRecords(
  client: HubSpotClient,
  object: string,
  options: {
    limit: number
    after: string | null
    properties: readonly string[]
    associations: readonly string[]
    archived: boolean
  },
): Promise<Page> {
  const { limit, after, properties, associations, archived } = options
  const query: [string, string][] = [['limit', String(limit)]]
  if (after !== null) query.push(['after', after])
  for (const name of properties) query.push(['properties', name])
  for (const name of associations) query.push(['associations', name])
  query.push(['archived', String(archived)])
  return pageOf(await client.ask({ path: recordsPath(object), query }))
}

/** By id, or by `idProperty`. Missing ones are among the problems; order means nothing. */
export async function readRecords(
  client: HubSpotClient,
  object: string,
  options: {
    ids: readonly string[]
    idProperty?: string
    properties: readonly string[]
    history?: readonly string[]
    archived?: boolean
  },
): Promise<BatchAnswer> {
  const { ids, idProperty, properties, history = [], archived = false } = options
  const answer = await client.ask<RawBatchAnswer>({
    path: `${recordsPath(object)}/batch/read`,
    query: [['archived', String(archived)]],
    body: {
      propertiesWithHistory: history,
      ...(idProperty !== undefined && { idProperty }),
      inputs: ids.map((id) => ({ id })),
      properties,
    },
  })
  return batchAnswer(answer)
}

/** One record by any id it ever had: a merged-away id answers with the survivor. */
export async function readRecord(
  client: HubSpotClient,
  object: string,
  id: string,
  properties: readonly string[],
): Promise<WireRecord> {
  return wireRecord(await client.read((sdk) => sdk.crm.objects.basicApi.getById(object, id, [...properties])))
}

/** `sort`: property name, ascending. The filters all have to hold. */
export async function searchRecords(
  client: HubSpotClient,
  object: string,
  request: {
    filters: readonly SearchFilter[]
    sort: string
    properties: readonly string[]
    limit: number
    after: string | null
  },
): Promise<Page> {
  const { filters, sort, properties, limit, after } = request
  const body = {
    limit,
    ...(after !== null && { after }),
    sorts: [sort],
    properties,
    filterGroups: [{ filters }],
  }
  return pageOf(await client.ask({ path: `${recordsPath(object)}/search`, body }))
}

/** Null, here and below: done, but the answer could not be read. */
export async function upsertRecords(
  client: HubSpotClient,
  object: string,
  idProperty: string,
  inputs: readonly (WireInput & { readonly id: string })[],
): Promise<BatchAnswer | null> {
  const answer = await client.write((sdk) =>
    sdk.crm.objects.batchApi.upsert(object, {
      inputs: inputs.map(({ id, traceId, properties }) => ({
        id,
        idProperty,
        objectWriteTraceId: traceId,
        properties,
      })),
    }),
  )
  return answer && batchAnswer(answer)
}

export async function createRecords(
  client: HubSpotClient,
  object: string,
  inputs: readonly WireInput[],
): Promise<BatchAnswer | null> {
  const answer = await client.write((sdk) =>
    sdk.crm.objects.batchApi.create(object, {
      inputs: inputs.map(({ traceId, properties }) => ({ objectWriteTraceId: traceId, properties })),
    }),
  )
  return answer && batchAnswer(answer)
}

export async function updateRecords(
  client: HubSpotClient,
  object: string,
  inputs: readonly (WireInput & { readonly id: string })[],
): Promise<BatchAnswer | null> {
  const answer = await client.write((sdk) =>
    sdk.crm.objects.batchApi.update(object, {
      inputs: inputs.map(({ id, traceId, properties }) => ({ id, objectWriteTraceId: traceId, properties })),
    }),
  )
  return answer && batchAnswer(answer)
}

export async function archiveRecords(
  client: HubSpotClient,
  object: string,
  ids: readonly string[],
): Promise<void> {
  await client.write((sdk) => sdk.crm.objects.batchApi.archive(object, { inputs: ids.map((id) => ({ id })) }))
}

/** Erases a contact with its history, for good (HubSpot fact sheet 18.2). */
export async function purgeContact(client: HubSpotClient, id: string): Promise<void> {
  await client.write((sdk) => sdk.crm.contacts.basicApi.purge({ objectId: id }))
}

function recordsPath(object: string): string {
  return `/crm/v3/objects/${encodeURIComponent(object)}`
}

interface RawPage {
  readonly results: readonly RawRecord[]
  readonly paging?: { readonly next?: { readonly after?: string } }
}

function pageOf({ results, paging }: RawPage): Page {
  return { records: results.map(wireRecord), after: paging?.next?.after ?? null }
}

/** `errors` where something failed. */
interface RawBatchAnswer {
  readonly results: readonly RawRecord[]
  readonly errors?: readonly unknown[]
}

type SdkBatchAnswer = Awaited<ReturnType<HubSpotSdk['crm']['objects']['batchApi']['upsert']>>

function batchAnswer(answer: RawBatchAnswer | SdkBatchAnswer): BatchAnswer {
  const errors = 'errors' in answer ? (answer.errors ?? []) : []
  return {
    records: answer.results.map(wireRecord),
    problems: errors.map((error) => parseProblem(207, error)),
  }
}
