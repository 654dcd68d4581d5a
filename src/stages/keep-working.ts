/**
 * Works off what is due in some lanes, for as long as it is let. Whatever becomes due is taken up at once, beside the
 * batches that are under way, of whatever mapping: nobody waits because the engine is waiting for somebody else. It
 * looks when the next record is due, when somebody calls, when a batch ends, and with every tick, since other
 * processes leave work too.
 *
 * A *round* is what was begun until nothing is under way any more, or until it took long enough: bells may never stop
 * ringing, and reports have their turn.
 */
import type { ConnectorError } from '../errors.ts'
import type { Lane } from '../core/lane.ts'
import { carryOut } from './carry-out.ts'
import { Crew } from './crew.ts'
import { addTally, newTally, type Engine, type MappingRuntime, type Tally } from './engine.ts'
import type { SharedGuards } from './guard-rounds.ts'
import { passesByItself, retryAfter } from './persist.ts'
import { claimBatch, decideClaimed, unclaimWhenFree, type Claimed } from './reconcile.ts'
import type { Wake } from './wake.ts'

export interface WorkOptions {
  readonly lanes: readonly Lane[]
  /** Batches of one mapping that are decided about at once; what is due beyond that waits, and travels together then. */
  readonly decisionsMax: number
  /** How long after a batch was begun the next one of its mapping is: what is due meanwhile travels together. */
  readonly spacingMs: () => number
  readonly guards: SharedGuards
  readonly wake: Wake
  readonly tickMs: number
  readonly onRound: (tally: Tally) => void
  readonly onTrouble: (error: ConnectorError, retryInMs: number) => void
  /** After whatever may have left work in other lanes. */
  readonly onDone: () => void
}

const ROUND_MAX_MS = 10_000

export async function keepWorking(engine: Engine, options: WorkOptions): Promise<never> {
  const { runtime, signal } = engine
  let failures = 0
  const onUntroubled = () => {
    failures = 0
  }
  // Ends with the signal.
  for (;;) {
    const trouble = await workUntilTrouble(engine, options, onUntroubled)
    signal.throwIfAborted()
    if (!passesByItself(trouble)) throw trouble
    const retryInMs = retryAfter(trouble, failures)
    failures += 1
    options.onTrouble(trouble, retryInMs)
    await runtime.sleep(retryInMs, signal)
  }
}

interface BatchJob {
  readonly kind: 'batch'
  readonly mapping: string
  /** It may make records that others are to refer to. */
  readonly makesRecords: boolean
  isDecided: boolean
}

/** What was claimed and others have in hand, or writes whose outcome nobody knows. */
interface SideJob {
  readonly kind: 'held-up' | 'recovery'
  readonly mapping: string
  /** Something came of it that is worth a look. */
  isNews: boolean
}

type Job = BatchJob | SideJob

/** What is under way between two troubles. */
interface Shift {
  readonly crew: Crew<Job>
  /** Of which mappings mass changes were counted for the backlog that is being worked off. */
  readonly counted: Set<string>
  /** When the last batch of a mapping was begun, unless there was more than it could take. */
  readonly begunAtMs: Map<string, number>
  /** Adds to what the round has done so far. */
  readonly note: (tally: Tally) => void
  /** There may be room for another batch. */
  readonly look: () => void
}

/**
 * Resolves to what ended it, with nothing under way any more: of several failures to one that does not pass by itself.
 * `onUntroubled` is called after every round.
 */
async function workUntilTrouble(
  engine: Engine,
  options: WorkOptions,
  onUntroubled: () => void,
): Promise<unknown> {
  const { runtime, signal } = engine
  const { wake, onRound, onDone } = options
  const crew = new Crew<Job>((job) => {
    if (job.kind !== 'batch' && !job.isNews) return
    wake.call()
    onDone()
  })
  let round = newTally()
  const note = (tally: Tally) => addTally(round, tally)
  const report = () => {
    if (isEventful(round)) onRound(round)
    round = newTally()
  }
  const look = () => wake.call()
  const shift: Shift = { crew, counted: new Set(), begunAtMs: new Map(), note, look }
  let endMs = runtime.now() + ROUND_MAX_MS
  const failures: unknown[] = []
  try {
    for (;;) {
      signal.throwIfAborted()
      const nextMs = await takeUp(engine, options, shift)
      if (crew.failures.length > 0) break
      if (crew.isIdle || runtime.now() >= endMs) {
        report()
        onUntroubled()
        endMs = runtime.now() + ROUND_MAX_MS
      }
      await wake.rest(Math.max(0, nextMs - runtime.now()), signal)
    }
  } catch (error) {
    failures.push(error)
  }
  await crew.allEnd()
  report()
  failures.push(...crew.failures)
  return failures.find((error) => !passesByItself(error)) ?? failures[0]
}

