/** Text: the same words, whatever normal form, line ends and surrounding blanks a vendor prefers. */
import type { FieldShape } from '../field-shape.ts'
import { AS_IS, type ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { trimmedText } from './plain-text.ts'
import type { Transform, TransformSpec } from './transform.ts'
import { isList, type Canonical, type FieldValue } from '../../core/value.ts'

export const textKind: ElementKind = {
  ...AS_IS,
  canonise: (raw) => trimmedText(raw),
  encode: encodeWord,
}

export function textTransform(spec: TransformSpec): Transform {
  return elementTransform(textKind, spec)
}

/** Text in the shape of its field: yes/no fields carry a boolean, everything else the text. */
export function encodeWord(canonical: Canonical, field: FieldShape): FieldValue {
  if (field.type === 'boolean' && (canonical === 'true' || canonical === 'false')) return canonical === 'true'
  return isList(canonical) ? null : canonical
}
