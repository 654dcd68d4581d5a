/** Works off what is due of one mapping: deciding one batch at a time, delivering several. */
import { carryOut, type Finish } from './carry-out.ts'
import { Crew } from './crew.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { NOTHING_READ, readAhead, type ReadAhead } from './read-ahead.ts'
import { claimBatch, decideClaimed, unclaimWhenFree } from './reconcile.ts'

type Job = 'batch' | 'held-up' | 'reading'

export interface DrainOptions {
  /** Instead of delivering. */
  readonly finish?: Finish
  /** Asked between batches; what is due then stays for later. */
  readonly isOver?: () => boolean
  /** Of the first batch. */
  readonly ahead?: ReadAhead
  /** Called when the last writes are under way and there is nothing else to do; what it begins is waited for. */
  readonly onTail?: () => ReadAhead
}

/**
 * Until nothing is due, or it is over. Decisions are made one batch after the other; their writes overlap, so that
 * the vendor's limit and not our waiting sets the pace. Several drains may work side by side: a link is in the hand of
 * one batch from its decision until its writes are done. Throws `GuardTripped` before a batch is sent with which too
 * much would change at once.
 */
export async function drain(
  engine: Engine,
  mapping: MappingRuntime,
  { finish, isOver = () => false, onTail, ...options }: DrainOptions = {},
): Promise<number> {
  const crew = new Crew<Job>()
  let ahead = options.ahead ?? NOTHING_READ
  let isTail = false
  let batches = 0
  try {
    for (;;) {
      engine.signal.throwIfAborted()
      const isEnding = crew.failures.length > 0 || isOver()
      const claimed = isEnding ? null : await claimBatch(engine, mapping)
      if (!claimed) {
        if (crew.isIdle) break
        if (!isEnding && !isTail && onTail && batchesOf(crew) <= 1) {
          isTail = true
          crew.begin('reading', onTail().ended)
        }
        await crew.oneEnds()
        continue
      }
      crew.begin('held-up', unclaimWhenFree(engine, mapping, claimed.sorted.heldUp))
      const present = ahead
      ahead = hasRoomBeside(engine, crew) ? readAhead(engine, mapping) : NOTHING_READ
      crew.begin('reading', ahead.ended)
      const batch = await decideClaimed(engine, mapping, claimed, present)
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

/** What is read while there is none would be out of date before it is decided about. */
function hasRoomBeside({ settings }: Engine, crew: Crew<Job>): boolean {
  return batchesOf(crew) + 1 < settings.batchesInFlight
}

function batchesOf({ jobs }: Crew<Job>): number {
  return jobs.filter((job) => job === 'batch').length
}
