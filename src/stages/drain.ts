/** Works off what is due of one mapping: deciding one batch at a time, delivering several. */
import type { Lane } from '../core/lane.ts'
import { ConnectorError } from '../errors.ts'
import { deliver } from './deliver.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { reconcileBatch, unclaim, type Batch } from './reconcile.ts'

/** What happens to a decided batch; the dry run collects instead of delivering. */
export type Finish = (batch: Batch) => Promise<void>

export interface DrainLimits {
  /** Works off these lanes only; all of them when absent. */
  readonly lanes?: readonly Lane[]
  /** Asked between batches; what is due then stays for later. */
  readonly isOver: () => boolean
}

const NO_LIMITS: DrainLimits = { isOver: () => false }

/**
 * Until nothing is due, or the limits say so. Decisions are made one batch after the other; their writes overlap, so that
 * the vendor's limit and not our waiting sets the pace. Several drains may work side by side: a link is in the hand of
 * one batch from its decision until its writes are done. Throws `GuardTripped` before a batch is sent with which too
 * much would change at once.
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
  const send = finish ?? ((batch: Batch) => deliver(inLane(engine, batch.lane), mapping, batch))
  try {
    for (;;) {
      engine.signal.throwIfAborted()
      const isOver = failures.length > 0 || limits.isOver()
      const batch = isOver ? null : await reconcileBatch(engine, mapping, limits.lanes)
      if (!batch) {
        if (delivering.size === 0) break
        await Promise.race(delivering)
        continue
      }
      batches += 1
      const letGo = () => engine.inHand.release(batch.links)
      await engine.lately.check(engine, mapping, batch.tasks).catch(async (error: unknown) => {
        letGo()
        await unclaimRest(engine, mapping, batch)
        throw error
      })
      const sent: Promise<void> = send(batch)
        .catch(async (error: unknown) => {
          failures.push(error)
          if (error instanceof ConnectorError) await unclaimRest(engine, mapping, batch)
        })
        .finally(() => {
          letGo()
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

/** What this batch did not come to: somebody else does, as soon as it is possible again. */
function unclaimRest(engine: Engine, mapping: MappingRuntime, { tasks }: Batch): Promise<void> {
  const rest = tasks.filter(({ state }) => state === 'open')
  return unclaim(
    engine,
    mapping,
    rest.flatMap(({ dirty }) => dirty),
  )
}
