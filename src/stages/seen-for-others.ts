/**
 * Records of a connection that several pairings share, seen by one of them and awaited by another: a creation of which
 * nobody knows yet whether it arrived may have made them.
 */
import type { Side, Snapshot } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { sharedWith, type OtherMapping } from './hub.ts'
import { stampKey } from './sighting.ts'
import { INTENTS_MAX } from './unsettled.ts'

/**
 * Remembers for the other pairings which of these records, read with what others keep in them, carry the stamps of their open
 * creations. Whoever has seen such a record is the only proof that it arrived, once somebody has deleted it where there is
 * no bin (I9, B6). A read of its own would come too late for whoever deletes it in between.
 */
export async function rememberForOthers(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  seen: readonly Snapshot[],
): Promise<void> {
  for (const other of seen.length === 0 ? [] : sharedWith(engine, mapping, side)) {
    const awaited = await awaitedBy(engine, other)
    if (awaited.size === 0) continue
    const known = await engine.store.holders({
      mapping: other.mapping,
      side: other.side,
      keys: [...awaited.keys()],
    })
    const fields = [...new Set(awaited.values())]
    const sightings = seen.flatMap(({ key, values }) => {
      const stamps = fields.flatMap((field) => {
        const value = values[field]
        return typeof value === 'string' ? [stampKey(value)] : []
      })
      // What the other pairing has seen itself it knows better.
      const keys = stamps.filter((stamp) => awaited.has(stamp) && !known.get(stamp)?.includes(key.id))
      return keys.length === 0 ? [] : [{ id: key.id, keys }]
    })
    if (sightings.length > 0) {
      await engine.store.recordReads({ mapping: other.mapping, side: other.side, sightings })
    }
  }
}

/** The stamps of its creations that are not settled, each with the field that it would be in. */
async function awaitedBy(
  engine: Engine,
  { mapping, side }: OtherMapping,
): Promise<ReadonlyMap<string, string>> {
  const open = await engine.store.openIntents({ mapping, limit: INTENTS_MAX })
  return new Map(
    open.flatMap(({ kind, side: at, stamp }) =>
      kind === 'create' && at === side && stamp ? [[stampKey(stamp.value), stamp.field] as const] : [],
    ),
  )
}
