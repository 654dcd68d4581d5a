/** The store port for reconciling: claim what is dirty, load what is known about it, commit what was decided. */
import type { LinkBase } from '../core/base.ts'
import type { Lane } from '../core/lane.ts'
import type { Evidence, RecordId, Side } from '../core/record.ts'
import type { Change } from './change.ts'
import type { Link, LinkId } from './links.ts'
import type { DirtyRecord, RecordRef, Subject } from './records.ts'

export interface Reconcile {
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
}

/** Records that equal keys connect. */
export interface Component {
  readonly record: RecordRef
  /** Number of the rule that connected them; null when the record stands alone. */
  readonly rule: number | null
  readonly members: readonly (RecordRef & { readonly link: Link | null; readonly suppressed: boolean })[]
  /** Records of the other side that are outside the scope and hold one of the record's own keys. */
  readonly outsiders: Component['members']
  /** True when the limit cut it. */
  readonly cut: boolean
}