/**
 * Begins whatever is due and has room. Bells bring deletions and changes just as listings do, so nothing is worked off
 * before the guards have counted. Returns when to look again, if nobody calls; epoch ms. The same look
 * tells that: another one would miss what became due in between.
 */
async function takeUp(engine: Engine, options: WorkOptions, shift: Shift): Promise<number> {
  const { pairing, runtime, store } = engine
  const { lanes, guards, spacingMs, tickMs } = options
  const { counted, begunAtMs } = shift
  let nextMs = runtime.now() + tickMs
  // Whoever gets room meanwhile calls.
  const open = pairing.mappings.filter(({ rules }) => hasRoom(engine, options, shift, rules.mapping))
  if (open.length === 0) return nextMs
  const names = open.map(({ rules }) => rules.mapping)
  const times = await store.dueTimes({ mappings: names, nowMs: runtime.now(), lanes })
  for (const mapping of open) {
    const { mapping: name } = mapping.rules
    const room = () => hasRoom(engine, options, shift, name)
    if (!room() || mustWaitForParents(engine, shift, name)) continue
    const { isDue = false, nextDueMs = null } = times.get(name) ?? {}
    nextMs = Math.min(nextMs, nextDueMs ?? Infinity)
    if (!isDue) {
      counted.delete(name)
      continue
    }
    const begunMs = begunAtMs.get(name) ?? -Infinity
    // Begun in the future: the clock was set back, and waiting for that time would take as long.
    const earliestMs = begunMs > runtime.now() ? -Infinity : begunMs + spacingMs()
    if (earliestMs > runtime.now()) {
      nextMs = Math.min(nextMs, earliestMs)
      continue
    }
    // Mass changes not again for the rest of the same backlog.
    await guards.count(engine, mapping, !counted.has(name))
    counted.add(name)
    recoverBeside(engine, options, shift, mapping)
    while (room()) {
      const own: Engine = { ...engine, tally: newTally() }
      const claimed = await claimBatch(own, mapping, lanes)
      if (!claimed) {
        counted.delete(name)
        break
      }
      begin(own, shift, mapping, claimed)
      // Of what one batch cannot take, nothing is gained by gathering more.
      if (claimed.isAll) begunAtMs.set(name, runtime.now())
      else begunAtMs.delete(name)
    }
  }
  return nextMs
}

function hasRoom(
  { settings }: Engine,
  { decisionsMax }: WorkOptions,
  { crew }: Shift,
  mapping: string,
): boolean {
  if (crew.isIdle) return true
  const own = crew.jobs.filter((job) => job.kind === 'batch' && job.mapping === mapping)
  const deciding = own.filter((job) => job.kind === 'batch' && !job.isDecided)
  return own.length < settings.batchesInFlight && deciding.length < decisionsMax
}

/** Parents before children: who refers to a record that is being made is to find it. */
function mustWaitForParents({ pairing }: Engine, { crew }: Shift, mapping: string): boolean {
  if (crew.isIdle) return false
  const names = pairing.mappings.map(({ rules }) => rules.mapping)
  const parents = new Set(names.slice(0, names.indexOf(mapping)))
  return crew.jobs.some((job) => job.kind === 'batch' && job.makesRecords && parents.has(job.mapping))
}

function begin(engine: Engine, { crew, note, look }: Shift, mapping: MappingRuntime, claimed: Claimed): void {
  const { mapping: name } = mapping.rules
  const { heldUp, loners } = claimed.sorted
  if (heldUp.length > 0) {
    crew.begin({ kind: 'held-up', mapping: name, isNews: true }, unclaimWhenFree(engine, mapping, heldUp))
  }
  const job: BatchJob = { kind: 'batch', mapping: name, makesRecords: loners.length > 0, isDecided: false }
  const work = async (): Promise<void> => {
    try {
      const batch = await decideClaimed(engine, mapping, claimed)
      job.isDecided = true
      look()
      await carryOut(engine, mapping, batch)
    } finally {
      note(engine.tally)
    }
  }
  crew.begin(job, work())
}

/**
 * Settles what is unsettled, and keeps nobody waiting: a record with such a write is postponed until it may be settled,
 * and marked when it is.
 */
function recoverBeside(
  engine: Engine,
  { guards }: WorkOptions,
  { crew }: Shift,
  mapping: MappingRuntime,
): void {
  const { mapping: name } = mapping.rules
  if (crew.jobs.some((job) => job.kind === 'recovery' && job.mapping === name)) return
  const job: SideJob = { kind: 'recovery', mapping: name, isNews: false }
  const work = async (): Promise<void> => {
    job.isNews = (await guards.recover(engine, mapping)) > 0
  }
  crew.begin(job, work())
}

function isEventful({ linked, created, updated, deleted, conflictsOpened }: Tally): boolean {
  const writes = [created, updated, deleted].reduce((sum, { left, right }) => sum + left + right, 0)
  return linked + writes + conflictsOpened > 0
}
