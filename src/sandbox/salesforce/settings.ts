/** The switches of the Salesforce model. Every one may be changed while the model runs and acts from then on. */

/** Two records are duplicates when all these fields agree, without case; blanks agree with nothing. */
export interface MatchingRule {
  readonly object: string
  /** Field of the new record → field of the other one. */
  readonly fields: Readonly<Record<string, string>>
}

/** Salesforce fact sheet 6.3. `alert` refuses API saves unless the header allows them, `block` always. */
export interface DuplicateRule {
  readonly name: string
  readonly object: string
  readonly action: 'alert' | 'block' | 'report'
  readonly matching: readonly MatchingRule[]
}

/** Refuses a save when `when`, a SOQL condition, is true of the record as it would be. */
export interface ValidationRule {
  readonly object: string
  readonly when: string
  readonly message: string
  /** Shown at this field; at the top of the page when absent. */
  readonly field?: string
}

/** Automation of the org: after a save, records for which `when` is true get these values. */
export interface Flow {
  readonly object: string
  readonly when: string
  readonly set: Readonly<Record<string, string | number | boolean | null>>
}

export type SalesforceSettings = {
  /** Requests in any 24 hours (fact sheet 7): 15,000 in a Developer org. */
  dailyApiRequests: number
  /** Change events delivered in any 24 hours (fact sheet 7, 21). */
  dailyEvents: number
  /** A session issued by the token endpoint ends after so much inactivity (fact sheet 2.1). */
  sessionTimeoutMs: number
  /**
   * Why no session may use the API, in the vendor's words: a policy of the org or a blocked app. Tokens are issued all
   * the same, so a new one does not help (fact sheet 5); null: sessions are good.
   */
  sessionRefusal: string | null
  /** Every refresh answers a new refresh token and ends the old one (fact sheet 0.7). */
  rotateRefreshTokens: boolean
  /** The password grant and SOAP login, which newer orgs block (fact sheet 2.1, 2.2). */
  passwordLogins: boolean
  /** PEM of the key or certificate that signs JWT assertions; null: nobody may use them. */
  jwtPublicKey: string | null
  /**
   * Permissions of the API user: without `ViewSetup` no `/limits`, without `CustomizeApplication` no new fields. It
   * always sees and may change all records.
   */
  permissions: readonly string[]
  /** Fields that the API user cannot see, as `Contact.Title`: they do not exist for it (fact sheet 18). */
  hiddenFields: readonly string[]
  /** Fields that the API user sees and cannot change. */
  readOnlyFields: readonly string[]
  /** Time zone of the org and its users: what `TODAY` means. */
  timeZone: string
  /** Amounts have a currency; adds `CurrencyIsoCode` (fact sheet 17). */
  multiCurrency: boolean
  /** The first is the corporate currency. */
  currencies: readonly string[]
  /** States and countries come from lists and have codes, as in newer orgs (fact sheet 17). */
  addressPicklists: boolean
  duplicateRules: readonly DuplicateRule[]
  validationRules: readonly ValidationRule[]
  flows: readonly Flow[]
  /** New leads go to this queue unless `Sforce-Auto-Assign: FALSE` is sent (fact sheet 4); null: no such rule. */
  leadQueue: string | null
  /** A new owner of an account also gets its contacts and open opportunities of the old one (fact sheet 18). */
  ownerCascade: boolean
  /** An account with won opportunities cannot be deleted, as recorded. */
  wonHoldsAccount: boolean
  /** Objects whose changes are published (fact sheet 21). */
  changeEvents: readonly string[]
  /** How long events can be replayed. */
  eventRetentionMs: number
  /** Share of change events that come without data, as `GAP_*` (fact sheet 21.1). */
  gapEvents: number
  /** Share of change events that are delivered twice: delivery is at least once. */
  eventDuplicates: number
  /** How long a subscriber's connect is kept open when there is nothing to tell (fact sheet 21.2). */
  eventWaitMs: number
  /**
   * How long a person's save takes to commit after it was stamped, shortest and longest: rows appear behind a cursor
   * that has moved on (fact sheet 11). Meanwhile the row and its account are locked.
   */
  commitDelayMs: readonly [number, number]
  /** Records that somebody holds locked, by id; writes to them and to children of these accounts are refused. */
  lockedRecords: readonly string[]
  /** Share of row writes that lose a lock race. */
  lockRate: number
  /** When set, every call or batch with more than one row of a type fails as a whole with this text (14). */
  chunkFailure: string | null
  /** Rows per query page; less when a long text field is selected (fact sheet 0.19). */
  queryPageRows: number
  /** Share of query pages that hold fewer rows than asked. */
  shortQueryPages: number
  /** A query cursor dies when it is not used for this long (fact sheet 7). */
  cursorIdleMs: number
  /** Open cursors; the oldest dies. */
  cursorsMax: number
  /** Time from `UploadComplete` to `InProgress`, shortest and longest. */
  bulkQueueMs: readonly [number, number]
  bulkRowsPerSecond: number
  /** Rows per page of a bulk query's results when the client does not say. */
  bulkResultRows: number
  /** Rows after which a bulk job fails, having committed those; null: never. */
  bulkFailsAfter: number | null
  /** Share of deletions that the delete log has lost (fact sheet 12). */
  deleteLogLosses: number
  /** How long the recycle bin keeps a row (fact sheet 20). */
  binMs: number
  /** The oldest version that is still served (fact sheet 3). */
  oldestVersion: number
  newestVersion: number
  /** Error code of a failed `If-Unmodified-Since`; which one the vendor uses is unverified (fact sheet 19). */
  preconditionCode: string
}

