/** What the control port accepts for the switches of the Salesforce model. */
import { z } from 'zod'
import { amount, positive, share, span, words } from '../setting-kinds.ts'
import type { SalesforceSettings } from './settings.ts'

const matchingRule = z.strictObject({ object: z.string(), fields: z.record(z.string(), z.string()) })

const duplicateRule = z.strictObject({
  name: z.string(),
  object: z.string(),
  action: z.enum(['alert', 'block', 'report']),
  matching: z.array(matchingRule),
})

const validationRule = z.strictObject({
  object: z.string(),
  when: z.string(),
  message: z.string(),
  field: z.string().exactOptional(),
})

const flow = z.strictObject({
  object: z.string(),
  when: z.string(),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})

export const settingsSchema = z.strictObject({
  dailyApiRequests: amount,
  dailyEvents: amount,
  sessionTimeoutMs: amount,
  sessionRefusal: z.string().nullable(),
  rotateRefreshTokens: z.boolean(),
  passwordLogins: z.boolean(),
  jwtPublicKey: z.string().nullable(),
  permissions: words,
  hiddenFields: words,
  readOnlyFields: words,
  timeZone: z.string(),
  multiCurrency: z.boolean(),
  currencies: words,
  addressPicklists: z.boolean(),
  duplicateRules: z.array(duplicateRule),
  validationRules: z.array(validationRule),
  flows: z.array(flow),
  leadQueue: z.string().nullable(),
  ownerCascade: z.boolean(),
  wonHoldsAccount: z.boolean(),
  changeEvents: words,
  eventRetentionMs: amount,
  gapEvents: share,
  eventDuplicates: share,
  eventWaitMs: amount,
  commitDelayMs: span,
  lockedRecords: words,
  lockRate: share,
  chunkFailure: z.string().nullable(),
  queryPageRows: positive,
  shortQueryPages: share,
  cursorIdleMs: amount,
  cursorsMax: positive,
  bulkQueueMs: span,
  bulkRowsPerSecond: positive,
  bulkResultRows: positive,
  bulkFailsAfter: amount.nullable(),
  deleteLogLosses: share,
  binMs: amount,
  oldestVersion: positive,
  newestVersion: positive,
  preconditionCode: z.string(),
}) satisfies z.ZodType<SalesforceSettings>
