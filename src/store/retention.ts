/** The store port for forgetting, in steps small enough that nobody waits for one. */

export interface Retention {
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
}
