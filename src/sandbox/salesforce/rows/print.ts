/** Rows as the API answers them (Salesforce fact sheet 9, 13.7, 25): `attributes` first, blanks as null. */
import type { Field } from '../catalogue/field.ts'
import type { ObjectType } from '../schema/object-type.ts'
import type { Values } from './row-store.ts'

export type Printed = Record<string, unknown>

export function attributes(type: { readonly name: string }, id: string, version: string): Printed {
  return { type: type.name, url: `/services/data/v${version}/sobjects/${type.name}/${id}` }
}

export function printRow(
  type: ObjectType,
  values: Values,
  { fields, version }: { fields: readonly Field[]; version: string },
): Printed {
  const printed: Printed = { attributes: attributes(type, String(values['Id']), version) }
  for (const field of fields) printed[field.name] = printValue(type, field, values)
  return printed
}

export function printValue(type: ObjectType, field: Field, values: Values): unknown {
  return field.type === 'address' ? printAddress(type, field.name, values) : (values[field.name] ?? null)
}

/** A compound address is read-only and made of its parts (17); null when all of them are. */
function printAddress(type: ObjectType, compound: string, values: Values): unknown {
  const printed: Printed = {}
  let isBlank = true
  for (const part of type.fields) {
    if (part.compoundFieldName !== compound) continue
    const value = values[part.name] ?? null
    if (value !== null) isBlank = false
    printed[camelCase(part.name.slice(compound.length - 'Address'.length))] = value
  }
  if (isBlank) return null
  // In the order of recorded answers.
  return Object.fromEntries(Object.entries(printed).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
