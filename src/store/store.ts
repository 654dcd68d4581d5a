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
import type { ConflictReport } from '../core/plan.ts'
import type { Both, Evidence, RecordId, Side } from '../core/record.ts'
import type { LostValue } from '../core/restore.ts'
import type { Canonical, FieldValues, Json } from '../core/value.ts'
import { InvariantError } from '../errors.ts'

/** UUID made by the caller, so that a link can be referred to before it is stored. */
export type LinkId = string

/**
 * - `half`: only one side has a record; a creation is planned or under way.
 * - `live`: both records known and kept equal.
 * - `paused`: one side is not visible, or left the scope; no writes, base kept; resumes by itself.
 * - `quarantined`: a vendor refuses this pair; see `quarantine`.
 * - `unlinked`: separated by policy or by a person; ids that still live are in `suppressed`.
 * - `tomb`: both records are gone.
 */
export type LinkState = 'half' | 'live' | 'paused' | 'quarantined' | 'unlinked' | 'tomb'

export interface Link {
  readonly id: LinkId
  readonly mapping: string
  readonly left: RecordId | null
  readonly right: RecordId | null
  readonly state: LinkState
  /**
   * Rises by one with every `commitPlans` or `ackWrites` that touches the link (`put-link`, `set-link`,
   * `set-base`, `close-intent`), however often; a new link starts at 1. `beginWrites` refuses an intent that
   * was planned under another epoch.
   */
  readonly epoch: number
  /** `ObjectRules.version` the base was made under. */
  readonly rules: string
  readonly versions: Both<string | null>
}

export interface RecordRef {
  readonly side: Side
  readonly id: RecordId
}

/** Why a record is looked at; several collapse into one dirty row. */
export type Reason =
  'listed' | 'polled' | 'webhook' | 'unseen' | 'archived' | 'released' | 'follow-up' | 'retry' | 'manual'

export interface DirtyRecord extends RecordRef {
  /** Settling needs this number: a mark that arrived meanwhile has a higher one and survives. */
  readonly seq: number
  readonly lane: Lane
  readonly reasons: readonly Reason[]
  readonly attempts: number
  readonly firstAtMs: number
}

/** A record as a listing showed it, reduced to what matching and sweeping need. */
export interface Sighting extends KeyedRecord {
  /** Fingerprint of the fields the mapping reads, and of the rules version. */
  readonly fingerprint: string
  readonly version: string | null
}

/** What matching needs of a record. */
export interface KeyedRecord {
  readonly id: RecordId
  /**
   * `<rule number>:<canonical key>`, e.g. `0:ada@example.com`, and `stamp:<record id>` of the counterpart that
   * the record's stamp names. Empty for records out of scope. Components only follow the numbered ones.
   */
  readonly keys: readonly string[]
}

/** Everything known about one record before it is read. */
export interface Subject extends RecordRef {
  /** What `id` was before aliases were followed. */
  readonly askedId: RecordId
  readonly link: Link | null
  readonly base: LinkBase
  readonly openIntent: Intent | null
  readonly suppressed: string | null
  readonly quarantine: Quarantine | null
  /** Fingerprint at which nothing was left to do; null when there was none yet. */
  readonly agreed: string | null
  /** Canonical values chosen by a person for held conflicts, by field; applied by the next reconcile. */
  readonly decisions: Readonly<Record<string, ConflictDecision>>
}

export interface ConflictDecision {
  readonly conflict: string
  readonly choice: 'left' | 'right'
  /** Of a conflict of the kind `overwritten`: what was lost, and where. Choosing that side asks for it back. */
  readonly lost: LostValue | null
}

export type IntentKind = 'create' | 'update' | 'associate' | 'remove'

/** One write that was about to be sent, durable before the call (algorithms 5.1). */
export interface Intent {
  readonly id: string
  readonly link: LinkId
  readonly mapping: string
  readonly epoch: number
  readonly run: string
  readonly side: Side
  readonly kind: IntentKind
  /** Null for `create` until known; a record that is made anew names here the one it replaces. */
  readonly record: RecordId | null
  /** Stamp by which a created record can be found. */
  readonly stamp: { readonly field: string; readonly value: string } | null
  /** Field values sent. */
  readonly payload: FieldValues
  /** Per field key: the canonical source, target and pre-image of this write. */
  readonly fields: Readonly<Record<string, IntentField>>
  /** Version token of the target before the write. */
  readonly versionBefore: string | null
  readonly sentAtMs: number
}

export interface IntentField {
  readonly source: Canonical
  readonly target: Canonical
  readonly before: Canonical
  /** See `Verdict.agreedAs`. */
  readonly agreedAs: { readonly value: Canonical } | null
  readonly human: boolean
  readonly because: string
  /**
   * What this write does to conflicts once it is applied, whether or not its answer arrives: the value that a rule
   * decided against is reported, and a person's decision is carried out. Null where it can settle none.
   */
  readonly settles: { readonly report: ConflictReport | null; readonly decided: boolean } | null
  /** Whose change it carries, and from when, where other pairings keep the written record, too. */
  readonly origin?: Evidence
}

