/** The store port for runs: when they were, and what the journal says that they did. */
import type { Json } from '../core/value.ts'
import type { JournalEntry, JournalLine, Run } from './writes.ts'

export interface Runs {
  startRun(run: { id: string; kind: string; pairing: string | null; atMs: number }): Promise<void>
  endRun(run: { id: string; atMs: number; summary: Json }): Promise<void>
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
}
