/** Works off what is due of one mapping: deciding one batch at a time, delivering several. */
import { carryOut, type Finish } from './carry-out.ts'
import { Crew } from './crew.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { claimBatch, decideClaimed, unclaimWhenFree } from './reconcile.ts'

/** Asked between batches; what is due then stays for later. */
const NEVER_OVER = () => false

/**
 * Until nothing is due, or it is over. Decisions are made one batch after the other; their writes overlap, so that
 * the vendor's limit and not our waiting sets the pace. Several drains may work side by side: a link is in the hand of
 * one batch from its decision until its writes are done. Throws `GuardTripped` before a batch is sent with which too
 * much would change at once.
 */
export async function drain(
  engine: Engine,
  mapping: MappingRuntime,
  finish?: Finish,
  isOver: () => boolean = NEVER_OVER,
): Promise<number> {
  const crew = new Crew<'batch' | 'held-up'>()
  let batches = 0
  try {
    for (;;) {
      engine.signal.throwIfAborted()
      const isEnding = crew.failures.length > 0 || isOver()
      const claimed = isEnding ? null : await claimBatch(engine, mapping)
      if (!claimed) {
        if (crew.isIdle) break
        await crew.oneEnds()
        continue
      }
      crew.begin('held-up', unclaimWhenFree(engine, mapping, claimed.sorted.heldUp))
      const batch = await decideClaimed(engine, mapping, claimed)
      batches += 1
      crew.begin('batch', carryOut(engine, mapping, batch, finish))
      while (batchesOf(crew) >= engine.settings.batchesInFlight) await crew.oneEnds()
    }
  } finally {
    // Nothing may still be writing when the caller goes on.
    await crew.allEnd()
  }
  if (crew.failures.length > 0) throw crew.failures[0]
  return batches
}

function batchesOf({ jobs }: Crew<'batch' | 'held-up'>): number {
  return jobs.filter((job) => job === 'batch').length
}
