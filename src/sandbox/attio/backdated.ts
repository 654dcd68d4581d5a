/** When a note or a comment claims to have been made: not before 1970 and not in the future. Fact sheet 15.2, 15.4. */
import { invalidBody } from './fault.ts'
import { parseInstant } from './instants.ts'
import type { Act } from './workspace.ts'

export function creationOf(text: string | undefined, act: Act): number {
  if (text === undefined) return act.atMs
  const instant = parseInstant(text)
  if (instant && instant.ms >= 0 && instant.ms <= act.atMs) return instant.ms
  const message = 'Expected a time that is neither before 1970 nor in the future'
  throw invalidBody([{ code: 'invalid', path: ['data', 'created_at'], message }])
}
