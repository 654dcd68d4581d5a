/**
 * Linked pairs of one batch: read both records as they are now, find out what became of vanished ones, and
 * plan what is left to reconcile.
 */
import { instantMs } from '../core/instant.ts'
import { decidePair, type RecordState } from '../core/pair.ts'
import type { Plan } from '../core/plan.ts'
import { wasRead } from '../core/reconcile.ts'
import {
  otherSide,
  SIDES,
  type Both,
  type Evidence,
  type RecordId,
  type Side,
  type Snapshot,
} from '../core/record.ts'
import { isEqual } from '../core/value.ts'
import type { Change, DirtyRecord, Link, Subject } from '../store/store.ts'
import type { Task } from './deliver.ts'
import { openDirectory, type Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { quarantineCause } from './failure.ts'
import { fetchRecords, needsEdges, type Readings } from './fetch.ts'
import { decidePairFields, planPair } from './plan-pair.ts'
import type { Pair } from './work.ts'
import { entomb, findSuccessors, onMerge, planRemoval, unlink, type Successors } from './vanish.ts'

/** Everything dirty about one link. */
export interface LinkedGroup {
  readonly link: Link
  readonly subjects: readonly Subject[]
  readonly dirty: readonly DirtyRecord[]
}

export interface Prepared {
  readonly changes: readonly Change[]
  readonly tasks: readonly Task[]
  readonly plans: readonly { readonly link: string; readonly pair: Pair; readonly plan: Plan }[]
}

export interface Ready {
  readonly group: LinkedGroup
  readonly pair: Pair
  readonly priorAttempts: number
}

export async function prepareLinked(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
): Promise<Prepared & { readonly directory: Directory }> {
  const readings = await readBoth(engine, mapping, groups)
  const successors = await findAllSuccessors(engine, mapping, groups, readings)
  const changes: Change[] = []
  const tasks: Task[] = []
  const ready: Ready[] = []

  for (const group of groups) {
    const moved = await followMerges(engine, mapping, group, readings, successors)
    changes.push(...moved.changes)
    if (moved.kind === 'over') {
      tasks.push(taskOf(group, null, null))
      continue
    }
    const action = decidePair(stateOf(mapping, group, moved.snapshots, moved.hidden), mapping.rules.onDelete)
    const { left, right } = moved.snapshots
    switch (action.kind) {
      case 'reconcile':
        if (!left || !right) throw new Error('a pair to reconcile has both records')
        if (isStaleReplica(engine, group.link, { left, right })) {
          changes.push(...postponed(engine, mapping, group, 1_000))
        } else {
          ready.push(readyPair(mapping, group, left, right))
        }
        break
      case 'pause':
        changes.push(...paused(engine, mapping, group, action.because, moved.hidden))
        tasks.push(taskOf(group, left, right))
        break
      case 'tomb':
        changes.push(...entomb(engine, mapping, group.link))
        tasks.push(taskOf(group, null, null))
        break
      case 'unlink':
      case 'contested-removal': {
        const contested = action.kind === 'contested-removal'
        const because = contested ? 'deleted on the other side, edited here' : action.because
        changes.push(...unlink(engine, mapping, { link: group.link, gone: action.gone, because, contested }))
        tasks.push(taskOf(group, left, right))
        break
      }
      case 'remove': {
        const survivor = moved.snapshots[otherSide(action.gone)]
        if (!survivor) throw new Error('a removal needs its survivor')
        const removal = planRemoval(engine, {
          link: group.link,
          gone: action.gone,
          survivor,
          mode: action.mode,
        })
        tasks.push({ ...taskOf(group, null, null), queue: [removal] })
        break
      }
    }
  }
  const planned = await planReady(engine, mapping, ready)
  return {
    changes: [...changes, ...planned.changes],
    tasks: [...tasks, ...planned.tasks],
    plans: planned.plans,
    directory: planned.directory,
  }
}

async function readBoth(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
): Promise<Both<Readings>> {
  const ids = (side: Side) => groups.flatMap((group) => group.link[side] ?? [])
  const [left, right] = await Promise.all([
    fetchRecords(engine, mapping, 'left', ids('left'), { edges: false }),
    fetchRecords(engine, mapping, 'right', ids('right'), { edges: false }),
  ])
  return { left, right }
}

async function findAllSuccessors(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
  readings: Both<Readings>,
): Promise<Both<Successors>> {
  const vanished = (side: Side) =>
    groups.flatMap((group) => {
      const id = group.link[side]
      if (id === null || readings[side].get(id)?.kind !== 'gone') return []
      const far = group.link[otherSide(side)]
      const other = far === null ? undefined : readings[otherSide(side)].get(far)
      return [{ id, counterpart: other?.kind === 'found' ? other.snapshot : null }]
    })
  return {
    left: await findSuccessors(engine, mapping, 'left', vanished('left')),
    right: await findSuccessors(engine, mapping, 'right', vanished('right')),
  }
}

interface Followed {
  readonly kind: 'goes-on' | 'over'
  readonly snapshots: Both<Snapshot | null>
  readonly hidden: Both<boolean>
  readonly changes: readonly Change[]
}

/** Replaces merged-away records by their survivors; `over` when the pair collapsed into another. */
async function followMerges(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  readings: Both<Readings>,
  successors: Both<Successors>,
): Promise<Followed> {
  const snapshots: { left: Snapshot | null; right: Snapshot | null } = { left: null, right: null }
  const hidden = { left: false, right: false }
  const changes: Change[] = []
  for (const side of SIDES) {
    const old = group.link[side]
    if (old === null) continue
    const reading = readings[side].get(old)
    if (!reading || reading.kind === 'hidden') {
      hidden[side] = true
      continue
    }
    const survivor = reading.kind === 'found' ? reading.snapshot : (successors[side].get(old) ?? null)
    snapshots[side] = survivor
    if (survivor === null || survivor.key.id === old) continue
    const survivorLink = await linkOf(engine, mapping, side, survivor.key.id)
    const merge = onMerge(engine, mapping, { side, link: group.link, old, survivor, survivorLink })
    changes.push(...merge.changes)
    engine.log.info({ linkId: group.link.id, side, outcome: merge.kind }, 'record was merged')
    if (merge.kind === 'collapsed') return { kind: 'over', snapshots, hidden, changes }
  }
  return { kind: 'goes-on', snapshots, hidden, changes }
}

async function linkOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  id: RecordId,
): Promise<Link | null> {
  const [subject] = await engine.store.load({ mapping: mapping.rules.mapping, records: [{ side, id }] })
  return subject?.link ?? null
}

