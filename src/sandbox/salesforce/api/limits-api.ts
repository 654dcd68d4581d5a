/** Limits and counts of the org (Salesforce fact sheet 7). */
import { requirePermission, type Call, type Route } from '../call.ts'
import type { Usage } from '../usage.ts'
import { ok, type Answer } from '../wire.ts'

const ROOT = '/services/data/{version}'

export function limitsRoutes(usage: Usage): readonly Route[] {
  return [
    { method: 'GET', template: `${ROOT}/limits`, mutates: false, handle: (call) => limits(call, usage) },
    { method: 'GET', template: `${ROOT}/limits/recordCount`, mutates: false, handle: recordCount },
  ]
}

function limits(call: Call, usage: Usage): Answer {
  requirePermission(call, 'ViewSetup')
  const { settings } = call.org
  const untouched = (max: number): unknown => ({ Max: max, Remaining: max })
  return ok({
    DailyApiRequests: { Max: settings.dailyApiRequests, Remaining: usage.remaining(call.org.now()) },
    DailyAsyncApexExecutions: untouched(250_000),
    DailyBulkApiBatches: untouched(15_000),
    DailyBulkV2QueryFileStorageMB: untouched(976_562),
    DailyBulkV2QueryJobs: untouched(10_000),
    DailyDeliveredPlatformEvents: untouched(settings.dailyEvents),
    DailyStreamingApiEvents: untouched(10_000),
    DataStorageMB: untouched(5),
    FileStorageMB: untouched(20),
    HourlyPublishedPlatformEvents: untouched(50_000),
    MonthlyPlatformEvents: untouched(300_000),
    SingleEmail: untouched(15),
    StreamingApiConcurrentClients: untouched(20),
  })
}

/** Objects without rows are missing from the answer (recorded). */
function recordCount(call: Call): Answer {
  const { org } = call
  const asked = call.query
    .get('sObjects')
    ?.split(',')
    .map((name) => name.trim().toLowerCase())
  const counts = org.schema.all().flatMap(({ name }) => {
    if (asked !== undefined && !asked.includes(name.toLowerCase())) return []
    const count = [...org.rows.all(name)].filter(({ deletedAt }) => deletedAt === null).length
    return count === 0 ? [] : [{ count, name }]
  })
  return ok({ sObjects: counts })
}
