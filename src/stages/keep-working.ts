/**
 * Works off what is due in some lanes, for as long as it is let. A round begins when the next record is due or
 * somebody calls, and with every tick, since other processes leave work too.
 */
import type { ConnectorError } from '../errors.ts'
import type { Lane } from '../core/lane.ts'
import { drain } from './drain.ts'
import type { Backlog } from '../store/store.ts'
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
  let rest: Rest = { isUnfinished: false, nextDueMs: await nextDue(engine, options) }
  // Ends with the signal.
  for (;;) {
    await options.wake.rest(idleMs(engine, options, rest), signal)
    const round: Engine = { ...engine, tally: newTally() }
    let hasWorked = false
    try {
      const worked = await work(round, options, rest.isUnfinished)
      hasWorked = worked.batches > 0
      rest = worked
      failures = 0
    } catch (error) {
      if (!passesByItself(error)) throw error
      const retryInMs = retryAfter(error, failures)
      failures += 1
      options.onTrouble(error, retryInMs)
      await runtime.sleep(retryInMs, signal)
      rest = { isUnfinished: false, nextDueMs: await nextDue(engine, options) }
    }
    if (isEventful(round.tally)) options.onRound(round.tally)
    if (hasWorked) options.onDone()
  }
}

/** What a round leaves. */
interface Rest {
  /** More is due than one round takes. */
  readonly isUnfinished: boolean
  /** When the next record is due of those that were not when the round ended. */
  readonly nextDueMs: number | null
}

/** Until the next record is due, and no longer than a tick. What was marked since the round ended has called. */
function idleMs({ runtime }: Engine, { tickMs }: WorkOptions, { isUnfinished, nextDueMs }: Rest): number {
  if (isUnfinished) return 0
  const nextMs = nextDueMs === null ? tickMs : Math.max(0, nextDueMs - runtime.now())
  return Math.min(tickMs, nextMs)
}

/**
 * Parents before children, and again while children were released.
 * Bells bring deletions and changes just as listings do, so nothing is worked off before the guards have counted.
 */
async function work(
  engine: Engine,
  options: WorkOptions,
  goesOn: boolean,
): Promise<Rest & { readonly batches: number }> {
  const { guards } = options
  const endMs = engine.runtime.now() + ROUND_MAX_MS
  const isOver = () => engine.runtime.now() >= endMs
  let all = 0
  for (let isFirst = !goesOn; ; isFirst = false) {
    const backlogs = await backlogsOf(engine, options)
    const due = engine.pairing.mappings.filter(({ rules }) => (backlogs.get(rules.mapping)?.due ?? 0) > 0)
    // Not again for the rest of the same backlog.
    for (const mapping of due) await guards.count(engine, mapping, isFirst)
    let batches = 0
    for (const mapping of due) batches += await workOff(engine, mapping, options, isOver)
    all += batches
    if (isOver()) return { batches: all, isUnfinished: true, nextDueMs: null }
    if (batches === 0) return { batches: all, isUnfinished: false, nextDueMs: earliest(backlogs) }
  }
}

/** Every mapping at once: of a daemon at rest this is all that it does, several times a second. */
function backlogsOf(
  { pairing, runtime, store }: Engine,
  { lanes }: WorkOptions,
): Promise<ReadonlyMap<string, Backlog>> {
  const mappings = pairing.mappings.map(({ rules }) => rules.mapping)
  return store.backlogs({ mappings, nowMs: runtime.now(), lanes })
}

async function nextDue(engine: Engine, options: WorkOptions): Promise<number | null> {
  return earliest(await backlogsOf(engine, options))
}

function earliest(backlogs: ReadonlyMap<string, Backlog>): number | null {
  const times = [...backlogs.values()].flatMap(({ nextDueMs }) => nextDueMs ?? [])
  return times.length === 0 ? null : Math.min(...times)
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
