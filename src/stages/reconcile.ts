/**
 * RECONCILE: claims dirty records of one mapping, reads them on both sides as they are now, asks the core, and
 * commits the decisions; where nothing is to be sent, that settles the record. What is to be sent is handed to
 * DELIVER in the same breath, while the reads are fresh.
 */
import type { Lane } from '../core/lane.ts'
import { SIDES } from '../core/record.ts'
import { ConnectorError } from '../errors.ts'
import { LinkTaken, type LinkId } from '../store/links.ts'
import type { DirtyRecord } from '../store/records.ts'
import { withoutReturned } from './came-back.ts'
import { openDirectory, type Directory } from './directory.ts'
import { postponed, unclaimed } from './dirty-rows.ts'
import { countDecided, inLane, newTally, type Engine, type MappingRuntime } from './engine.ts'
import { prepareLoners } from './identify.ts'
import { prepareLinked } from './linked.ts'
import { readLoners } from './loners.ts'
import { NOTHING_READ, type ReadAhead } from './read-ahead.ts'
import { settled } from './settled.ts'
import { searchOf, sortOut, type Sorted } from './sort-out.ts'
import { together } from './together.ts'
import { linksWantedBack } from './wanted-back.ts'
import { refKey, type HeldUp, type Prepared, type Task } from './work.ts'

/**
 * How long a batch may hold its records: the longest budget wait (60 s) and the slowest request (30 s) for a
 * few rounds of writes. An expired lease only costs a second look; uniqueness and epochs keep it harmless.
 */
export const LEASE_MS = 300_000

/** Claimed and sorted, with what is to be decided about in hand; nobody was asked yet. */
export interface Claimed {
  /** Of its most urgent record; its requests wait there. */
  readonly lane: Lane
  /** Without those that are held up. */
  readonly dirty: readonly DirtyRecord[]
  readonly sorted: Sorted
  /** In hand. */
  readonly links: LinkId[]
  /** Nothing more was due. */
  readonly isAll: boolean
}

export interface Batch {
  readonly lane: Lane
  /** In its hand, until whoever asked for the batch lets them go. */
  readonly links: readonly LinkId[]
  readonly tasks: readonly Task[]
  readonly directory: Directory
  readonly plans: Prepared['plans']
}

/** Null when nothing is due in these lanes. What comes of it is to be decided about, or nobody lets go of it. */
export async function claimBatch(
  engine: Engine,
  mapping: MappingRuntime,
  lanes?: readonly Lane[],
): Promise<Claimed | null> {
  const limit = await batchSize(engine, mapping)
  const dirty = await engine.store.claimDirty({
    mapping: mapping.rules.mapping,
    ...(lanes && { lanes }),
    limit,
    nowMs: engine.runtime.now(),
    leaseMs: LEASE_MS,
  })
  const [mostUrgent] = dirty
  if (!mostUrgent) return null
  const links: LinkId[] = []
  try {
    const sorted = await sortOut(engine, mapping, dirty, links)
    const elsewhere = new Set(sorted.heldUp.flatMap((held) => held.dirty))
    const own = dirty.filter((row) => !elsewhere.has(row))
    return { lane: mostUrgent.lane, dirty: own, links, sorted, isAll: dirty.length < limit }
  } catch (error) {
    engine.inHand.release(links)
    throw error
  }
}

/** Decides about a batch. Whatever it throws, nothing stays in hand. */
export async function decideClaimed(
  engine: Engine,
  mapping: MappingRuntime,
  { lane, dirty, links, ...claimed }: Claimed,
  ahead: ReadAhead = NOTHING_READ,
): Promise<Batch> {
  const own = inLane(engine, lane)
  let { sorted } = claimed
  for (let lost = 1; ; lost += 1) {
    const tally = newTally()
    try {
      const decided = await decideSorted({ ...own, tally }, mapping, sorted, ahead)
      const committed = await commitBatch(own, mapping, decided, links)
      countDecided(engine.tally, tally)
      letGoOfSearch(engine, mapping, links)
      return { lane, links, ...committed }
    } catch (error) {
      engine.inHand.release(links.splice(0))
      // Whoever was first has committed: the next look sees that link.
      if (!(error instanceof LinkTaken) || lost >= LOST_MAX) {
        if (error instanceof ConnectorError) await unclaim(engine, mapping, dirty)
        throw error
      }
      engine.log.debug({ mapping: mapping.rules.mapping }, 'somebody else linked a record first')
    }
    const again = await sortOut(engine, mapping, dirty, links)
    // Whoever claims them next sees who has them.
    const left = again.heldUp.flatMap((held) => unclaimed(mapping, held.dirty))
    sorted = { ...again, changes: [...again.changes, ...left] }
  }
}

/** What was found is in the store: the next ones may look for theirs. */
function letGoOfSearch({ inHand }: Engine, mapping: MappingRuntime, links: LinkId[]): void {
  const place = links.indexOf(searchOf(mapping))
  if (place >= 0) inHand.release(links.splice(place, 1))
}

/**
 * Where a vendor loads many rows for less, a large backlog is decided about in batches that are large enough for
 * that.
 */
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

/** Not only when the lease ends: an outage must not last longer than it does. */
export async function unclaim(
  { store }: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
): Promise<void> {
  if (dirty.length > 0) await store.commitPlans(unclaimed(mapping, dirty))
}

/** Gives back what others have in hand, when they let go of it: whoever claims it then need not look again and again. */
export async function unclaimWhenFree(
  engine: Engine,
  mapping: MappingRuntime,
  heldUp: readonly HeldUp[],
): Promise<void> {
  await together(
    heldUp.map(async ({ dirty, by }) => {
      await engine.inHand.letGo(by, engine.signal)
      await unclaim(engine, mapping, dirty)
    }),
  )
}

/** So often in a row others may be first to link a record of one batch; more is a mistake of ours. */
const LOST_MAX = 20

/**
 * Decides about records that somebody claimed. The links decided about are taken in hand and added to `taken`, for the
 * caller to let go of; what others have in hand is left out.
 */
export async function decideBatch(
  engine: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
  taken: LinkId[],
): Promise<Prepared> {
  return decideSorted(engine, mapping, await sortOut(engine, mapping, dirty, taken))
}

/** Reads and decides. Of what it does, only observations are kept; the tally counts what was decided. */
async function decideSorted(
  engine: Engine,
  mapping: MappingRuntime,
  claimed: Sorted,
  ahead: ReadAhead = NOTHING_READ,
): Promise<Prepared> {
  const sorted = await withoutReturned(engine, mapping, claimed)
  const linked = await prepareLinked(engine, mapping, sorted.groups)
  const found = await readLoners(engine, mapping, sorted.loners, ahead)
  // Whoever took over a merged record's place in this batch has a pair: the next look treats it as one.
  const heirs = found.loners.filter((loner) => linked.heirs.has(refKey(loner.subject)))
  const loners = found.loners.filter((loner) => !heirs.includes(loner))
  const lonely = await prepareLoners(engine, mapping, loners, linked.heirs.keys())

  const changes = [
    ...sorted.changes,
    ...linked.changes,
    ...found.changes,
    ...heirs.flatMap((loner) => postponed(mapping, loner.dirty, engine.runtime.now())),
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
  const directory = await openDirectory(
    engine.store,
    engine.pairing,
    {
      left: writing.flatMap((task) => task.left ?? []),
      right: writing.flatMap((task) => task.right ?? []),
    },
    linksWantedBack(
      mapping,
      writing.map(({ pair }) => pair),
    ),
  )
  return { tasks, directory, plans }
}
