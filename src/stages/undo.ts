/**
 * UNDO: takes a run back (algorithms 9.2). Its journal says what it did; the records say what of that is still as
 * the run left it. That, and only that, goes back, link by link, the last ones first. An undo is a run with a
 * journal of its own, so it can be taken back like any other.
 *
 * Nothing is remembered about how far it got: whatever is still to be undone shows in the records. So it may be
 * killed anywhere and started again, and ends the same (I22, I23).
 */
import type { Side } from '../core/record.ts'
import type { JournalEntry } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { footprintsOf, type Footprint } from './footprint.ts'
import { guardAgainstMassWriting } from './guards.ts'
import type { Progress } from './pass.ts'
import { plannedWrite, type PlannedWrite } from './planned.ts'
import { settleUnknown } from './recover.ts'
import { archiveRules } from './rules-archive.ts'
import { runJournal } from './run-journal.ts'
import { touchedFields, type MadeRecord } from './touched.ts'
import { apartChanges, apartSteps } from './undo-apart.ts'
import { carryOut, type Order } from './undo-carry-out.ts'
import { decideReversal } from './undo-decide.ts'
import { leftover, type Leftover } from './undo-fields.ts'
import { leftPairsOf, lookAt, type LeftPairs, type Look, type Situation } from './undo-look.ts'
import { undoMemory, type UndoMemory } from './undo-memory.ts'
import { aloneStep, pairSteps, type PairStep } from './undo-pair-steps.ts'
import { findRivals } from './undo-recreate.ts'
import { reversalWrites, snapshotOn, type Carrying } from './undo-writes.ts'

export interface UndoPlan {
  readonly writes: readonly PlannedWrite[]
  readonly pairs: readonly PairStep[]
  /** What stays as it is, and why. */
  readonly leftovers: readonly Leftover[]
}

/**
 * What taking back this journal (in any order) would do now, once every unknown outcome is known. Sends nothing that
 * changes anything.
 */
export async function planUndo(
  engine: Engine,
  journal: readonly JournalEntry[],
  options: UndoOptions,
): Promise<UndoPlan> {
  await settleUnknown(engine)
  const undoing = open(engine, journal, options)
  await undoing.remember()
  const writes: PlannedWrite[] = []
  const pairs: PairStep[] = []
  const leftovers: Leftover[] = []
  for (const batch of undoing.batches) {
    const planned = await planBatch(engine, batch, undoing)
    for (const { reversal, writes: own } of planned.orders) {
      writes.push(...own.map((write) => plannedWrite(engine, batch.mapping, write)))
      pairs.push(...pairSteps(reversal))
      leftovers.push(...reversal.leftovers)
    }
    undoing.report(batch)
  }
  const alone = await apartSteps(engine, undoing.newestFirst)
  pairs.push(...alone.steps.map(aloneStep))
  return { writes, pairs, leftovers: [...leftovers, ...alone.leftovers] }
}

/**
 * Takes it back, and returns what is left. `planned` is what a person agreed to; throws `GuardTripped` before the
 * first call when that is too much at once.
 */
export async function undoRun(
  engine: Engine,
  journal: readonly JournalEntry[],
  options: UndoOptions & { readonly planned: UndoPlan },
): Promise<readonly Leftover[]> {
  await archiveRules(engine)
  await settleUnknown(engine)
  for (const mapping of engine.pairing.mappings) {
    const writes = options.planned.writes.filter((write) => write.mapping === mapping.rules.mapping)
    await guardAgainstMassWriting(engine, mapping, writes)
  }
  const undoing = open(engine, journal, options)
  const { memory } = undoing
  const alone = await apartSteps(engine, undoing.newestFirst)
  const said = alone.steps.flatMap((step) => apartChanges(engine, step, undoing.because))
  if (said.length > 0) await engine.store.commitPlans(said)
  const firstReasons = new Map<string, Leftover>()
  // Ends when a round moves nothing: a record that comes back lets others point at it again, however deep.
  for (;;) {
    let moved = 0
    const leftovers: Leftover[] = []
    for (const batch of undoing.batches) {
      engine.signal.throwIfAborted()
      await undoing.remember()
      const { orders, look } = await planBatch(engine, batch, undoing)
      const carrying: Carrying = { look, memory, because: undoing.because }
      moved += await carryOut(engine, batch.mapping, orders, carrying)
      leftovers.push(...orders.flatMap(({ reversal }) => reversal.leftovers))
      undoing.report(batch)
    }
    await settleUnknown(engine)
    // Later rounds see a world that this undo has moved; the reason is what spoke against it at first.
    for (const each of leftovers) if (!firstReasons.has(partOf(each))) firstReasons.set(partOf(each), each)
    if (moved === 0) {
      return [...leftovers.map((each) => firstReasons.get(partOf(each)) ?? each), ...alone.leftovers]
    }
  }
}

