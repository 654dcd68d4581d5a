/**
 * Two pairings that decide about one record of a shared connection at a time would overwrite each other's changes
 * unseen, since none of the vendors compares and sets. So a batch takes the shared records that it decides about in
 * hand, beside its links. What it creates there needs no hand: the vendor refuses a second record with the same key.
 */
import { SIDES, type Side } from '../core/record.ts'
import type { RecordRef } from '../store/records.ts'
import type { Intent } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { sharedWith } from './hub.ts'

/** What keeps a batch from deciding about a record. */
export interface Obstacle {
  readonly record: RecordRef
  /** Who has this in hand lets go of it; null where it is nobody of this process. */
  readonly hand: string | null
  /** The write that it waits for then. */
  readonly unsettled: Intent | null
}

/** Takes shared records in hand and adds them to `taken`. Returns those that another batch has. */
export function takeShared(
  engine: Engine,
  mapping: MappingRuntime,
  records: readonly RecordRef[],
  taken: string[],
): readonly Obstacle[] {
  return records.flatMap((record): readonly Obstacle[] => {
    if (sharedWith(engine, mapping, record.side).length === 0) return []
    const hand = `${place(engine, mapping, record.side)}/${record.id}`
    return take(engine, hand, taken) ? [] : [{ record, hand, unsettled: null }]
  })
}

function take({ inHand }: Engine, key: string, taken: string[]): boolean {
  if (taken.includes(key)) return true
  if (!inHand.take(key)) return false
  taken.push(key)
  return true
}

function place({ pairing }: Engine, { rules }: MappingRuntime, side: Side): string {
  return `${pairing.connectors[side].connection}/${rules.object[side]}`
}

/**
 * Records that a write of another pairing is under way for, or may still arrive for: what is read now may be about to
 * change without anybody's doing.
 */
export async function busyElsewhere(
  engine: Engine,
  mapping: MappingRuntime,
  records: readonly RecordRef[],
): Promise<readonly Obstacle[]> {
  const busy: Obstacle[] = []
  for (const side of SIDES) {
    const ids = [...new Set(records.filter((record) => record.side === side).map(({ id }) => id))]
    if (ids.length === 0) continue
    for (const other of sharedWith(engine, mapping, side)) {
      const asked = ids.map((id) => ({ side: other.side, id }))
      const subjects = await engine.store.load({ mapping: other.mapping, records: asked })
      for (const { askedId, openIntent } of subjects) {
        if (openIntent?.side !== other.side) continue
        const isInHand = engine.inHand.has(openIntent.link)
        busy.push({
          record: { side, id: askedId },
          hand: isInHand ? openIntent.link : null,
          unsettled: isInHand ? null : openIntent,
        })
      }
    }
  }
  return busy
}
