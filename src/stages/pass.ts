/**
 * One complete pass over a pairing: settle what an earlier process left open, look at both sides, reconcile and
 * deliver until nothing is due, and look once more at what the vendors did by themselves meanwhile.
 */
import { SIDES, type Both, type Side } from '../core/record.ts'
import { drain } from './drain.ts'
import { addTally, newTally, type Engine, type MappingRuntime } from './engine.ts'
import { retryRefused } from './retry-refused.ts'
import { guardAgainstMassChange, guardAgainstMassDeletion } from './guards.ts'
import { lookBackToTheEnd } from './look-back.ts'
import { poll } from './poll.ts'
import { NOTHING_READ, readAhead } from './read-ahead.ts'
import { recover } from './recover.ts'
import { archiveRules } from './rules-archive.ts'
import { recheckReviews } from './stale-reviews.ts'
import { sweepInView } from './sweep.ts'
import { together } from './together.ts'

export interface Progress {
  /** `done` and `total` count records; `total` is null while it is not known. */
  report(step: { readonly what: string; readonly done: number; readonly total: number | null }): void
}

/** Looks of a pass after its own writes: what enrichment and automations answer with settles in one or two. */
const CLOSING_LOOKS_MAX = 3
/** Vendors enrich a record within the second after its creation (Attio fact sheet 7). */
const ENRICHMENT_MS = 1_000
/** How much longer than a lost request or a merge takes a pass waits for postponed records before it leaves them. */
const PATIENCE_MS = 5_000

/** How often pairings hand changes on to each other before the rest is left for the next pass. */
const HAND_OVERS_MAX = 8

/** Passes of pairings that may share a connection: what one of them writes there is work for the others. */
export async function runPasses(engines: readonly Engine[], progress: Progress): Promise<void> {
  for (const engine of engines) await runPass(engine, progress)
  if (engines.length < 2) return
  for (let round = 0; round < HAND_OVERS_MAX; round += 1) {
    let due = 0
    for (const engine of engines) {
      if (!(await isDue(engine))) continue
      due += 1
      const own = { ...engine, tally: newTally() }
      // Whoever handed this on wrote there, and the vendor may have changed what refers to it.
      await workOff(own, progress, (side) => engine.others[side].length > 0)
      addTally(engine.tally, own.tally)
    }
    if (due === 0) return
  }
  engines[0]?.log.warn({ rounds: HAND_OVERS_MAX }, 'pairings go on handing changes to each other')
}

async function isDue({ pairing, store, runtime }: Engine): Promise<boolean> {
  const mappings = pairing.mappings.map(({ rules }) => rules.mapping)
  const backlogs = await store.backlogs({ mappings, nowMs: runtime.now() })
  return [...backlogs.values()].some(({ due }) => due > 0)
}

export async function runPass(engine: Engine, progress: Progress): Promise<void> {
  for (const mapping of engine.pairing.mappings) await recover(engine, mapping)
  await lookAtEverything(engine, progress)
  await workOff(engine, progress)
}

/** What is due, until nothing is, and a look at what the vendors made of it, and of what others wrote on a side. */
async function workOff(
  engine: Engine,
  progress: Progress,
  isWritten: (side: Side) => boolean = () => false,
): Promise<void> {
  const { mappings } = engine.pairing
  for (const mapping of mappings) {
    await guardAgainstMassDeletion(engine, mapping)
    await guardAgainstMassChange(engine, mapping)
  }
  await drainAll(engine, progress)
  for (const mapping of mappings) await recheckReviews(engine, mapping)
  await drainAll(engine, progress)
  await closingLooks(engine, progress, isWritten)
  if (engine.settings.lookBack === 'always') await lookBackToTheEnd(engine)
}

/**
 * Looks at both sides completely; what is due then is for the caller to work off. Resolves to how many records of each side
 * were not as they were known.
 */
