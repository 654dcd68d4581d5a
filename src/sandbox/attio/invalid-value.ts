/** How a value of the wrong shape is refused: the live wording, with the reasons beside it. */
import { AttioFault, wrongType } from './fault.ts'
import type { ValidationIssue } from './fault.ts'
import type { Attribute } from './workspace.ts'

/** Paths are relative to the one value that was refused. Attio fact sheet 4.1. */
export function invalidValue(attribute: Attribute, why: string | readonly ValidationIssue[]): AttioFault {
  const issues = typeof why === 'string' ? [{ code: 'invalid', path: [], message: why }] : why
  const message = `An invalid value was passed to attribute with slug "${attribute.slug}".`
  return new AttioFault(400, 'validation_type', message, { issues })
}

/** A part of a value, or without `key` the value itself, that is absent or of another type. */
export function invalidType(
  attribute: Attribute,
  options: { key?: string; expected: string; received: unknown },
): AttioFault {
  const { key, expected, received } = options
  return invalidValue(attribute, [wrongType({ path: key === undefined ? [] : [key], expected, received })])
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
