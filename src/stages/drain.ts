/** Works off what is due of one mapping: deciding one batch at a time, delivering several. */
import { deliver } from './deliver.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { reconcileBatch, type Batch } from './reconcile.ts'

/** What happens to a decided batch; the dry run collects instead of delivering. */
export type Finish = (batch: Batch) => Promise<void>

/**
 * Until nothing is due, or `isOver`, asked between batches; what is due then stays for later. Throws `GuardTripped` before
 * a batch is sent with which too much would change at once. Decisions are made one batch after the other, and a link stays in the hand of
 * one batch until its writes are done, so that two batches never decide about the same pair; their writes overlap, so
 * that the vendor's limit and not our waiting sets the pace.
 */
export async function drain(
  engine: Engine,
  mapping: MappingRuntime,
  finish?: Finish,
  isOver: () => boolean = () => false,
): Promise<number> {
  const delivering = new Set<Promise<void>>()
  const failures: unknown[] = []
  let batches = 0
  const send =
    finish ?? ((batch: Batch) => deliver(inLane(engine, batch.lane), mapping, batch.tasks, batch.directory))
  try {
    for (;;) {
      engine.signal.throwIfAborted()
      const batch = failures.length > 0 || isOver() ? null : await reconcileBatch(engine, mapping)
      if (!batch) {
        if (delivering.size === 0) break
        await Promise.race(delivering)
        continue
      }
      batches += 1
      await engine.lately.check(engine, mapping, batch.tasks)
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
