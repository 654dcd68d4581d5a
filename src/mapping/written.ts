/** Which fields an entry writes, and where the file names them. */
import type { Side } from '../core/record.ts'
import type { FieldReference } from './document.ts'
import type { FieldShape } from './field-shape.ts'
import type { DocumentPath } from './load.ts'
import type { ResolvedField } from './resolve.ts'

/** Whether values travel towards `side`. */
export function isTarget(field: ResolvedField, side: Side): boolean {
  return field.entry.direction !== (side === 'left' ? 'left-to-right' : 'right-to-left')
}

/** Fields of `side` that the entry may write. The further values beside a primary one are only ever read. */
export function writes(field: ResolvedField, side: Side): readonly FieldShape[] {
  if (!isTarget(field, side)) return []
  return /^(email|phone|domain)s?$/.test(field.transform) ? field.spec[side].slice(0, 1) : field.spec[side]
}

/** Path of one name within a reference: the list's element, the association's own line, or the name itself. */
export function namePath(path: DocumentPath, reference: FieldReference, index: number): DocumentPath {
  if (typeof reference === 'string') return path
  return Array.isArray(reference) ? [...path, index] : [...path, 'association']
}
