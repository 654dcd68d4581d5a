/**
 * What every stage is given: the two ports, time, and the compiled mappings of one pairing. Stages keep no
 * state of their own between batches; whatever must survive is in the store.
 */
import type { Connector } from '../connectors/connector.ts'
import type { Account, User } from '../connectors/reading.ts'
import type { GuardLimits } from '../core/guard.ts'
import type { Lane } from '../core/lane.ts'
import { otherSide, type Both, type Side } from '../core/record.ts'
import type { ObjectRules } from '../core/rules.ts'
import type { ObjectSchema } from '../core/schema.ts'
import type { MappingBody } from '../mapping/document.ts'
import type { Logger } from '../logging.ts'
import type { Runtime } from '../runtime.ts'
import type { Store } from '../store/store.ts'
import type { Absences } from './absence.ts'
import type { Hands } from './hands.ts'
import type { Others } from './hub.ts'
import type { LatelyGuard } from './lately.ts'
import type { Wake } from './wake.ts'

/** What, together with the live schemas, makes the rules. */
export interface RulesSource {
  readonly body: MappingBody
  readonly stamps: Both<string | null>
}

export interface MappingRuntime {
  readonly rules: ObjectRules
  readonly schemas: Both<ObjectSchema>
  /** What the rules were compiled from. */
  readonly source: RulesSource
  /** Fields set aside by a schema change or a missing scope: field key → why. */
  readonly paused: Readonly<Record<string, string>>
}

export interface Pairing {
  readonly name: string
  readonly connectors: Both<Connector>
  readonly accounts: Both<Account>
  readonly users: Both<readonly User[]>
  /** In the order of the config: parents before the records that point at them. */
  readonly mappings: readonly MappingRuntime[]
}

export type LookBack = 'following' | 'always' | 'never'

export interface EngineSettings {
  /** Records claimed at once. */
  readonly batchSize: number
  /** Batches in flight per mapping. */
  readonly batchesInFlight: number
  /** A target read longer ago than this is read again before it is written to. */
  readonly freshMs: number
  /** How long a lost request may still arrive; waited out before an unknown outcome counts as lost. */
  readonly zombieHorizonMs: number
  readonly clockErrorMs: number
  /**
   * Whether the value histories are asked what our writes replaced unseen: after the rounds of `follow`, after passes
   * too, or not.
   */
  readonly lookBack: LookBack
  readonly guards: GuardLimits
  /** A person said go on: guards report but do not stop. */
  readonly guardsAccepted: boolean
}

export interface Engine {
  readonly store: Store
  readonly runtime: Runtime
  readonly log: Logger
  readonly settings: EngineSettings
  readonly pairing: Pairing
  /** Mappings of other pairings that keep records of this pairing's connections. */
  readonly others: Others
  readonly run: string
  readonly tally: Tally
  /** Intents of this process whose call is under way; every other open intent has to be settled by looking. */
  readonly sending: Set<string>
  readonly inHand: Hands
  /** Counts what this process carried out a moment ago, whatever told of it. */
  readonly lately: LatelyGuard
  readonly absences: Absences
  readonly signal: AbortSignal
  /** Called when bells left marks; `follow` rests on it. */
  readonly wake: Wake
  /** Called after every commit of settled records, for progress. */
  readonly onSettled: () => void
}

/** Counts of one run, for the summary; the store keeps the truth. */
export interface Tally {
  linked: number
  created: { left: number; right: number }
  updated: { left: number; right: number }
  deleted: { left: number; right: number }
  conflictsOpened: number
  /** Records looked at, for progress. */
  settled: number
}

export function newTally(): Tally {
  return {
    linked: 0,
    created: { left: 0, right: 0 },
    updated: { left: 0, right: 0 },
    deleted: { left: 0, right: 0 },
    conflictsOpened: 0,
    settled: 0,
  }
}

export function addTally(sum: Tally, more: Tally): void {
  sum.linked += more.linked
  sum.conflictsOpened += more.conflictsOpened
  sum.settled += more.settled
  for (const kind of ['created', 'updated', 'deleted'] as const) {
    sum[kind].left += more[kind].left
    sum[kind].right += more[kind].right
  }
}

/** Counts what was decided for good; of decisions that were made anew nothing is to be counted. */
export function countDecided(tally: Tally, decided: Tally): void {
  tally.linked += decided.linked
  tally.conflictsOpened += decided.conflictsOpened
}

/**
 * The same engine for work of this urgency: where a vendor's allowance is short, its requests wait in that lane. An
 * engine as it was made is interactive.
 */
export function inLane(engine: Engine, lane: Lane): Engine {
  const { left, right } = engine.pairing.connectors
  const connectors = { left: left.inLane(lane), right: right.inLane(lane) }
  return { ...engine, pairing: { ...engine.pairing, connectors } }
}

/**
 * The mapping of this pairing that keeps `object` of `side`, if any. Of several it is the one that makes
 * counterparts: those are what references point at.
 */
export function mappingOf(pairing: Pairing, side: Side, object: string): MappingRuntime | null {
  const keeping = pairing.mappings.filter((mapping) => mapping.rules.object[side] === object)
  return keeping.find(({ rules }) => rules.create[otherSide(side)]) ?? keeping[0] ?? null
}
