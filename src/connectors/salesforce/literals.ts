/** Conditions for looking records up by what they hold, in the form that the type of the field wants (9). */
import { instantMs } from '../../core/instant.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { toId18 } from './ids.ts'
import { containing, instantLiteral, quoted } from './soql.ts'

const NUMBERS = new Set(['int', 'long', 'double', 'currency', 'percent'])

/** Null when none of the values can be in such a field. Throws `rejected` for a field that cannot be asked by. */
export function literalsFor(
  { client }: SalesforceContext,
  description: Description,
  name: string,
  values: readonly string[],
): string | null {
  const field = description.fields.get(name)
  if (!field || !field.filterable) {
    throw client.error(
      'rejected',
      `${description.object} cannot be searched by ${name}`,
      'Match by another field: long texts and fields that the user may not see cannot be searched by.',
    )
  }
  const oneOf = (literals: readonly string[]) =>
    literals.length === 0 ? null : `${name} IN (${literals.join(', ')})`
  // A web address is stored as it was typed (17), so equal ones are found by what they contain.
  if (field.type === 'url') return values.map((value) => `${name} LIKE ${containing(value)}`).join(' OR ')
  if (field.type === 'multipicklist') return `${name} INCLUDES (${values.map(quoted).join(', ')})`
  if (field.type === 'id' || field.type === 'reference') {
    return oneOf(values.flatMap((value) => toId18(value) ?? []).map(quoted))
  }
  if (NUMBERS.has(field.type)) return oneOf(values.filter((value) => /^-?\d+(\.\d+)?$/.test(value)))
  if (field.type === 'boolean') return oneOf(values.filter((value) => value === 'true' || value === 'false'))
  if (field.type === 'date') return oneOf(values.filter((value) => /^\d{4}-\d{2}-\d{2}$/.test(value)))
  if (field.type === 'datetime') {
    return oneOf(values.flatMap((value) => instantMs(value) ?? []).map(instantLiteral))
  }
  return oneOf(values.map(quoted))
}
