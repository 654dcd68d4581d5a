/**
 * The store port: everything the engine remembers. One method is one transaction; the port is asynchronous
 * so that a networked database fits behind it. Times are epoch milliseconds from the injected clock.
 *
 * Tables in words (one row each): `link` identity of a pair; `base` what both sides held when they last
 * agreed; `record` a record once seen, with the fingerprint at which nothing was left to do; `match_key` its
 * matching keys; `alias` an id that was merged away; `suppressed` a record never to be created again;
 * `dirty` a record that needs a look; `change_log` who told us so; `stream` how far a feed was read;
 * `pending_edge` a reference waiting for its target to be linked; `intent` a write whose outcome is not yet
 * recorded; `journal` every write with before- and after-image; `conflict`, `review`, `quarantine` what waits
 * for a person; `origin` whose change a value is that we wrote; `run` one pass; `meta` small facts worth keeping; `lease` which process owns the file.
 */
import type { LinkBase } from '../core/base.ts'
import type { Lane } from '../core/lane.ts'
import type { Both, Evidence, RecordId, Side } from '../core/record.ts'
import type { Canonical, Json } from '../core/value.ts'
import type { ObservedChange, Change } from './change.ts'
import type { LinkId, Link } from './links.ts'
import type { RecordRef, DirtyRecord, Sighting, KeyedRecord, Subject, Debounce } from './records.ts'
import type { Conflict, Review, Quarantine } from './waiting.ts'
import type { Intent, JournalEntry, JournalLine, Run } from './writes.ts'

export interface StreamState {
  readonly cursor: string | null
  /** Position inside an unfinished sweep, so that a killed sweep resumes. */
  readonly sweepCursor: string | null
  /** Number of the running sweep, or of the last one. */
  readonly sweep: number
  /** Of the running sweep, or of the last one; `sweepDoneMs` is null while one runs. */
  readonly sweepStartedMs: number | null
  readonly sweepDoneMs: number | null
  readonly sweepSeen: number
  /** Records known when the sweep began, for the guard against an emptied side. */
  readonly sweepKnown: number
}

export interface Store {
  /**
   * Takes the database for one writing process. Null when taken; otherwise the holder's description. A lease
   * is free when it expired or `isAlive(holder)` denies it.
   */
  acquireLease(request: {
    holder: string
    nowMs: number
    ttlMs: number
    isAlive: (holder: string) => boolean
  }): Promise<string | null>
  renewLease(request: { holder: string; nowMs: number; ttlMs: number }): Promise<boolean>
  releaseLease(holder: string): Promise<void>

  startRun(run: { id: string; kind: string; pairing: string | null; atMs: number }): Promise<void>
  endRun(run: { id: string; atMs: number; summary: Json }): Promise<void>
  meta(key: string): Promise<string | null>
  setMeta(key: string, value: string): Promise<void>

  // Observe

  /**
   * Appends to the change log (no-op per known key) and marks each new one dirty, and moves the cursor. Marks are
   * due at once; or with `debounce` as `dueAfterTouch` says, and our own changes are marked in lane 2. Touches are
   * the logged webhook changes of a record at different times, our own left out. A record that bells let wait is not
   * hurried by marks of lane 2, which catch up beside the bells; a complete pass (lane 3) has to see everything now.
   */
  appendChanges(request: {
    changes: readonly ObservedChange[]
    lane: Lane
    stream: { mapping: string; side: Side; cursor: string } | null
    debounce?: Debounce
    /** What the same news say about who changed which fields. */
    origins?: readonly Extract<Change, { kind: 'note-origins' }>[]
  }): Promise<{
    /** Changes that were not known. */
    appended: number
    /** Those of them that are no echo. */
    marked: number
  }>
  stream(request: { mapping: string; side: Side }): Promise<StreamState>
  /** Starts a sweep, or resumes the unfinished one. */
  beginSweep(request: { mapping: string; side: Side; nowMs: number }): Promise<StreamState>
  /**
   * Records one listed page: remembers sightings and keys, marks those whose fingerprint differs from the
   * agreed one (`listed`), and moves the sweep's cursor. Repeats are harmless. `seen` counts the whole sweep.
   */
  recordPage(request: {
    mapping: string
    side: Side
    sightings: readonly Sighting[]
    next: string | null
    lane: Lane
    nowMs: number
  }): Promise<{ seen: number; marked: number }>
  /**
   * Linked records that are dirty because a listing missed them or showed them archived, by id, after `after`.
   * What the mass-deletion guard asks for by id before anything is deleted.
   */
  suspects(request: {
    mapping: string
    side: Side
    after: RecordId | null
    limit: number
  }): Promise<readonly RecordId[]>
  /** Ends the sweep; with `suspect`, marks the unseen ones (`unseen`) to be asked for by id. */
  endSweep(request: {
    mapping: string
    side: Side
    suspect: boolean
    lane: Lane
    nowMs: number
  }): Promise<{ marked: number }>
  /** Remembers that these records exist, and their keys, without marking anything. */
  recordReads(request: { mapping: string; side: Side; sightings: readonly KeyedRecord[] }): Promise<void>

