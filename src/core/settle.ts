/**
 * Settling a write whose outcome nobody saw (algorithms 5.3): look at the target as it is now and decide per
 * field what must have happened. Pure; the caller reads the record and waits out the zombie horizon.
 */
import { isEqual, type Canonical } from './value.ts'

export interface UnsettledField {
  readonly field: string
  readonly target: Canonical
  /** What the target held before the write. */
  readonly before: Canonical
  readonly now: Canonical
}

/**
 * - `applied`: the target value is there; commit as if the answer had arrived.
 * - `doubtful`: the record moved and shows the value from before: applied and then reverted by a person, or
 *   touched elsewhere (B3).
 * - `moved-on`: somebody stored a third value, before the write arrived or after.
 *
 * What was agreed on is then uncertain in either case (`FieldBase.doubt`), unless history shows more.
 */
export type SettledField =
  | { readonly field: string; readonly kind: 'applied' }
  | { readonly field: string; readonly kind: 'doubtful' }
  | { readonly field: string; readonly kind: 'moved-on' }

export type SettledUpdate =
  /** The version token did not move: certainly not applied, plan again. */
  { readonly kind: 'not-applied' } | { readonly kind: 'settled'; readonly fields: readonly SettledField[] }

export function settleUpdate(options: {
  versionBefore: string | null
  versionNow: string | null
  fields: readonly UnsettledField[]
}): SettledUpdate {
  const { versionBefore, versionNow } = options
  if (versionBefore !== null && versionBefore === versionNow) return { kind: 'not-applied' }
  return { kind: 'settled', fields: options.fields.map(settleField) }
}

function settleField(field: UnsettledField): SettledField {
  if (isEqual(field.now, field.target)) return { field: field.field, kind: 'applied' }
  if (isEqual(field.now, field.before)) return { field: field.field, kind: 'doubtful' }
  return { field: field.field, kind: 'moved-on' }
}
