/** An object of the org as it is now: the catalogue's definition plus what was added here. */
import { withAddressCodes } from '../catalogue/address-codes.ts'
import type { Field } from '../catalogue/field.ts'
import type { Children, ObjectDefinition } from '../catalogue/objects.ts'

export interface ObjectType {
  readonly name: string
  readonly definition: ObjectDefinition
  readonly fields: readonly Field[]
  readonly children: Readonly<Record<string, Children>>
  /** By name in lower case: names are case-insensitive (Salesforce fact sheet 9). */
  readonly byName: ReadonlyMap<string, Field>
  /** Reference fields by relationship name in lower case. */
  readonly byRelationship: ReadonlyMap<string, Field>
  /** Those that every save looks at. */
  readonly required: readonly Field[]
  readonly unique: readonly Field[]
}

/** What a type consists of beside its definition. */
export interface Additions {
  readonly multiCurrency: boolean
  readonly recordTypes: boolean
  /** States and countries have codes. */
  readonly addressCodes: boolean
  /** Custom fields, and standard ones that were changed. */
  readonly fields: readonly Field[]
  readonly children: Readonly<Record<string, Children>>
}

/** Types without additions of their own are the same in every org. */
const plainTypes = new WeakMap<ObjectDefinition, Map<string, ObjectType>>()

export function objectType(definition: ObjectDefinition, additions: Additions): ObjectType {
  if (additions.fields.length > 0) return build(definition, additions)
  const key = `${additions.multiCurrency}/${additions.recordTypes}/${additions.addressCodes}`
  let variants = plainTypes.get(definition)
  if (variants === undefined) plainTypes.set(definition, (variants = new Map()))
  let type = variants.get(key)
  if (type === undefined) variants.set(key, (type = build(definition, additions)))
  return type
}

function build(definition: ObjectDefinition, additions: Additions): ObjectType {
  const { multiCurrency, recordTypes } = definition.optional
  const added = new Map(additions.fields.map((field) => [field.name, field]))
  const own = [
    ...(additions.addressCodes ? withAddressCodes(definition.fields) : definition.fields),
    ...(recordTypes && additions.recordTypes ? [recordTypes] : []),
    ...(multiCurrency && additions.multiCurrency ? [multiCurrency] : []),
  ].map((field) => {
    const changed = added.get(field.name)
    added.delete(field.name)
    return changed ?? field
  })
  const fields = [...own, ...added.values()]
  return {
    name: definition.name,
    definition,
    fields,
    children: { ...definition.children, ...additions.children },
    byName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    required: fields.filter((field) => !field.nillable && field.createable),
    unique: fields.filter((field) => field.unique),
    byRelationship: new Map(
      fields
        .filter((field) => field.type === 'reference' && field.relationshipName !== null)
        .map((field) => [(field.relationshipName ?? '').toLowerCase(), field]),
    ),
  }
}

export function nameFieldOf(type: ObjectType): Field | undefined {
  return type.fields.find((field) => field.nameField)
}