export interface JournalEntry {
  readonly id: number
  readonly run: string
  readonly link: LinkId
  readonly mapping: string
  readonly side: Side
  readonly kind: IntentKind | 'link' | 'unlink' | 'relink'
  readonly record: RecordId | null
  /**
   * By field key, what the write changed. `remove` has everything that was mapped before and nothing after. For
   * `link`, `unlink` and `relink` it is the link itself: `left`, `right` and `state`, nothing where there was none.
   */
  readonly before: Readonly<Record<string, Canonical>>
  readonly after: Readonly<Record<string, Canonical>>
  /** Why, per field or in one word for links. */
  readonly cause: Json
  readonly version: string | null
  readonly atMs: number
}

/** An entry with what tells a first load from everyday work. */
export interface JournalLine extends JournalEntry {
  /** What its run is for; null when the run was not announced. */
  readonly runKind: string | null
  /** The same run made the pair. */
  readonly ofNewPair: boolean
}

/** One pass or other undertaking, and what the journal says that it did. */
export interface Run {
  readonly id: string
  readonly kind: string
  readonly pairing: string | null
  readonly startedMs: number
  /** Null while it lasts, and when it was cut off. */
  readonly endedMs: number | null
  readonly summary: Json
  readonly did: readonly {
    readonly kind: JournalEntry['kind']
    readonly mapping: string
    readonly side: Side
    readonly count: number
  }[]
}

export interface ObservedChange {
  /** A repeated observation with the same key is a no-op. */
  readonly key: string
  readonly mapping: string
  readonly side: Side
  readonly record: RecordId
  readonly source: 'poll' | 'sweep' | 'webhook' | 'ack'
  readonly kind: 'changed' | 'removed'
  readonly actor: Json
  readonly vendorAt: string | null
  readonly atMs: number
  /** When the record is known at exactly this version, it is not marked (our own write coming back). */
  readonly version: string | null
}

/** How long a record that is touched is left alone before it is looked at; `debounce.ts` says how. All in ms. */
export interface Debounce {
  /** After a touch: one save of a person arrives as several bells. */
  readonly restMs: number
  /** Touched again within this time: wait until it was left alone for as long. */
  readonly flurryMs: number
  /** The same for a record that was touched more than `touchesMax` times within `withinMs`. */
  readonly busyMs: number
  readonly touchesMax: number
  readonly withinMs: number
  /** A record that is never left alone is looked at so often at least. */
  readonly waitMaxMs: number
  /** After a change of our own, which is expected. */
  readonly ownMs: number
}

/**
 * `overwritten`: a value that nobody had seen when the decision was made was replaced by its write. The side it stood on
 * holds it here, with its evidence; the other side holds what prevailed, without evidence.
 */
export type ConflictKind =
  'both-changed' | 'seed' | 'automation-fight' | 'drift' | 'delete-vs-update' | 'overwritten'

export interface Conflict {
  readonly id: string
  readonly mapping: string
  readonly link: LinkId
  /** Field key; `*` where the whole record is concerned. */
  readonly field: string
  readonly kind: ConflictKind
  readonly left: Canonical
  readonly right: Canonical
  readonly base: Both<Canonical> | null
  readonly records: Both<RecordId | null>
  readonly evidence: Both<Evidence | null>
  readonly rule: string
  /** The overwritten side, where a rule or a person decided. */
  readonly loser: Side | null
  /** `open` waits for a person; `decided` waits for the engine to write the choice; the others are closed. */
  readonly state: 'open' | 'decided' | 'resolved' | 'auto' | 'superseded'
  readonly openedAtMs: number
  readonly closedAtMs: number | null
}

export interface Review {
  readonly id: string
  readonly mapping: string
  readonly record: RecordRef
  readonly kind: 'ambiguous' | 'duplicate' | 'not-unique' | 'delete-vs-update' | 'cycle'
  readonly candidates: readonly RecordRef[]
  readonly because: string
  readonly atMs: number
}

export interface Quarantine {
  readonly mapping: string
  readonly record: RecordRef
  readonly link: LinkId | null
  /** Fields the vendor blames; empty when it blames the record. */
  readonly fields: readonly string[]
  /** The vendor's words, without values. */
  readonly reason: string
  /** What has to change before another try makes sense: source fingerprint and target schema. */
  readonly cause: string
  readonly attempts: number
  readonly retryAtMs: number
  readonly atMs: number
}

export interface PendingEdge {
  /** Mapping, side and id of the record that has no link yet. */
  readonly targetMapping: string
  readonly side: Side
  readonly target: RecordId
  /** Link whose field waits. */
  readonly link: LinkId
  readonly field: string
}

