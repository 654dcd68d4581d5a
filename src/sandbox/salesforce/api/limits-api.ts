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

/** What a developer org of the vendor is given, of which nothing is used here; as recorded in v57. */
const UNTOUCHED = {
  AnalyticsExternalDataSizeMB: 40_960,
  ConcurrentAsyncGetReportInstances: 200,
  ConcurrentEinsteinDataInsightsStoryCreation: 5,
  ConcurrentEinsteinDiscoveryStoryCreation: 2,
  ConcurrentSyncReportRuns: 20,
  DailyAnalyticsDataflowJobExecutions: 60,
  DailyAnalyticsUploadedFilesSizeMB: 51_200,
  DailyAsyncApexExecutions: 250_000,
  DailyAsyncApexTests: 500,
  DailyBulkApiBatches: 15_000,
  DailyBulkV2QueryFileStorageMB: 976_562,
  DailyBulkV2QueryJobs: 10_000,
  DailyDurableGenericStreamingApiEvents: 10_000,
  DailyDurableStreamingApiEvents: 10_000,
  DailyEinsteinDataInsightsStoryCreation: 1_000,
  DailyEinsteinDiscoveryPredictAPICalls: 50_000,
  DailyEinsteinDiscoveryPredictionsByCDC: 500_000,
  DailyEinsteinDiscoveryStoryCreation: 100,
  DailyGenericStreamingApiEvents: 10_000,
  DailyStandardVolumePlatformEvents: 10_000,
  DailyStreamingApiEvents: 10_000,
  DailyWorkflowEmails: 1_890,
  DataStorageMB: 5,
  DurableStreamingApiConcurrentClients: 20,
  FileStorageMB: 20,
  HourlyAsyncReportRuns: 1_200,
  HourlyDashboardRefreshes: 200,
  HourlyDashboardResults: 5_000,
  HourlyDashboardStatuses: 999_999_999,
  HourlyLongTermIdMapping: 100_000,
  HourlyManagedContentPublicRequests: 50_000,
  HourlyODataCallout: 1_000,
  HourlyPublishedPlatformEvents: 50_000,
  HourlyPublishedStandardVolumePlatformEvents: 1_000,
  HourlyShortTermIdMapping: 100_000,
  HourlySyncReportRuns: 500,
  HourlyTimeBasedWorkflow: 1_000,
  MassEmail: 10,
  MonthlyEinsteinDiscoveryStoryCreation: 500,
  MonthlyPlatformEvents: 300_000,
  Package2VersionCreates: 6,
  Package2VersionCreatesWithoutValidation: 500,
  PrivateConnectOutboundCalloutHourlyLimitMB: 0,
  SingleEmail: 15,
  StreamingApiConcurrentClients: 20,
}

function limits(call: Call, usage: Usage): Answer {
  requirePermission(call, 'ViewSetup')
  const { settings } = call.org
  const told = {
    ...Object.fromEntries(
      Object.entries(UNTOUCHED).map(([name, max]) => [name, { Max: max, Remaining: max }]),
    ),
    DailyApiRequests: { Max: settings.dailyApiRequests, Remaining: usage.remaining(call.org.now()) },
    DailyDeliveredPlatformEvents: { Max: settings.dailyEvents, Remaining: settings.dailyEvents },
  }
  // In the order of recorded answers.
  return ok(Object.fromEntries(Object.entries(told).toSorted(([a], [b]) => (a < b ? -1 : 1))))
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
