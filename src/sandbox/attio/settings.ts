/**
 * The switches of the Attio model. Where the vendor's behaviour is unknown (Attio fact sheet 21) the default is
 * the meaner reading; the other reading is one assignment away, while the model runs.
 */

// A type alias, because an interface is not assignable to the port's `Record<string, unknown>`.
export type AttioSettings = {
  // -- the token ------------------------------------------------------------------------------------------
  /** Scopes of the token; null means all of them. `x:read-write` includes `x:read`. */
  scopes: readonly string[] | null
  /** A revoked token answers 401, and `{"active": false}` on `/v2/self`. */
  tokenRevoked: boolean
  /** A token of one person cannot manage webhooks (fact sheet 2, since October 2026). */
  tokenLevel: 'workspace' | 'user'
  /** Open question 4: by default the actor of our writes equals no field of `/v2/self`. */
  actorIdIsClientId: boolean

  // -- the workspace --------------------------------------------------------------------------------------
  dealsEnabled: boolean
  usersEnabled: boolean
  workspacesEnabled: boolean
  /** Whether the plan has lists for some members only; without, `billing_error`. */
  listAccessModes: boolean
  /** Custom objects the plan allows before `quota_exceeded`; null means no limit. */
  objectLimit: number | null

  // -- writing --------------------------------------------------------------------------------------------
  /** Open question 3: an unchanged value that is written again gets a new row and fires an event. */
  rewriteUnchanged: boolean
  /** Open question 5: whether `record.created` is followed by `record.updated` for the initial values. */
  initialValueEvents: boolean
  /** Refuse a personal name that lacks one of its three parts (fact sheet 8: "send all three"). */
  nameNeedsAllParts: boolean
  /** Open question 8: strip a leading `www.` from domains. */
  stripWww: boolean
  /** Open question 2: the code of an assert that matches several records. */
  multipleMatches: 'multiple_match_results' | 'uniqueness_conflict'
  /** Ignore writes to an attribute that enrichment has filled. Documented as possible, never captured. */
  keepEnrichedValues: boolean
  /** A second write to a record within this time answers 409 `concurrent_write_conflict`; 0 is off. */
  writeConflictWindowMs: number
  /** How far the `created_at` value of a record made by a person lies before the record's own (11 s seen). */
  uiCreationSkewMs: number

  // -- what the vendor does by itself ---------------------------------------------------------------------
  /** A new person with a business e-mail address gets a company, by the `system` actor. */
  createCompanies: boolean
  /** `system` fills blank attributes of new companies and people. */
  enrichment: boolean
  /** When both of the above happen, after the creation. */
  enrichmentDelayMs: number
  /** Open question 5: who is seen to have changed the far end of a relationship. */
  mirrorActor: 'system' | 'writer'
  mirrorEventDelayMs: number

  // -- merging --------------------------------------------------------------------------------------------
  /** Above 0 a merge answers 202 and its result answers `merge_in_progress` for this long. */
  mergeSettleMs: number
  /** Whether the secondary's values join a multi-select that the primary has filled too. */
  mergeMultiselect: 'union' | 'primary'

  // -- reading --------------------------------------------------------------------------------------------
  /** Record reads show the past by this much; `x-accurate-at` says so. Writes see the present. */
  replicaLagMs: number
  /** The search index runs behind by this much. */
  searchLagMs: number
  pageMax: number
  /** Open question 1. Truncation is the meaner one: a client that stops at a short page loses rows. */
  abovePageMax: 'truncate' | 'refuse'
  /** Reject `$not` directly around `$or`, as the live service did (fact sheet 9.3). */
  strictNot: boolean
  /** Accept `$not_empty` only where the fact sheet lists it, or on every property. */
  notEmptyOn: 'listed' | 'all'

  // -- limits (only when the model was made with `limits: 'vendor'`) --------------------------------------
  readsPerSecond: number
  writesPerSecond: number
  mergesPerSecond: number
  /** Whether those seconds are the clock's, as `Retry-After` suggests, or the last 1,000 ms (fact sheet 5). */
  seconds: 'clock' | 'sliding'
  retryAfter: 'http-date' | 'iso' | 'seconds' | 'absent'
  /** Score limits of record queries; null is off, since the numbers are not published. */
  queryScore: { perQuery: number; perTenSeconds: number } | null

  // -- webhooks -------------------------------------------------------------------------------------------
  /** Least and most time from a change to its first delivery; the spread is what reorders deliveries. */
  deliveryDelayMs: readonly [number, number]
  deliveriesPerSecond: number
  /** The vendor promises at least one delivery; this share of the successful ones comes twice. */
  duplicateShare: number
  /** Above 1, the events of one change travel together (reserved by the vendor, reported once). */
  eventsPerDelivery: number
  /** Multiplies every retry delay; below 1 speeds the three days up. */
  retryTimeScale: number
}

export const defaultSettings: Readonly<AttioSettings> = {
  scopes: null,
  tokenRevoked: false,
  tokenLevel: 'workspace',
  actorIdIsClientId: false,
  dealsEnabled: true,
  usersEnabled: false,
  workspacesEnabled: false,
  listAccessModes: true,
  objectLimit: null,
  rewriteUnchanged: true,
  initialValueEvents: false,
  nameNeedsAllParts: true,
  stripWww: true,
  multipleMatches: 'multiple_match_results',
  keepEnrichedValues: false,
  writeConflictWindowMs: 0,
  uiCreationSkewMs: 11_000,
  createCompanies: true,
  enrichment: true,
  enrichmentDelayMs: 250,
  mirrorActor: 'system',
  mirrorEventDelayMs: 1_000,
  mergeSettleMs: 0,
  mergeMultiselect: 'union',
  replicaLagMs: 0,
  searchLagMs: 2_000,
  pageMax: 500,
  abovePageMax: 'truncate',
  strictNot: true,
  notEmptyOn: 'listed',
  readsPerSecond: 100,
  writesPerSecond: 25,
  mergesPerSecond: 5,
  seconds: 'clock',
  retryAfter: 'http-date',
  queryScore: null,
  deliveryDelayMs: [20, 1_200],
  deliveriesPerSecond: 25,
  duplicateShare: 0,
  eventsPerDelivery: 1,
  retryTimeScale: 1,
}
