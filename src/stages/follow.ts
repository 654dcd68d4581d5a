/**
 * Keeps a pairing in agreement until it is stopped. No printing and no timers of its own: rounds are reported
 * to the caller, waiting is the runtime's.
 *
 * A round works off what is due: records that bells told of, postponed ones, a person's decision, writes to settle.
 * It begins when the next record is due or a bell rings, and with every tick, since other processes leave work
 * too. Every `pollMs` the sides are asked what changed, by feed where there is one and by listing where there is
 * none. Every `sweepMs` everything is compared, which finds what bells and feeds missed.
 */
import { ConnectorError } from '../errors.ts'
import { SIDES } from '../core/record.ts'
import { drain } from './drain.ts'
import { newTally, type Engine, type MappingRuntime, type Tally } from './engine.ts'
import { guardAgainstMassChange, guardAgainstMassDeletion } from './guards.ts'
import { lookEverywhere, type Progress } from './pass.ts'
import { poll } from './poll.ts'
import { recover } from './recover.ts'
import { recheckReviews } from './stale-reviews.ts'
import { sweep } from './sweep.ts'

export interface FollowOptions {
  readonly pollMs: number
  readonly sweepMs: number
  /** After every round in which something was written, linked or found in conflict. */
  readonly onRound: (tally: Tally) => void
  /** A CRM does not answer as it should. It is tried again, after `retryInMs`. */
  readonly onTrouble: (error: ConnectorError, retryInMs: number) => void
}

/** How soon a decision or a postponed record is noticed: one look into our own database. */
const TICK_MS = 1_000
const RETRY_MAX_MS = 60_000

/** Bells may never stop ringing: after so long, polls, guards and reports have their turn, and it goes on. */
const ROUND_MAX_MS = 10_000

const SILENT: Progress = { report: () => undefined }

/**
 * Rejects with the signal's reason when stopped, with `GuardTripped` when a person has to look, with
 * `unauthorized` when a credential died; trouble that passes by itself is waited out for as long as it lasts.
 */
export async function follow(engine: Engine, options: FollowOptions): Promise<never> {
  const { runtime, signal, wake } = engine
  let polledAtMs = runtime.now()
  let sweptAtMs = runtime.now()
  let failures = 0
  let isUnfinished = false
  // Ends with the signal.
  for (;;) {
    await wake.rest(isUnfinished ? 0 : await idleMs(engine), signal)
    const round: Engine = { ...engine, tally: newTally() }
    const nowMs = runtime.now()
    try {
      if (nowMs - sweptAtMs >= options.sweepMs) {
        await lookEverywhere(round, SILENT)
        for (const mapping of engine.pairing.mappings) await recheckReviews(round, mapping)
        sweptAtMs = polledAtMs = runtime.now()
      } else if (nowMs - polledAtMs >= options.pollMs) {
        await lookAtBoth(round)
        polledAtMs = runtime.now()
      }
      isUnfinished = await work(round, isUnfinished)
      failures = 0
    } catch (error) {
      if (!passesByItself(error)) throw error
      failures += 1
      isUnfinished = false
      const retryInMs = Math.max(error.retryAfterMs ?? 0, Math.min(RETRY_MAX_MS, TICK_MS * 2 ** failures))
      options.onTrouble(error, retryInMs)
      await runtime.sleep(retryInMs, signal)
    }
    if (isEventful(round.tally)) options.onRound(round.tally)
  }
}

/** Until the next record is due, and no longer than a tick. */
async function idleMs({ pairing, runtime, store }: Engine): Promise<number> {
  const nowMs = runtime.now()
  let idle = TICK_MS
  for (const { rules } of pairing.mappings) {
    const { nextDueMs } = await store.backlog({ mapping: rules.mapping, nowMs })
    if (nextDueMs !== null) idle = Math.min(idle, nextDueMs - nowMs)
  }
  return idle
}

async function lookAtBoth(engine: Engine): Promise<void> {
  for (const mapping of engine.pairing.mappings) {
    for (const side of SIDES) {
      if (engine.pairing.connectors[side].capabilities.changes) await poll(engine, mapping, side)
      else await sweep(engine, mapping, side, 2)
    }
  }
}

/**
 * Parents before children, and again while children were released. True when more is due than one round takes.
 * Bells bring deletions and changes just as listings do, so nothing is worked off before the guards have counted.
 */
async function work(engine: Engine, goesOn: boolean): Promise<boolean> {
  const endMs = engine.runtime.now() + ROUND_MAX_MS
  const isOver = () => engine.runtime.now() >= endMs
  for (let isFirst = !goesOn; ; isFirst = false) {
    const due = await dueMappings(engine)
    for (const mapping of due) {
      await guardAgainstMassDeletion(engine, mapping, engine.lately.removals(mapping))
      // Reads the whole backlog where it is large, so not again for the rest of it.
      if (isFirst) await guardAgainstMassChange(engine, mapping)
    }
    let batches = 0
    for (const mapping of due) batches += await workOff(engine, mapping, isOver)
    if (isOver()) return true
    if (batches === 0) return false
  }
}

async function dueMappings({ pairing, runtime, store }: Engine): Promise<readonly MappingRuntime[]> {
  const found: MappingRuntime[] = []
  for (const mapping of pairing.mappings) {
    const { due } = await store.backlog({ mapping: mapping.rules.mapping, nowMs: runtime.now() })
    if (due > 0) found.push(mapping)
  }
  return found
}

async function workOff(engine: Engine, mapping: MappingRuntime, isOver: () => boolean): Promise<number> {
  // A record with an unsettled write is postponed until that write may be settled: then it is due, and here.
  await recover(engine, mapping)
  return drain(engine, mapping, undefined, isOver)
}

function passesByItself(error: unknown): error is ConnectorError {
  if (!(error instanceof ConnectorError)) return false
  return error.kind === 'transient' || error.kind === 'rate-limited' || error.kind === 'ambiguous'
}

function isEventful({ linked, created, updated, deleted, conflictsOpened }: Tally): boolean {
  const writes = [created, updated, deleted].reduce((sum, { left, right }) => sum + left + right, 0)
  return linked + writes + conflictsOpened > 0
}
