/**
 * Linked pairs of one batch: read both records as they are now, find out what became of vanished ones, and
 * plan what is left to reconcile.
 */
import { instantMs } from '../core/instant.ts'
import { decidePair, type PairAction, type RecordState } from '../core/pair.ts'
import { wasRead } from '../core/reconcile.ts'
import { otherSide, SIDES, type Both, type Side, type Snapshot } from '../core/record.ts'
import { NO_LOOKUPS } from '../core/rules.ts'
import { isBlank, isEqual } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { Directory } from './directory.ts'
import { goneForGoodAtMs } from './absence.ts'
import { postponed } from './dirty-rows.ts'
import { findDoubles, wakeOther, yieldPair, type Present } from './double-pairs.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { isRefusalActive } from './refusal-cause.ts'
import { isAnnounced } from './fetch.ts'
import { followMerges, type Followed, type Heirs } from './merges.ts'
import { byClaim, survivorOf } from './survivors.ts'
import { followMove, moveOf } from './moves.ts'
import { planReady } from './plan-ready.ts'
import { removalRefusals, waitForRemoval } from './refused-removal.ts'
import { imageRemovals, planRemoval } from './removal.ts'
import { noteKeys, readBoth } from './read-both.ts'
import { carries, isReference } from './rule-index.ts'
import { findAllSuccessors } from './successors.ts'
import { entomb, unlink } from './vanish.ts'
import { taskOf, type LinkedGroup, type Pair, type Prepared, type Ready, type Task } from './work.ts'

/** How long a replica that lags behind is given to catch up. */
const REPLICA_LAG_MS = 1_000

/** What a person is asked where a record is gone and its counterpart is kept. */
const CONTESTED = 'deleted on one side, edited on the other'
const DOUBTFUL = 'deleted on one side, or merged into a record that has its key and may be somebody else'

export async function prepareLinked(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
): Promise<Prepared & { readonly directory: Directory; readonly heirs: Heirs }> {
  const readings = await readBoth(engine, mapping, groups, isAnnounced)
  await noteKeys(engine, mapping, groups, readings)
  const found = { readings, successors: await findAllSuccessors(engine, mapping, groups, readings) }
  const heirs: Heirs = new Map()
  const changes: Change[] = []
  const tasks: Task[] = []
  const ready: Ready[] = []
  const arrived = new Set<string>()
  const present = new Map(
    groups.map((group): [LinkedGroup, Present] => [
      group,
      { left: survivorOf(group.link, 'left', found), right: survivorOf(group.link, 'right', found) },
    ]),
  )
  const doubles = await findDoubles(engine, mapping, present)
  const ended = new Map<Task, LinkedGroup>()

  for (const group of byClaim(mapping, groups, found)) {
    const move = moveOf(group, readings)
    if (move) {
      const moved = await followMove(engine, mapping, group, move, arrived)
      changes.push(...(moved ?? afterLag(engine, mapping, group)))
      if (moved) tasks.push(taskOf(group, null, null))
      continue
    }
    const double = doubles.get(group)
    if (double?.yields) {
      changes.push(...yieldPair(engine, mapping, group, double))
      tasks.push(taskOf(group, null, null))
      continue
    }
    if (double) changes.push(...wakeOther(engine, double))
    const followed = await followMerges(engine, mapping, group, found, heirs)
    changes.push(...followed.changes)
    if (followed.kind === 'over') {
      tasks.push(taskOf(group, followed.snapshots.left, followed.snapshots.right))
      continue
    }
    const isDoubtful = SIDES.some((side) => found.successors.doubtful.has(group.link[side] ?? ''))
    const action = decidePair(stateOf(mapping, followed, isDoubtful), mapping.rules.onDelete)
    const { left, right } = followed.snapshots
    const certainAtMs = action.kind === 'pause' ? null : goneForGoodAtMs(engine, group.link, followed)
    if (certainAtMs !== null) {
      changes.push(...postponed(mapping, group.dirty, certainAtMs))
      continue
    }
    if (action.kind !== 'reconcile') {
      const question = isDoubtful ? DOUBTFUL : CONTESTED
      const end = withoutReconciling(engine, mapping, group, followed, { ...action, question })
      changes.push(...end.changes)
      ended.set(end.task, group)
    } else if (!left || !right) {
      throw new Error('a pair to reconcile has both records')
    } else if (isStaleReplica(engine, group.link, { left, right })) {
      changes.push(...afterLag(engine, mapping, group))
    } else {
      ready.push(readyPair(engine, mapping, group, followed.base, { left, right }))
    }
  }
  const changed = await imageRemovals(engine, mapping, [...ended.keys()])
  for (const [task, group] of ended) {
    if (changed.has(task)) changes.push(...afterLag(engine, mapping, group))
    else tasks.push(task)
  }
  const planned = await planReady(engine, mapping, ready)
  return {
    changes: [...changes, ...planned.changes],
    tasks: [...tasks, ...planned.tasks],
    plans: planned.plans,
    directory: planned.directory,
    heirs,
  }
}

