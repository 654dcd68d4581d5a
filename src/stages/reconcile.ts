/**
 * RECONCILE: claims dirty records of one mapping, reads them on both sides as they are now, asks the core, and
 * commits the decisions; where nothing is to be sent, that settles the record. What is to be sent is handed to
 * DELIVER in the same breath, while the reads are fresh.
 */
import type { Lane } from '../core/lane.ts'
import { SIDES } from '../core/record.ts'
import { ConnectorError } from '../errors.ts'
import {
  LinkTaken,
  type Change,
  type DirtyRecord,
  type Link,
  type LinkId,
  type RecordRef,
  type Subject,
} from '../store/store.ts'
import { askedKey, cameBack } from './came-back.ts'
import { openDirectory, type Directory } from './directory.ts'
import { countDecided, inLane, newTally, type Engine, type MappingRuntime } from './engine.ts'
import { prepareLoners } from './identify.ts'
import { prepareLinked } from './linked.ts'
import { readLoners } from './loners.ts'
import { settled } from './settled.ts'
import { busyElsewhere, takeShared } from './shared-hands.ts'
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
  /** In its hand, until whoever asked for the batch lets them go. */
  readonly links: readonly LinkId[]
  readonly tasks: readonly Task[]
  readonly directory: Directory
  readonly plans: Prepared['plans']
}

/** Decides one batch. Null when nothing is due in these lanes. */
export async function reconcileBatch(
  engine: Engine,
  mapping: MappingRuntime,
  lanes?: readonly Lane[],
): Promise<Batch | null> {
  const dirty = await engine.store.claimDirty({
    mapping: mapping.rules.mapping,
    ...(lanes && { lanes }),
    limit: await batchSize(engine, mapping),
    nowMs: engine.runtime.now(),
    leaseMs: LEASE_MS,
  })
  const [mostUrgent] = dirty
  if (!mostUrgent) return null
  const { lane } = mostUrgent
  const own = inLane(engine, lane)
  for (let lost = 1; ; lost += 1) {
    const links: LinkId[] = []
    const tally = newTally()
    try {
      const decided = await decideBatch({ ...own, tally }, mapping, dirty, links)
      const committed = await commitBatch(own, mapping, decided, links)
      countDecided(engine.tally, tally)
      return { lane, links, ...committed }
    } catch (error) {
      engine.inHand.release(links)
      // Whoever was first has committed: the next look sees that link.
      if (!(error instanceof LinkTaken) || lost >= LOST_MAX) {
        if (error instanceof ConnectorError) await unclaim(engine, mapping, dirty)
        throw error
      }
      engine.log.debug({ mapping: mapping.rules.mapping }, 'somebody else linked a record first')
    }
  }
}

/** Where a vendor loads many rows for less, a large backlog is decided about in batches that are large enough for that. */
async function batchSize(engine: Engine, mapping: MappingRuntime): Promise<number> {
  const { settings, store, runtime, pairing } = engine
  const bulk = SIDES.map((side) => pairing.connectors[side].capabilities).filter(
    ({ bulkFrom }) => (bulkFrom ?? null) !== null,
  )
  if (bulk.length === 0) return settings.batchSize
  const { due } = await store.backlog({ mapping: mapping.rules.mapping, nowMs: runtime.now() })
  const rows = bulk.flatMap(({ bulkFrom, batch }) => (due >= (bulkFrom ?? 0) ? batch.write : []))
  return Math.max(settings.batchSize, ...rows)
}

/**
 * Nothing was tried with these records, so they are due at once for whoever looks next, and not only when the lease ends:
 * an outage must not last longer than it does.
 */
export async function unclaim(
  { store }: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
): Promise<void> {
  if (dirty.length === 0) return
  await store.commitPlans(
    dirty.map((record) => ({ kind: 'unclaim', mapping: mapping.rules.mapping, record })),
  )
}

/** So often in a row others may be first to link a record of one batch; more is a mistake of ours. */
const LOST_MAX = 20

/**
 * Reads and decides. Of what it does, only observations are kept; the tally counts what was decided. The links decided
 * about are taken in hand and added to `taken`, for the caller to let go of.
 */
export async function decideBatch(
  engine: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
  taken: LinkId[],
): Promise<Prepared> {
  const { mapping: name } = mapping.rules
  const sorted = await sortOut(engine, mapping, dirty, taken)

  const linked = await prepareLinked(engine, mapping, sorted.groups)
  const found = await readLoners(engine, mapping, sorted.loners)
  // Whoever took over a merged record's place in this batch has a pair: the next look treats it as one.
  const heirs = found.loners.filter((loner) => linked.heirs.has(refKey(loner.subject)))
  const loners = found.loners.filter((loner) => !heirs.includes(loner))
  const lonely = await prepareLoners(engine, mapping, loners, linked.heirs.keys())

  const changes = [
    ...sorted.changes,
    ...linked.changes,
    ...found.changes,
    ...heirs.flatMap((loner) => postponed(name, loner.dirty, engine.runtime.now())),
    ...lonely.changes,
  ]
  return {
    changes,
    tasks: [...linked.tasks, ...lonely.tasks],
    plans: [...linked.plans, ...lonely.plans],
  }
}

