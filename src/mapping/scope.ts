/** Scope predicates: which records take part. All conditions of a side must hold. */
import { isBlank, type FieldValues } from '../core/value.ts'
import type { Predicate } from './document.ts'
import { rawElements, trimmedText } from './transforms/plain-text.ts'

export function scopePredicate(
  conditions: Readonly<Record<string, Predicate>> | undefined,
): (values: FieldValues) => boolean {
  const entries = Object.entries(conditions ?? {})
  return (values) => entries.every(([field, predicate]) => holds(predicate, values[field] ?? null))
}

/** A field of several values is in a list when any of its values is; a blank field is in no list. */
function holds(predicate: Predicate, raw: NonNullable<FieldValues[string]> | null): boolean {
  const words = rawElements(raw)
    .map(trimmedText)
    .filter((word) => word !== null)
  const isAny = (wanted: readonly string[]): boolean => words.some((word) => wanted.includes(word))
  const isPresent = !isBlank(raw)
  return [
    predicate.in === undefined || isAny(predicate.in),
    predicate.not_in === undefined || !isAny(predicate.not_in),
    predicate.equals === undefined || isAny([predicate.equals]),
    predicate.not_equals === undefined || !isAny([predicate.not_equals]),
    predicate.present === undefined || predicate.present === isPresent,
    predicate.blank === undefined || predicate.blank !== isPresent,
  ].every(Boolean)
}
