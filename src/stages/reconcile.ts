/**
 * RECONCILE: claims dirty records of one mapping, reads them on both sides as they are now, asks the core, and
 * commits the decisions; where nothing is to be sent, that settles the record. What is to be sent is handed to
 * DELIVER in the same breath, while the reads are fresh.
 */
import { InvariantError } from '../errors.ts'
import type { Lane } from '../core/lane.ts'
import { SIDES } from '../core/record.ts'
import type { Change, DirtyRecord, Link, Subject } from '../store/store.ts'
import { openDirectory, type Directory } from './directory.ts'
import { addTally, inLane, newTally, type Engine, type MappingRuntime } from './engine.ts'
import { prepareLoners } from './identify.ts'
import { prepareLinked } from './linked.ts'
import { readLoners } from './loners.ts'
import { settled } from './settled.ts'
import { isPair } from './vanish.ts'
import { refKey, type LinkedGroup, type Prepared, type Task } from './work.ts'

/**
 * How long a batch may hold its records: the longest budget wait (60 s) and the slowest request (30 s) for a
 * few rounds of writes. An expired lease only costs a second look; uniqueness and epochs keep it harmless.
 */
export const LEASE_MS = 300_000

/** When to look again at a pair that another batch is writing to, or that may be settled by now. */
const UNDER_WAY_MS = 200

export interface Batch {
  /** Of its most urgent record; its requests wait there. */
  readonly lane: Lane
  readonly tasks: readonly Task[]
  readonly directory: Directory
  readonly plans: Prepared['plans']
}

/** How often a batch is decided when others keep linking its records; more often than that is no race. */
const DECISIONS_MAX = 3

/** Decides one batch. Null when nothing is due. */
export async function reconcileBatch(engine: Engine, mapping: MappingRuntime): Promise<Batch | null> {
  const dirty = await engine.store.claimDirty({
    mapping: mapping.rules.mapping,
    limit: engine.settings.batchSize,
    nowMs: engine.runtime.now(),
    leaseMs: LEASE_MS,
  })
  const [mostUrgent] = dirty
  if (!mostUrgent) return null
  const { lane } = mostUrgent
  return { lane, ...(await decideAlone(inLane(engine, lane), mapping, dirty)) }
}

/**
 * Two batches may give one record a link at the same time: both halves of a match, or two pairs of which one half
 * was merged. The store lets one of them have it (I7); the other looks again and finds the link (algorithms 3.4).
 */
async function decideAlone(
  engine: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
): Promise<Omit<Batch, 'lane'>> {
  for (let decisions = 1; ; decisions += 1) {
    // What a decision counted that never came to be did not happen.
    const tally = newTally()
    try {
      const decided = await decide({ ...engine, tally }, mapping, dirty)
      addTally(engine.tally, tally)
      if (tally.settled > 0) engine.onSettled()
      return decided
    } catch (error) {
      const isRace = error instanceof InvariantError && error.invariant === 'I7'
      if (!isRace || decisions === DECISIONS_MAX) throw error
      engine.log.info({ mapping: mapping.rules.mapping }, 'another batch linked one of these records first')
    }
  }
}

async function decide(
  engine: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
): Promise<Omit<Batch, 'lane'>> {
  const { mapping: name } = mapping.rules
  const sorted = await sortOut(engine, mapping, dirty)

  const linked = await prepareLinked(engine, mapping, sorted.groups)
  const found = await readLoners(engine, mapping, sorted.loners)
  // Whoever took over a merged record's place in this batch has a pair: the next look treats it as one.
  const heirs = found.loners.filter((loner) => linked.heirs.has(refKey(loner.subject)))
  const loners = found.loners.filter((loner) => !heirs.includes(loner))
  const lonely = await prepareLoners(engine, mapping, loners)

  const changes = [
    ...sorted.changes,
    ...linked.changes,
    ...found.changes,
    ...heirs.flatMap((loner) => postponed(engine, name, loner.dirty)),
    ...lonely.changes,
  ]
  const tasks = [...linked.tasks, ...lonely.tasks]
  const done = settled(engine, mapping, tasks)
  const epochs = await engine.store.commitPlans([...changes, ...done])
  for (const task of tasks) task.epoch = epochs.get(task.link.id) ?? task.epoch

  const writing = tasks.filter((task) => task.state === 'open')
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: writing.flatMap((task) => task.left ?? []),
    right: writing.flatMap((task) => task.right ?? []),
  })
  return { tasks, directory, plans: [...linked.plans, ...lonely.plans] }
}

