/** The store port for observing: bells, polls and sweeps end here, with the position they were read to. */
import type { Lane } from '../core/lane.ts'
import type { RecordId, Side } from '../core/record.ts'
import type { Change, ObservedChange } from './change.ts'
import type { Debounce, KeyedRecord, Sighting } from './records.ts'

export interface Observe {
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
}

/** How far a feed was read. */
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
