/**
 * Web addresses. Stored as people typed them; compared without what people leave out or add at random: the
 * scheme, `www.`, the case of the host and a slash at the end.
 */
import { trimmedText } from './plain-text.ts'
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { value, type Transform, type TransformSpec } from './transform.ts'

const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)(.*)$/is

export const urlKind: ElementKind = {
  canonise: (raw) => trimmedText(raw),
  fit: (canonical) => value(canonical),
  encode: (canonical) => canonical,
  agree: (a, b) => a === b || (typeof a === 'string' && typeof b === 'string' && spelling(a) === spelling(b)),
}

export function urlTransform(spec: TransformSpec): Transform {
  return elementTransform(urlKind, spec)
}

function spelling(address: string): string {
  const [, host = '', rest = ''] = ADDRESS.exec(address) ?? []
  return host.toLowerCase().replace(/^www\./, '') + rest.replace(/\/$/, '')
}
