/**
 * Looks over the engine's shoulder: a share of the pairs is read on both sides and compared, whatever fingerprints and
 * bases say, so that a defect of the engine shows before a person finds it. All pairs have their turn within a day.
 * Nothing is repaired, or the measure would hide what it measures.
 *
 * A pair that is being worked on, or a field that somebody was asked about, is left out. What differs is looked at
 * again a run later, since edits are on their way all the time: only what still differs then counts.
 */
import { every } from '../schedule.ts'
import type { Store } from '../store/store.ts'
import { comparePairs, type Difference } from './differences.ts'
import type { Engine } from './engine.ts'
import { keepTimetable } from './timetable.ts'

export interface Drift {
  /** Differences that nothing explains, in the last complete round and so far in this one. */
  readonly unexplained: number
  /** Differences that our books know of: left so by an undo or a policy. */
  readonly known: number
  /** The share of all pairs that was compared within the last day and a half, 0 to 1. */
  readonly coverage: number
  /** Some of those that nothing explains. */
  readonly examples: readonly Difference[]
}

interface Round {
  readonly startedMs: number
  readonly compared: number
  readonly known: number
  readonly unexplained: number
  readonly examples: readonly Difference[]
}

interface Memory {
  /** How many there were to compare. */
  readonly pairs: number
  /** Where it goes on: a mapping by its place in the pairing, and a page of its pairs. */
  readonly mapping: number
  readonly after: string | null
  readonly round: Round
  readonly last: (Round & { readonly endedMs: number }) | null
  /** Differed when they were looked at, and get a second look. */
  readonly suspects: readonly Difference[]
}

const EVERY_MS = 600_000
const ROUND_MS = 86_400_000
const PAIRS_MIN = 50
const EXAMPLES_MAX = 20
/** A vendor that is in trouble makes everything differ: so much is looked at twice, the rest a round later. */
const SUSPECTS_MAX = 500

const keyOf = (pairing: string) => `drift/${pairing}`

/** Rejects with the signal's reason when stopped, and with what a CRM answers; see `persistently`. */
export function keepComparing(
  engine: Engine,
  run: (compare: () => Promise<void>) => Promise<void>,
  onCompared: (drift: Drift) => Promise<void>,
): Promise<never> {
  const compare = async () => onCompared(await compareNext(engine))
  const { runtime, signal } = engine
  return keepTimetable({ schedule: every(EVERY_MS), runtime, signal, run: () => run(compare) })
}

/** Looks again at what differed, and compares the next pairs. */
export async function compareNext(engine: Engine): Promise<Drift> {
  const { store, pairing, runtime } = engine
  const nowMs = runtime.now()
  const memory = await recall(store, pairing.name, nowMs)
  const standing = await standingFound(engine, memory.suspects)
  let { round, last, mapping: place, after } = memory
  round = {
    ...round,
    unexplained: round.unexplained + standing.length,
    examples: [...round.examples, ...standing].slice(0, EXAMPLES_MAX),
  }
  const suspects: Difference[] = []
  const pairCount = await countPairs(engine)
  let budget = Math.max(PAIRS_MIN, Math.ceil((pairCount * EVERY_MS) / ROUND_MS))
  while (budget > 0) {
    const mapping = pairing.mappings[place]
    if (!mapping) break
    const request = { mapping: mapping.rules.mapping, links: null, after, limit: Math.min(budget, 200) }
    const { pairs, next } = await store.comparablePairs(request)
    const { differences, known } = await comparePairs(engine, mapping, pairs)
    suspects.push(...differences)
    round = { ...round, compared: round.compared + pairs.length, known: round.known + known }
    budget -= pairs.length
    after = next
    if (next === null) place += 1
  }
  if (place >= pairing.mappings.length) {
    last = { ...round, endedMs: nowMs }
    round = newRound(nowMs)
    place = 0
    after = null
  }
  const kept: Memory = {
    pairs: pairCount,
    mapping: place,
    after,
    round,
    last,
    suspects: suspects.slice(0, SUSPECTS_MAX),
  }
  await store.setMeta(keyOf(pairing.name), JSON.stringify(kept))
  return driftOf(kept, nowMs)
}

/** As last noted; null while nothing was compared. */
export async function lastDrift(
  store: Pick<Store, 'meta'>,
  pairing: string,
  nowMs: number,
): Promise<Drift | null> {
  const memory = await noted(store, pairing)
  return memory && driftOf(memory, nowMs)
}

/** Null also for a note of a version that did not count the pairs yet: what it says cannot be put in proportion. */
async function noted(store: Pick<Store, 'meta'>, pairing: string): Promise<Memory | null> {
  const text = await store.meta(keyOf(pairing))
  const memory = text === null ? null : (JSON.parse(text) as Partial<Memory>)
  return memory?.pairs === undefined ? null : (memory as Memory)
}

function driftOf({ pairs, round, last }: Memory, nowMs: number): Drift {
  const recent = last && nowMs - last.endedMs < 1.5 * ROUND_MS ? last : null
  const compared = Math.max(recent?.compared ?? 0, round.compared)
  return {
    unexplained: round.unexplained + (recent?.unexplained ?? 0),
    known: Math.max(round.known, recent?.known ?? 0),
    coverage: pairs === 0 ? 1 : Math.min(1, compared / pairs),
    examples: [...round.examples, ...(recent?.examples ?? [])].slice(0, EXAMPLES_MAX),
  }
}

async function countPairs({ store, pairing }: Engine): Promise<number> {
  let sum = 0
  for (const { rules } of pairing.mappings) sum += await store.countLinks(rules.mapping)
  return sum
}

async function recall(store: Store, pairing: string, nowMs: number): Promise<Memory> {
  const memory = await noted(store, pairing)
  return memory ?? { pairs: 0, mapping: 0, after: null, round: newRound(nowMs), last: null, suspects: [] }
}

function newRound(startedMs: number): Round {
  return { startedMs, compared: 0, known: 0, unexplained: 0, examples: [] }
}

/** Those that still differ. */
async function standingFound(
  engine: Engine,
  suspects: readonly Difference[],
): Promise<readonly Difference[]> {
  const found: Difference[] = []
  for (const mapping of engine.pairing.mappings) {
    const name = mapping.rules.mapping
    const own = suspects.filter((each) => each.mapping === name)
    if (own.length === 0) continue
    const links = [...new Set(own.map(({ link }) => link))]
    const { pairs } = await engine.store.comparablePairs({
      mapping: name,
      links,
      after: null,
      limit: links.length,
    })
    const { differences } = await comparePairs(engine, mapping, pairs)
    const isSuspect = ({ link, field }: Difference) =>
      own.some((each) => each.link === link && each.field === field)
    found.push(...differences.filter(isSuspect))
  }
  return found
}
