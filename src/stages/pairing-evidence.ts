/** What says that two records belong together: the first matching rule by which they recognise each other. */
import type { RecordId, Side, Snapshot } from '../core/record.ts'
import type { MappingRuntime } from './engine.ts'
import { refKey } from './work.ts'

export interface Evidence {
  readonly by: 'key' | 'stamp'
  /** The fields of the rule on both sides; empty for a stamp. */
  readonly rule: string
  readonly strength: 'strong' | 'weak'
  /** How many equal keys the records share. */
  readonly keys: number
}

/** A record as the rehearsal read it. */
export interface Seen {
  readonly side: Side
  readonly snapshot: Snapshot
}

export function strongestEvidence(
  mapping: MappingRuntime,
  left: readonly RecordId[],
  right: readonly RecordId[],
  snapshots: ReadonlyMap<string, Seen>,
): Evidence | null {
  const found = left.flatMap((leftId) =>
    right.flatMap((rightId) => {
      const ofLeft = snapshots.get(refKey({ side: 'left', id: leftId }))?.snapshot
      const ofRight = snapshots.get(refKey({ side: 'right', id: rightId }))?.snapshot
      return ofLeft && ofRight ? (evidenceOf(mapping, ofLeft, ofRight) ?? []) : []
    }),
  )
  return found.find(({ strength }) => strength === 'strong') ?? found[0] ?? null
}

/** The first rule by which the two recognise each other. */
export function evidenceOf(mapping: MappingRuntime, left: Snapshot, right: Snapshot): Evidence | null {
  for (const rule of mapping.rules.match) {
    const known = new Set(rule.keys.left(left.values))
    const keys = rule.keys.right(right.values).filter((key) => known.has(key)).length
    if (keys === 0) continue
    const [ofLeft, ofRight] = [rule.fields.left.join(', '), rule.fields.right.join(', ')]
    return { by: 'key', rule: `${ofLeft} = ${ofRight}`, strength: rule.strength, keys }
  }
  return null
}
