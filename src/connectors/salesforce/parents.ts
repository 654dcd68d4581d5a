/**
 * A write locks its row, and its parent with it: two requests that write children of one account at the same time
 * refuse each other (Salesforce fact sheet 19). So rows are ordered by parent, which puts siblings into one request, and
 * requests that share a parent take turns.
 */
import type { RecordId } from '../../core/record.ts'
import type { Row } from './soql.ts'
import { textIn } from './wire.ts'

export interface Parents {
  /** Remembers what a row shows. */
  note(id: RecordId, row: Row): void
  /** The record that is locked along with this one, as far as we have seen; itself otherwise. */
  of(id: RecordId): RecordId
  /** Runs `work` when nobody else is writing below these parents. */
  exclusively<T>(parents: readonly RecordId[], work: () => Promise<T>): Promise<T>
}

/** Fields that name the parent. */
const PARENT_FIELDS = ['AccountId', 'OpportunityId'] as const

const REMEMBERED_MAX = 50_000

export function createParents(): Parents {
  const byRecord = new Map<RecordId, RecordId>()
  /** Parent → the end of the work that has it last. */
  const busy = new Map<RecordId, Promise<void>>()
  return {
    note: (id, row) => {
      const parent = PARENT_FIELDS.map((field) => textIn(row, field)).find((found) => found !== null)
      if (parent === undefined) return
      if (byRecord.size >= REMEMBERED_MAX) byRecord.clear()
      byRecord.set(id, parent ?? id)
    },
    of: (id) => byRecord.get(id) ?? id,
    exclusively: async (parents, work) => {
      const wanted = [...new Set(parents)]
      const before = wanted.map((parent) => busy.get(parent) ?? Promise.resolve())
      let release = () => {}
      const done = new Promise<void>((resolve) => {
        release = resolve
      })
      // Everything is claimed in one step, so nobody waits for somebody who waits for them.
      for (const parent of wanted) busy.set(parent, done)
      try {
        await Promise.all(before)
        return await work()
      } finally {
        release()
        for (const parent of wanted) if (busy.get(parent) === done) busy.delete(parent)
      }
    },
  }
}
