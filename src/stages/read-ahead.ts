/**
 * Reads records of the next batch while the present one is decided about, so that a first load does not wait for the
 * vendor before every batch. Only what has no pair is read ahead: what is known about a pair has to be loaded before its
 * records are read, or a write of ours in between would look like somebody's change.
 *
 * It is a promise of nothing. What was marked again meanwhile, what was not found, and what was read too long ago is
 * read when it is decided about, as is everything when reading ahead fails.
 */
import type { Both, RecordId, Side, Snapshot } from '../core/record.ts'
import { SIDES } from '../core/record.ts'
import type { DirtyRecord } from '../store/records.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { fetchRecords, type Readings } from './fetch.ts'
import { together } from './together.ts'
import { refKey } from './work.ts'

export interface ReadAhead {
  /** Ends when nothing is under way any more, and never fails. */
  readonly ended: Promise<void>
  /** What was read of this record, if these rows are still all that was said about it. */
  of(side: Side, id: RecordId, dirty: readonly DirtyRecord[]): Promise<Snapshot | null>
}

export const NOTHING_READ: ReadAhead = {
  ended: Promise.resolve(),
  of: async () => null,
}

/** What nobody waits for; the others travel in small batches, as soon as they are there. */
const LANE_MIN = 2

export function readAhead(engine: Engine, mapping: MappingRuntime): ReadAhead {
  const seqs = new Map<string, number>()
  const reading = read(engine, mapping, seqs).catch((error: unknown): null => {
    // Whoever decides about these records reads them, and meets what lasts.
    engine.log.debug({ mapping: mapping.rules.mapping, error: String(error) }, 'nothing was read ahead')
    return null
  })
  return {
    ended: reading.then(() => undefined),
    async of(side, id, dirty) {
      const found = (await reading)?.[side].get(id)
      if (found?.kind !== 'found' || found.snapshot.key.id !== id) return null
      if (!dirty.every((row) => seqs.get(refKey(row)) === row.seq)) return null
      const { runtime, settings } = engine
      return found.snapshot.readAtMs >= runtime.now() - settings.freshMs ? found.snapshot : null
    },
  }
}

async function read(
  engine: Engine,
  mapping: MappingRuntime,
  seqs: Map<string, number>,
): Promise<Both<Readings>> {
  const { store, runtime, settings } = engine
  const { mapping: name } = mapping.rules
  const none: Both<Readings> = { left: new Map(), right: new Map() }
  const rows = await store.nextDirty({ mapping: name, limit: settings.batchSize, nowMs: runtime.now() })
  const [mostUrgent] = rows
  if (!mostUrgent || mostUrgent.lane < LANE_MIN) return none
  for (const row of rows) seqs.set(refKey(row), row.seq)
  const own = inLane(engine, mostUrgent.lane)
  const [left = none.left, right = none.right] = await together(
    SIDES.map(async (side) => {
      const ids = rows.filter((row) => row.side === side).map(({ id }) => id)
      const pairs = await store.linksOf({ mapping: name, side, ids })
      const loners = ids.filter((id) => !pairs.has(id))
      return fetchRecords(own, mapping, side, loners, { edges: true, stamps: true })
    }),
  )
  return { left, right }
}
