/** Works off what is due of one mapping: deciding one batch at a time, delivering several. */
import { deliver } from './deliver.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { reconcileBatch, type Batch } from './reconcile.ts'

/** What happens to a decided batch; the dry run collects instead of delivering. */
export type Finish = (batch: Batch) => Promise<void>

export interface DrainLimits {
  /** Asked between batches; what is due then stays for later. */
  readonly isOver: () => boolean
  /** Throws when a decided batch must not be sent. */
  readonly check: (batch: Batch) => Promise<void>
}

const NO_LIMITS: DrainLimits = { isOver: () => false, check: async () => undefined }

/**
 * Until nothing is due, or the limits say so. Decisions are made one batch after the other, and a link stays in the hand of
 * one batch until its writes are done, so that two batches never decide about the same pair; their writes overlap, so
 * that the vendor's limit and not our waiting sets the pace.
 */
export async function drain(
  engine: Engine,
  mapping: MappingRuntime,
  finish?: Finish,
  limits: DrainLimits = NO_LIMITS,
): Promise<number> {
  const delivering = new Set<Promise<void>>()
  const failures: unknown[] = []
  let batches = 0
  const send =
    finish ?? ((batch: Batch) => deliver(inLane(engine, batch.lane), mapping, batch.tasks, batch.directory))
  try {
    for (;;) {
      engine.signal.throwIfAborted()
      const batch = failures.length > 0 || limits.isOver() ? null : await reconcileBatch(engine, mapping)
      if (!batch) {
        if (delivering.size === 0) break
        await Promise.race(delivering)
        continue
      }
      batches += 1
      await limits.check(batch)
      const links = batch.tasks.map((task) => task.link.id)
      for (const link of links) engine.inHand.add(link)
      const sent: Promise<void> = send(batch)
        .catch((error: unknown) => {
          failures.push(error)
        })
        .finally(() => {
          for (const link of links) engine.inHand.delete(link)
          delivering.delete(sent)
        })
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
