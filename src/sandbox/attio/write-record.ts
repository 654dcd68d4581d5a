/** Carries out planned writes: records come, change and go, and the events of that are announced. Fact sheet 7 and 16.4. */
import { nextUuid } from './chance.ts'
import { stamp } from './instants.ts'
import { commit, newLedger, recordEvent } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import type { PlannedChange } from './plan-write.ts'
import { delist, enlist, referrersOf } from './record-index.ts'
import { dropReference, mirror, mirrorAct } from './relationships.ts'
import { newRow, replaceRows } from './timeline.ts'
import type { ValueData } from './value.ts'
import { currentValues, objectOf, PARENT_SLUG } from './workspace.ts'
import type { Act, ObjectType, StoredRecord, Workspace } from './workspace.ts'

export function createRecord(
  workspace: Workspace,
  options: {
    object: ObjectType
    changes: readonly PlannedChange[]
    act: Act
    createdSkewMs?: number
    /** Of an entry. */
    parentId?: string
  },
): StoredRecord {
  const { object, changes, act, parentId } = options
  const record = bareRecord(workspace, {
    object,
    act,
    createdValueMs: act.atMs - (options.createdSkewMs ?? 0),
    ...(parentId === undefined ? {} : { parentId }),
  })
  enlist(workspace, object, record)
  const ledger = newLedger()
  ledger.events.push(recordEvent(workspace, 'created', { record, act }))
  const initial = workspace.settings.initialValueEvents
    ? ledger
    : { ...newLedger(), mirrored: ledger.mirrored }
  for (const change of changes) applyChange(workspace, { record, change, act, ledger: initial })
  commit(workspace, ledger, act)
  const { settings } = workspace
  const dueMs = act.atMs + settings.enrichmentDelayMs
  if (object.isStandard && object.slug === 'people' && settings.createCompanies) {
    workspace.chores.add(dueMs, { kind: 'link-company', recordId: record.id })
  }
  if (object.isStandard && settings.enrichment && ['people', 'companies'].includes(object.slug)) {
    workspace.chores.add(dueMs, { kind: 'enrich', recordId: record.id })
  }
  return record
}

/** A record with nothing but its system values, not listed yet. */
export function bareRecord(
  workspace: Workspace,
  options: { object: ObjectType; act: Act; createdValueMs: number; parentId?: string },
): StoredRecord {
  const { object, act, createdValueMs, parentId } = options
  const record: StoredRecord = {
    id: nextUuid(workspace.chance),
    objectId: object.id,
    createdAtMs: act.atMs,
    createdValueMs,
    current: new Map(),
    past: new Map(),
    lastWriteMs: act.atMs,
    settlesAtMs: act.atMs,
  }
  const system: Readonly<Record<string, ValueData>> = {
    [object.list ? 'entry_id' : 'record_id']: { kind: 'text', value: record.id },
    created_at: { kind: 'timestamp', value: stamp(createdValueMs) },
    created_by: { kind: 'actor-reference', actor: act.actor },
    ...(object.list && parentId !== undefined
      ? {
          [PARENT_SLUG]: {
            kind: 'record-reference',
            objectId: object.list.parentObjectId,
            recordId: parentId,
          },
        }
      : {}),
  }
  for (const attribute of object.attributes) {
    const data = attribute.isSystem ? system[attribute.slug] : undefined
    if (data) record.current.set(attribute.id, [newRow(data, act)])
  }
  return record
}

export function updateRecord(
  workspace: Workspace,
  options: { record: StoredRecord; changes: readonly PlannedChange[]; act: Act },
): void {
  const { record, changes, act } = options
  record.lastWriteMs = act.atMs
  const ledger = newLedger()
  for (const change of changes) applyChange(workspace, { record, change, act, ledger })
  commit(workspace, ledger, act)
}

export function deleteRecord(
  workspace: Workspace,
  options: { object: ObjectType; record: StoredRecord; act: Act },
): void {
  const { object, record, act } = options
  const ledger = newLedger()
  ledger.events.push(recordEvent(workspace, 'deleted', { record, act }))
  // Open question 15: references to the record and its entries vanish with it, seen as the vendor's own doing.
  for (const referrer of referrersOf(workspace, record.id)) {
    if (referrer.attribute.isPseudo) {
      deleteRecord(workspace, {
        object: objectOf(workspace, referrer.record),
        record: referrer.record,
        act: mirrorAct(workspace, act),
      })
    } else if (referrer.record !== record) {
      dropReference(workspace, { ...referrer, targetId: record.id, act, ledger })
    }
  }
  delist(workspace, object, record)
  workspace.departed.set(record.id, { record, atMs: act.atMs, into: null })
  commit(workspace, ledger, act)
}

function applyChange(
  workspace: Workspace,
  options: { record: StoredRecord; change: PlannedChange; act: Act; ledger: Ledger },
): void {
  const { record, change, act, ledger } = options
  const { attribute } = change
  const before = currentValues(record, attribute.id)
  const rows = change.next.map((each) => (each.fromMs === undefined ? newRow(each.data, act) : each))
  if (rows.length === before.length && rows.every((row, index) => row === before[index])) return
  replaceRows(workspace, { record, attribute, rows, atMs: act.atMs })
  ledger.events.push(recordEvent(workspace, 'updated', { record, act, attribute }))
  if (attribute.inverseId) mirror(workspace, { record, attribute, before, rows, act, ledger })
}
