/** Plans pairs whose records are in hand: associations where they matter, evidence where it is asked for. */
import {
  otherSide,
  SIDES,
  type Both,
  type Evidence,
  type RecordId,
  type Side,
  type Snapshot,
} from '../core/record.ts'
import type { Plan } from '../core/plan.ts'
import type { Change } from '../store/change.ts'
import type { Quarantine } from '../store/waiting.ts'
import { openDirectory, type Directory } from './directory.ts'
import { postponed } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { attributed } from './attribution.ts'
import { fetchRecords, isAnnounced, needsEdges } from './fetch.ts'
import { originWants } from './hub.ts'
import { olderRules, underNewRules } from './new-rules.ts'
import { observed } from './observed.ts'
import { decidePairFields, planPair } from './plan-pair.ts'
import { splitOutdated } from './still-current.ts'
import { isAnyWantedBack, linksWantedBack } from './wanted-back.ts'
import { taskOf, type LinkedGroup, type Pair, type Prepared, type Ready, type Task } from './work.ts'

type Planned = Ready & { readonly plan: Plan }

export async function planReady(
  engine: Engine,
  mapping: MappingRuntime,
  ready: readonly Ready[],
): Promise<Prepared & { readonly directory: Directory }> {
  const { current: complete, outdated } = splitOutdated(
    engine,
    mapping,
    await readEdges(engine, mapping, ready),
  )
  const directory = await directoryFor(engine, mapping, complete)
  const older = await olderRules(engine.store, mapping, complete)
  const told = await attributed(engine, mapping, complete)
  const first = told.map((item) => {
    const pair = underNewRules(mapping, older.get(item.group.link.rules), item.pair, directory)
    return { ...item, pair, plan: decidePairFields(engine, mapping, pair, directory, false) }
  })
  const final = await withEvidence(engine, mapping, first, directory)
  const changes: Change[] = outdated.flatMap(({ group }) =>
    postponed(mapping, group.dirty, engine.runtime.now()),
  )
  const tasks: Task[] = []
  for (const { group, pair, plan, priorAttempts } of final) {
    const setAside = pair.quarantines.some((entry) => entry.fields.length === 0)
    const task = taskOf(group, pair.left, pair.right, { pair, priorAttempts })
    tasks.push(task)
    if (setAside) continue
    const planned = planPair(engine, mapping, pair, directory, plan)
    changes.push(
      ...linkUpkeep(mapping, group, pair),
      ...rebased(group, pair),
      ...observed(engine, mapping, group, pair, plan),
      ...planned.changes,
      ...healed(mapping, group, pair),
    )
    task.queue.push(...planned.writes)
    engine.tally.conflictsOpened += planned.opened
  }
  const plans = final.map(({ pair, plan }) => ({ link: pair.link.id, pair, plan }))
  return { changes, tasks, plans, directory }
}

async function directoryFor(
  engine: Engine,
  mapping: MappingRuntime,
  ready: readonly Ready[],
): Promise<Directory> {
  const pairs = ready.map(({ pair }) => pair)
  const snapshots = { left: pairs.map(({ left }) => left), right: pairs.map(({ right }) => right) }
  return openDirectory(engine.store, engine.pairing, snapshots, linksWantedBack(mapping, pairs))
}

async function readEdges(
  engine: Engine,
  mapping: MappingRuntime,
  ready: readonly Ready[],
): Promise<readonly Ready[]> {
  const directory = await directoryFor(engine, mapping, ready)
  const edges = { left: new Map<RecordId, Snapshot>(), right: new Map<RecordId, Snapshot>() }
  for (const side of SIDES) {
    const wanted = ready.filter(({ pair, group }) =>
      needsEdges({
        mapping,
        side,
        announced:
          pair.isNew ||
          isAnnounced(group, side) ||
          liftedRefusals(group, pair).length > 0 ||
          isAnyWantedBack(pair),
        base: pair.base,
        snapshot: pair[side],
        other: pair[otherSide(side)],
        context: directory.context,
      }),
    )
    const ids = wanted.map(({ pair }) => pair[side].key.id)
    for (const [id, reading] of await fetchRecords(engine, mapping, side, ids, { edges: true })) {
      if (reading.kind === 'found') edges[side].set(id, reading.snapshot)
    }
  }
  return ready.map((item) => ({
    ...item,
    pair: {
      ...item.pair,
      left: edges.left.get(item.pair.left.key.id) ?? item.pair.left,
      right: edges.right.get(item.pair.right.key.id) ?? item.pair.right,
    },
  }))
}

