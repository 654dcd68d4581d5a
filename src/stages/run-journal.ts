/** The journal of runs as it grows, in the order in which things were written. */
import type { Store } from '../store/store.ts'
import type { JournalEntry } from '../store/writes.ts'

const PAGE = 1_000

export interface RunJournal {
  /** Entries of a run that were not returned before, oldest first. */
  unread(run: string): Promise<readonly JournalEntry[]>
}

export function runJournal(store: Store): RunJournal {
  const newest = new Map<string, number>()
  return {
    async unread(run) {
      const known = newest.get(run) ?? -1
      const found: JournalEntry[] = []
      let olderThan: number | null = null
      for (;;) {
        const page: readonly JournalEntry[] = await store.runJournal({ run, olderThan, limit: PAGE })
        const fresh = page.filter(({ id }) => id > known)
        found.push(...fresh)
        olderThan = page.at(-1)?.id ?? null
        if (fresh.length < PAGE) break
      }
      const [last] = found
      if (last) newest.set(run, last.id)
      return found.toReversed()
    },
  }
}