function postponed(engine: Engine, mapping: string, dirty: readonly DirtyRecord[]): readonly Change[] {
  return dirty.map((record) => ({ kind: 'postpone', mapping, record, dueMs: engine.runtime.now() }))
}

interface Sorted {
  readonly groups: readonly LinkedGroup[]
  readonly loners: readonly { readonly subject: Subject; readonly dirty: readonly DirtyRecord[] }[]
  readonly changes: readonly Change[]
}

/** Groups dirty records by link, both halves together; records without a living pair come one by one. */
async function sortOut(
  engine: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
): Promise<Sorted> {
  const { mapping: name } = mapping.rules
  const subjects = await engine.store.load({ mapping: name, records: dirty })
  const rowOf = new Map(dirty.map((row) => [`${row.side}:${row.id}`, row]))
  const groups = new Map<string, { link: LinkedGroup['link']; subjects: Subject[]; dirty: DirtyRecord[] }>()
  const loners = new Map<string, { subject: Subject; dirty: DirtyRecord[] }>()
  const changes: Change[] = []
  for (const subject of subjects) {
    const row = rowOf.get(`${subject.side}:${subject.askedId}`)
    if (!row) continue
    const { link } = subject
    if (subject.openIntent) {
      // A write of this link is under way, or its outcome is unknown; then recovery comes first.
      const { id, sentAtMs } = subject.openIntent
      const settledAtMs = engine.sending.has(id) ? 0 : sentAtMs + engine.settings.zombieHorizonMs
      const dueMs = Math.max(settledAtMs, engine.runtime.now() + UNDER_WAY_MS)
      changes.push({ kind: 'postpone', mapping: name, record: row, dueMs })
    } else if (link && engine.inHand.has(link.id)) {
      // Decided about, and no write begun yet: what this batch has just loaded is about to be out of date.
      const dueMs = engine.runtime.now() + UNDER_WAY_MS
      changes.push({ kind: 'postpone', mapping: name, record: row, dueMs })
    } else if (isPair(link)) {
      const group = groups.get(link.id) ?? { link, subjects: [], dirty: [] }
      group.subjects.push(subject)
      group.dirty.push(row)
      groups.set(link.id, group)
    } else {
      const key = refKey(subject)
      const known = loners.get(key) ?? { subject, dirty: [] }
      known.dirty.push(row)
      loners.set(key, known)
    }
  }
  await loadOtherHalves(engine, name, groups.values())
  return { groups: [...groups.values()], loners: [...loners.values()], changes }
}

/** The halves that are not dirty themselves: what is known about either concerns the pair. */
async function loadOtherHalves(
  engine: Engine,
  name: string,
  groups: Iterable<{ readonly link: Link; readonly subjects: Subject[] }>,
): Promise<void> {
  const missing = [...groups].flatMap((group) =>
    SIDES.flatMap((side) => {
      const id = group.link[side]
      const isKnown = id === null || group.subjects.some((subject) => subject.side === side)
      return isKnown ? [] : [{ group, record: { side, id } }]
    }),
  )
  const loaded = await engine.store.load({ mapping: name, records: missing.map(({ record }) => record) })
  for (const [i, { group }] of missing.entries()) {
    const subject = loaded[i]
    if (subject) group.subjects.push(subject)
  }
}
