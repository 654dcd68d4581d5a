/**
 * Keeps a pairing in agreement until it is stopped. No printing and no timers of its own: rounds are reported
 * to the caller, waiting is the runtime's.
 *
 * Every tick works off what is due by itself: postponed records, a person's decision, writes to settle. Every
 * `pollMs` the sides are asked what changed, by feed where there is one and by listing where there is none.
 * Every `sweepMs` a complete pass finds what feeds missed.
 */
import { ConnectorError } from '../errors.ts'
import { SIDES } from '../core/record.ts'
import { drain } from './drain.ts'
import { newTally, type Engine, type MappingRuntime, type Tally } from './engine.ts'
import { guardAgainstMassChange, guardAgainstMassDeletion } from './guards.ts'
import { runPass, type Progress } from './pass.ts'
import { poll } from './poll.ts'
import { recover } from './recover.ts'
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

const SILENT: Progress = { report: () => undefined }

/**
 * Rejects with the signal's reason when stopped, with `GuardTripped` when a person has to look, with
 * `unauthorized` when a credential died; trouble that passes by itself is waited out for as long as it lasts.
 */
export async function follow(engine: Engine, options: FollowOptions): Promise<never> {
  const { runtime, signal } = engine
  let polledAtMs = runtime.now()
  let sweptAtMs = runtime.now()
  let failures = 0
  // Ends with the signal.
  for (;;) {
    await runtime.sleep(TICK_MS, signal)
    const round: Engine = { ...engine, tally: newTally() }
    const nowMs = runtime.now()
    try {
      if (nowMs - sweptAtMs >= options.sweepMs) {
        await runPass(round, SILENT)
        sweptAtMs = polledAtMs = runtime.now()
      } else {
        if (nowMs - polledAtMs >= options.pollMs) {
          await lookAtBoth(round)
          polledAtMs = runtime.now()
        }
        await work(round)
      }
      failures = 0
    } catch (error) {
      if (!passesByItself(error)) throw error
      failures += 1
      const retryInMs = Math.max(error.retryAfterMs ?? 0, Math.min(RETRY_MAX_MS, TICK_MS * 2 ** failures))
      options.onTrouble(error, retryInMs)
      await runtime.sleep(retryInMs, signal)
    }
    if (isEventful(round.tally)) options.onRound(round.tally)
  }
}

async function lookAtBoth(engine: Engine): Promise<void> {
  for (const mapping of engine.pairing.mappings) {
    for (const side of SIDES) {
      if (engine.pairing.connectors[side].capabilities.changes) await poll(engine, mapping, side)
      else await sweep(engine, mapping, side, 2)
    }
    await guardAgainstMassDeletion(engine, mapping)
    await guardAgainstMassChange(engine, mapping)
  }
}

/** Parents before children, and again while children were released. */
async function work(engine: Engine): Promise<void> {
  for (;;) {
    let batches = 0
    for (const mapping of engine.pairing.mappings) batches += await workOff(engine, mapping)
    if (batches === 0) return
  }
}

async function workOff(engine: Engine, mapping: MappingRuntime): Promise<number> {
  const { due } = await engine.store.backlog({
    mapping: mapping.rules.mapping,
    nowMs: engine.runtime.now(),
  })
  if (due === 0) return 0
  // A record with an unsettled write is postponed until that write may be settled: then it is due, and here.
  await recover(engine, mapping)
  return drain(engine, mapping)
}

function passesByItself(error: unknown): error is ConnectorError {
  if (!(error instanceof ConnectorError)) return false
  return error.kind === 'transient' || error.kind === 'rate-limited' || error.kind === 'ambiguous'
}

function isEventful({ linked, created, updated, deleted, conflictsOpened }: Tally): boolean {
  const writes = [created, updated, deleted].reduce((sum, { left, right }) => sum + left + right, 0)
  return linked + writes + conflictsOpened > 0
}
