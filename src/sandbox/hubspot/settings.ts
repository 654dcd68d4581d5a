/** The switches of the HubSpot model. Every one may be changed while the model runs and acts from then on. */

/** Who calls: decides the ten-second and daily allowances (HubSpot fact sheet 6). */
export type Tier =
  | 'private-starter'
  | 'private-professional'
  | 'private-enterprise'
  /** Enterprise with one API limit increase. */
  | 'private-add-on'
  | 'oauth'

export type HubSpotSettings = {
  /** Allowances of the private token. OAuth tokens always have those of an OAuth app. */
  tier: Tier
  /** Scopes of the app: of its private token now, and of what OAuth users can grant. */
  scopes: readonly string[]
  /** Delay until a write reaches the search index, shortest and longest, drawn per record and replica. */
  searchLagMs: readonly [number, number]
  /** Share of search pages that hold fewer rows than asked although more follow. */
  searchShortPages: number
  /** Delay between a change and the delivery that reports it, shortest and longest, drawn per event. */
  webhookDelayMs: readonly [number, number]
  /** Share of webhook events that are delivered twice. */
  webhookDuplicates: number
  /** Share of webhook events that never arrive. */
  webhookLosses: number
  /** Values set at creation are also reported as `propertyChange` (fact sheet 25, question 5). */
  webhooksAtCreation: boolean
  /** Merging keeps the primary's id instead of making a third record (public beta, fact sheet 18.1). */
  primaryIdPreservation: boolean
  /** Merged-away records are listed by `archived=true` (fact sheet 25, question 4). */
  mergedLosersInArchive: boolean
  /** Merged-away records also report a `deletion` (fact sheet 25, question 4). */
  mergeReportsDeletion: boolean
  /**
   * What a portal does with a written `hs_additional_emails` (fact sheet 8): nothing, silently, or store it.
   */
  additionalEmails: 'ignored' | 'accepted'
  /** An unlabelled first company becomes the primary one (fact sheet 17.1). */
  firstCompanyBecomesPrimary: boolean
  /** A contact's e-mail domain creates and associates a company (account setting, fact sheet 7.5). */
  companiesFromEmailDomains: boolean
  /** `lifecyclestage` of a new contact or company that names none; empty: none. */
  defaultLifecycleStage: string
  /** Deals move the lifecycle stage of their contacts and companies (account setting, fact sheet 14). */
  lifecycleFollowsDeals: boolean
  /** The portal has Enterprise; without it custom objects answer 403 (fact sheet 16). */
  customObjects: boolean
  /**
   * Required fields of the create form per object, checked on writes since version 2026-09 (fact sheet 2).
   */
  createFormFields: Readonly<Record<string, readonly string[]>>
  /** Until then (epoch ms) every call answers 477: the account moves to another data centre. */
  movesUntilMs: number | null
  /** Objects whose writes answer 423. */
  lockedObjects: readonly string[]
  companyCurrency: string
  additionalCurrencies: readonly string[]
  timeZone: string
  /** Offset of `timeZone`; daily counters start again at midnight there. */
  utcOffsetMinutes: number
}

export const ALL_SCOPES: readonly string[] = [
  'oauth',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.companies.read',
  'crm.objects.companies.write',
  'crm.objects.deals.read',
  'crm.objects.deals.write',
  'tickets',
  'crm.objects.owners.read',
  'crm.schemas.contacts.read',
  'crm.schemas.contacts.write',
  'crm.schemas.companies.read',
  'crm.schemas.companies.write',
  'crm.schemas.deals.read',
  'crm.schemas.deals.write',
  'crm.objects.custom.read',
  'crm.objects.custom.write',
  'crm.schemas.custom.read',
  'crm.schemas.custom.write',
]

export function defaultSettings(): HubSpotSettings {
  return {
    tier: 'private-professional',
    scopes: ALL_SCOPES,
    searchLagMs: [2_000, 5_000],
    searchShortPages: 0.02,
    webhookDelayMs: [200, 3_000],
    webhookDuplicates: 0,
    webhookLosses: 0,
    webhooksAtCreation: true,
    primaryIdPreservation: false,
    mergedLosersInArchive: true,
    mergeReportsDeletion: true,
    additionalEmails: 'ignored',
    firstCompanyBecomesPrimary: true,
    companiesFromEmailDomains: false,
    defaultLifecycleStage: 'lead',
    lifecycleFollowsDeals: false,
    customObjects: true,
    createFormFields: {},
    movesUntilMs: null,
    lockedObjects: [],
    companyCurrency: 'USD',
    additionalCurrencies: ['EUR', 'GBP'],
    timeZone: 'US/Eastern',
    utcOffsetMinutes: -300,
  }
}
