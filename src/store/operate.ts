/** The store port for operating: what people and commands ask, and the decisions they hand back. */
import type { Lane } from '../core/lane.ts'
import type { Both, RecordId } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { ObservedChange } from './change.ts'
import type { Link, LinkId } from './links.ts'
import type { RecordRef } from './records.ts'
import type { Conflict, KeptAlone, Quarantine, Review, Unpaired } from './waiting.ts'
import type { JournalEntry } from './writes.ts'

export interface Operate {
  /** `mappings`: of these alone; of all when absent. */
  status(nowMs: number, mappings?: readonly string[]): Promise<StatusCounts>
  backlog(request: { mapping: string; nowMs: number }): Promise<Backlog>
  /** Of several mappings at one moment. A mapping without dirty rows is left out. */
  backlogs(request: { mappings: readonly string[]; nowMs: number }): Promise<ReadonlyMap<string, Backlog>>
  /**
   * Of several mappings, in these lanes alone: is anything due, and when is the next? Nothing is counted, so that it takes
   * no longer when much waits. A mapping without dirty rows in these lanes is left out.
   */
  dueTimes(request: {
    mappings: readonly string[]
    nowMs: number
    lanes: readonly Lane[]
  }): Promise<ReadonlyMap<string, DueTimes>>
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
  /** Records that are to stay without a pair for this reason, newest first. */
  keptAlone(request: { reason: string; limit: number }): Promise<readonly KeptAlone[]>
  /** What waits for, or was decided about, records with this id, on either side; aliases are not followed. */
  unpaired(record: RecordId): Promise<Unpaired>
  /** Marks (`retry`) the quarantined records that `isDue` picks, unless they are dirty already. Returns those it marked. */
  retryQuarantined(request: {
    mapping: string
    nowMs: number
    isDue: (entry: Quarantine) => boolean
  }): Promise<readonly Quarantine[]>
  /**
   * Keys by which these records are recognised (`KeyedRecord.keys`), as they were last seen, in the order of the request;
   * none for a record that was never seen. Aliases are not followed.
   */
  matchKeys(
    records: readonly (RecordRef & { readonly mapping: string })[],
  ): Promise<readonly (readonly string[])[]>
  /** Links that hold this record id on either side, any state, aliases followed. */
  findLinks(record: RecordId): Promise<readonly Link[]>
  /** Links that the journal says it was once paired or parted by; they may hold it still. Reads the whole journal. */
  formerLinks(record: RecordId): Promise<readonly Link[]>
  history(request: { link: LinkId; limit: number }): Promise<{
    journal: readonly JournalEntry[]
    conflicts: readonly Conflict[]
    changes: readonly ObservedChange[]
  }>
  /** Links that still stand for a pair: neither unlinked nor a tomb. */
  countLinks(mapping: string): Promise<number>
}

/**
 * How many dirty rows are due, how many were postponed after a try, due or not, when the next one is, and when the next one is that was postponed after a try; the others
 * that are not due were announced by a bell and rest.
 */
export interface Backlog {
  readonly due: number
  readonly postponed: number
  readonly nextDueMs: number | null
  readonly nextRetryMs: number | null
}

export interface DueTimes {
  readonly isDue: boolean
  /** Of the rows that are not due yet; null when there is none. */
  readonly nextDueMs: number | null
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
