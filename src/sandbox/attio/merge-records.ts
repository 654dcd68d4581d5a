/**
 * Merging two records into a third: both originals are gone, references move to the new record, and two events
 * say so. Attio fact sheet 10.6. The vendor's user interface merges the same way.
 */
import { z } from 'zod'
import { data, inData, objectOfCall, parseBody } from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault } from './fault.ts'
import { recordEvent } from './ledger.ts'
import { delist, enlist, referrersOf } from './record-index.ts'
import { replaceRows } from './timeline.ts'
import { valueKey } from './value.ts'
import type { StoredValue } from './value.ts'
import type { WebhookEvent } from './webhook.ts'
import { currentValues } from './workspace.ts'
import type { Act, Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'
import { bareRecord } from './write-record.ts'

const mergeSchema = inData(z.object({ primary_record_id: z.uuid(), secondary_record_id: z.uuid() }))

export function postMerge(call: Call): Answer {
  const { workspace, act } = call
  const object = objectOfCall(call)
  const body = parseBody(mergeSchema, call.body).data
  const merged = mergeRecords(workspace, {
    object,
    primaryId: body.primary_record_id.toLowerCase(),
    secondaryId: body.secondary_record_id.toLowerCase(),
    act,
  })
  // 202: accepted, the result is not readable yet.
  return { status: merged.settlesAtMs > act.atMs ? 202 : 200, ...data({ new_record_id: merged.id }) }
}

export function mergeRecords(
  workspace: Workspace,
  options: { object: ObjectType; primaryId: string; secondaryId: string; act: Act },
): StoredRecord {
  const { object, primaryId, secondaryId, act } = options
  if (primaryId === secondaryId)
    throw new AttioFault(400, 'self_merge', 'A record cannot be merged with itself.')
  const primary = originalOf(workspace, object, primaryId)
  const secondary = originalOf(workspace, object, secondaryId)
  for (const record of [primary, secondary]) {
    if (act.atMs < record.settlesAtMs)
      throw new AttioFault(400, 'merge_in_progress', 'A merge is in progress.')
  }
  const merged = bareRecord(workspace, { object, act, createdValueMs: primary.createdValueMs })
  merged.settlesAtMs = act.atMs + workspace.settings.mergeSettleMs
  const incoming = [primary, secondary].flatMap((record) => referrersOf(workspace, record.id))
  for (const record of [primary, secondary]) {
    delist(workspace, object, record)
    workspace.departed.set(record.id, { record, atMs: act.atMs, into: merged.id })
  }
  for (const attribute of object.attributes) {
    if (attribute.isSystem && attribute.slug === 'record_id') continue
    const rows = mergedRows(workspace, attribute, primary, secondary).filter(
      ({ data: each }) =>
        each.kind !== 'record-reference' || (each.recordId !== primaryId && each.recordId !== secondaryId),
    )
    if (rows.length > 0) merged.current.set(attribute.id, rows)
    const past = [primary, secondary].flatMap((record) => record.past.get(attribute.id) ?? [])
    if (past.length > 0) merged.past.set(attribute.id, past)
  }
  enlist(workspace, object, merged)
  for (const { record, attribute } of incoming) {
    if (record !== primary && record !== secondary) {
      repoint(workspace, { record, attribute, from: [primaryId, secondaryId], to: merged, atMs: act.atMs })
    }
  }
  dropLostMirrors(workspace, merged, act.atMs)
  const events = [primary, secondary].map((record): WebhookEvent => ({
    ...recordEvent(workspace, 'merged', { record: merged, act }),
    duplicate_object_id: object.id,
    duplicate_record_id: record.id,
  }))
  workspace.chores.add(merged.settlesAtMs, { kind: 'announce', events })
  return merged
}

function originalOf(workspace: Workspace, object: ObjectType, id: string): StoredRecord {
  const record = workspace.records.get(id)
  if (record && record.objectId === object.id) return record
  throw new AttioFault(404, 'value_not_found', `Record with ID "${id}" was not found or has been merged.`)
}

/** The record that an id stands for now: of a merged record the one it became, through any number of merges. */
export function successorOf(workspace: Workspace, id: string): string {
  const into = workspace.departed.get(id)?.into
  return into ? successorOf(workspace, into) : id
}

/** The primary wins, the secondary fills gaps; in a multi-select a value the primary lacks is such a gap. */
function mergedRows(
  workspace: Workspace,
  attribute: Attribute,
  primary: StoredRecord,
  secondary: StoredRecord,
): readonly StoredValue[] {
  const [first, second] = [currentValues(primary, attribute.id), currentValues(secondary, attribute.id)]
  if (first.length === 0) return second
  if (!attribute.isMultiselect || workspace.settings.mergeMultiselect === 'primary') return first
  const held = new Set(first.map((row) => valueKey(row.data)))
  return [...first, ...second.filter((row) => !held.has(valueKey(row.data)))]
}

/** Makes a record that pointed at an original point at the result, once. */
function repoint(
  workspace: Workspace,
  options: {
    record: StoredRecord
    attribute: Attribute
    from: readonly string[]
    to: StoredRecord
    atMs: number
  },
): void {
  const { record, attribute, from, to, atMs } = options
  const isOld = ({ data: each }: StoredValue): boolean =>
    each.kind === 'record-reference' && from.includes(each.recordId)
  const held = currentValues(record, attribute.id)
  const firstOld = held.findIndex(isOld)
  if (firstOld < 0) return
  const rows = held.flatMap((row, index) => {
    if (!isOld(row)) return [row]
    const moved = { kind: 'record-reference', objectId: to.objectId, recordId: to.id } as const
    return index === firstOld ? [{ ...row, data: moved, fromMs: atMs }] : []
  })
  replaceRows(workspace, { record, attribute, rows, atMs })
}

/**
 * A far end whose near end lost against the primary's value must not point at the result: the company of the
 * secondary, say, no longer has this person in its team.
 */
function dropLostMirrors(workspace: Workspace, merged: StoredRecord, atMs: number): void {
  for (const { record, attribute } of referrersOf(workspace, merged.id)) {
    const near = attribute.inverseId ? workspace.attributes.get(attribute.inverseId) : undefined
    if (!near) continue
    const points = currentValues(merged, near.id).some(
      ({ data: each }) => each.kind === 'record-reference' && each.recordId === record.id,
    )
    if (points) continue
    const rows = currentValues(record, attribute.id).filter(
      ({ data: each }) => each.kind !== 'record-reference' || each.recordId !== merged.id,
    )
    replaceRows(workspace, { record, attribute, rows, atMs })
  }
}
