/**
 * The dry run: the real engine on a copy of the database, up to the moment of writing. Decisions are committed to
 * the copy as they would be, so that later ones build on them; writes are collected instead of sent.
 */
import type { Plan } from '../core/plan.ts'
import { otherSide, SIDES, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Change } from '../store/store.ts'
import { drain } from './drain.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { guardAgainstMassChange, guardAgainstMassDeletion } from './guards.ts'
import type { Progress } from './pass.ts'
import { ruleOf } from './rule-index.ts'
import type { Batch } from './reconcile.ts'
import { sweep } from './sweep.ts'
import { together } from './together.ts'
import type { Pair, Task, Write } from './work.ts'

export interface PlannedField {
  readonly field: string
  readonly before: Canonical
  readonly after: Canonical
  readonly because: string
}

export interface PlannedWrite {
  readonly mapping: string
  readonly side: Side
  readonly connection: string
  readonly object: string
  readonly kind: Write['kind']
  /** Null for a creation. */
  readonly record: RecordId | null
  /** The record of the other side that causes it. */
  readonly source: RecordId
  readonly fields: readonly PlannedField[]
}

export interface PlannedConflict {
  readonly mapping: string
  readonly leftRecord: RecordId
  readonly rightRecord: RecordId
  readonly field: string
  readonly left: Canonical
  readonly right: Canonical
  readonly rule: string
  readonly because: string
}

export interface PlannedLink {
  readonly mapping: string
  readonly left: Snapshot
  readonly right: Snapshot
}

/** A record that stays alone: in review, or not to be created on the other side. */
export interface AloneRecord {
  readonly mapping: string
  readonly side: Side
  readonly snapshot: Snapshot
}

export interface Rehearsal {
  readonly writes: readonly PlannedWrite[]
  readonly conflicts: readonly PlannedConflict[]
  readonly links: readonly PlannedLink[]
  readonly alone: readonly AloneRecord[]
  /** Snapshots of the records that would be created on the other side. */
  readonly creations: readonly AloneRecord[]
}

/** The newest decision per link: a pair is decided again when a record it points at was linked meanwhile. */
interface Collected {
  readonly tasks: Map<string, { readonly mapping: MappingRuntime; readonly task: Task }>
  readonly plans: Map<string, { readonly mapping: MappingRuntime; readonly pair: Pair; readonly plan: Plan }>
  readonly links: Map<string, PlannedLink>
  readonly alone: Map<string, AloneRecord>
}

/**
 * Needs an engine whose store is a copy and whose connectors are read-only. Throws `GuardTripped` where a pass
 * would.
 */
export async function rehearse(engine: Engine, progress: Progress): Promise<Rehearsal> {
  const { mappings } = engine.pairing
  await together(mappings.flatMap((mapping) => SIDES.map((side) => look(engine, mapping, side, progress))))
  for (const mapping of mappings) {
    await guardAgainstMassDeletion(engine, mapping)
    await guardAgainstMassChange(engine, mapping)
  }
  const collected: Collected = { tasks: new Map(), plans: new Map(), links: new Map(), alone: new Map() }
  // Ends like a pass: every round answers dirty records, and only links made in it mark further ones.
  for (;;) {
    let batches = 0
    for (const mapping of mappings) {
      batches += await drain(engine, mapping, (batch) => collect(engine, mapping, batch, collected, progress))
    }
    if (batches === 0) break
  }
  return rehearsalOf(engine, collected)
}

async function look(engine: Engine, mapping: MappingRuntime, side: Side, progress: Progress): Promise<void> {
  const what = `reading ${mapping.rules.object[side]} of ${engine.pairing.connectors[side].connection}`
  await sweep(engine, mapping, side, 3, (seen) => progress.report({ what, done: seen, total: null }))
}

