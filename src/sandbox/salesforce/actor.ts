/** Who does something in the org, and what that may be. */
import type { Field } from './catalogue/field.ts'
import type { Org } from './org.ts'
import { indexKey } from './rows/value-index.ts'
import type { ObjectType } from './schema/object-type.ts'

export interface Actor {
  readonly userId: string
  /** People work in the user interface, with all rights of an admin; clients have the rights of their user. */
  readonly kind: 'api' | 'person'
  /** As change events tell it: `com/salesforce/api/rest/64.0;client=name` (Salesforce fact sheet 21, 22). */
  readonly origin: string
  /** Saves although an alerting duplicate rule objects (6.3). */
  readonly allowDuplicates: boolean
  /** Assignment rules apply (4). */
  readonly assigns: boolean
}

/**
 * Field-level security: an invisible field does not exist for the user (18). Standard fields are visible unless the
 * settings hide them; custom ones when a permission set of the user says so, which nobody does by creating them
 * through an API.
 */
export function canRead(org: Org, actor: Actor, type: ObjectType, field: Field): boolean {
  if (actor.kind === 'person' || !field.permissionable) return true
  const path = `${type.name}.${field.name}`
  if (org.settings.hiddenFields.includes(path)) return false
  return !field.custom || isGranted(org, actor, path, 'PermissionsRead')
}

export function canEdit(org: Org, actor: Actor, type: ObjectType, field: Field): boolean {
  if (actor.kind === 'person') return true
  const path = `${type.name}.${field.name}`
  const { hiddenFields, readOnlyFields } = org.settings
  if (hiddenFields.includes(path) || readOnlyFields.includes(path)) return false
  return !field.custom || !field.permissionable || isGranted(org, actor, path, 'PermissionsEdit')
}

/** The fields of a type that the actor can see, in the order of the definition. */
export function readableFields(org: Org, actor: Actor, type: ObjectType): readonly Field[] {
  return type.fields.filter((field) => canRead(org, actor, type, field))
}

/** The field an actor means by a name, case aside; undefined also when it is not visible. */
export function visibleField(org: Org, actor: Actor, type: ObjectType, name: string): Field | undefined {
  const field = type.byName.get(name.toLowerCase())
  return field !== undefined && canRead(org, actor, type, field) ? field : undefined
}

function isGranted(
  org: Org,
  actor: Actor,
  path: string,
  permission: 'PermissionsRead' | 'PermissionsEdit',
): boolean {
  for (const { values } of org.rows.withValue('FieldPermissions', 'Field', indexKey(path))) {
    if (values[permission] === true && isAssigned(org, actor.userId, String(values['ParentId']))) return true
  }
  return false
}

function isAssigned(org: Org, userId: string, permissionSetId: string): boolean {
  for (const { values } of org.rows.withValue('PermissionSetAssignment', 'AssigneeId', indexKey(userId))) {
    if (values['PermissionSetId'] === permissionSetId) return true
  }
  return false
}
