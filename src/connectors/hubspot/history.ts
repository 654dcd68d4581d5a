/** What a field held and who changed it when, from the value history that HubSpot keeps per property. */
import type { Actor, Evidence, History, RecordId, Version } from '../../core/record.ts'
import type { EvidenceRequest, HistoryRequest } from '../reading.ts'
import type { Catalogue } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { parseEdge } from './edges.ts'
import { chunks } from './batches.ts'
import { readRecords } from './record-calls.ts'
import { absorbedIds, MERGE_PROPERTIES } from './snapshots.ts'
import { decodeValue, type ValueKind } from './values.ts'
import type { WireRecord, WireVersion } from './wire.ts'

/** Most inputs of a batch read that asks for history (HubSpot fact sheet 6). */
const HISTORY_BATCH_MAX = 50

/** Associations have no history, so edge fields have no entry. */
export async function readEvidence(
  client: HubSpotClient,
  request: EvidenceRequest,
  appId: string | null,
): Promise<ReadonlyMap<RecordId, Readonly<Record<string, Evidence>>>> {
  const evidence = new Map<RecordId, Readonly<Record<string, Evidence>>>()
  const asked = request.records
    .map(({ id, fields }) => ({ id, fields: fields.filter((field) => parseEdge(field) === null) }))
    .filter(({ fields }) => fields.length > 0)
  for (const batch of chunks(asked, HISTORY_BATCH_MAX)) {
    const { records } = await readRecords(client, request.object, {
      ids: [...new Set(batch.map(({ id }) => id))],
      properties: MERGE_PROPERTIES,
      history: [...new Set(batch.flatMap(({ fields }) => fields))],
    })
    const byAnyId = new Map(records.flatMap((row) => absorbedIds(row).map((id) => [id, row] as const)))
    for (const row of records) byAnyId.set(row.id, row)
    for (const { id, fields } of batch) {
      const history = byAnyId.get(id)?.history ?? {}
      const entries = fields.flatMap((field) => {
        const newest = history[field]?.[0]
        return newest ? [[field, { at: newest.at, actor: actorOf(newest, appId) }] as const] : []
      })
      evidence.set(id, { ...evidence.get(id), ...Object.fromEntries(entries) })
    }
  }
  return evidence
}

/**
 * HubSpot keeps 45 versions for contacts and 20 for other objects (HubSpot fact sheet 7.4). Associations have no history,
 * and of a record that was merged away there is only that of its survivor, which is another one.
 */
export async function readHistory(
  client: HubSpotClient,
  catalogue: Catalogue,
  { object, records: asked }: HistoryRequest,
  appId: string | null,
): Promise<ReadonlyMap<RecordId, History>> {
  const found = new Map<RecordId, History>()
  for (const batch of chunks(asked, HISTORY_BATCH_MAX)) {
    const named = new Set(batch.flatMap(({ fields }) => fields.filter((field) => parseEdge(field) === null)))
    if (named.size === 0) continue
    const kindOf = await catalogue.kinds(object, [...named])
    const known = catalogue.known(object)
    const rows = await rowsOf(
      client,
      object,
      batch.map(({ id }) => id),
      [...named],
    )
    const byId = new Map(rows.map((row) => [row.id, row.history]))
    for (const { id, fields } of batch) {
      const history = byId.get(id)
      if (!history) continue
      found.set(
        id,
        Object.fromEntries(
          fields.flatMap((field) => {
            // One that was never set has an empty history, which HubSpot may as well leave out.
            if (!known?.has(field)) return []
            const versions = versionsOf(history[field] ?? [], kindOf(field), appId)
            return versions ? [[field, versions] as const] : []
          }),
        ),
      )
    }
  }
  return found
}

/** What is in the bin keeps its history, and is listed among the missing (HubSpot fact sheet 7.4). */
async function rowsOf(
  client: HubSpotClient,
  object: string,
  ids: readonly RecordId[],
  history: readonly string[],
): Promise<readonly WireRecord[]> {
  const { records } = await readRecords(client, object, { ids, properties: MERGE_PROPERTIES, history })
  // A loser of a merge may be in the bin as well; what it held last is its survivor's to tell.
  const answered = new Set(records.flatMap((row) => [row.id, ...absorbedIds(row)]))
  const missing = ids.filter((id) => !answered.has(id))
  if (missing.length === 0) return records
  const bin = await readRecords(client, object, { ids: missing, properties: [], history, archived: true })
  return [...records, ...bin.records]
}

/** Null when HubSpot does not say when one of them was: their order is not known then. */
function versionsOf(
  wire: readonly WireVersion[],
  kind: ValueKind,
  appId: string | null,
): readonly Version[] | null {
  const versions: Version[] = []
  for (const version of wire.toReversed()) {
    if (version.at === null) return null
    const value = decodeValue(kind, version.value)
    versions.push({ value, at: version.at, actor: actorOf(version, appId) })
  }
  return versions
}

/** Sources behind which a person acted, directly or with an import or a form (HubSpot fact sheet 7.4, 20.3). */
const HUMAN_SOURCES = new Set([
  'CRM_UI',
  'CRM_UI_BULK_ACTION',
  'MOBILE_IOS',
  'MOBILE_ANDROID',
  'IMPORT',
  'FORM',
])

const INTEGRATION_SOURCES = new Set(['INTEGRATION', 'API'])

/** Workflows of the account. */
const AUTOMATION_SOURCES = new Set(['AUTOMATION_PLATFORM', 'WORKFLOWS'])

/** HubSpot itself: calculations, enrichment, sync between its own objects. */
const SYSTEM_SOURCES = new Set([
  'CALCULATED',
  'AI_GROUP',
  'CONTACTS',
  'COMPANIES',
  'DEALS',
  'CRM',
  'COMPANY_INSIGHTS',
  'DEFAULT',
])

/** `appId`: our own application, whose changes show it as `sourceId`; null while it is not known. */
export function actorOf(
  version: Pick<WireVersion, 'sourceType' | 'sourceId' | 'userId'>,
  appId: string | null,
): Actor {
  const { sourceType, sourceId } = version
  if (HUMAN_SOURCES.has(sourceType)) {
    return { kind: 'human', id: version.userId ?? /^userId:(\d+)$/.exec(sourceId ?? '')?.[1] ?? null }
  }
  if (INTEGRATION_SOURCES.has(sourceType)) {
    return { kind: appId !== null && sourceId === appId ? 'us' : 'integration', id: sourceId }
  }
  if (AUTOMATION_SOURCES.has(sourceType)) return { kind: 'automation', id: sourceId }
  return { kind: SYSTEM_SOURCES.has(sourceType) ? 'system' : 'unknown', id: sourceId }
}
