/** What a refusal was about, so that it is noticed when that has changed. */
import { hashText } from '../core/fingerprint.ts'
import { otherSide, type Side, type Snapshot } from '../core/record.ts'
import type { DirtyRecord } from '../store/records.ts'
import type { Quarantine } from '../store/waiting.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { valuePrint } from './sighting.ts'
import type { Write } from './work.ts'

/**
 * What has to change before another try makes sense: the source's values or the refusing side's schema.
 * Associations do not count, since they are not always read.
 */
export function quarantineCause(
  mapping: MappingRuntime,
  refusing: Side,
  source: Write['source']['values'],
): string {
  const values = valuePrint(mapping.rules, otherSide(refusing), source)
  return `${values}/${schemaPrint(mapping, refusing)}`
}

/**
 * Whether the refusing side's schema is what it was: of a cause, all that can be compared without reading the source.
 */
export function isSchemaAsRefused(mapping: MappingRuntime, entry: Quarantine): boolean {
  return refusedUnder(entry) === schemaPrint(mapping, otherSide(entry.record.side))
}

/** `schemaPrint` of the refusing side at that time. */
export function refusedUnder({ cause }: Quarantine): string {
  return cause.split('/')[1] ?? ''
}

/**
 * Whether a refusal still stands: nothing that caused it has changed, nobody asked for another try, and it is too early for
 * one. A record that was already waiting when its time came is not announced once more.
 */
export function isRefusalActive(
  { runtime }: Engine,
  mapping: MappingRuntime,
  entry: Quarantine,
  options: { readonly source: Snapshot; readonly dirty: readonly DirtyRecord[] },
): boolean {
  if (options.dirty.some((row) => row.reasons.includes('retry'))) return false
  if (entry.retryAtMs <= runtime.now()) return false
  const refusing = otherSide(entry.record.side)
  return quarantineCause(mapping, refusing, options.source.values) === entry.cause
}

/** Of a side's schema, as far as it can be the cause. */
export function schemaPrint({ schemas }: MappingRuntime, side: Side): string {
  const fields = [...schemas[side].fields.values()].map(
    (field) =>
      `${field.name}:${field.type}:${field.readOnly}:${(field.options ?? []).map((option) => option.value).join('|')}`,
  )
  return hashText(fields.toSorted().join('\n'))
}
