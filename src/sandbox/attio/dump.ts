/** The ground truth of tests: every record in a compact form, without envelopes. */
import type { Dump, DumpedRecord } from '../model.ts'
import type { StoredValue } from './value.ts'
import { objectById } from './workspace.ts'
import type { Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

/**
 * Live records by object slug and id, with the attributes that hold something; and merged ones, which name the
 * record they became. A deleted record is held no more. References are `{object, id}`, amounts bare numbers.
 */
export function dumpWorkspace(workspace: Workspace): Dump {
  const dump: Record<string, Record<string, DumpedRecord>> = {}
  for (const object of workspace.objects) {
    const records: Record<string, DumpedRecord> = {}
    for (const record of object.listing) records[record.id] = dumpRecord(workspace, object, record, null)
    dump[object.slug] = records
  }
  for (const { record, into } of workspace.departed.values()) {
    const object = objectById(workspace, record.objectId)
    const records = object && dump[object.slug]
    if (into !== null && object && records) records[record.id] = dumpRecord(workspace, object, record, into)
  }
  return dump
}

function dumpRecord(
  workspace: Workspace,
  object: ObjectType,
  record: StoredRecord,
  into: string | null,
): DumpedRecord {
  const values: Record<string, unknown> = {}
  for (const attribute of object.attributes) {
    const rows = record.current.get(attribute.id)
    if (rows) values[attribute.slug] = rows.map((row) => compact(workspace, attribute, row))
  }
  return { values, state: into === null ? 'live' : 'merged', into, associations: [] }
}

function compact(workspace: Workspace, attribute: Attribute, { data }: StoredValue): unknown {
  switch (data.kind) {
    case 'text':
    case 'date':
    case 'timestamp':
    case 'number':
    case 'currency':
    case 'rating':
    case 'checkbox':
      return data.value
    case 'select':
    case 'status':
      return attribute.options.find((option) => option.id === data.optionId)?.title ?? data.optionId
    case 'record-reference':
      return { object: objectById(workspace, data.objectId)?.slug ?? data.objectId, id: data.recordId }
    case 'actor-reference':
      return data.actor
    case 'location':
      return data.location
    case 'domain':
      return data.domain
    case 'email-address':
      return data.address
    case 'phone-number':
      return data.number
    case 'personal-name':
      return { first_name: data.first, last_name: data.last, full_name: data.full }
    case 'interaction':
      return { interaction_type: data.interactionType, interacted_at: data.interactedAt }
  }
}
