/** Works off what is due of one mapping: deciding one batch at a time, delivering several. */
import { deliver } from './deliver.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { reconcileBatch, type Batch } from './reconcile.ts'

/** What happens to a decided batch; the dry run collects instead of delivering. */
export type Finish = (batch: Batch) => Promise<void>

/**
 * Until nothing is due. Decisions are made one batch after the other, so that two batches never decide about
 * the same pair; their writes overlap, so that the vendor's limit and not our waiting sets the pace.
 */
export async function drain(engine: Engine, mapping: MappingRuntime, finish?: Finish): Promise<number> {
  const delivering = new Set<Promise<void>>()
  const failures: unknown[] = []
  let batches = 0
  const send = finish ?? ((batch: Batch) => deliver(engine, mapping, batch))
  try {
    for (;;) {
      engine.signal.throwIfAborted()
      const batch = failures.length > 0 ? null : await reconcileBatch(engine, mapping)
      if (!batch) {
        if (delivering.size === 0) break
        await Promise.race(delivering)
        continue
      }
      batches += 1
      const sent: Promise<void> = send(batch)
        .catch((error: unknown) => {
          failures.push(error)
        })
        .finally(() => delivering.delete(sent))
      delivering.add(sent)
      if (delivering.size >= engine.settings.batchesInFlight) await Promise.race(delivering)
    }
  } finally {
    // Nothing may still be writing when the caller goes on.
    await Promise.all(delivering)
  }
  if (failures.length > 0) throw failures[0]
  return batches
}
