/**
 * Whether anybody worked on records that a run made: before one of them is taken away again. A mapped field must be
 * as the run left it; any other field that can be written must be blank, or have its value from us or from the CRM
 * itself. Who wrote what is asked only where a record is not the version that we left.
 */
import { wasRead } from '../core/reconcile.ts'
import type { Both, Evidence, RecordId, Side, Snapshot } from '../core/record.ts'
import type { SideContext } from '../core/rules.ts'
import { isSomebodysWork } from '../core/undo.ts'
import { isBlank, isEqual } from '../core/value.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { SideFootprint } from './footprint.ts'
import type { UndoMemory } from './undo-memory.ts'

export interface MadeRecord {
  readonly created: NonNullable<SideFootprint['created']>
  /** With associations. */
  readonly snapshot: Snapshot
}

/** By record id, the fields in which somebody's work would be lost; a record nobody touched is left out. */
export async function touchedFields(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  made: readonly MadeRecord[],
  { context, memory }: { readonly context: Both<SideContext>; readonly memory: UndoMemory },
): Promise<ReadonlyMap<RecordId, readonly string[]>> {
  const suspects = made.map((record) => ({
    id: record.snapshot.key.id,
    mapped: changedFields(mapping, side, record, { context, memory }),
    isMoved: record.created.version === null || record.created.version !== record.snapshot.version,
  }))
  const moved = suspects.filter(({ isMoved }) => isMoved).map(({ id }) => id)
  const unmapped = await filledFields(engine, mapping, side, moved)
  const asked = suspects.flatMap(({ id, mapped }) => {
    const fields = [...mapped, ...(unmapped.get(id) ?? [])]
    return fields.length === 0 ? [] : [{ id, fields }]
  })
  if (asked.length === 0) return new Map()
  const object = mapping.rules.object[side]
  const evidence = await engine.pairing.connectors[side].evidence({ object, records: asked })
  const ours = new Set([...unmapped.values()].flat())
  return new Map(
    asked.flatMap(({ id, fields }) => {
      const known: Readonly<Record<string, Evidence>> = evidence.get(id) ?? {}
      const touched = fields.filter((field) =>
        isSomebodysWork(known[field] ?? null, { ours: ours.has(field) }),
      )
      return touched.length === 0 ? [] : [[id, touched] as const]
    }),
  )
}

/** Fields of the CRM behind mapped fields that do not hold what the run left there. */
function changedFields(
  mapping: MappingRuntime,
  side: Side,
  { created, snapshot }: MadeRecord,
  { context, memory }: { readonly context: Both<SideContext>; readonly memory: UndoMemory },
): readonly string[] {
  return mapping.rules.fields.flatMap((rule) => {
    if (!wasRead(rule[side], snapshot.values)) return []
    const now = rule[side].read(snapshot.values, context[side])
    const left = created.left[rule.key] ?? rule[side].read({}, context[side])
    const isAsLeft = isEqual(now, left) || isEqual(now, memory.afterTakingAway(left, side))
    return isAsLeft ? [] : rule[side].fields
  })
}

/** Fields that the mapping does not know, that people can write, and that are not blank. */
async function filledFields(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  ids: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, readonly string[]>> {
  const found = new Map<RecordId, readonly string[]>()
  if (ids.length === 0) return found
  const stamp = mapping.rules.stamp[side]
  const mapped = new Set([...mapping.rules.fields.flatMap((rule) => rule[side].fields), stamp])
  const fields = [...mapping.schemas[side].fields.values()]
    .filter(({ channel, readOnly, type }) => channel === 'value' && !readOnly && type !== 'opaque')
    .map(({ name }) => name)
    .filter((name) => !mapped.has(name))
  const connector = engine.pairing.connectors[side]
  const size = connector.capabilities.batch.read
  for (let i = 0; i < ids.length; i += size) {
    const request = { object: mapping.rules.object[side], ids: ids.slice(i, i + size), fields }
    for (const reading of await connector.read(request)) {
      if (reading.kind !== 'found') continue
      const { key, values } = reading.snapshot
      const filled = fields.filter((field) => !isBlank(values[field] ?? null))
      found.set(key.id, filled)
    }
  }
  return found
}
