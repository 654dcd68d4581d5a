/**
 * Carries out planned writes: appends to the value timeline, keeps both ends of relationships in step and
 * collects the events of the change. Attio fact sheet 7, 16.4 and 17.6.
 */
import { nextUuid } from './chance.ts'
import { stamp } from './instants.ts'
import type { PlannedChange } from './plan-write.ts'
import { delist, enlist, referrersOf, setCurrent } from './record-index.ts'
import { SYSTEM } from './value.ts'
import type { StoredValue, ValueData } from './value.ts'
import type { EventType, WebhookEvent } from './webhook.ts'
import { announce } from './webhook-queue.ts'
import { currentValues, objectById } from './workspace.ts'
import type { Act, Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

/** The events of one change: those of the writer, and those of the far ends, which come later. */
interface Ledger {
  readonly events: WebhookEvent[]
  readonly mirrored: WebhookEvent[]
}

const newLedger = (): Ledger => ({ events: [], mirrored: [] })

export function recordEvent(
  workspace: Workspace,
  type: EventType,
  options: { record: StoredRecord; act: Act; attribute?: Attribute },
): WebhookEvent {
  const { record, act, attribute } = options
  const id = { workspace_id: workspace.id, object_id: record.objectId, record_id: record.id }
  return {
    event_type: type,
    id: attribute ? { ...id, attribute_id: attribute.id } : id,
    actor: act.actor,
  }
}

/** Announces the events and plans what the vendor does about a change on its own. */
function commit(workspace: Workspace, ledger: Ledger, act: Act): void {
  announce(workspace, ledger.events, act.atMs)
  if (ledger.mirrored.length > 0) {
    const dueMs = act.atMs + workspace.settings.mirrorEventDelayMs
    workspace.chores.add(dueMs, { kind: 'announce', events: ledger.mirrored })
  }
}

export function createRecord(
  workspace: Workspace,
  options: { object: ObjectType; changes: readonly PlannedChange[]; act: Act; createdSkewMs?: number },
): StoredRecord {
  const { object, changes, act } = options
  const record = bareRecord(workspace, {
    object,
    act,
    createdValueMs: act.atMs - (options.createdSkewMs ?? 0),
  })
  enlist(workspace, object, record)
  const ledger = newLedger()
  ledger.events.push(recordEvent(workspace, 'record.created', { record, act }))
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
  options: { object: ObjectType; act: Act; createdValueMs: number },
): StoredRecord {
  const { object, act, createdValueMs } = options
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
    record_id: { kind: 'text', value: record.id },
    created_at: { kind: 'timestamp', value: stamp(createdValueMs) },
    created_by: { kind: 'actor-reference', actor: act.actor },
  }
  for (const attribute of object.attributes) {
    const data = attribute.isSystem ? system[attribute.slug] : undefined
    if (data) record.current.set(attribute.id, [newRow(data, act)])
  }
  return record
}

const newRow = (data: ValueData, act: Act): StoredValue => ({
  data,
  fromMs: act.atMs,
  untilMs: null,
  actor: act.actor,
})

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
  ledger.events.push(recordEvent(workspace, 'record.deleted', { record, act }))
  // Open question 15: references to the record vanish with it, seen as the vendor's own doing.
  for (const referrer of referrersOf(workspace, record.id)) {
    if (referrer.record !== record)
      dropReference(workspace, { ...referrer, targetId: record.id, act, ledger })
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
  ledger.events.push(recordEvent(workspace, 'record.updated', { record, act, attribute }))
  if (attribute.inverseId) mirror(workspace, { record, attribute, before, rows, act, ledger })
}

/** Makes `rows` the current ones; rows that are no longer among them end now. */
export function replaceRows(
  workspace: Workspace,
  options: { record: StoredRecord; attribute: Attribute; rows: readonly StoredValue[]; atMs: number },
): void {
  const { record, attribute, rows, atMs } = options
  const ended = currentValues(record, attribute.id).filter((row) => !rows.includes(row))
  if (ended.length > 0) {
    const past = record.past.get(attribute.id) ?? []
    for (const row of ended) past.push({ ...row, untilMs: atMs })
    record.past.set(attribute.id, past)
  }
  setCurrent(workspace, record, attribute, rows)
}

const targetsOf = (rows: readonly StoredValue[]): readonly string[] =>
  rows.flatMap(({ data }) => (data.kind === 'record-reference' ? [data.recordId] : []))

/** Brings the far ends of a relationship into step with the near end that was just written. */
function mirror(
  workspace: Workspace,
  options: {
    record: StoredRecord
    attribute: Attribute
    before: readonly StoredValue[]
    rows: readonly StoredValue[]
    act: Act
    ledger: Ledger
  },
): void {
  const { record, attribute, act, ledger } = options
  const inverse = attribute.inverseId ? workspace.attributes.get(attribute.inverseId) : undefined
  if (!inverse) return
  const [old, now] = [targetsOf(options.before), targetsOf(options.rows)]
  for (const targetId of old) {
    const target = workspace.records.get(targetId)
    if (now.includes(targetId) || !target) continue
    dropReference(workspace, { record: target, attribute: inverse, targetId: record.id, act, ledger })
  }
  for (const targetId of now) {
    const target = workspace.records.get(targetId)
    if (target) addReference(workspace, { target, inverse, attribute, record, act, ledger })
  }
}

const mirrorAct = (workspace: Workspace, act: Act): Act =>
  workspace.settings.mirrorActor === 'system' ? { ...act, actor: SYSTEM } : act

/** A single-valued far end moves: its old partner loses it. Attio fact sheet 17.6. */
function addReference(
  workspace: Workspace,
  options: {
    target: StoredRecord
    inverse: Attribute
    attribute: Attribute
    record: StoredRecord
    act: Act
    ledger: Ledger
  },
): void {
  const { target, inverse, attribute, record, act, ledger } = options
  const held = currentValues(target, inverse.id)
  if (targetsOf(held).includes(record.id)) return
  const by = mirrorAct(workspace, act)
  const row = newRow({ kind: 'record-reference', objectId: record.objectId, recordId: record.id }, by)
  const rows = inverse.isMultiselect ? [...held, row] : [row]
  replaceRows(workspace, { record: target, attribute: inverse, rows, atMs: act.atMs })
  ledger.mirrored.push(
    recordEvent(workspace, 'record.updated', { record: target, act: by, attribute: inverse }),
  )
  if (inverse.isMultiselect) return
  for (const partnerId of targetsOf(held)) {
    const partner = workspace.records.get(partnerId)
    if (partner) dropReference(workspace, { record: partner, attribute, targetId: target.id, act, ledger })
  }
}

/** Ends the row of one attribute that points at a record. */
function dropReference(
  workspace: Workspace,
  options: { record: StoredRecord; attribute: Attribute; targetId: string; act: Act; ledger: Ledger },
): void {
  const { record, attribute, targetId, act, ledger } = options
  const held = currentValues(record, attribute.id)
  const rows = held.filter(({ data }) => data.kind !== 'record-reference' || data.recordId !== targetId)
  if (rows.length === held.length) return
  replaceRows(workspace, { record, attribute, rows, atMs: act.atMs })
  const by = mirrorAct(workspace, act)
  ledger.mirrored.push(recordEvent(workspace, 'record.updated', { record, act: by, attribute }))
}

export function objectOf(workspace: Workspace, record: StoredRecord): ObjectType {
  const object = objectById(workspace, record.objectId)
  if (!object) throw new Error(`Record ${record.id} has no object`)
  return object
}
