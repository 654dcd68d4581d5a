/** What the control port accepts for the switches of the HubSpot model. */
import { z } from 'zod'
import { amount, share, span, words } from '../setting-kinds.ts'
import type { HubSpotSettings } from './settings.ts'

const DAY_MINUTES = 1_440

export const settingsSchema = z.strictObject({
  tier: z.enum(['private-starter', 'private-professional', 'private-enterprise', 'private-add-on', 'oauth']),
  scopes: words,
  searchLagMs: span,
  searchShortPages: share,
  webhookDelayMs: span,
  webhookDuplicates: share,
  webhookLosses: share,
  webhooksAtCreation: z.boolean(),
  primaryIdPreservation: z.boolean(),
  mergedLosersInArchive: z.boolean(),
  mergeReportsDeletion: z.boolean(),
  additionalEmails: z.enum(['ignored', 'accepted']),
  firstCompanyBecomesPrimary: z.boolean(),
  companiesFromEmailDomains: z.boolean(),
  defaultLifecycleStage: z.string(),
  lifecycleFollowsDeals: z.boolean(),
  customObjects: z.boolean(),
  createFormFields: z.record(z.string(), words),
  movesUntilMs: amount.nullable(),
  lockedObjects: words,
  companyCurrency: z.string(),
  additionalCurrencies: words,
  timeZone: z.string(),
  utcOffsetMinutes: z.int().min(-DAY_MINUTES).max(DAY_MINUTES),
}) satisfies z.ZodType<HubSpotSettings>
