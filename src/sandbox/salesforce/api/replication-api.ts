/** `getUpdated` and `getDeleted` (Salesforce fact sheet 12). */
import { objectParam, type Call, type Route } from '../call.ts'
import { LOG_MS } from '../rows/delete-log.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { parseInstant, stamp, stampMs } from '../times.ts'
import { ok, refusal, type Answer } from '../wire.ts'

const ROOT = '/services/data/{version}/sobjects/{object}'

export const replicationRoutes: readonly Route[] = [
  { method: 'GET', template: `${ROOT}/updated`, mutates: false, handle: updated },
  { method: 'GET', template: `${ROOT}/deleted`, mutates: false, handle: deleted },
]

const MINUTE_MS = 60_000
const UPDATED_MS = 30 * 86_400_000
const IDS_MAX = 600_000

interface Window {
  readonly type: ObjectType
  readonly start: number
  readonly end: number
  /** Nothing before this is still to come. */
  readonly covered: number
}

function updated(call: Call): Answer {
  const { type, start, end, covered } = windowOf(call, UPDATED_MS)
  const { org } = call
  const ids: string[] = []
  const [from, to] = [stamp(start), stamp(end)]
  for (const row of org.rows.since(type.name, from)) {
    const values = org.seen(row)
    const at = String(values?.['SystemModstamp'])
    if (values === null || at < from || at >= to || values['IsDeleted'] === true) continue
    ids.push(row.id)
  }
  requireFew(ids.length)
  return ok({ ids, latestDateCovered: stamp(covered) })
}

function deleted(call: Call): Answer {
  const { type, start, end, covered } = windowOf(call, LOG_MS)
  const { org } = call
  const rows = org.deleteLog.between(type.name, start, end)
  requireFew(rows.length)
  return ok({
    deletedRecords: rows.map(({ id, at }) => ({ deletedDate: stamp(at), id })),
    earliestDateAvailable: stamp(org.now() - LOG_MS),
    latestDateCovered: stamp(covered),
  })
}

/** Seconds are ignored; the window is at least a minute long and not older than `reachMs`. */
function windowOf(call: Call, reachMs: number): Window {
  const { org } = call
  const type = objectParam(call)
  if (!type.definition.traits.replicateable) {
    throw refusal('INVALID_OPERATION', `${type.name} cannot be replicated`)
  }
  const [start, end] = ['start', 'end'].map((name) => minuteParam(call, name))
  const now = org.now()
  if (start === undefined || end === undefined || end <= start || start < now - reachMs) {
    throw refusal(
      'INVALID_REPLICATION_DATE',
      'startDate before org replication enabled date, or not before endDate',
    )
  }
  return { type, start, end, covered: coveredUntil(call, type, Math.min(end, now)) }
}

function minuteParam(call: Call, name: string): number {
  const ms = parseInstant(call.query.get(name) ?? '')
  if (ms === null) throw refusal('INVALID_REPLICATION_DATE', `${name} is not a valid date`)
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS
}

/** While transactions run, what they have stamped is still to come: the platform says how far it is sure. */
function coveredUntil(call: Call, type: ObjectType, end: number): number {
  const { org } = call
  let covered = end
  for (const row of org.rows.pendingOf(type.name)) {
    if (row.pending !== null && row.pending.until > org.now()) {
      covered = Math.min(covered, stampMs(String(row.values['SystemModstamp'])))
    }
  }
  return covered
}

function requireFew(count: number): void {
  if (count > IDS_MAX) throw refusal('EXCEEDED_ID_LIMIT', `more than ${IDS_MAX} ids`)
}
