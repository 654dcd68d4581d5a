/**
 * What was agreed on with a record that another one took the place of, as far as it says anything about the heir: a
 * survivor of a merge, or the contact that a lead became.
 */
import type { LinkBase } from '../core/base.ts'
import { wasRead } from '../core/reconcile.ts'
import { wasFilledBefore } from '../core/overwritten.ts'
import { otherSide, type Actor, type Side, type Snapshot } from '../core/record.ts'
import { NO_LOOKUPS } from '../core/rules.ts'
import { isBlank } from '../core/value.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { historiesOf, historyContext, timelineIn } from './histories.ts'
import { carries, isReference, ruleOf } from './rule-index.ts'

/**
 * The same, but for blanks of which the vendor tells that a person made them, or that something was there and was taken
 * away: what somebody cleared stays cleared.
 */
export async function survivorBase(
  engine: Engine,
  mapping: MappingRuntime,
  { side, base, survivor }: { readonly side: Side; readonly base: LinkBase; readonly survivor: Snapshot },
): Promise<LinkBase> {
  const kept = withoutBlanks(mapping, base, side, survivor)
  const blank = Object.keys(base).filter((key) => {
    if (key in kept || !mapping.rules.fields.some((rule) => rule.key === key)) return false
    const rule = ruleOf(mapping, key)[side]
    return rule.channel === 'value' && wasRead(rule, survivor.values) && !isReference(mapping, key)
  })
  if (blank.length === 0) return kept
  const fields = [...new Set(blank.flatMap((key) => ruleOf(mapping, key)[side].fields))]
  const found = await engine.pairing.connectors[side].evidence({
    object: mapping.rules.object[side],
    records: [{ id: survivor.key.id, fields }],
  })
  const evidence = found.get(survivor.key.id) ?? {}
  const clearedBy = (kind: Actor['kind']) =>
    blank.filter((key) =>
      ruleOf(mapping, key)[side].fields.every((field) => {
        // Where the vendor stamps whole records, nobody knows whose the blank is.
        return evidence[field]?.actor.kind === kind && evidence[field].notBefore === undefined
      }),
    )
  const unsigned = await takenAway(engine, mapping, { side, survivor, keys: clearedBy('unknown') })
  const cleared = [...clearedBy('human'), ...unsigned]
  return { ...kept, ...Object.fromEntries(cleared.flatMap((key) => (base[key] ? [[key, base[key]]] : []))) }
}

/**
 * Those of the fields that held something before. A merge alone leaves no blank where either record held something (Attio
 * fact sheet 10.6), whichever of the two values it took, and not every CRM says who removed a value.
 */
async function takenAway(
  engine: Engine,
  mapping: MappingRuntime,
  look: {
    readonly side: Side
    readonly survivor: Snapshot
    readonly keys: readonly string[]
  },
): Promise<readonly string[]> {
  const { side, survivor, keys } = look
  if (keys.length === 0) return []
  const rules = keys.map((key) => ruleOf(mapping, key))
  const fields = [...new Set(rules.flatMap((rule) => rule[side].fields))]
  const histories = await historiesOf(engine, mapping, side, [{ id: survivor.key.id, fields }])
  const history = histories.get(survivor.key.id)
  if (!history) return []
  const context = await historyContext(engine, mapping, side, histories)
  return rules.flatMap((rule) => {
    const timeline = timelineIn(mapping, side, rule, history, context)
    return timeline && wasFilledBefore(timeline) ? [rule.key] : []
  })
}

/**
 * A blank in a survivor under a new id was never filled rather than cleared, and its associations are not what
 * the dead record's were: without a base such a field is filled or compared anew, and no value is lost. What is only
 * carried from there is filled by nobody, so that the other side would keep what the blank should have cleared.
 */
export function withoutBlanks(
  mapping: MappingRuntime,
  base: LinkBase,
  side: Side,
  survivor: Snapshot,
): LinkBase {
  const keeps = (key: string) => {
    const rule = mapping.rules.fields.find((candidate) => candidate.key === key)
    if (!rule || rule[side].channel === 'edge' || !wasRead(rule[side], survivor.values)) return false
    if (!isReference(mapping, key) && !carries(rule, otherSide(side))) return true
    return isReference(mapping, key)
      ? !rule[side].fields.every((field) => isBlank(survivor.values[field] ?? null))
      : !isBlank(rule[side].read(survivor.values, NO_LOOKUPS))
  }
  return Object.fromEntries(Object.entries(base).filter(([key]) => keeps(key)))
}