  // Reconcile

  /**
   * Leases up to `limit` due records of one mapping, lowest lane first, then oldest; records of the lanes 0 and 1
   * are never claimed together with those of 2 and 3. With `lanes`, only records of these. A lease that expires gives
   * the record back unchanged; claiming twice is harmless.
   */
  claimDirty(request: {
    mapping: string
    lanes?: readonly Lane[]
    limit: number
    nowMs: number
    leaseMs: number
  }): Promise<readonly DirtyRecord[]>
  /** What `claimDirty` would lease, without leasing it. */
  nextDirty(request: { mapping: string; limit: number; nowMs: number }): Promise<readonly DirtyRecord[]>
  /**
   * Marks the given records (`manual`, lane 0) and leases them at once, whoever holds them: for work on records
   * that are named. Rows in the order asked. Only the process that owns the database calls it.
   */
  claimRecords(request: {
    mapping: string
    records: readonly RecordRef[]
    nowMs: number
    leaseMs: number
  }): Promise<readonly DirtyRecord[]>
  /**
   * Forgets every lease on dirty records: only the process that owns the database calls it, while it has no
   * batch in hand.
   */
  releaseClaims(): Promise<void>
  load(request: { mapping: string; records: readonly RecordRef[] }): Promise<readonly Subject[]>
  loadLinks(request: { links: readonly LinkId[] }): Promise<readonly { link: Link; base: LinkBase }[]>
  /**
   * For each record: everything connected to it through equal keys of one rule, over both sides, itself
   * included, at most `limit` records; with each one's link if it has one. Rule by rule, strongest first;
   * only the first rule that finds anybody else is reported.
   */
  components(request: {
    mapping: string
    records: readonly RecordRef[]
    limit: number
  }): Promise<readonly Component[]>
  /** Records of one side that were last seen holding one of these keys, by key; a key nobody holds is left out. */
  holders(request: {
    mapping: string
    side: Side
    keys: readonly string[]
  }): Promise<ReadonlyMap<string, readonly RecordId[]>>
  /** Ids that went into these records, however many merges ago; a record that nothing went into is left out. */
  mergedInto(request: {
    mapping: string
    side: Side
    ids: readonly RecordId[]
  }): Promise<ReadonlyMap<RecordId, readonly RecordId[]>>
  /**
   * Links of records of one mapping's side, by the id asked for, aliases followed. Only links that stand for two
   * known records: a paused or quarantined one still does, a half one does not yet.
   */
  linksOf(request: {
    mapping: string
    side: Side
    ids: readonly RecordId[]
  }): Promise<ReadonlyMap<RecordId, LinkId>>
  /** Records of links of one mapping's side; only of links that stand for two known records. */
  recordsOf(request: {
    mapping: string
    side: Side
    links: readonly LinkId[]
  }): Promise<ReadonlyMap<LinkId, RecordId>>
  /** What was noted about the fields of these records when we wrote them last, by record and field. */
  origins(request: {
    connection: string
    object: string
    records: readonly RecordId[]
  }): Promise<ReadonlyMap<RecordId, Readonly<Record<string, Evidence>>>>
  /**
   * Due records of one mapping that nobody has claimed, by side and id, after `after`; nothing is claimed. For
   * whoever has to count before anything is done.
   */
  dueRecords(request: {
    mapping: string
    after: RecordRef | null
    limit: number
    nowMs: number
  }): Promise<readonly RecordRef[]>
  /**
   * Applies all changes or none. Returns the new epoch of every link touched. Rejects with `LinkTaken` when a record
   * that is to be linked belongs to another link since it was loaded: it has to be looked at again.
   */
  commitPlans(changes: readonly Change[]): Promise<ReadonlyMap<LinkId, number>>

  // Deliver

  /**
   * Makes intents durable before their calls (fsync). Returns the ids accepted: an intent is refused when its
   * link already has one open, or moved to another epoch (I14).
   */
  beginWrites(intents: readonly Intent[]): Promise<ReadonlySet<string>>
  /** Closes intents and commits what their outcomes mean, all or nothing per call. */
  ackWrites(changes: readonly Change[]): Promise<ReadonlyMap<LinkId, number>>
  openIntents(request: { mapping: string | null; limit: number }): Promise<readonly Intent[]>

  // Operate

