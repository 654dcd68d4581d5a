/**
 * Values that name something else: options, members and records. What is named must exist; nothing is ever
 * created on the way. Attio fact sheet 8 and 10.1.
 */
import { isUuid } from './chance.ts'
import { valueNotFound } from './fault.ts'
import { invalidType, invalidValue, isObject } from './invalid-value.ts'
import { recordsHolding } from './record-index.ts'
import type { ValueData } from './value.ts'
import { isEnabled, lookUpAttribute, lookUpObject, objectById } from './workspace.ts'
import type { Attribute, ObjectType, Option, Workspace } from './workspace.ts'

/** By id or exact title. An archived option is as good as none: nobody can choose it. */
export const findOption = (attribute: Attribute, key: string): Option | undefined =>
  attribute.options.find((option) => !option.isArchived && (option.id === key || option.title === key))

export function parseOption(attribute: Attribute, input: unknown): ValueData {
  if (typeof input !== 'string' || input === '')
    throw invalidType(attribute, {
      key: attribute.type === 'status' ? 'status' : 'option',
      expected: 'string',
      received: input,
    })
  const option = findOption(attribute, input)
  const kind = attribute.type === 'status' ? 'status' : 'select'
  if (!option) {
    const what = kind === 'status' ? 'Status' : 'select option'
    throw valueNotFound(`Cannot find ${what} with title "${input}".`)
  }
  return { kind, optionId: option.id }
}

export function parseActorReference(workspace: Workspace, attribute: Attribute, input: unknown): ValueData {
  const key = memberKey(attribute, input)
  const member = workspace.members.find((each) => each.id === key || each.email === key.toLowerCase())
  if (!member) throw valueNotFound(`Workspace member "${key}" not found.`)
  return { kind: 'actor-reference', actor: { type: 'workspace-member', id: member.id } }
}

/** The member's id or e-mail address. Only workspace members can be referenced by a write. */
function memberKey(attribute: Attribute, input: unknown): string {
  if (typeof input === 'string' && input.includes('@')) return input
  if (!isObject(input)) throw invalidType(attribute, { expected: 'object', received: input })
  const keys = Object.keys(input)
  const email = input['workspace_member_email_address']
  if (keys.length === 1 && typeof email === 'string') return email
  const id = input['referenced_actor_id']
  const isMember = input['referenced_actor_type'] === 'workspace-member'
  if (keys.length === 2 && isMember && typeof id === 'string' && isUuid(id)) return id
  throw invalidValue(attribute, 'Expected a workspace member by ID or email address')
}

/** The unique attribute by which a bare string names a record of a standard object. */
const SHORTHAND: Readonly<Record<string, string>> = {
  people: 'email_addresses',
  companies: 'domains',
  users: 'user_id',
  workspaces: 'workspace_id',
}

/** Reads the value of a matching attribute; handed in, since values and references contain each other. */
export type ValueParser = (workspace: Workspace, attribute: Attribute, input: unknown) => ValueData

export function parseRecordReference(
  workspace: Workspace,
  attribute: Attribute,
  input: unknown,
  parse: ValueParser,
): ValueData {
  if (typeof input === 'string') {
    const [only, ...others] = attribute.allowedObjectIds ?? []
    const object = only && others.length === 0 ? objectById(workspace, only) : undefined
    const slug = object?.isStandard ? SHORTHAND[object.slug] : undefined
    if (!object || !slug) throw invalidValue(attribute, 'A bare string cannot name a record here')
    return byUniqueValue(workspace, { attribute, object, slug, input, parse })
  }
  if (!isObject(input)) throw invalidType(attribute, { expected: 'object', received: input })
  const target = input['target_object']
  const others = Object.keys(input).filter((key) => key !== 'target_object')
  const key = others[0]
  if (typeof target !== 'string' || key === undefined || others.length > 1) {
    throw invalidValue(attribute, 'Expected target_object and one key that names the record')
  }
  const object = targetObject(workspace, attribute, target)
  if (key === 'target_record_id') return byId(workspace, { attribute, object, id: input[key] })
  const values = input[key]
  if (!Array.isArray(values) || values.length !== 1) {
    throw invalidValue(attribute, [
      { code: 'invalid', path: [key], message: 'Expected an array of one value' },
    ])
  }
  const [value] = values as readonly unknown[]
  return byUniqueValue(workspace, { attribute, object, slug: key, input: value, parse })
}

function targetObject(workspace: Workspace, attribute: Attribute, key: string): ObjectType {
  const object = lookUpObject(workspace, key)
  if (!object || !isEnabled(workspace, object)) throw valueNotFound(`Object with slug/ID "${key}" not found.`)
  if (attribute.allowedObjectIds && !attribute.allowedObjectIds.includes(object.id)) {
    throw invalidValue(attribute, [
      {
        code: 'invalid',
        path: ['target_object'],
        message: `Records of "${object.slug}" are not allowed here`,
      },
    ])
  }
  return object
}

function byId(
  workspace: Workspace,
  { attribute, object, id }: { attribute: Attribute; object: ObjectType; id: unknown },
): ValueData {
  if (typeof id !== 'string' || !isUuid(id))
    throw invalidValue(attribute, [{ code: 'invalid', path: ['target_record_id'], message: 'Invalid uuid' }])
  const record = workspace.records.get(id)
  if (!record || record.objectId !== object.id) {
    throw valueNotFound(`Could not find record with ID "${id}" in object "${object.slug}".`)
  }
  return { kind: 'record-reference', objectId: object.id, recordId: id }
}

function byUniqueValue(
  workspace: Workspace,
  options: {
    attribute: Attribute
    object: ObjectType
    slug: string
    input: unknown
    parse: ValueParser
  },
): ValueData {
  const { attribute, object, slug, input, parse } = options
  const matching = lookUpAttribute(object, slug)
  if (!matching) throw valueNotFound(`No attribute "${slug}" on object "${object.slug}".`)
  if (!matching.isUnique) throw invalidValue(attribute, `"${slug}" is not a unique attribute`)
  const [record] = recordsHolding(workspace, matching, parse(workspace, matching, input))
  if (!record) throw valueNotFound(`Could not find a record of "${object.slug}" with this "${slug}".`)
  return { kind: 'record-reference', objectId: object.id, recordId: record.id }
}
