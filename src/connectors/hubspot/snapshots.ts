/** From a record on the wire to a snapshot, and the ids under which a merged record is still known. */
import type { Snapshot } from '../../core/record.ts'
import type { FieldValue, FieldValues } from '../../core/value.ts'
import type { Catalogue } from './catalogue.ts'
import { decodeValue, type ValueKind } from './values.ts'
import type { WireRecord, WireValues } from './wire.ts'

/**
 * Both list the ids a record absorbed, `;`-separated; older contacts carry the second, as `id:timestamp`
 * (HubSpot fact sheet 18.1). Objects that do not define one leave it out silently.
 */
export const MERGE_PROPERTIES = ['hs_merged_object_ids', 'hs_calculated_merged_vids'] as const

/** Ids that were merged into this record; asking for one of them answers with this record. */
export function absorbedIds(record: WireRecord): readonly string[] {
  return MERGE_PROPERTIES.flatMap((property) =>
    (record.properties[property] ?? '')
      .split(';')
      .map((element) => element.split(':')[0]?.trim() ?? '')
      .filter((id) => id !== ''),
  )
}

export interface SnapshotMaker {
  /** `edges`: edge fields that were read for this record. */
  make(record: WireRecord, edges?: FieldValues): Snapshot
}

export async function snapshotMaker(
  catalogue: Catalogue,
  options: { connection: string; object: string; properties: readonly string[]; readAtMs: number },
): Promise<SnapshotMaker> {
  const { connection, object, properties, readAtMs } = options
  const kindOf = await catalogue.kinds(object, properties)
  return {
    make: (record, edges = {}) => {
      const absorbed = absorbedIds(record)
      return {
        key: { connection, object, id: record.id },
        values: { ...decodeValues(record.properties, properties, kindOf), ...edges },
        version: record.updatedAt,
        readAtMs,
        evidence: {},
        ...(absorbed.length > 0 && { absorbed }),
      }
    },
  }
}

/** The asked properties that the answer has. One that HubSpot does not know is left out: it was not read. */
export function decodeValues(
  wire: WireValues,
  properties: readonly string[],
  kindOf: (property: string) => ValueKind,
): FieldValues {
  const values: Record<string, FieldValue> = {}
  for (const property of properties) {
    const value = wire[property]
    if (value !== undefined) values[property] = decodeValue(kindOf(property), value)
  }
  return values
}
