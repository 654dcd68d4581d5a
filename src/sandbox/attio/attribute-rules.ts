/** What may be an attribute where: the refusals seen live and documented. Attio fact sheet 13.2. */
import { invalid } from './fault.ts'
import { addDuration } from './instants.ts'
import { parseValue } from './parse-value.ts'
import { MULTISELECT_TYPES, UNIQUE_TYPES } from './value.ts'
import type { AttributeType } from './value.ts'
import type { Attribute, DefaultValue, ObjectType, Workspace } from './workspace.ts'

/** People and companies are special: no custom unique attributes, no statuses, no default values. */
const isPeopleOrCompanies = (object: ObjectType): boolean =>
  object.isStandard && (object.slug === 'people' || object.slug === 'companies')

export function checkType(
  object: ObjectType,
  options: { type: AttributeType; isMultiselect: boolean },
): void {
  if (options.type === 'status' && isPeopleOrCompanies(object)) {
    throw invalid(`Status attributes are not supported on "${object.slug}".`)
  }
  if (options.isMultiselect && !MULTISELECT_TYPES.includes(options.type)) {
    throw invalid(`Attributes of type "${options.type}" cannot be multi-select.`)
  }
}

export function checkUnique(object: ObjectType, type: AttributeType): void {
  // The live wording, seen for people.
  if (isPeopleOrCompanies(object) || !UNIQUE_TYPES.includes(type))
    throw invalid('Cannot set attribute as unique.')
}

/** The default as it will be stored; a static one must hold values the attribute accepts. */
export function checkDefault(
  workspace: Workspace,
  object: ObjectType,
  attribute: Attribute,
  defaultValue: DefaultValue | null,
): DefaultValue | null {
  if (!defaultValue) return null
  if (isPeopleOrCompanies(object)) throw invalid(`Default values are not supported on "${object.slug}".`)
  if (defaultValue.type === 'static') {
    for (const value of defaultValue.template) parseValue(workspace, attribute, value)
    return defaultValue
  }
  const isUser = attribute.type === 'actor-reference' && defaultValue.template === 'current-user'
  const isTime = attribute.type === 'date' || attribute.type === 'timestamp'
  if (!isUser && !(isTime && addDuration(0, defaultValue.template) !== null)) {
    throw invalid(`"${defaultValue.template}" is no dynamic default for type "${attribute.type}".`)
  }
  return defaultValue
}
