/** What the portal really holds, for tests. */
import type { Dump, DumpedRecord } from '../model.ts'
import type { Portal } from './portal.ts'
import type { StoredRecord } from './record-store.ts'

/** The ground truth: every record in every state, associations of live ones with their labels. */
export function dump(portal: Portal): Dump {
  const objects: Record<string, Record<string, DumpedRecord>> = {}
  for (const type of portal.types.all()) {
    const records: Record<string, DumpedRecord> = {}
    for (const record of portal.records.all(type)) {
      records[record.id] = {
        values: record.values,
        state: record.state,
        into: record.into,
        associations: record.state === 'live' ? dumpAssociations(portal, record) : [],
      }
    }
    objects[type.plural] = records
  }
  return objects
}

/** One row per label; a single row without label where an association has none. */
function dumpAssociations(portal: Portal, record: StoredRecord): DumpedRecord['associations'] {
  return [...portal.associations.all(record)]
    .filter((row) => portal.isVisible(row.to))
    .flatMap((row) => {
      const labels = portal.associations
        .definitions(record.typeId, row)
        .flatMap((definition) => (definition.role === 'primary' ? 'primary' : (definition.label ?? [])))
      const object = portal.types.byTypeId(row.to.typeId).plural
      const shown: (string | null)[] = labels.length > 0 ? labels : [null]
      return shown.map((label) => ({ object, id: row.to.id, label }))
    })
}
