/** What is to be stored on one side of a pair, as writes: one update for all values, one association per field. */
import type { LinkBase } from '../core/base.ts'
import type { Verdict } from '../core/plan.ts'
import type { Side, Snapshot } from '../core/record.ts'
import type { FieldRule, SideContext } from '../core/rules.ts'
import { canonicalText, type FieldValue, type FieldValues } from '../core/value.ts'
import type { IntentField, LinkId } from '../store/store.ts'
import { referencesIn } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
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
  readonly settles: (verdict: WriteVerdict) => Write['settles'][string]
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
    own.length > 0 || stamp?.isDue ? [updateWrite(engine, order, { ...payload, ...stamp?.values }, own)] : []
  const edges = verdicts.flatMap((verdict): Write[] => {
    const rule = ruleOf(mapping, verdict.field)[side]
    if (rule.channel !== 'edge') return []
    const wanted = rule.write(verdict.target, target.values, context)
    return Object.keys(wanted).map((field) => ({
      ...updateWrite(engine, order, wanted, [verdict]),
      kind: 'associate',
      edge: edgeDelta(field, target.values[field] ?? null, wanted[field] ?? null),
    }))
  })
  return { values, edges }
}

function updateWrite(
  engine: Engine,
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
    fields: Object.fromEntries(verdicts.map((verdict) => [verdict.field, intentField(verdict)])),
    settles: Object.fromEntries(verdicts.map((verdict) => [verdict.field, settles(verdict)])),
    target,
    source,
    base,
  }
}

function intentField(verdict: WriteVerdict): IntentField {
  const { source, target, before, agreedAs, human, because } = verdict
  return { source, target, before, agreedAs, human, because }
}

export function ruleOf(mapping: MappingRuntime, field: string): FieldRule {
  const rule = mapping.rules.fields.find((candidate) => candidate.key === field)
  if (!rule) throw new Error(`No rule for field ${field} in mapping ${mapping.rules.mapping}`)
  return rule
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
