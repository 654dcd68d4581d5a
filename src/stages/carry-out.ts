/** What becomes of a decided batch, and what is left of it when that fails. */
import { ConnectorError } from '../errors.ts'
import { deliver } from './deliver.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { unclaim, type Batch } from './reconcile.ts'

/** Instead of delivering: the dry run collects. */
export type Finish = (batch: Batch) => Promise<void>

/**
 * Throws `GuardTripped` before a batch is sent with which too much would change at once. In the end its links are let
 * go of.
 */
export async function carryOut(
  engine: Engine,
  mapping: MappingRuntime,
  batch: Batch,
  finish: Finish = (own) => deliver(inLane(engine, own.lane), mapping, own),
): Promise<void> {
  let isChecked = false
  try {
    await engine.lately.check(engine, mapping, batch.tasks)
    isChecked = true
    await finish(batch)
  } catch (error) {
    if (!isChecked || error instanceof ConnectorError) await unclaimRest(engine, mapping, batch)
    throw error
  } finally {
    engine.inHand.release(batch.links)
  }
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