function stateOf(
  mapping: MappingRuntime,
  group: LinkedGroup,
  snapshots: Both<Snapshot | null>,
  hidden: Both<boolean>,
): Both<RecordState> {
  const base = group.subjects[0]?.base ?? {}
  const one = (side: Side): RecordState => {
    if (hidden[side]) return 'hidden'
    const snapshot = snapshots[side]
    if (!snapshot) return 'gone'
    if (!mapping.rules.inScope[side](snapshot.values)) return 'outside'
    // Only asked about a survivor; references need look-ups and do not count as edits here.
    const edited = mapping.rules.fields.some((rule) => {
      const known = base[rule.key]
      const isReference = rule[side].fields.some(
        (field) => mapping.schemas[side].fields.get(field)?.type === 'reference',
      )
      if (!known || isReference || !wasRead(rule[side], snapshot.values)) return false
      return !isEqual(rule[side].read(snapshot.values, NO_LOOKUPS), known[side])
    })
    return edited ? 'changed' : 'unchanged'
  }
  return { left: one('left'), right: one('right') }
}

const NO_LOOKUPS = {
  userEmail: () => null,
  userId: () => null,
  tokenOwner: () => null,
  linkOf: () => null,
  recordOf: () => null,
}

/** A replica answered with a state older than one we have seen: deciding on it would undo something. */
function isStaleReplica(engine: Engine, link: Link, snapshots: Both<Snapshot>): boolean {
  return SIDES.some((side) => {
    if (engine.pairing.connectors[side].capabilities.versions !== 'ordered') return false
    const known = instantMs(link.versions[side] ?? '')
    const now = instantMs(snapshots[side].version ?? '')
    return known !== null && now !== null && now < known
  })
}

function readyPair(mapping: MappingRuntime, group: LinkedGroup, left: Snapshot, right: Snapshot): Ready {
  const subject = group.subjects[0]
  const isRetry = group.dirty.some((row) => row.reasons.includes('retry'))
  const known = group.subjects.flatMap((item) => item.quarantine ?? [])
  const active = isRetry
    ? []
    : known.filter((entry) => {
        const side = entry.record.side
        const source = side === 'left' ? left : right
        return quarantineCause(mapping, otherSide(side), source.values) === entry.cause
      })
  const pair: Pair = {
    link: {
      id: group.link.id,
      mapping: group.link.mapping,
      left: left.key.id,
      right: right.key.id,
      state: 'live',
      rules: mapping.rules.version,
      versions: { left: left.version, right: right.version },
    },
    isNew: false,
    base: subject?.base ?? {},
    left,
    right,
    decisions: subject?.decisions ?? {},
    quarantines: active,
  }
  return { group, pair, priorAttempts: Math.max(0, ...known.map((entry) => entry.attempts)) }
}