/** One step of a transaction. The order of an array is the order of application. */
export type Change =
  | { readonly kind: 'put-link'; readonly link: Omit<Link, 'epoch'> }
  | {
      readonly kind: 'set-link'
      readonly link: LinkId
      /**
       * The link as it was decided about. Rejects with `LinkTaken` when it has changed since, or when a write of it is
       * under way, which is about to change it.
       */
      readonly epoch?: number
      readonly left?: RecordId | null
      readonly right?: RecordId | null
      readonly state?: LinkState
      readonly rules?: string
      readonly versions?: Partial<Both<string | null>>
    }
  /** Replaces the given fields' bases; `null` forgets one. */
  | {
      readonly kind: 'set-base'
      readonly link: LinkId
      readonly fields: Readonly<Record<string, LinkBase[string] | null>>
    }
  /** Nothing is left to do at this fingerprint and version. */
  | {
      readonly kind: 'agree-record'
      readonly mapping: string
      readonly record: RecordRef
      readonly fingerprint: string
      readonly version: string | null
    }
  /** The record is gone: forget its fingerprint and keys. */
  | { readonly kind: 'forget-record'; readonly mapping: string; readonly record: RecordRef }
  | {
      readonly kind: 'put-alias'
      readonly mapping: string
      readonly side: Side
      readonly from: RecordId
      readonly to: RecordId
      readonly atMs: number
    }
  /** The record was not merged away: it goes by its own id again. */
  | { readonly kind: 'drop-alias'; readonly mapping: string; readonly record: RecordRef }
  | {
      readonly kind: 'suppress'
      readonly mapping: string
      readonly record: RecordRef
      readonly reason: string
      readonly atMs: number
    }
  | { readonly kind: 'release'; readonly mapping: string; readonly record: RecordRef }
  | {
      readonly kind: 'mark'
      readonly mapping: string
      readonly record: RecordRef
      readonly reason: Reason
      readonly lane: Lane
      readonly dueMs: number
      readonly atMs: number
    }
  /** Removes the dirty row if nobody marked the record since. */
  | { readonly kind: 'settle'; readonly mapping: string; readonly record: RecordRef; readonly seq: number }
  /** Gives a claimed row back for later. */
  | {
      readonly kind: 'postpone'
      readonly mapping: string
      readonly record: RecordRef
      readonly dueMs: number
    }
  /** Gives a claimed row back as it was: nothing was tried with it. */
  | { readonly kind: 'unclaim'; readonly mapping: string; readonly record: RecordRef }
  /** Replaces every pending edge of one link's field that leads from these sides. */
  | {
      readonly kind: 'await-targets'
      readonly link: LinkId
      readonly field: string
      readonly sides: readonly Side[]
      readonly edges: readonly PendingEdge[]
    }
  /** A target became linked: marks every link that waits for it (lane 0) and removes the edges. */
  | {
      readonly kind: 'release-waiting'
      readonly targetMapping: string
      readonly side: Side
      readonly target: RecordId
      readonly atMs: number
    }
  /**
   * We wrote these fields of a record that other pairings keep, too: whose change it was, when it was made and where. What
   * was noted about them before is replaced.
   */
  | {
      readonly kind: 'note-origins'
      readonly connection: string
      readonly object: string
      readonly record: RecordId
      /** By the vendor's field name. */
      readonly fields: Readonly<Record<string, Evidence>>
    }
  /**
   * Opens a conflict unless one is open for the same link and field, which is then replaced when its values differ. An
   * `overwritten` one replaces only its like: beside another open question it is stored as `auto`.
   */
  | { readonly kind: 'open-conflict'; readonly conflict: Conflict }
  /** Closes whatever is open or decided for this link and field; with `only`, if it is of that kind. */
  | {
      readonly kind: 'close-conflict'
      readonly only?: ConflictKind
      readonly link: LinkId
      readonly field: string
      readonly state: 'resolved' | 'superseded'
      readonly loser: Side | null
      readonly atMs: number
    }
  | { readonly kind: 'put-review'; readonly review: Review }
  | { readonly kind: 'drop-review'; readonly mapping: string; readonly record: RecordRef }
  | { readonly kind: 'quarantine'; readonly entry: Quarantine }
  | { readonly kind: 'heal'; readonly mapping: string; readonly record: RecordRef }
  | { readonly kind: 'journal'; readonly entry: Omit<JournalEntry, 'id'> }
  | { readonly kind: 'log'; readonly change: ObservedChange }
  | { readonly kind: 'close-intent'; readonly intent: string }
  /** Keeps a small fact (`meta`) together with what it is true of. */
  | { readonly kind: 'remember'; readonly key: string; readonly value: string }

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

/** Somebody else linked one of the records first (algorithms 3.4), or changed the link. */
export class LinkTaken extends InvariantError {
  constructor(link: LinkId) {
    super('I7', `link ${link} exists or has changed, or one of its records belongs to another link`)
  }
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