/** Asks who changed what and when, only for pairs whose decision or report depends on it, and decides again. */
async function withEvidence(
  engine: Engine,
  mapping: MappingRuntime,
  planned: readonly Planned[],
  directory: Directory,
): Promise<readonly Planned[]> {
  const wants = new Map(
    planned.map((item): [Planned, Both<readonly string[]>] => {
      const { wantsEvidence } = item.plan
      const origins = originWants(engine, mapping, item)
      return [
        item,
        {
          left: [...wantsEvidence.left, ...origins.left],
          right: [...wantsEvidence.right, ...origins.right],
        },
      ]
    }),
  )
  const asking = planned.filter((item) => SIDES.some((side) => (wants.get(item)?.[side].length ?? 0) > 0))
  if (asking.length === 0) return planned
  const found = { left: await ask('left'), right: await ask('right') }
  async function ask(side: Side) {
    const records = asking.flatMap((item) => {
      const fields = wants.get(item)?.[side] ?? []
      return fields.length === 0 ? [] : [{ id: item.pair[side].key.id, fields }]
    })
    if (records.length === 0) return new Map<RecordId, Readonly<Record<string, Evidence>>>()
    return engine.pairing.connectors[side].evidence({ object: mapping.rules.object[side], records })
  }
  const enrich = (
    snapshot: Snapshot,
    evidence: Readonly<Record<string, Evidence>> | undefined,
  ): Snapshot => ({
    ...snapshot,
    evidence: { ...snapshot.evidence, ...evidence },
  })
  const answered = asking.map((item) => {
    const pair: Pair = {
      ...item.pair,
      left: enrich(item.pair.left, found.left.get(item.pair.left.key.id)),
      right: enrich(item.pair.right, found.right.get(item.pair.right.key.id)),
    }
    return { item, pair }
  })
  const told = new Map((await attributed(engine, mapping, answered)).map(({ item, pair }) => [item, pair]))
  return planned.map((item) => {
    const pair = told.get(item)
    return pair ? { ...item, pair, plan: decidePairFields(engine, mapping, pair, directory, true) } : item
  })
}

function linkUpkeep(mapping: MappingRuntime, group: LinkedGroup, pair: Pair): readonly Change[] {
  const { link } = group
  const same =
    link.state === 'live' &&
    link.rules === mapping.rules.version &&
    link.versions.left === pair.left.version &&
    link.versions.right === pair.right.version
  if (same) return []
  const versions = { left: pair.left.version, right: pair.right.version }
  return [{ kind: 'set-link', link: link.id, state: 'live', rules: mapping.rules.version, versions }]
}

/** Bases that were translated into new rules. */
function rebased(group: LinkedGroup, pair: Pair): readonly Change[] {
  const before = group.subjects[0]?.base ?? {}
  const fields = Object.fromEntries(Object.entries(pair.base).filter(([key, base]) => before[key] !== base))
  if (pair.isNew || Object.keys(fields).length === 0) return []
  return [{ kind: 'set-base', link: pair.link.id, fields }]
}

/** A quarantine that no longer applies is lifted; a write that is refused again sets it anew. */
function healed(mapping: MappingRuntime, group: LinkedGroup, pair: Pair): readonly Change[] {
  return liftedRefusals(group, pair).map(({ record }) => ({
    kind: 'heal',
    mapping: mapping.rules.mapping,
    record,
  }))
}

/** What changed while a pair was set aside was looked at and not decided about, associations included. */
function liftedRefusals({ subjects }: LinkedGroup, pair: Pair): readonly Quarantine[] {
  const active = new Set(pair.quarantines)
  return subjects.flatMap(({ quarantine }) => (quarantine && !active.has(quarantine) ? [quarantine] : []))
}