/** Plans pairs whose records are in hand: associations where they matter, evidence where it is asked for. */
export async function planReady(
  engine: Engine,
  mapping: MappingRuntime,
  ready: readonly Ready[],
): Promise<Prepared & { readonly directory: Directory }> {
  const complete = await readEdges(engine, mapping, ready)
  const directory = await directoryFor(engine, complete)
  const first = complete.map((item) => ({
    ...item,
    plan: decidePairFields(engine, mapping, item.pair, directory, false),
  }))
  const final = await withEvidence(engine, mapping, first, directory)
  const changes: Change[] = []
  const tasks: Task[] = []
  for (const { group, pair, plan, priorAttempts } of final) {
    const setAside = pair.quarantines.some((entry) => entry.fields.length === 0)
    const task = taskOf(group, pair.left, pair.right, pair, priorAttempts)
    tasks.push(task)
    if (setAside) continue
    const planned = planPair(engine, mapping, pair, directory, plan)
    changes.push(...linkUpkeep(mapping, group, pair), ...planned.changes, ...healed(mapping, group, pair))
    task.queue.push(...planned.writes)
    engine.tally.conflictsOpened += planned.opened
  }
  const plans = final.map(({ pair, plan }) => ({ link: pair.link.id, pair, plan }))
  return { changes, tasks, plans, directory }
}

async function directoryFor(engine: Engine, ready: readonly Ready[]): Promise<Directory> {
  return openDirectory(engine.store, engine.pairing, {
    left: ready.map(({ pair }) => pair.left),
    right: ready.map(({ pair }) => pair.right),
  })
}

async function readEdges(
  engine: Engine,
  mapping: MappingRuntime,
  ready: readonly Ready[],
): Promise<readonly Ready[]> {
  const directory = await directoryFor(engine, ready)
  const edges = { left: new Map<RecordId, Snapshot>(), right: new Map<RecordId, Snapshot>() }
  for (const side of SIDES) {
    const wanted = ready.filter(({ pair, group }) =>
      needsEdges({
        mapping,
        side,
        announced: pair.isNew || group.dirty.some((row) => row.side === side),
        base: pair.base,
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

type Planned = Ready & { readonly plan: Plan }

/** Asks who changed what and when, only for pairs whose decision or report depends on it, and decides again. */
async function withEvidence(
  engine: Engine,
  mapping: MappingRuntime,
  planned: readonly Planned[],
  directory: Directory,
): Promise<readonly Planned[]> {
  const asking = planned.filter(
    ({ plan }) => plan.wantsEvidence.left.length + plan.wantsEvidence.right.length > 0,
  )
  if (asking.length === 0) return planned
  const found = { left: await ask('left'), right: await ask('right') }
  async function ask(side: Side) {
    const records = asking.map(({ pair, plan }) => ({
      id: pair[side].key.id,
      fields: plan.wantsEvidence[side],
    }))
    return engine.pairing.connectors[side].evidence({ object: mapping.rules.object[side], records })
  }
  const enrich = (
    snapshot: Snapshot,
    evidence: Readonly<Record<string, Evidence>> | undefined,
  ): Snapshot => ({
    ...snapshot,
    evidence: { ...snapshot.evidence, ...evidence },
  })
  return planned.map((item) => {
    if (!asking.includes(item)) return item
    const pair: Pair = {
      ...item.pair,
      left: enrich(item.pair.left, found.left.get(item.pair.left.key.id)),
      right: enrich(item.pair.right, found.right.get(item.pair.right.key.id)),
    }
    return { ...item, pair, plan: decidePairFields(engine, mapping, pair, directory, true) }
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

/** A quarantine that no longer applies is lifted; a write that is refused again sets it anew. */
function healed(mapping: MappingRuntime, group: LinkedGroup, pair: Pair): readonly Change[] {
  const active = new Set(pair.quarantines)
  return group.subjects.flatMap((subject): Change[] =>
    subject.quarantine && !active.has(subject.quarantine)
      ? [{ kind: 'heal', mapping: mapping.rules.mapping, record: subject.quarantine.record }]
      : [],
  )
}

function paused(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  because: string,
  hidden: Both<boolean>,
): readonly Change[] {
  engine.log.info({ linkId: group.link.id, because }, 'pair paused')
  const { mapping: name, version } = mapping.rules
  // A record that becomes visible again must look new to the next listing, so that the pair wakes up.
  const forgotten = SIDES.flatMap((side): Change[] => {
    const id = group.link[side]
    return hidden[side] && id !== null ? [{ kind: 'forget-record', mapping: name, record: { side, id } }] : []
  })
  if (group.link.state === 'paused') return forgotten
  return [...forgotten, { kind: 'set-link', link: group.link.id, state: 'paused', rules: version }]
}

function postponed(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  delayMs: number,
): readonly Change[] {
  const dueMs = engine.runtime.now() + delayMs
  return group.dirty.map((row) => ({ kind: 'postpone', mapping: mapping.rules.mapping, record: row, dueMs }))
}

export function taskOf(
  group: Pick<LinkedGroup, 'link' | 'dirty'>,
  left: Snapshot | null,
  right: Snapshot | null,
  pair?: Pair,
  priorAttempts = 0,
): Task {
  return {
    link: pair?.link ?? group.link,
    epoch: group.link.epoch,
    queue: [],
    left,
    right,
    base: pair?.base ?? {},
    pair: { decisions: pair?.decisions ?? {}, quarantines: pair?.quarantines ?? [] },
    priorAttempts,
    dirty: group.dirty,
    state: 'open',
  }
}
