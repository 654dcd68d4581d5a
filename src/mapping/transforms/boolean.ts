/** Yes and no. Vendors write them as booleans or as the option values `true` and `false`; unset is neither. */
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { trimmedText } from './plain-text.ts'
import { keep, value, type Transform, type TransformSpec } from './transform.ts'

const booleanKind: ElementKind = {
  canonise: (raw) => {
    const text = trimmedText(raw)
    const word = text?.toLowerCase()
    return word === 'true' ? true : word === 'false' ? false : text
  },
  fit: (canonical) => (typeof canonical === 'boolean' ? value(canonical) : keep('neither true nor false')),
  encode: (canonical, field) =>
    field.type === 'boolean' || typeof canonical !== 'boolean' ? canonical : `${canonical}`,
}

export function booleanTransform(spec: TransformSpec): Transform {
  return elementTransform(booleanKind, spec)
}