async function collect(
  engine: Engine,
  mapping: MappingRuntime,
  batch: Batch,
  collected: Collected,
  progress: Progress,
): Promise<void> {
  const { mapping: name } = mapping.rules
  for (const { link, pair, plan } of batch.plans) {
    collected.plans.set(link, { mapping, pair, plan })
    if (pair.isNew) collected.links.set(link, { mapping: name, left: pair.left, right: pair.right })
  }
  const changes: Change[] = []
  for (const task of batch.tasks) {
    if (task.link.id === '') collectAlone(mapping, task, collected)
    else collected.tasks.set(task.link.id, { mapping, task })
    if (task.state !== 'open') continue
    for (const row of task.dirty) changes.push({ kind: 'settle', mapping: name, record: row, seq: row.seq })
  }
  engine.tally.settled += changes.length
  await engine.store.commitPlans(changes)
  progress.report({
    what: `deciding about ${mapping.rules.object.left}`,
    done: engine.tally.settled,
    total: null,
  })
}

function collectAlone(mapping: MappingRuntime, task: Task, collected: Collected): void {
  for (const side of SIDES) {
    const snapshot = task[side]
    const { mapping: name } = mapping.rules
    if (snapshot) collected.alone.set(`${name}/${side}/${snapshot.key.id}`, { mapping: name, side, snapshot })
  }
}

function rehearsalOf(engine: Engine, collected: Collected): Rehearsal {
  const writes: PlannedWrite[] = []
  const creations: AloneRecord[] = []
  for (const { mapping, task } of collected.tasks.values()) {
    for (const write of task.queue) {
      writes.push(plannedWrite(engine, mapping, write))
      if (write.kind !== 'create') continue
      const side = otherSide(write.side)
      creations.push({ mapping: mapping.rules.mapping, side, snapshot: write.source })
    }
  }
  const linked = new Set(
    [...collected.links.values()].flatMap(({ mapping, left, right }) => [
      `${mapping}/left/${left.key.id}`,
      `${mapping}/right/${right.key.id}`,
    ]),
  )
  return {
    writes,
    conflicts: [...collected.plans.values()].flatMap(plannedConflicts),
    links: [...collected.links.values()],
    // Looked at before its counterpart was known, and linked afterwards.
    alone: [...collected.alone].flatMap(([key, record]) => (linked.has(key) ? [] : [record])),
    creations,
  }
}

function plannedWrite(engine: Engine, mapping: MappingRuntime, write: Write): PlannedWrite {
  const { side, kind, record } = write
  return {
    mapping: mapping.rules.mapping,
    side,
    connection: engine.pairing.connectors[side].connection,
    object: mapping.rules.object[side],
    kind,
    record,
    source: write.source.key.id,
    fields: Object.keys(write.fields).map((field) => plannedField(mapping, write, field)),
  }
}

/** References are compared as pairs of ours; people know the records by their ids in the CRM. */
function plannedField(mapping: MappingRuntime, write: Write, key: string): PlannedField {
  const planned = write.fields[key]
  const [name] = ruleOf(mapping, key)[write.side].fields
  const isReference = name !== undefined && mapping.schemas[write.side].fields.get(name)?.type === 'reference'
  return {
    field: key,
    before: isReference ? (write.target?.values[name] ?? null) : (planned?.before ?? null),
    after: isReference ? (write.values[name] ?? null) : (planned?.target ?? null),
    because: planned?.because ?? '',
  }
}

function plannedConflicts(planned: {
  readonly mapping: MappingRuntime
  readonly pair: Pair
  readonly plan: Plan
}): PlannedConflict[] {
  const { mapping, pair, plan } = planned
  return plan.verdicts.flatMap((verdict) => {
    if (verdict.kind !== 'hold') return []
    const { left, right, rule } = verdict.conflict
    return [
      {
        mapping: mapping.rules.mapping,
        leftRecord: pair.left.key.id,
        rightRecord: pair.right.key.id,
        field: verdict.field,
        left,
        right,
        rule,
        because: verdict.because,
      },
    ]
  })
}
