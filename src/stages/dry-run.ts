/**
 * The dry run: the real engine on a copy of the database, with connectors that imagine their writes. Decisions and
 * outcomes are committed to the copy as they would be, so that later ones build on them.
 */
import { otherSide, SIDES, type Side, type Snapshot } from '../core/record.ts'
import { deliver } from './deliver.ts'
import { drain } from './drain.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { guardAgainstMassChange, guardAgainstMassDeletion } from './guards.ts'
import { imagined } from './imagined.ts'
import type { Progress } from './pass.ts'
import {
  plannedLink,
  plannedWrite,
  symbolOf,
  type PlannedConflict,
  type PlannedLink,
  type PlannedWrite,
} from './planned.ts'
import type { Batch } from './reconcile.ts'
import type { Steering } from './steering.ts'
import { sweepInView } from './sweep.ts'
import { together } from './together.ts'
import type { Task, Write } from './work.ts'

export interface LinkedRecords extends PlannedLink {
  readonly snapshots: { readonly left: Snapshot; readonly right: Snapshot }
}

/** A record that stays alone: in review, or not to be created on the other side. */
export interface AloneRecord {
  readonly mapping: string
  readonly side: Side
  readonly snapshot: Snapshot
}

export interface Rehearsal {
  /** In the order in which a pass would send them. */
  readonly writes: readonly PlannedWrite[]
  readonly conflicts: readonly PlannedConflict[]
  readonly links: readonly LinkedRecords[]
  readonly alone: readonly AloneRecord[]
  /** Snapshots of the records that would be created on the other side. */
  readonly creations: readonly AloneRecord[]
}

interface Collected {
  readonly writes: PlannedWrite[]
  readonly creations: AloneRecord[]
  /** By link and field: decided again when a record that the pair points at was linked meanwhile. */
  readonly conflicts: Map<string, PlannedConflict>
  readonly links: Map<string, LinkedRecords>
  readonly alone: Map<string, AloneRecord>
}

/**
 * Needs an engine whose store is a copy and whose connectors are read-only. Throws `GuardTripped` where a pass
 * would.
 */
export async function rehearse(engine: Engine, progress: Progress): Promise<Rehearsal> {
  const { mappings } = engine.pairing
  await together(
    mappings.flatMap((mapping) => SIDES.map((side) => sweepInView(engine, mapping, side, progress))),
  )
  for (const mapping of mappings) {
    await guardAgainstMassDeletion(engine, mapping)
    await guardAgainstMassChange(engine, mapping)
  }
  const collected: Collected = {
    writes: [],
    creations: [],
    conflicts: new Map(),
    links: new Map(),
    alone: new Map(),
  }
  const symbols = new Map<string, string>()
  const dreaming = imagining(engine, symbols)
  // Ends like a pass: every round answers dirty records, and only links made in it mark further ones.
  for (;;) {
    let batches = 0
    for (const mapping of mappings) {
      batches += await drain(dreaming, mapping, {
        finish: async (batch) => {
          noteBatch(mapping, batch, collected)
          const admit: Steering['admit'] = (_task, writes) => {
            for (const write of writes) {
              symbols.set(write.id, symbolOf(write.link, write.side))
              noteWrite(engine, mapping, write, collected)
            }
            return writes
          }
          await deliver(inLane(dreaming, batch.lane), mapping, batch, { admit })
          const what = `deciding about ${mapping.rules.object.left}`
          progress.report({ what, done: engine.tally.settled, total: null })
        },
      })
    }
    if (batches === 0) break
  }
  return rehearsalOf(collected)
}

/** The same engine, whose writes come true in its own reads only. Nothing it read grows old meanwhile. */
function imagining(engine: Engine, symbols: ReadonlyMap<string, string>): Engine {
  const { pairing, runtime } = engine
  const on = (side: Side) =>
    imagined(pairing.connectors[side], {
      nameOf: (writeId) => symbols.get(writeId) ?? writeId,
      now: () => runtime.now(),
    })
  return {
    ...engine,
    // One batch at a time, so that equal worlds give plans in equal order.
    settings: { ...engine.settings, freshMs: Number.POSITIVE_INFINITY, batchesInFlight: 1 },
    pairing: { ...pairing, connectors: { left: on('left'), right: on('right') } },
  }
}

function noteWrite(engine: Engine, mapping: MappingRuntime, write: Write, collected: Collected): void {
  collected.writes.push(plannedWrite(engine, mapping, write))
  if (write.kind !== 'create') return
  const { mapping: name } = mapping.rules
  const side = otherSide(write.side)
  collected.creations.push({ mapping: name, side, snapshot: recognisable(mapping, side, write.source) })
}

/** What tells who it is, and no more: before a first load there is one for every record of both CRMs. */
function recognisable({ rules }: MappingRuntime, side: Side, snapshot: Snapshot): Snapshot {
  const fields = new Set(rules.match.flatMap((rule) => rule.fields[side]))
  const values = Object.entries(snapshot.values).filter(([field]) => fields.has(field))
  return { ...snapshot, values: Object.fromEntries(values), evidence: {} }
}

function noteBatch(mapping: MappingRuntime, batch: Batch, collected: Collected): void {
  for (const task of batch.tasks) if (task.link.id === '') noteAlone(mapping, task, collected)
  for (const { link, pair, plan } of batch.plans) {
    const { left, right } = pair
    if (pair.isNew) {
      const snapshots = {
        left: recognisable(mapping, 'left', left),
        right: recognisable(mapping, 'right', right),
      }
      collected.links.set(link, { ...plannedLink(mapping, pair), snapshots })
    }
    for (const verdict of plan.verdicts) {
      const key = `${link}/${verdict.field}`
      // On exactly these values it is still open; any other verdict is a newer answer.
      if (verdict.kind !== 'nothing') collected.conflicts.delete(key)
      if (verdict.kind !== 'hold') continue
      const { conflict, field, because } = verdict
      collected.conflicts.set(key, {
        mapping: mapping.rules.mapping,
        link,
        leftRecord: left.key.id,
        rightRecord: right.key.id,
        field,
        left: conflict.left,
        right: conflict.right,
        rule: conflict.rule,
        because,
      })
    }
  }
}

function noteAlone(mapping: MappingRuntime, task: Task, collected: Collected): void {
  for (const side of SIDES) {
    const snapshot = task[side]
    const { mapping: name } = mapping.rules
    if (!snapshot) continue
    const record = { mapping: name, side, snapshot: recognisable(mapping, side, snapshot) }
    collected.alone.set(`${name}/${side}/${snapshot.key.id}`, record)
  }
}

function rehearsalOf(collected: Collected): Rehearsal {
  const links = [...collected.links.values()]
  const linked = new Set(
    links.flatMap(({ mapping, left, right }) => [`${mapping}/left/${left}`, `${mapping}/right/${right}`]),
  )
  return {
    writes: collected.writes,
    conflicts: [...collected.conflicts.values()],
    links,
    // Looked at before its counterpart was known, and linked afterwards.
    alone: [...collected.alone].flatMap(([key, record]) => (linked.has(key) ? [] : [record])),
    creations: collected.creations,
  }
}
