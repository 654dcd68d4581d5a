/**
 * Works off what is due in some lanes, for as long as it is let. A round begins when the next record is due or
 * somebody calls, and with every tick, since other processes leave work too.
 */
import type { ConnectorError } from '../errors.ts'
import type { Lane } from '../core/lane.ts'
import { drain } from './drain.ts'
import { newTally, type Engine, type MappingRuntime, type Tally } from './engine.ts'
import type { SharedGuards } from './guard-rounds.ts'
import { passesByItself, retryAfter } from './persist.ts'
import type { Wake } from './wake.ts'

export interface WorkOptions {
  readonly lanes: readonly Lane[]
  readonly guards: SharedGuards
  readonly wake: Wake
  readonly tickMs: number
  readonly onRound: (tally: Tally) => void
  readonly onTrouble: (error: ConnectorError, retryInMs: number) => void
  /** After a round that did something: it may have left work in other lanes. */
  readonly onDone: () => void
}

/** Bells may never stop ringing: after so long guards and reports have their turn, and it goes on. */
const ROUND_MAX_MS = 10_000

export async function keepWorking(engine: Engine, options: WorkOptions): Promise<never> {
  const { runtime, signal } = engine
  let failures = 0
  let isUnfinished = false
  // Ends with the signal.
  for (;;) {
    await options.wake.rest(isUnfinished ? 0 : await idleMs(engine, options), signal)
    const round: Engine = { ...engine, tally: newTally() }
    let hasWorked = false
    try {
      const worked = await work(round, options, isUnfinished)
      hasWorked = worked.batches > 0
      isUnfinished = worked.isUnfinished
      failures = 0
    } catch (error) {
      if (!passesByItself(error)) throw error
      isUnfinished = false
      const retryInMs = retryAfter(error, failures)
      failures += 1
      options.onTrouble(error, retryInMs)
      await runtime.sleep(retryInMs, signal)
    }
    if (isEventful(round.tally)) options.onRound(round.tally)
    if (hasWorked) options.onDone()
  }
}

/** Until the next record is due, and no longer than a tick. */
async function idleMs({ pairing, runtime, store }: Engine, { lanes, tickMs }: WorkOptions): Promise<number> {
  const nowMs = runtime.now()
  let idle = tickMs
  for (const { rules } of pairing.mappings) {
    const { nextDueMs } = await store.backlog({ mapping: rules.mapping, nowMs, lanes })
    if (nextDueMs !== null) idle = Math.min(idle, nextDueMs - nowMs)
  }
  return idle
}

/**
 * Parents before children, and again while children were released. `isUnfinished`: more is due than one round takes.
 * Bells bring deletions and changes just as listings do, so nothing is worked off before the guards have counted.
 */
async function work(
  engine: Engine,
  options: WorkOptions,
  goesOn: boolean,
): Promise<{ readonly batches: number; readonly isUnfinished: boolean }> {
  const { guards } = options
  const endMs = engine.runtime.now() + ROUND_MAX_MS
  const isOver = () => engine.runtime.now() >= endMs
  let all = 0
  for (let isFirst = !goesOn; ; isFirst = false) {
    const due = await dueMappings(engine, options)
    // Not again for the rest of the same backlog.
    for (const mapping of due) await guards.count(engine, mapping, isFirst)
    let batches = 0
    for (const mapping of due) batches += await workOff(engine, mapping, options, isOver)
    all += batches
    if (isOver()) return { batches: all, isUnfinished: true }
    if (batches === 0) return { batches: all, isUnfinished: false }
  }
}

async function dueMappings(
  { pairing, runtime, store }: Engine,
  { lanes }: WorkOptions,
): Promise<readonly MappingRuntime[]> {
  const found: MappingRuntime[] = []
  for (const mapping of pairing.mappings) {
    const { due } = await store.backlog({ mapping: mapping.rules.mapping, nowMs: runtime.now(), lanes })
    if (due > 0) found.push(mapping)
  }
  return found
}

async function workOff(
  engine: Engine,
  mapping: MappingRuntime,
  { lanes, guards }: WorkOptions,
  isOver: () => boolean,
): Promise<number> {
  // A record with an unsettled write is postponed until that write may be settled: then it is due, and here.
  await guards.recover(engine, mapping)
  return drain(engine, mapping, undefined, { lanes, isOver })
}

function isEventful({ linked, created, updated, deleted, conflictsOpened }: Tally): boolean {
  const writes = [created, updated, deleted].reduce((sum, { left, right }) => sum + left + right, 0)
  return linked + writes + conflictsOpened > 0
}
