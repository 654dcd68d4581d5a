/**
 * Turns what our schemas object to into the vendor's `validation_errors`. Recorded answers know `invalid_type`
 * with what was expected and received (`Required` for an absent member), and a bare `invalid` where none of
 * several alternatives fits. Attio fact sheet 4.1.
 */
import type { z } from 'zod'
import { wrongType } from './fault.ts'
import type { ValidationIssue } from './fault.ts'

export function issueOf(issue: z.core.$ZodIssue, body: unknown): ValidationIssue {
  const path = issue.path.filter((key) => typeof key !== 'symbol')
  const received = valueAt(body, path)
  const expected = expectedBy(issue)
  if (expected !== null && (issue.code === 'invalid_type' || received === undefined)) {
    return wrongType({ path, expected, received })
  }
  const { message } = issue
  switch (issue.code) {
    case 'too_small':
    case 'too_big':
      return { code: issue.code, path, message }
    case 'unrecognized_keys': {
      const keys = issue.keys.map((key) => `'${key}'`).join(', ')
      return { code: issue.code, path, message: `Unrecognized key(s) in object: ${keys}` }
    }
    case 'invalid_format':
      return { code: 'invalid', path, message, string_validation: issue.format }
    case 'custom':
      return { code: 'invalid', path, message }
    default:
      return { code: 'invalid', path, message: 'Invalid input' }
  }
}

/** The type or the choices a schema wanted, in the vendor's words; null where neither was the trouble. */
function expectedBy(issue: z.core.$ZodIssue): string | null {
  if (issue.code === 'invalid_value') return issue.values.map((value) => `'${String(value)}'`).join(' | ')
  if (issue.code !== 'invalid_type') return null
  if (issue.expected === 'record') return 'object'
  return issue.expected === 'int' ? 'integer' : issue.expected
}

function valueAt(body: unknown, path: readonly (string | number)[]): unknown {
  let value = body
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[key]
  }
  return value
}
