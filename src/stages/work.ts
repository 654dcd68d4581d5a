/** What travels between the stages while a batch is in hand: subjects read on both sides, and planned writes. */
import type { LinkBase } from '../core/base.ts'
import type { Plan } from '../core/plan.ts'
import type { RecordId, RecordKey, Side, Snapshot } from '../core/record.ts'
import type { ObjectSchema } from '../core/schema.ts'
import type { FieldValue, FieldValues } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { Link, LinkId } from '../store/links.ts'
import type { DirtyRecord, RecordRef, Subject } from '../store/records.ts'
import type { ConflictDecision, Quarantine } from '../store/waiting.ts'
import type { IntentField } from '../store/writes.ts'

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
  /** The target as it was read; null for a creation. */
  readonly target: Snapshot | null
  readonly source: Snapshot
  readonly base: LinkBase
}

/** Everything dirty about one link. */
export interface LinkedGroup {
  readonly link: Link
  /** Both halves as far as they are known, whichever of them is dirty. */
  readonly subjects: readonly Subject[]
  readonly dirty: readonly DirtyRecord[]
}

/** A pair with both records in hand, to be decided about. */
export interface Ready {
  readonly group: LinkedGroup
  readonly pair: Pair
  /** Refusals of this pair so far. */
  readonly priorAttempts: number
}

/** What a batch decided: changes to commit now, and tasks to deliver afterwards. */
export interface Prepared {
  readonly changes: readonly Change[]
  readonly tasks: readonly Task[]
  readonly plans: readonly { readonly link: string; readonly pair: Pair; readonly plan: Plan }[]
}

/** Records that were claimed, and cannot be decided about as long as others of this process have all that in hand. */
export interface HeldUp {
  readonly dirty: readonly DirtyRecord[]
  readonly by: readonly string[]
}

/** One link on its way through delivery. Mutable: it lives for one batch and is owned by it. */
export interface Task {
  link: Omit<Link, 'epoch'>
  epoch: number
  queue: Write[]
  left: Snapshot | null
  right: Snapshot | null
  base: LinkBase
  readonly pair: Pick<Pair, 'decisions' | 'quarantines'>
  /** Refusals of this record so far, for the length of its next quarantine. */
  readonly priorAttempts: number
  readonly dirty: readonly DirtyRecord[]
  /** Fingerprints at which nothing was left to do, by record, before this batch. */
  readonly agreed: ReadonlyMap<string, string>
  /** How often it was tried before, by earlier batches. */
  readonly tries: number
  /** How often this batch planned it. */
  plans: number
  /** Writes were planned that are not to be sent now: the dirty rows stay. */
  withheld: boolean
  /** `open` until every write succeeded; the others leave their dirty rows for a later claim. */
  state: 'open' | 'settled' | 'given-back'
}

export function taskOf(
  group: Pick<LinkedGroup, 'link' | 'dirty' | 'subjects'>,
  left: Snapshot | null,
  right: Snapshot | null,
  options: {
    readonly pair?: Pair
    readonly priorAttempts?: number
    readonly queue?: readonly Write[]
    /** As the dirty rows say, where there are any. */
    readonly tries?: number
  } = {},
): Task {
  const { pair, priorAttempts = 0, queue = [] } = options
  return {
    link: pair?.link ?? group.link,
    epoch: group.link.epoch,
    queue: [...queue],
    left,
    right,
    base: pair?.base ?? {},
    pair: { decisions: pair?.decisions ?? {}, quarantines: pair?.quarantines ?? [] },
    priorAttempts,
    dirty: group.dirty,
    agreed: new Map(
      group.subjects.flatMap((subject) =>
        subject.agreed === null ? [] : [[refKey(subject), subject.agreed] as const],
      ),
    ),
    tries: options.tries ?? Math.max(0, ...group.dirty.map(({ attempts }) => attempts)),
    plans: 1,
    withheld: false,
    state: 'open',
  }
}

export function refKey(ref: RecordRef): string {
  return `${ref.side}:${ref.id}`
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
