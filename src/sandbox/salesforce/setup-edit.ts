/** What admins do in Setup: users, record types, fields, sessions, permissions. */
import { EditRefused, type HumanEdit } from '../model.ts'
import type { Actor } from './actor.ts'
import { normalId } from './ids.ts'
import type { Org } from './org.ts'
import { inTransaction } from './rows/transaction.ts'
import { changeRow, editStamps, insertRow } from './rows/store-row.ts'
import type { Scalar } from './rows/row-store.ts'
import { addCustomField } from './schema/custom-field.ts'
import { addCustomObject } from './schema/custom-object.ts'
import type { Sessions } from './sessions.ts'
import { derivePerson } from './rows/derive.ts'

interface SetupEdit {
  readonly sessions: Sessions
  readonly actor: Actor
  readonly edit: HumanEdit
}

/** Null when the edit is about a record that people work with. */
export function editSetup(org: Org, setup: SetupEdit): { readonly id: string } | null {
  const { edit } = setup
  switch (edit.object) {
    case 'User':
      return editUser(org, setup)
    case 'RecordType':
      return addRecordType(org, setup)
    case 'CustomField':
      return addField(org, setup)
    case 'CustomObject':
      requireAction(edit, 'create')
      return { id: addCustomObject(org, definitionOf(edit)) }
    case 'AuthSession':
      return endSessions(setup)
    default:
      return null
  }
}

/** Users are never deleted: they leave (`delete`) and come back (`restore`). */
function editUser(org: Org, { actor, edit }: SetupEdit): { readonly id: string } {
  const type = org.schema.type('User')
  if (edit.action === 'create') {
    const values = { ...(edit.values as Record<string, Scalar> | undefined) }
    if (typeof values['LastName'] !== 'string' || typeof values['Email'] !== 'string') {
      throw new EditRefused('A user needs LastName and Email')
    }
    derivePerson(values)
    const row = inTransaction(org, actor, (transaction) =>
      insertRow(transaction, type, {
        Username: values['Email'] ?? '',
        IsActive: true,
        UserType: 'Standard',
        TimeZoneSidKey: org.settings.timeZone,
        ...values,
      }),
    )
    return { id: row.id }
  }
  const row = org.rows.find('User', normalId(edit.id ?? '') ?? '')
  if (row === undefined) throw new EditRefused(`There is no user ${edit.id}`)
  const changes =
    edit.action === 'update'
      ? (edit.values as Record<string, Scalar>)
      : { IsActive: edit.action === 'restore' }
  if (!['update', 'delete', 'restore'].includes(edit.action)) {
    throw new EditRefused(`Users cannot be changed by ${edit.action}`)
  }
  const values: Record<string, Scalar> = { ...row.values, ...changes, ...editStamps(org, actor.userId) }
  derivePerson(values)
  inTransaction(org, actor, (transaction) => changeRow(transaction, row, { values }))
  return { id: row.id }
}

/** `values`: `SobjectType`, `DeveloperName`, `Name`, and `picklists`: field → values that the type offers. */
function addRecordType(org: Org, { actor, edit }: SetupEdit): { readonly id: string } {
  requireAction(edit, 'create')
  const { SobjectType, DeveloperName, Name, picklists = {} } = edit.values ?? {}
  const type = org.schema.find(String(SobjectType))
  if (type?.definition.optional.recordTypes === undefined || typeof DeveloperName !== 'string') {
    throw new EditRefused(
      'A record type needs DeveloperName and the SobjectType of an object that can have one',
    )
  }
  const entry = org.recordTypes.add(
    org,
    {
      object: type.name,
      developerName: DeveloperName,
      name: typeof Name === 'string' ? Name : DeveloperName,
      picklists: picklists as Readonly<Record<string, readonly string[]>>,
    },
    actor.userId,
  )
  return { id: entry.id }
}

/** `values`: `FullName` and `Metadata`, as the Tooling API takes them. The wizard makes the field visible to all. */
function addField(org: Org, { actor, edit }: SetupEdit): { readonly id: string } {
  requireAction(edit, 'create')
  const definition = definitionOf(edit)
  const id = addCustomField(org, definition)
  const [object = ''] = definition.fullName.split('.')
  const permissions = org.schema.type('FieldPermissions')
  inTransaction(org, actor, (transaction) => {
    for (const { id: ParentId, values } of org.rows.all('PermissionSet')) {
      if (values['IsOwnedByProfile'] !== true) continue
      insertRow(transaction, permissions, {
        ParentId,
        SobjectType: object,
        Field: definition.fullName,
        PermissionsRead: true,
        PermissionsEdit: true,
      })
    }
  })
  return { id }
}

function definitionOf({ values = {} }: HumanEdit): {
  fullName: string
  metadata: Readonly<Record<string, unknown>>
} {
  const { FullName, Metadata } = values
  if (typeof FullName !== 'string' || typeof Metadata !== 'object' || Metadata === null) {
    throw new EditRefused('A definition needs FullName and Metadata')
  }
  return { fullName: FullName, metadata: Metadata as Readonly<Record<string, unknown>> }
}

/** Ends all sessions of a user, or one by its token. */
function endSessions({ sessions, edit }: SetupEdit): { readonly id: string } {
  requireAction(edit, 'delete')
  const id = edit.id ?? ''
  if (sessions.endAll(normalId(id) ?? id) === 0 && !sessions.revoke(id)) {
    throw new EditRefused(`There is no session of ${id}`)
  }
  return { id }
}

function requireAction({ action, object }: HumanEdit, wanted: HumanEdit['action']): void {
  if (action !== wanted) throw new EditRefused(`${object} cannot be changed by ${action}`)
}
