/** What travels between the stages while a batch is in hand: subjects read on both sides, and planned writes. */
import type { LinkBase } from '../core/base.ts'
import type { ConflictReport } from '../core/plan.ts'
import { fingerprint } from '../core/fingerprint.ts'
import type { RecordId, RecordKey, Side, Snapshot } from '../core/record.ts'
import type { ObjectRules } from '../core/rules.ts'
import type { ObjectSchema } from '../core/schema.ts'
import type { FieldValue, FieldValues } from '../core/value.ts'
import type {
  Change,
  ConflictDecision,
  DirtyRecord,
  IntentField,
  Link,
  LinkId,
  Quarantine,
  RecordRef,
  Sighting,
} from '../store/store.ts'

/** A linked pair with both records in hand. */
export interface Pair {
  readonly link: Omit<Link, 'epoch'>
  /** The link is made by this very batch. */
  readonly isNew: boolean
  readonly base: LinkBase
  readonly left: Snapshot
  readonly right: Snapshot
  readonly decisions: Readonly<Record<string, ConflictDecision>>
  readonly quarantines: readonly Quarantine[]
}

export interface EdgeDelta {
  readonly field: string
  readonly add: readonly { object: string; id: RecordId }[]
  readonly remove: readonly { object: string; id: RecordId }[]
}

/** One intended write on one side of one link. */
export interface Write {
  readonly id: string
  readonly link: LinkId
  readonly side: Side
  readonly kind: 'create' | 'update' | 'associate' | 'remove'
  /** Null while the record is still to be created by an earlier write of the same link. */
  readonly record: RecordId | null
  readonly values: FieldValues
  readonly edge: EdgeDelta | null
  readonly removal: 'archive' | 'delete' | null
  readonly stamp: { readonly field: string; readonly value: string } | null
  readonly fields: Readonly<Record<string, IntentField>>
  /** Conflicts that a rule or a person settled by this write, by field key. */
  readonly settles: Readonly<
    Record<string, { readonly report: ConflictReport | null; readonly decided: boolean }>
  >
  /** The target as it was read; null for a creation. */
  readonly target: Snapshot | null
  readonly source: Snapshot
  readonly base: LinkBase
}

/** What a batch decided about one link or one record. */
export interface Decision {
  /** Dirty rows that this decision answers. */
  readonly dirty: readonly DirtyRecord[]
  readonly changes: readonly Change[]
  readonly writes: readonly Write[]
  /** Snapshots that are settled once every write succeeded: their fingerprints become the agreed ones. */
  readonly settled: readonly { readonly side: Side; readonly snapshot: Snapshot }[]
  readonly opened: number
}

export function refKey(ref: RecordRef): string {
  return `${ref.side}:${ref.id}`
}

/** Whether every field the mapping reads is present: a partial snapshot has no fingerprint. */
export function isComplete(rules: ObjectRules, side: Side, values: FieldValues): boolean {
  return rules.reads[side].every((field) => field in values)
}

export function sightingOf(rules: ObjectRules, side: Side, snapshot: Snapshot): Sighting {
  const inScope = rules.inScope[side](snapshot.values)
  const keys = inScope
    ? rules.match.flatMap((rule, i) => rule.keys[side](snapshot.values).map((key) => `${i}:${key}`))
    : []
  return {
    id: snapshot.key.id,
    fingerprint: fingerprint(snapshot.values, rules.reads[side], rules.version),
    keys: [...new Set(keys)],
    version: snapshot.version,
  }
}

/** What a blank looks like when this field is read. */
export function blankOf(schema: ObjectSchema, field: string): FieldValue {
  const described = schema.fields.get(field)
  return described && (described.multiple || described.type === 'reference') ? [] : null
}

/** The snapshot as it must read after a write whose answer showed `image`. */
export function overlay(
  before: Snapshot | null,
  options: { key: RecordKey; image: FieldValues; version: string | null; readAtMs: number },
): Snapshot {
  return {
    key: options.key,
    values: { ...before?.values, ...options.image },
    version: options.version ?? before?.version ?? null,
    readAtMs: options.readAtMs,
    evidence: before?.evidence ?? {},
  }
}
