/** What a workspace member does in Attio's user interface: the same rules, another actor, no rate limits. */
import { EditRefused } from '../model.ts'
import type { HumanEdit } from '../model.ts'
import { objectNamed } from './call.ts'
import { AttioFault } from './fault.ts'
import { mergeRecords } from './merge-records.ts'
import { planWrite } from './plan-write.ts'
import type { Actor } from './value.ts'
import type { Act, Member, ObjectType, StoredRecord, Workspace } from './workspace.ts'
import { createRecord, deleteRecord, updateRecord } from './write-record.ts'

/** Values are in the API's own write format; a multi-select becomes exactly what is given. */
export function editAsHuman(workspace: Workspace, edit: HumanEdit): { readonly id: string } {
  const act: Act = { atMs: workspace.clock(), actor: actorOf(workspace, edit) }
  try {
    return applyEdit(workspace, edit, act)
  } catch (error) {
    if (!(error instanceof AttioFault)) throw error
    throw new EditRefused(error.explain(), { cause: error })
  }
}

/** Which actor a workflow signs with is not documented; `app` is the type that no person and no token has. */
function actorOf(workspace: Workspace, edit: HumanEdit): Actor {
  if (edit.automated) return { type: 'app', id: null }
  if (edit.actor === 'system') return { type: 'system', id: null }
  return { type: 'workspace-member', id: memberOf(workspace, edit.actor).id }
}

function memberOf(workspace: Workspace, key: string | undefined): Member {
  const member =
    key === undefined
      ? workspace.members.find((each) => each.accessLevel === 'admin')
      : workspace.members.find((each) => each.id === key || each.email === key.toLowerCase())
  if (!member) throw new EditRefused(`There is no workspace member "${key}".`)
  if (member.accessLevel === 'suspended') throw new EditRefused(`${member.email} is suspended.`)
  return member
}

function applyEdit(workspace: Workspace, edit: HumanEdit, act: Act): { readonly id: string } {
  const object = objectNamed(workspace, edit.object)
  const values = edit.values ?? {}
  const prepends = (): boolean => false
  switch (edit.action) {
    case 'create': {
      const changes = planWrite(workspace, { object, record: null, values, prepends }, act)
      const createdSkewMs = workspace.settings.uiCreationSkewMs
      return { id: createRecord(workspace, { object, changes, act, createdSkewMs }).id }
    }
    case 'update': {
      const record = liveRecord(workspace, { object, id: edit.id, act })
      const changes = planWrite(workspace, { object, record, values, prepends }, act)
      updateRecord(workspace, { record, changes, act })
      return { id: record.id }
    }
    case 'delete': {
      const record = liveRecord(workspace, { object, id: edit.id, act })
      deleteRecord(workspace, { object, record, act })
      return { id: record.id }
    }
    case 'merge': {
      const primary = liveRecord(workspace, { object, id: edit.id, act })
      const secondary = liveRecord(workspace, { object, id: edit.other?.id, act })
      const merged = mergeRecords(workspace, {
        object,
        primaryId: primary.id,
        secondaryId: secondary.id,
        act,
      })
      return { id: merged.id }
    }
    case 'restore':
      throw new EditRefused('Attio has no recycle bin: a deleted record cannot be restored.')
    case 'associate':
    case 'dissociate':
      throw new EditRefused('Attio keeps references as attributes: update the attribute instead.')
    case 'convert':
      throw new EditRefused('Attio has nothing that is converted into something else.')
  }
}

function liveRecord(
  workspace: Workspace,
  options: { object: ObjectType; id: string | undefined; act: Act },
): StoredRecord {
  const { object, id, act } = options
  const record = id === undefined ? undefined : workspace.records.get(id)
  if (!record || record.objectId !== object.id)
    throw new EditRefused(`There is no ${object.slug} record "${id}".`)
  if (act.atMs < record.settlesAtMs) throw new EditRefused(`Record "${id}" is still being merged.`)
  return record
}