/**
 * Commits what was decided, and settles where that leaves nothing to send; the writes are to be sent while the reads
 * are fresh. The links that this makes are taken in hand like those that were decided about.
 */
export async function commitBatch(
  engine: Engine,
  mapping: MappingRuntime,
  { changes, tasks, plans }: Prepared,
  taken: LinkId[],
): Promise<Omit<Batch, 'lane' | 'links'>> {
  // Before anybody can find them in the store.
  for (const { link } of tasks) if (engine.inHand.take(link.id)) taken.push(link.id)
  const done = settled(engine, mapping, tasks)
  const epochs = await engine.store.commitPlans([...changes, ...done])
  if (done.length > 0) engine.onSettled()
  for (const task of tasks) task.epoch = epochs.get(task.link.id) ?? task.epoch

  const writing = tasks.filter((task) => task.state === 'open')
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: writing.flatMap((task) => task.left ?? []),
    right: writing.flatMap((task) => task.right ?? []),
  })
  return { tasks, directory, plans }
}

function postponed(mapping: string, dirty: readonly DirtyRecord[], dueMs: number): readonly Change[] {
  return dirty.map((record) => ({ kind: 'postpone', mapping, record, dueMs }))
}

interface Sorted {
  readonly groups: readonly LinkedGroup[]
  readonly loners: readonly { readonly subject: Subject; readonly dirty: readonly DirtyRecord[] }[]
  readonly changes: readonly Change[]
}

/**
 * Groups dirty records by link, both halves together; records without a living pair come one by one. Links that
 * somebody has in hand wait; the others are noted in `taken`.
 */
async function sortOut(
  engine: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
  taken: LinkId[],
): Promise<Sorted> {
  const { mapping: name } = mapping.rules
  const { releases } = engine.inHand
  const loaded = await engine.store.load({ mapping: name, records: dirty })
  for (const id of new Set(loaded.flatMap(({ link }) => link?.id ?? []))) {
    if (engine.inHand.take(id)) taken.push(id)
  }
  // Whoever let go of something meanwhile may have changed what was loaded.
  const isOutdated = engine.inHand.releases !== releases
  const subjects = isOutdated ? await engine.store.load({ mapping: name, records: dirty }) : loaded
  const ours = new Set(taken)
  const rowOf = new Map(dirty.map((row) => [`${row.side}:${row.id}`, row]))
  const groups = new Map<string, { link: LinkedGroup['link']; subjects: Subject[]; dirty: DirtyRecord[] }>()
  const loners = new Map<string, { subject: Subject; dirty: DirtyRecord[] }>()
  const changes: Change[] = []
  const back = await cameBack(engine, mapping, subjects)
  for (const subject of subjects) {
    const row = rowOf.get(askedKey(subject))
    if (!row) continue
    const { link } = subject
    if (subject.openIntent) {
      // A write of this link is under way, or its outcome is unknown; then recovery comes first.
      const { id, sentAtMs } = subject.openIntent
      const settledAtMs = engine.sending.has(id) ? 0 : sentAtMs + engine.settings.zombieHorizonMs
      const dueMs = Math.max(settledAtMs, engine.runtime.now() + UNDER_WAY_MS)
      changes.push({ kind: 'postpone', mapping: name, record: row, dueMs })
    } else if (back.has(askedKey(subject))) {
      // From the next look on it stands for itself.
      changes.push(
        { kind: 'drop-alias', mapping: name, record: { side: row.side, id: row.id } },
        { kind: 'postpone', mapping: name, record: row, dueMs: engine.runtime.now() },
      )
    } else if (link && !ours.has(link.id)) {
      // Decided about, and perhaps no write begun yet: what this batch has loaded is about to be out of date.
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
  return waitForOthers(
    engine,
    mapping,
    { groups: [...groups.values()], loners: [...loners.values()], changes },
    taken,
  )
}

/** Leaves records for later that another pairing decides about or is writing to. */
async function waitForOthers(
  engine: Engine,
  mapping: MappingRuntime,
  sorted: Sorted,
  taken: LinkId[],
): Promise<Sorted> {
  const recordsOf = ({ link }: LinkedGroup): readonly RecordRef[] =>
    SIDES.flatMap((side) => (link[side] === null ? [] : [{ side, id: link[side] }]))
  const records = [...sorted.groups.flatMap(recordsOf), ...sorted.loners.map(({ subject }) => subject)]
  const busy = new Set([
    ...takeShared(engine, mapping, records, taken),
    ...(await busyElsewhere(engine, mapping, records)),
  ])
  if (busy.size === 0) return sorted
  const waiting = sorted.groups.filter((group) => recordsOf(group).some((record) => busy.has(refKey(record))))
  const alone = sorted.loners.filter(({ subject }) => busy.has(refKey(subject)))
  const dueMs = engine.runtime.now() + UNDER_WAY_MS
  const later = [...waiting, ...alone].flatMap(({ dirty }) => dirty)
  return {
    groups: sorted.groups.filter((group) => !waiting.includes(group)),
    loners: sorted.loners.filter((loner) => !alone.includes(loner)),
    changes: [
      ...sorted.changes,
      ...later.map((record): Change => ({
        kind: 'postpone',
        mapping: mapping.rules.mapping,
        record,
        dueMs,
      })),
    ],
  }
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