export const ALL_PERMISSIONS: readonly string[] = [
  'ApiEnabled',
  'ViewSetup',
  'CustomizeApplication',
  'BulkApiHardDelete',
]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export function defaultSettings(): SalesforceSettings {
  return {
    dailyApiRequests: 15_000,
    dailyEvents: 10_000,
    sessionTimeoutMs: 2 * HOUR_MS,
    sessionRefusal: null,
    rotateRefreshTokens: true,
    passwordLogins: false,
    jwtPublicKey: null,
    permissions: ALL_PERMISSIONS,
    hiddenFields: [],
    readOnlyFields: [],
    timeZone: 'America/Los_Angeles',
    multiCurrency: false,
    currencies: ['USD', 'EUR', 'GBP'],
    addressPicklists: false,
    duplicateRules: STANDARD_DUPLICATE_RULES,
    validationRules: [],
    flows: [],
    leadQueue: 'New Leads',
    ownerCascade: true,
    wonHoldsAccount: true,
    changeEvents: ['Account', 'Contact', 'Lead', 'Opportunity', 'OpportunityContactRole'],
    eventRetentionMs: 3 * DAY_MS,
    gapEvents: 0,
    eventDuplicates: 0,
    eventWaitMs: 110_000,
    commitDelayMs: [0, 0],
    lockedRecords: [],
    lockRate: 0,
    chunkFailure: null,
    queryPageRows: 2_000,
    shortQueryPages: 0.02,
    cursorIdleMs: 15 * 60_000,
    cursorsMax: 10,
    bulkQueueMs: [200, 1_000],
    bulkRowsPerSecond: 2_000,
    bulkResultRows: 50_000,
    bulkFailsAfter: null,
    deleteLogLosses: 0,
    binMs: 15 * DAY_MS,
    oldestVersion: 31,
    newestVersion: 67,
    preconditionCode: 'PRECONDITION_FAILED',
  }
}

/**
 * The rules that a new org has switched on. The vendor's matching is fuzzy; these agree exactly, which finds fewer
 * pairs, and never one that the vendor would not find.
 */
const STANDARD_DUPLICATE_RULES: readonly DuplicateRule[] = [
  {
    name: 'Standard_Account_Duplicate_Rule',
    object: 'Account',
    action: 'alert',
    matching: [{ object: 'Account', fields: { Name: 'Name', Website: 'Website' } }],
  },
  {
    name: 'Standard_Contact_Duplicate_Rule',
    object: 'Contact',
    action: 'alert',
    matching: [{ object: 'Contact', fields: { Email: 'Email', LastName: 'LastName' } }],
  },
  {
    name: 'Standard_Lead_Duplicate_Rule',
    object: 'Lead',
    action: 'alert',
    matching: [
      { object: 'Lead', fields: { Email: 'Email', LastName: 'LastName' } },
      { object: 'Contact', fields: { Email: 'Email', LastName: 'LastName' } },
    ],
  },
]
