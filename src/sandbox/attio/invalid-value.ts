/** How a value of the wrong shape is refused. */
import { invalid } from './fault.ts'
import type { AttioFault } from './fault.ts'
import type { Attribute } from './workspace.ts'

export function invalidValue(attribute: Attribute, why: string): AttioFault {
  return invalid(`An invalid value was passed to attribute with slug "${attribute.slug}": ${why}`)
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
