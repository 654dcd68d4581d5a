/** Committing a write: derived values, modified date, history, search index, webhooks. */
import { derive } from './derive.ts'
import { remember } from './history.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { Draft } from './prepare-write.ts'
import type { Source, StoredRecord, Values } from './record-store.ts'
import { instant } from './wire.ts'

export interface Written {
  readonly record: StoredRecord
  readonly created: boolean
  /** Named by the caller, and changed by the write: what the answer shows (7.6). */
  readonly sent: ReadonlySet<string>
  readonly changed: readonly string[]
}

export function commitWrite(portal: Portal, draft: Draft): Written {
  const { intent, next, sent } = draft
  const { type, source } = intent
  const now = portal.clock()
  const before = intent.record?.values ?? null
  derive(portal, { type, before, next, sent, now, source })

  if (intent.record === null) {
    const record = insertRecord(portal, { type, next, now, source })
    announceCreation(portal, record, { sent, source })
    return { record, created: true, sent, changed: Object.keys(record.values) }
  }
  const record = intent.record
  const changed = differences(record.values, next)
  // A write that changes nothing leaves the modified date alone and reports nothing (7.6).
  if (changed.length === 0) return { record, created: false, sent, changed }
  next[type.modifiedProperty] = instant(now)
  if (source.userId !== null) next['hs_updated_by_user_id'] = String(source.userId)
  remember(record, { type, changes: changed, next, at: now, source, isDerived: (name) => !sent.has(name) })
  portal.records.replaceValues(record, next)
  record.updatedAt = now
  portal.reindex(record, next)
  for (const name of changed) {
    announceProperty(
      portal,
      record,
      name,
      sent.has(name) ? source : { ...source, type: 'CALCULATED', id: null },
    )
  }
  return { record, created: false, sent, changed }
}

/** Puts a new record into the portal; ids and the properties that repeat them are set here. */
export function insertRecord(
  portal: Portal,
  options: {
    type: ObjectType
    next: Record<string, string>
    now: number
    source: Source
    createdAt?: number
  },
): StoredRecord {
  const { type, next, now } = options
  const serial = portal.nextSerial()
  const id = String(serial)
  next['hs_object_id'] = id
  if (type.plural === 'contacts') next['hs_all_contact_vids'] = id
  if (type.plural === 'tickets') next['hs_ticket_id'] = id
  if (type.plural === 'notes' || type.plural === 'tasks') next['hs_obj_coords'] = `${type.typeId}-${id}`
  next[type.modifiedProperty] = instant(now)
  const record: StoredRecord = {
    id,
    serial,
    typeId: type.typeId,
    values: next,
    history: {},
    createdAt: options.createdAt ?? now,
    createdBy: options.source,
    updatedAt: now,
    state: 'live',
    archivedAt: null,
    into: null,
    revision: 0,
  }
  portal.records.insert(record)
  portal.reindex(record, next)
  return record
}

export function announceProperty(portal: Portal, record: StoredRecord, name: string, source: Source): void {
  portal.announce(record, source, {
    kind: 'propertyChange',
    propertyName: name,
    details: {
      objectId: record.serial,
      propertyName: name,
      propertyValue: record.values[name] ?? '',
      isSensitive: false,
    },
  })
}

function differences(before: Values, next: Values): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(next)])
  return [...names].filter((name) => before[name] !== next[name])
}

function announceCreation(
  portal: Portal,
  record: StoredRecord,
  options: { sent: ReadonlySet<string>; source: Source },
): void {
  const details = { objectId: record.serial, changeFlag: 'CREATED' }
  portal.announce(record, options.source, { kind: 'creation', details })
  if (!portal.settings.webhooksAtCreation) return
  for (const name of options.sent) {
    if (record.values[name] !== undefined) announceProperty(portal, record, name, options.source)
  }
}