function partOf({ link, side, field }: Leftover): string {
  return `${link}/${side}/${field ?? ''}`
}

export interface UndoOptions {
  /** The run that is taken back. */
  readonly target: string
  /** Undos of it that still hold: what they took away or brought back is nobody's edit. */
  readonly earlier: readonly string[]
  readonly progress: Progress
}

interface Undoing {
  readonly newestFirst: readonly JournalEntry[]
  readonly batches: readonly Batch[]
  readonly memory: UndoMemory
  readonly because: string
  readonly leftPairs: LeftPairs
  /** Takes note of what was undone meanwhile, by a recovery too. */
  remember(): Promise<void>
  report(batch: Batch): void
}

interface Batch {
  readonly mapping: MappingRuntime
  readonly footprints: readonly Footprint[]
  /** How many came before it. */
  readonly start: number
}

function open(engine: Engine, journal: readonly JournalEntry[], options: UndoOptions): Undoing {
  const memory = undoMemory()
  const undos = runJournal(engine.store)
  const newestFirst = journal.toSorted((a, b) => b.id - a.id)
  const footprints = footprintsOf(newestFirst)
  const batches = batchesOf(engine, footprints)
  const total = batches.reduce((sum, batch) => sum + batch.footprints.length, 0)
  return {
    newestFirst,
    batches,
    memory,
    async remember() {
      for (const run of [...options.earlier, engine.run]) memory.note(await undos.unread(run))
    },
    because: `undo of run ${options.target}`,
    leftPairs: leftPairsOf(
      footprints,
      (name, side) => mappingNamed(engine, name)?.rules.object[side] ?? null,
    ),
    report({ start, footprints: own }) {
      options.progress.report({ what: 'taking back', done: start + own.length, total })
    },
  }
}

/** In the order of the footprints; neighbours of one mapping go together. */
function batchesOf(engine: Engine, footprints: readonly Footprint[]): readonly Batch[] {
  const batches: { mapping: MappingRuntime; footprints: Footprint[]; start: number }[] = []
  let start = 0
  for (const footprint of footprints) {
    const mapping = mappingNamed(engine, footprint.mapping)
    if (!mapping) continue
    const last = batches.at(-1)
    if (last?.mapping === mapping && last.footprints.length < engine.settings.batchSize) {
      last.footprints.push(footprint)
    } else {
      batches.push({ mapping, footprints: [footprint], start })
    }
    start += 1
  }
  return batches
}

function mappingNamed(engine: Engine, name: string): MappingRuntime | undefined {
  return engine.pairing.mappings.find(({ rules }) => rules.mapping === name)
}

async function planBatch(
  engine: Engine,
  { mapping, footprints }: Batch,
  { memory, because, leftPairs }: Undoing,
): Promise<{ readonly orders: readonly Order[]; readonly look: Look }> {
  const look = await lookAt(engine, mapping, footprints, leftPairs)
  const { situations } = look
  const touchedOn = (side: Side) =>
    touchedFields(engine, mapping, side, madeOn(situations, side), {
      context: look.asLeft.context,
      memory,
    })
  const touched = { left: await touchedOn('left'), right: await touchedOn('right') }
  const orders = situations.map((situation) => {
    const reversal = decideReversal(situation, { mapping, look, memory, touched })
    return { reversal, writes: reversalWrites(engine, mapping, reversal, { look, memory, because }) }
  })
  return { orders: await withoutRivals(engine, mapping, orders), look }
}

function madeOn(situations: readonly Situation[], side: Side): readonly MadeRecord[] {
  return situations.flatMap((situation) => {
    const { created } = situation.footprint.sides[side]
    const snapshot = snapshotOn(situation, side)
    return created && snapshot ? [{ created, snapshot }] : []
  })
}

/** A record is not made anew beside one that has its place or one of its keys by now. */
async function withoutRivals(
  engine: Engine,
  mapping: MappingRuntime,
  orders: readonly Order[],
): Promise<readonly Order[]> {
  const creations = orders.flatMap(({ writes }) => writes.filter(({ kind }) => kind === 'create'))
  if (creations.length === 0) return orders
  const rivals = await findRivals(engine, mapping, creations)
  return orders.map((order) => {
    const blocked = order.writes.find(({ id }) => rivals.has(id))
    if (!blocked) return order
    const { reversal } = order
    const because = `it is not made anew: record ${rivals.get(blocked.id)} has its place, or one of its keys`
    const leftovers = [...reversal.leftovers, leftover(reversal.situation, blocked.side, null, because)]
    const writes = order.writes.filter(({ id }) => !rivals.has(id))
    return { reversal: { ...reversal, step: null, leftovers }, writes }
  })
}
