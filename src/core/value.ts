/**
 * Values: what a connector hands us (`FieldValue`) and what we compare (`Canonical`). Both are plain JSON
 * without numbers: decimals travel as text, because a double cannot hold every amount a CRM can.
 */

export type Json = null | boolean | string | readonly Json[] | { readonly [key: string]: Json }

/** A field's value in our normal form: compared, merged, fingerprinted and kept as shadow. Blank is `null`. */
export type Canonical = Json

/** A field's value as a connector reads or writes it, in the neutral shape of its `FieldType`. */
export type FieldValue = Json

/** Field name → value. A name that is *absent* was not read; `null` or `[]` is a blank that was read. */
export type FieldValues = Readonly<Record<string, FieldValue>>

/** Deterministic text of a value: object keys sorted, array order kept. Equal text means equal value. */
export function canonicalText(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`
  const keys = Object.keys(value).toSorted()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`).join(',')}}`
}

/** As comparing their texts, without making them: key order does not matter, list order does. */
export function isEqual(a: Json, b: Json): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (isList(a) || isList(b)) {
    if (!isList(a) || !isList(b) || a.length !== b.length) return false
    return a.every((element, i) => isEqual(element, b[i] ?? null))
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key] ?? null, b[key] ?? null))
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** `null`, `''`, whitespace, `[]`, and objects whose members are all blank. `false` and `'0'` are values. */
export function isBlank(value: Json): boolean {
  if (value === null) return true
  if (typeof value === 'string') return value.trim() === ''
  if (typeof value === 'boolean') return false
  if (isList(value)) return value.every(isBlank)
  return Object.values(value).every(isBlank)
}
