/** What people do in HubSpot's user interface (HubSpot fact sheet 18.2, 20.3). */
import { EditRefused, type HumanEdit } from '../model.ts'
import { recountAround } from './association-counts.ts'
import { addAssociation } from './associations-api.ts'
import type { AssociationDefinition } from './association-types.ts'
import { AUTOMATION } from './lifecycle-automation.ts'
import { mergeRecords } from './merge.ts'
import type { ObjectType } from './object-types.ts'
import { archiveRecord, BIN_MS, finishWrite } from './objects.ts'
import type { Portal } from './portal.ts'
import { prepareSingle } from './prepare-write.ts'
import type { Source, StoredRecord } from './record-store.ts'
import { Problem } from './wire.ts'
import { commitWrite } from './write.ts'

/** Makes the edit, or throws `EditRefused` with the reason. */
export function makeEdit(portal: Portal, edit: HumanEdit): { readonly id: string } {
  const actor = portal.owners.actor(edit.actor)
  if (actor === undefined) throw new EditRefused(`There is no user ${edit.actor}`)
  const source: Source = edit.automated
    ? AUTOMATION
    : { type: 'CRM_UI', id: `userId:${actor.userId}`, userId: actor.userId }
  try {
    if (edit.object === 'owners') return editOwner(portal, edit)
    return editRecord(portal, portal.types.resolve(edit.object), { edit, source })
  } catch (error) {
    if (error instanceof Problem) throw new EditRefused(error.message, { cause: error })
    throw error
  }
}

/** Owners come from users: people join and leave, nobody writes an owner. */
function editOwner(portal: Portal, edit: HumanEdit): { readonly id: string } {
  const id = edit.id ?? ''
  const isLeaving = edit.action === 'delete'
  if (!isLeaving && edit.action !== 'restore')
    throw new EditRefused(`Owners cannot be changed by ${edit.action}`)
  if (!portal.owners.setArchived(id, isLeaving, portal.clock())) {
    throw new EditRefused(`Owner ${id} cannot ${isLeaving ? 'leave' : 'come back'}`)
  }
  return { id }
}

function editRecord(
  portal: Portal,
  type: ObjectType,
  { edit, source }: { edit: HumanEdit; source: Source },
): { readonly id: string } {
  switch (edit.action) {
    case 'create':
    case 'update': {
      const record = edit.action === 'create' ? null : live(portal, type, edit.id)
      const properties = edit.values ?? {}
      const draft = prepareSingle(portal, {
        type,
        record,
        properties,
        source,
        viaApi: false,
        checksForm: false,
      })
      return { id: finishWrite(portal, commitWrite(portal, draft), [], source).record.id }
    }
    case 'delete': {
      const record = live(portal, type, edit.id)
      archiveRecord(portal, record, source)
      return { id: record.id }
    }
    case 'restore':
      return { id: restore(portal, type, edit.id ?? '', source).id }
    case 'merge': {
      const primary = live(portal, type, edit.id)
      const other = live(portal, type, edit.other?.id)
      return { id: mergeRecords(portal, type, { primary, other, source }).id }
    }
    case 'associate':
    case 'dissociate': {
      const record = live(portal, type, edit.id)
      associate(portal, { record, edit, source })
      return { id: record.id }
    }
    case 'convert':
      throw new EditRefused('HubSpot has no records that are converted into others')
  }
}

function live(portal: Portal, type: ObjectType, id: string | undefined): StoredRecord {
  const record = id === undefined ? undefined : portal.records.resolve(type.typeId, id)
  if (record === undefined) throw new EditRefused(`There is no ${type.singular} ${id}`)
  return record
}

/** The same id, readable again; a unique value that somebody else took meanwhile prevents it. */
function restore(portal: Portal, type: ObjectType, id: string, source: Source): StoredRecord {
  const record = portal.records.find(type.typeId, id)
  const isRestorable =
    record?.state === 'archived' && record.archivedAt !== null && record.archivedAt > portal.clock() - BIN_MS
  if (!isRestorable) throw new EditRefused(`The ${type.singular} ${id} is not in the recycle bin`)
  for (const property of portal.records.uniqueProperties(type.typeId)) {
    const value = record.values[property]
    if (value !== undefined && portal.records.holder(type.typeId, property, value) !== undefined) {
      throw new EditRefused(`Another ${type.singular} has the ${property} ${value} by now`)
    }
  }
  portal.records.restore(record)
  record.revision++
  portal.reindex(record, record.values)
  recountAround(portal, record)
  portal.announce(record, source, {
    kind: 'restore',
    details: { objectId: record.serial, changeFlag: 'NEW' },
  })
  return record
}

function associate(
  portal: Portal,
  { record, edit, source }: { record: StoredRecord; edit: HumanEdit; source: Source },
): void {
  if (edit.other === undefined) throw new EditRefused('An association needs its other end')
  const target = portal.types.resolve(edit.other.object)
  const other = live(portal, target, edit.other.id)
  const definition = definitionOf(portal, record.typeId, target, edit.other.label)
  const changes =
    edit.action === 'associate'
      ? addAssociation(portal, record, other, [definition])
      : portal.associations.remove(record, other, [definition])
  portal.announceAssociations(changes, source)
}

function definitionOf(
  portal: Portal,
  from: string,
  target: ObjectType,
  label: string | undefined,
): AssociationDefinition {
  const wanted = label?.toLowerCase() ?? null
  const found = portal.associationTypes
    .between(from, target.typeId)
    .find((definition) => (definition.label?.toLowerCase() ?? null) === wanted)
  if (found === undefined) throw new EditRefused(`There is no association ${label ?? ''} to ${target.plural}`)
  return found
}
