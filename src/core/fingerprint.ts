/** Short stable hashes of values: equal text, equal hash. 64 bits; a collision only delays one look (sweep). */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalText, isList, type Canonical, type FieldValue, type FieldValues } from './value.ts'

export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).subarray(0, 8))
}

/** Identifies a pair of canonical values, for open conflicts and the breaker's ring. */
export function pairHash(left: Canonical, right: Canonical): string {
  return hashText(`${canonicalText(left)}|${canonicalText(right)}`)
}

/**
 * Fingerprint of the given fields of a record under one version of the rules. Made of the values as read, not
 * of their canonical form, so that it needs no look-ups: a change inside the equivalence class costs one look
 * that ends without a write.
 */
export function fingerprint(values: FieldValues, fields: readonly string[], rulesVersion: string): string {
  const parts = fields.map((field) => {
    const value = values[field]
    return value === undefined ? '' : canonicalText(orderless(value))
  })
  return hashText(`${rulesVersion}\n${parts.join('\n')}`)
}

/** Vendors promise no order among associations; every other list keeps its order, where the first is special. */
function orderless(value: FieldValue): FieldValue {
  if (!isList(value) || !value.every((item) => item !== null && typeof item === 'object')) return value
  return value.toSorted((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1))
}
