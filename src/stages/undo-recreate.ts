/** Making a removed record anew: with what it held, as far as that can be written, and never beside another one. */
import { otherSide, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { SideContext } from '../core/rules.ts'
import { isEqual, type FieldValues } from '../core/value.ts'
import type { IntentField } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { findRecords } from './fetch.ts'
import type { Recreation } from './undo-decide.ts'
import type { Situation } from './undo-look.ts'
import type { Write } from './work.ts'

/**
 * The creation, with the stamp of the record's counterpart. References that cannot be written yet and associations
 * are left for when it exists.
 */
export function recreationWrite(
  engine: Engine,
  mapping: MappingRuntime,
  { situation, recreation }: { readonly situation: Situation; readonly recreation: Recreation },
  options: { readonly context: Both<SideContext>; readonly because: string },
): Write {
  const { side, from } = recreation
  const { link, base } = situation
  const { context, because } = options
  const fields: Record<string, IntentField> = {}
  let values: FieldValues = {}
  for (const rule of mapping.rules.fields) {
    const target = recreation.values[rule.key]
    if (target === undefined || rule[side].channel === 'edge') continue
    const stored = rule[side].write(target, values, context[side])
    const isReadBack = isEqual(rule[side].read({ ...values, ...stored }, context[side]), target)
    const isReadOnly = Object.keys(stored).some((name) => mapping.schemas[side].fields.get(name)?.readOnly)
    if (!isReadBack || isReadOnly) continue
    values = { ...values, ...stored }
    fields[rule.key] = {
      source: null,
      target,
      before: null,
      agreedAs: null,
      human: true,
      because,
      settles: null,
    }
  }
  const field = mapping.rules.stamp[side]
  const counterpart = counterpartOf(situation, side)
  const stamp = field === null || counterpart === null ? null : { field, value: counterpart }
  return {
    id: engine.runtime.id(),
    link: link.id,
    side,
    kind: 'create',
    // The record that it replaces: settling an unknown outcome has to know that this is no ordinary creation.
    record: from,
    values: stamp ? { ...values, [stamp.field]: stamp.value } : values,
    edge: null,
    removal: null,
    stamp,
    fields,
    target: null,
    source: placeholder(engine, mapping, otherSide(side), counterpart ?? ''),
    base,
  }
}

/** The other half of its pair, whether it lives or not. */
function counterpartOf({ link, footprint }: Situation, side: Side): RecordId | null {
  const far = otherSide(side)
  return link[far] ?? footprint.steps.at(-1)?.before?.[far] ?? null
}

function placeholder(engine: Engine, mapping: MappingRuntime, side: Side, id: RecordId): Snapshot {
  const key = {
    connection: engine.pairing.connectors[side].connection,
    object: mapping.rules.object[side],
    id,
  }
  return { key, values: {}, version: null, readAtMs: engine.runtime.now(), evidence: {} }
}

/** Per write, the live record that has its stamp or one of its strong keys by now, if any (I7, I8). */
export async function findRivals(
  engine: Engine,
  mapping: MappingRuntime,
  writes: readonly Write[],
): Promise<ReadonlyMap<string, RecordId>> {
  const rivals = new Map<string, RecordId>()
  for (const [side, own] of Map.groupBy(writes, (write) => write.side)) {
    const byStamp = Map.groupBy(own, ({ stamp }) => stamp?.value ?? '')
    const field = mapping.rules.stamp[side]
    if (field !== null) {
      const values = [...byStamp.keys()].filter((value) => value !== '')
      for (const snapshot of await findRecords(engine, mapping, side, field, values)) {
        const named = snapshot.values[field]
        for (const write of (typeof named === 'string' && byStamp.get(named)) || []) {
          rivals.set(write.id, snapshot.key.id)
        }
      }
    }
    for (const rule of mapping.rules.match) {
      if (rule.strength !== 'strong') continue
      const byKey = new Map(own.flatMap((write) => rule.keys[side](write.values).map((key) => [key, write])))
      const values = [...byKey.keys()].map(rule.query[side])
      for (const snapshot of await findRecords(engine, mapping, side, rule.field[side], values)) {
        for (const key of rule.keys[side](snapshot.values)) {
          const write = byKey.get(key)
          if (write) rivals.set(write.id, snapshot.key.id)
        }
      }
    }
  }
  return rivals
}
