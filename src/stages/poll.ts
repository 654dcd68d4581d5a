/**
 * OBSERVE by polling: asks a side that offers it for what changed since the cursor, and for what was archived. A delayed
 * poll asks once more for what was changed a while ago: indexes lag, and rows may have appeared behind the cursor. What
 * the first poll has seen is known by its key, so that only what it missed is marked.
 */
import type { Side } from '../core/record.ts'
import type { ObservedChange } from '../store/change.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { pollRecycleBin } from './recycle-bin.ts'

/** Catching up. */
const LANE = 2

/** Pages per poll; the rest is met by the next one. A bound, not a target: 200 rows a page. */
const PAGES_MAX = 500

/** `settledMs`: how long ago; 0 for the first poll. */
export async function poll(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  settledMs = 0,
): Promise<{ marked: number }> {
  const connector = inLane(engine, LANE).pairing.connectors[side]
  if (!connector.capabilities.changes) return { marked: 0 }
  const scope = { mapping: mapping.rules.mapping, side }
  const object = mapping.rules.object[side]
  const isDelayed = settledMs > 0
  const delayedKey = `delayed/${scope.mapping}/${side}`
  let cursor = isDelayed ? await engine.store.meta(delayedKey) : (await engine.store.stream(scope)).cursor
  const isFirst = cursor === null
  let marked = 0
  for (let page = 0; page < PAGES_MAX; page += 1) {
    engine.signal.throwIfAborted()
    const answer = await connector.changes({ object, cursor, ...(isDelayed && { settledMs }) })
    const changes = answer.changes.map((change): ObservedChange => ({
      key: `poll/${scope.mapping}/${side}/${change.id}/${change.version ?? change.at ?? ''}/${change.kind}`,
      mapping: scope.mapping,
      side,
      record: change.id,
      source: 'poll',
      kind: change.kind,
      actor: null,
      vendorAt: change.at,
      atMs: engine.runtime.now(),
      version: change.version === undefined ? change.at : change.version,
    }))
    const appended = await engine.store.appendChanges({
      changes,
      lane: LANE,
      stream: isDelayed ? null : { ...scope, cursor: answer.cursor },
    })
    // After the marks: a crash in between asks again for what is known then.
    if (isDelayed && answer.cursor !== cursor) await engine.store.setMeta(delayedKey, answer.cursor)
    marked += appended.marked
    cursor = answer.cursor
    if (!answer.more) break
  }
  // A first look goes on with a complete listing, which misses whatever is gone of what is known.
  const { archives, changesTellRemovals } = connector.capabilities
  const asksBin = archives && !changesTellRemovals && !isDelayed && !isFirst
  if (asksBin) marked += await pollRecycleBin(inLane(engine, LANE), mapping, side, LANE)
  return { marked }
}
