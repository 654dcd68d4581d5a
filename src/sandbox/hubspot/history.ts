/** Version history of property values (HubSpot fact sheet 7.4). */
import type { ObjectType } from './object-types.ts'
import type { Source, StoredRecord, Values, Version } from './record-store.ts'
import { instant } from './wire.ts'

export const CALCULATED: Source = { type: 'CALCULATED', id: null, userId: null }

/** Oldest first. A value that never changed has one version, from the creation of its record. */
export function versionsOf(record: StoredRecord, property: string, derived: boolean): readonly Version[] {
  const kept = record.history[property]
  if (kept !== undefined) return kept
  const value = record.values[property]
  if (value === undefined) return []
  return [{ value, at: record.createdAt, source: derived ? CALCULATED : record.createdBy }]
}

/**
 * Remembers that `changes` replaced the values of `record` at `at`; call before the values are replaced.
 * `isDerived` tells which properties HubSpot sets by itself: their versions have another source.
 */
export function remember(
  record: StoredRecord,
  options: {
    type: ObjectType
    changes: readonly string[]
    next: Values
    at: number
    source: Source
    isDerived: (property: string) => boolean
  },
): void {
  for (const property of options.changes) {
    const derived = options.isDerived(property)
    const versions = [...versionsOf(record, property, derived)]
    versions.push({
      value: options.next[property] ?? '',
      at: options.at,
      source: derived ? CALCULATED : options.source,
    })
    record.history[property] = versions.slice(-options.type.versionsMax)
  }
}

/** Newest first, as `propertiesWithHistory` prints it. */
export function printVersions(versions: readonly Version[]): unknown[] {
  return versions.toReversed().map(({ value, at, source }) => ({
    value,
    timestamp: instant(at),
    sourceType: source.type,
    ...(source.id !== null && { sourceId: source.id }),
    ...(source.userId !== null && { updatedByUserId: source.userId }),
  }))
}