  status(nowMs: number): Promise<StatusCounts>
  backlog(request: { mapping: string; nowMs: number; lanes?: readonly Lane[] }): Promise<Backlog>
  /** Of several mappings at one moment. A mapping without dirty rows in these lanes is left out. */
  backlogs(request: {
    mappings: readonly string[]
    nowMs: number
    lanes?: readonly Lane[]
  }): Promise<ReadonlyMap<string, Backlog>>
  conflicts(request: { state: 'open' | 'all'; limit: number }): Promise<readonly Conflict[]>
  conflict(id: string): Promise<Conflict | null>
  /**
   * Records a person's choice and marks the pair. Refused (`stale`) unless the conflict is open on exactly
   * these values.
   */
  decideConflict(request: {
    id: string
    choice: 'left' | 'right'
    expect: Both<Canonical>
    atMs: number
  }): Promise<'decided' | 'stale' | 'unknown'>
  reviews(limit: number): Promise<readonly Review[]>
  quarantined(limit: number): Promise<readonly Quarantine[]>
  /**
   * Marks (`retry`) quarantined records that are due or whose cause no longer holds (`causes` says false), unless
   * they are dirty already. Returns how many.
   */
  retryQuarantined(request: {
    mapping: string
    nowMs: number
    causes: (entry: Quarantine) => boolean
  }): Promise<number>
  /** Links that hold this record id on either side, any state, aliases followed. */
  findLinks(record: RecordId): Promise<readonly Link[]>
  history(request: { link: LinkId; limit: number }): Promise<{
    journal: readonly JournalEntry[]
    conflicts: readonly Conflict[]
    changes: readonly ObservedChange[]
  }>
  /** Links that still stand for a pair: neither unlinked nor a tomb. */
  countLinks(mapping: string): Promise<number>
  /**
   * Live pairs of one mapping with both records, oldest first, `limit` of them after `after` (null: from the start), or
   * those among `links`. `next` is where the next page begins; null after the last one.
   */
  comparablePairs(request: {
    mapping: string
    links: readonly LinkId[] | null
    after: string | null
    limit: number
  }): Promise<{ pairs: readonly Comparable[]; next: string | null }>
  /**
   * One small step of forgetting: looks at up to `limit` of the oldest rows after `after` (null: from the start) and
   * deletes what is older than its bound. `next` is where the next step goes on; null when nothing older is left.
   *
   * - `changes`: change log entries before `beforeMs`; those of removals only before `removedBeforeMs`, since a
   *   vendor's recycle bin shows a removal again and again, and a known one is no news.
   * - `journal`: entries before `beforeMs` up to the entry `readUntil`, and runs that ended before it and have none
   *   any more.
   * - `conflicts`: closed before `beforeMs`.
   */
  prune(request: {
    what: 'changes' | 'journal' | 'conflicts'
    after: string | null
    limit: number
    beforeMs: number
    removedBeforeMs: number
    /** Later entries of the journal are kept: somebody who follows it has not read them. Null: everybody has. */
    readUntil: number | null
  }): Promise<{ forgotten: number; next: string | null }>
  /** Newest first. */
  runs(limit: number): Promise<readonly Run[]>
  run(id: string): Promise<Run | null>
  /** What a run wrote, newest first; `olderThan` is the last entry's id of the page before, null for the first. */
  runJournal(request: {
    run: string
    olderThan: number | null
    limit: number
  }): Promise<readonly JournalEntry[]>
  /**
   * What was written, oldest first, after the entry with this id (0: from the beginning on). An entry is never shown
   * before one with a lower id, so that a reader who remembers the last id misses none.
   */
  journalAfter(request: { after: number; limit: number }): Promise<readonly JournalLine[]>
  close(): Promise<void>
}

/** A pair with what explains that its records differ. */
export interface Comparable {
  readonly link: Link
  readonly base: LinkBase
  /** One of its records is dirty or quarantined, or a write is not settled. */
  readonly busy: boolean
  /** Fields that a conflict is open about, or whose reference waits for its target. */
  readonly openFields: readonly string[]
}

export interface Component {
  readonly record: RecordRef
  /** Number of the rule that connected them; null when the record stands alone. */
  readonly rule: number | null
  readonly members: readonly (RecordRef & { readonly link: Link | null; readonly suppressed: boolean })[]
  /** True when the limit cut it. */
  readonly cut: boolean
}

/**
 * How many dirty rows are due, when the next one is, and when the next one is that was postponed after a try; the others
 * that are not due were announced by a bell and rest.
 */
export interface Backlog {
  readonly due: number
  readonly nextDueMs: number | null
  readonly nextRetryMs: number | null
}

export interface StatusCounts {
  /** Pairs: links of two records that are known and not set apart. */
  readonly links: number
  readonly dirty: number
  /** Those of them that a bell told of and that are left alone for a while; no try has failed. */
  readonly resting: number
  readonly openIntents: number
  readonly openConflicts: number
  readonly review: number
  readonly quarantined: number
  /** Links with a reference whose target is not linked yet. */
  readonly waiting: number
  /** Age of the oldest due dirty record. */
  readonly lagMs: number
}
