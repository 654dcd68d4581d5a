/**
 * Pairs that collapse into one, since a record of theirs was merged into one that has a pair (algorithms 3.5): one stays,
 * and the counterpart of the other is a duplicate on its side, suppressed and reported.
 */
import type { LinkBase } from '../core/base.ts'
import { MERGED_AWAY } from '../core/match.ts'
import { otherSide, type Both, type Side, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { idOn, stepLink } from './link-changes.ts'
import { siblingsOf } from './siblings.ts'
import { closeBooks } from './vanish.ts'

/** `holder` keeps the survivor; this pair ends, and its counterpart must not be created on the merged side again. */
export async function collapse(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    link: Link
    base: LinkBase
    side: Side
    holder: Link
    snapshots: Both<Snapshot | null>
    moved: readonly Side[]
  },
): Promise<readonly Change[]> {
  const { link, side, holder, snapshots } = options
  const far = otherSide(side)
  const { mapping: name } = mapping.rules
  const because = `merged into ${holder[side]}, which has a pair`
  const changes: Change[] = [
    ...stepLink(engine, mapping, {
      link,
      to: { state: 'unlinked', ...idOn(far, null) },
      kind: 'unlink',
      side,
      record: link[side],
      because,
    }),
    ...closeBooks(engine, mapping, link, options.base),
  ]
  for (const moved of options.moved) {
    const survivor = snapshots[moved]
    const old = link[moved]
    if (!survivor || old === null) continue
    changes.push(aliasOf(engine, mapping, moved, old, survivor), {
      kind: 'forget-record',
      mapping: name,
      record: { side: moved, id: old },
    })
  }
  const counterpart = snapshots[far]?.key.id ?? null
  if (counterpart === null || counterpart === (await livingId(engine, mapping, far, holder))) return changes
  return [
    ...changes,
    ...leaveAlone(engine, mapping, {
      record: { side: far, id: counterpart },
      beside: holder[far] === null ? null : { side: far, id: holder[far] },
      because: `its counterpart ${link[side]} was merged into ${holder[side]}`,
    }),
  ]
}

/**
 * A record that lost its counterpart to another one is not created again, and a person is told. `beside`: who kept it, or
 * which record it was.
 */
export function leaveAlone(
  engine: Engine,
  mapping: MappingRuntime,
  {
    record,
    beside,
    because,
  }: { readonly record: RecordRef; readonly beside: RecordRef | null; readonly because: string },
): readonly Change[] {
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  return [
    // No other mapping of its object creates a counterpart in the place of the one that it lost (I9).
    ...[mapping, ...siblingsOf(engine, mapping, record.side)].map(({ rules }): Change => ({
      kind: 'suppress',
      mapping: rules.mapping,
      record,
      reason: MERGED_AWAY,
      atMs,
    })),
    {
      kind: 'put-review',
      review: {
        id: engine.runtime.id(),
        mapping: name,
        record,
        kind: 'duplicate',
        candidates: beside === null ? [] : [beside],
        because,
        atMs,
      },
    },
  ]
}

/** The id under which the holder's far record lives now: it may have been merged in the same breath. */
async function livingId(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  link: Link,
): Promise<string | null> {
  const id = link[side]
  if (id === null) return null
  const reading = (await fetchRecords(engine, mapping, side, [id], { edges: false })).get(id)
  return reading?.kind === 'found' ? reading.snapshot.key.id : id
}

export function aliasOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  from: string,
  survivor: Snapshot,
): Change {
  const { mapping: name } = mapping.rules
  return { kind: 'put-alias', mapping: name, side, from, to: survivor.key.id, atMs: engine.runtime.now() }
}