export async function lookAtEverything(engine: Engine, progress: Progress): Promise<Both<number>> {
  await archiveRules(engine)
  const found = await together(engine.pairing.mappings.map((mapping) => look(engine, mapping, progress)))
  await retryRefused(engine)
  const sum = (side: Side) => found.reduce((total, each) => total + each[side], 0)
  return { left: sum('left'), right: sum('right') }
}

/** Both sides completely; the poll only sets the cursor from which the next polls go on. */
async function look(engine: Engine, mapping: MappingRuntime, progress: Progress): Promise<Both<number>> {
  for (const side of SIDES) {
    const stream = await engine.store.stream({ mapping: mapping.rules.mapping, side })
    if (stream.cursor === null) await poll(engine, mapping, side)
  }
  const [left, right] = await together(SIDES.map((side) => sweepInView(engine, mapping, side, progress)))
  return { left: left?.marked ?? 0, right: right?.marked ?? 0 }
}

/** Parents before children, and again while children released parents; then whatever was postponed for a moment. */
async function drainAll(engine: Engine, progress: Progress): Promise<void> {
  const { left, right } = engine.pairing.connectors
  const merging = [left, right].map(({ capabilities }) => capabilities.mergesWithinMs)
  const patienceMs = Math.max(engine.settings.zombieHorizonMs, ...merging) + PATIENCE_MS
  const giveUpAt = engine.runtime.now() + patienceMs
  for (;;) {
    let worked = 0
    let ahead = NOTHING_READ
    const { mappings } = engine.pairing
    for (const [place, mapping] of mappings.entries()) {
      const present = ahead
      ahead = NOTHING_READ
      const { due } = await engine.store.backlog({
        mapping: mapping.rules.mapping,
        nowMs: engine.runtime.now(),
      })
      const before = engine.tally.settled
      const what = `reconciling ${mapping.rules.object.left}`
      const report = () => {
        const done = engine.tally.settled - before
        progress.report({ what, done, total: Math.max(due, done) })
      }
      if (due === 0) continue
      report()
      const next = mappings[place + 1]
      worked += await drain({ ...engine, onSettled: report }, mapping, {
        ahead: present,
        onTail: () => (ahead = next ? readAhead(engine, next) : NOTHING_READ),
      })
    }
    if (worked > 0) continue
    const wakeAt = await nextRetry(engine)
    if (wakeAt === null || wakeAt > giveUpAt) return
    await engine.runtime.sleep(Math.max(50, wakeAt - engine.runtime.now()), engine.signal)
    for (const mapping of engine.pairing.mappings) await recover(engine, mapping)
  }
}

/** Records that bells told of and that rest are not waited for: a pass looks at everything itself. */
async function nextRetry(engine: Engine): Promise<number | null> {
  const mappings = engine.pairing.mappings.map(({ rules }) => rules.mapping)
  const backlogs = await engine.store.backlogs({ mappings, nowMs: engine.runtime.now() })
  const times = [...backlogs.values()].flatMap(({ nextRetryMs }) => nextRetryMs ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

/**
 * Sides without a feed are listed again after we wrote to them, until they show nothing new. A deletion is a write: the
 * vendor takes the record out of those that refer to it.
 */
async function closingLooks(
  engine: Engine,
  progress: Progress,
  isWrittenByOthers: (side: Side) => boolean,
): Promise<void> {
  const { created, updated, deleted } = engine.tally
  const sides = SIDES.filter((side) => !engine.pairing.connectors[side].capabilities.changes)
  for (let round = 0; round < CLOSING_LOOKS_MAX; round += 1) {
    const written = sides.filter(
      (side) => created[side] + updated[side] + deleted[side] > 0 || isWrittenByOthers(side),
    )
    if (written.length === 0) return
    await engine.runtime.sleep(ENRICHMENT_MS, engine.signal)
    const looks = await together(
      engine.pairing.mappings.flatMap((mapping) =>
        written.map((side) => sweepInView(engine, mapping, side, progress)),
      ),
    )
    const marked = looks.reduce((sum, look) => sum + look.marked, 0)
    if (marked === 0) return
    await drainAll(engine, progress)
  }
}
