/**
 * E-mail addresses: trimmed and lower-case, as the vendors compare them (Attio fact sheet 11, HubSpot fact sheet 8).
 * Dots and plus-tags are kept: they are different addresses to all of them.
 */
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { trimmedText } from './plain-text.ts'
import { keep, value, type Transform, type TransformSpec } from './transform.ts'

/** One @, a domain with a dot, no blanks. The vendors check more; this only keeps obvious text out. */
const ADDRESS = /^[^\s@;,]+@[^\s@;,]+\.[^\s@;,.]+$/

export const emailKind: ElementKind = {
  canonise: (raw) => trimmedText(raw)?.toLowerCase().normalize('NFC') ?? null,
  fit: (canonical, target) =>
    target.type === 'text' || isAddress(canonical) ? value(canonical) : keep('not an e-mail address'),
  encode: (canonical) => canonical,
}

export function isAddress(canonical: unknown): canonical is string {
  return typeof canonical === 'string' && ADDRESS.test(canonical)
}

export function emailTransform(spec: TransformSpec): Transform {
  return elementTransform(emailKind, spec)
}
