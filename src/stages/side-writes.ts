/** What is to be stored on one side of a pair, as writes: one update for all values, one association per field. */
import type { LinkBase } from '../core/base.ts'
import type { Verdict } from '../core/plan.ts'
import type { RecordId, Side, Snapshot } from '../core/record.ts'
import type { SideContext } from '../core/rules.ts'
import { canonicalText, isBlank, type FieldValue, type FieldValues } from '../core/value.ts'
import type { LinkId } from '../store/links.ts'
import type { IntentField } from '../store/writes.ts'
import { referencesIn } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { withOrigins } from './hub.ts'
import { ruleOf } from './rule-index.ts'
import type { EdgeDelta, Write } from './work.ts'

export type WriteVerdict = Extract<Verdict, { kind: 'write' }>

export interface SideOrder {
  readonly link: LinkId
  readonly side: Side
  readonly target: Snapshot
  readonly source: Snapshot
  readonly base: LinkBase
  readonly context: SideContext
  /** Of this side only. */
  readonly verdicts: readonly WriteVerdict[]
  /** Rides on the update; makes one of its own when it is due. */
  readonly stamp: { readonly values: FieldValues; readonly isDue: boolean } | null
  /** What a write does to conflicts about its field. */
  readonly settles: (verdict: WriteVerdict) => IntentField['settles']
}

export function sideWrites(
  engine: Engine,
  mapping: MappingRuntime,
  order: SideOrder,
): { readonly values: readonly Write[]; readonly edges: readonly Write[] } {
  const { side, target, context, stamp, verdicts } = order
  const own = verdicts.filter((verdict) => ruleOf(mapping, verdict.field)[side].channel === 'value')
  const payload = own.reduce<FieldValues>((sum, verdict) => {
    const rule = ruleOf(mapping, verdict.field)[side]
    return { ...sum, ...rule.write(verdict.target, { ...target.values, ...sum }, context) }
  }, {})
  const values =
    own.length > 0 || stamp?.isDue
      ? [updateWrite(engine, mapping, order, { ...payload, ...stamp?.values }, own)]
      : []
  const edges = verdicts.flatMap((verdict): Write[] => {
    const rule = ruleOf(mapping, verdict.field)[side]
    if (rule.channel !== 'edge') return []
    const wanted = rule.write(verdict.target, target.values, context)
    return Object.keys(wanted).map((field) => ({
      ...updateWrite(engine, mapping, order, wanted, [verdict]),
      kind: 'associate',
      edge: edgeDelta(field, target.values[field] ?? null, wanted[field] ?? null),
    }))
  })
  return { values, edges }
}

/**
 * The stamp that this side's record should carry and does not; it rides on the next write (DESIGN section 5). One that
 * names another record (a merge put a new one in its place, say) is worse than none: it would lead astray whoever
 * rebuilds the pairs from stamps. It does not wait for a ride.
 */
export function stampOrder(
  { rules }: MappingRuntime,
  side: Side,
  {
    target,
    other,
    refused,
  }: {
    readonly target: Snapshot
    readonly other: RecordId
    /** Fields that the vendor would not take from us. */
    readonly refused: readonly string[]
  },
): SideOrder['stamp'] {
  const field = rules.stamp[side]
  // A record in a recycle bin may hold the value for as long as it is there; the fields do not wait for that.
  if (field === null || refused.includes(field)) return null
  const now = target.values[field] ?? null
  if (now === other) return null
  return { values: { [field]: other }, isDue: rules.stampWhen === 'eager' || !isBlank(now) }
}

function updateWrite(
  engine: Engine,
  mapping: MappingRuntime,
  { link, side, target, source, base, settles }: SideOrder,
  values: FieldValues,
  verdicts: readonly WriteVerdict[],
): Write {
  return {
    id: engine.runtime.id(),
    link,
    side,
    kind: 'update',
    record: target.key.id,
    values,
    edge: null,
    removal: null,
    stamp: null,
    fields: withOrigins(engine, mapping, {
      side,
      source,
      fields: Object.fromEntries(
        verdicts.map((verdict) => [verdict.field, intentField(verdict, settles(verdict))]),
      ),
    }),
    target,
    source,
    base,
  }
}

function intentField(verdict: WriteVerdict, settles: IntentField['settles']): IntentField {
  const { source, target, before, agreedAs, human, because } = verdict
  return { source, target, before, agreedAs, human, because, settles }
}

function edgeDelta(field: string, before: FieldValue, after: FieldValue): EdgeDelta {
  const now = new Map(referencesIn(before).map((ref) => [canonicalText({ ...ref }), ref]))
  const then = new Map(referencesIn(after).map((ref) => [canonicalText({ ...ref }), ref]))
  return {
    field,
    add: [...then].filter(([key]) => !now.has(key)).map(([, ref]) => ref),
    remove: [...now].filter(([key]) => !then.has(key)).map(([, ref]) => ref),
  }
}