/** A pair of which one half is gone, not visible or out of scope. */
function withoutReconciling(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  followed: Followed,
  action: Exclude<PairAction, { kind: 'reconcile' }> & { readonly question: string },
): { readonly changes: readonly Change[]; readonly task: Task } {
  const { link } = group
  const { base } = followed
  const { left, right } = followed.snapshots
  switch (action.kind) {
    case 'pause':
      return {
        changes: paused(engine, mapping, group, action.because, followed.hidden),
        task: taskOf(group, left, right),
      }
    case 'tomb':
      return { changes: entomb(engine, mapping, link, base), task: taskOf(group, null, null) }
    case 'unlink':
    case 'contested-removal': {
      const isContested = action.kind === 'contested-removal'
      const because = isContested ? 'deleted on the other side, edited here' : action.because
      const question = isContested ? action.question : null
      const changes = unlink(engine, mapping, { link, base, gone: action.gone, because, question })
      return { changes, task: taskOf(group, left, right) }
    }
    case 'remove': {
      const survivor = followed.snapshots[otherSide(action.gone)]
      if (!survivor) throw new Error('a removal needs its survivor')
      const refusals = removalRefusals(group, action.gone)
      const waiting = waitForRemoval(engine, mapping, group, refusals)
      if (waiting) return { changes: waiting, task: taskOf({ ...group, dirty: [] }, null, null) }
      const removal = planRemoval(engine, { link, base, gone: action.gone, survivor, mode: action.mode })
      const priorAttempts = Math.max(0, ...refusals.map(({ attempts }) => attempts))
      return { changes: [], task: taskOf(group, null, null, { queue: [removal], priorAttempts }) }
    }
  }
}

/** `isDoubtful`: whether the pair lost a record at all, or moved on, is for a person to say. */
function stateOf(mapping: MappingRuntime, followed: Followed, isDoubtful: boolean): Both<RecordState> {
  const { snapshots, hidden, base } = followed
  const one = (side: Side): RecordState => {
    if (hidden[side]) return 'hidden'
    const snapshot = snapshots[side]
    if (!snapshot) return 'gone'
    if (!mapping.rules.inScope[side](snapshot.values)) return 'outside'
    // Only asked about a survivor; references need look-ups and do not count as edits here.
    const edited = mapping.rules.fields.some((rule) => {
      if (isReference(mapping, rule.key)) return false
      // What could not be read may be anything, and nobody can vouch that it came across.
      if (!wasRead(rule[side], snapshot.values)) return carries(rule, side)
      const value = rule[side].read(snapshot.values, NO_LOOKUPS)
      const known = base[rule.key]
      // Without a base, the value is one that the record which is gone never held.
      return known ? !isEqual(value, known[side]) : carries(rule, side) && !isBlank(value)
    })
    return edited || isDoubtful ? 'changed' : 'unchanged'
  }
  return { left: one('left'), right: one('right') }
}

/** A replica answered with a state older than one we have seen: deciding on it would undo something. */
function isStaleReplica(engine: Engine, link: Link, snapshots: Both<Snapshot>): boolean {
  return SIDES.some((side) => {
    if (engine.pairing.connectors[side].capabilities.versions !== 'ordered') return false
    // A survivor's version says nothing about the record that it replaces.
    if (snapshots[side].key.id !== link[side]) return false
    const known = instantMs(link.versions[side] ?? '')
    const now = instantMs(snapshots[side].version ?? '')
    return known !== null && now !== null && now < known
  })
}

function readyPair(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  base: Pair['base'],
  { left, right }: Both<Snapshot>,
): Ready {
  const known = group.subjects.flatMap((item) => item.quarantine ?? [])
  const active = known.filter((entry) => {
    const source = entry.record.side === 'left' ? left : right
    return isRefusalActive(engine, mapping, entry, { source, dirty: group.dirty })
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
    base,
    left,
    right,
    decisions: group.subjects[0]?.decisions ?? {},
    quarantines: active,
  }
  return { group, pair, priorAttempts: Math.max(0, ...known.map((entry) => entry.attempts)) }
}

function paused(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  because: string,
  hidden: Both<boolean>,
): readonly Change[] {
  engine.log.info({ linkId: group.link.id, because }, 'pair paused')
  const { mapping: name } = mapping.rules
  // A record that becomes visible again must look new to the next listing, so that the pair wakes up.
  const forgotten = SIDES.flatMap((side): Change[] => {
    const id = group.link[side]
    return hidden[side] && id !== null ? [{ kind: 'forget-record', mapping: name, record: { side, id } }] : []
  })
  if (group.link.state === 'paused') return forgotten
  return [...forgotten, { kind: 'set-link', link: group.link.id, state: 'paused' }]
}

function afterLag(engine: Engine, mapping: MappingRuntime, group: LinkedGroup): readonly Change[] {
  return postponed(mapping, group.dirty, engine.runtime.now() + REPLICA_LAG_MS)
}
