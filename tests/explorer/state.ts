/**
 * One state of the small world: what both vendors store, what the engine's database remembers, what its process
 * has in hand, what is on the wire, and what only an all-knowing observer knows. Immutable plain data.
 *
 * Version tokens are only ever compared with the token somebody remembers, so every holder of a token carries a
 * flag `moved` instead: has the record's version changed since? That keeps equal situations equal.
 */
import type { FieldBase } from '../../src/core/base.ts'
import type { Side } from '../../src/core/record.ts'
import type { Canonical, FieldValue } from '../../src/core/value.ts'
import type { Budget, Sides } from './configuration.ts'

export interface State {
  readonly left: Held
  readonly right: Held
  readonly base: FieldBase | null
  readonly conflict: StandingConflict | null
  readonly intent: OpenIntent | null
  /** In flight, oldest first. */
  readonly calls: readonly Call[]
  /** What the process has in hand; null when it is idle, or newly started. */
  readonly task: Task | null
  readonly budget: Budget
  readonly truth: Truth
  /** Deviations seen once, as `side/sent/stored`; only used where the protocol learns from them. */
  readonly deviations: readonly string[]
}

/** What a vendor stores. */
export interface Held {
  readonly value: FieldValue
  readonly by: 'person' | 'us'
}

/** The conflict row that stands (`store/sqlite/conflicts.ts`). */
export interface StandingConflict extends Sides<Canonical> {
  /** Side that a person chose, waiting for the engine to carry it out. */
  readonly decided: Side | null
}

export interface OpenIntent {
  /** Number of the write in the model's list. */
  readonly write: number
  /** The target's version moved since `versionBefore`. */
  readonly moved: boolean
  /** The target's history shows a change of the field since the write was sent. */
  readonly touched: boolean
  /** For the observer: what the vendor stored when it applied this write; null before. */
  readonly applied: { readonly value: FieldValue } | null
}

export interface Call {
  readonly write: number
  /** The target moved since the version that the call names; always false without compare-and-set. */
  readonly moved: boolean
  /** Somebody waits for the answer. */
  readonly awaited: boolean
  /** Its intent is still open: what it does is part of the protocol. Otherwise it is a zombie. */
  readonly current: boolean
  /** Set once the vendor has handled it. */
  readonly answer: Answer | null
}

export type Answer =
  | { readonly kind: 'done'; readonly stored: FieldValue; readonly moved: boolean }
  /** Compare-and-set found another version. */
  | { readonly kind: 'stale' }

/** A side as the process last read it. */
export interface Seen extends Held {
  readonly moved: boolean
}

export type Task =
  | {
      readonly phase: 'reading'
      readonly seen: Sides<Seen | null>
      /** Choice of a person that was on record when the pair was claimed. */
      readonly choice: Side | null
    }
  | {
      /** `queued`: planned, not begun. `sent`: begun, the answer is awaited. */
      readonly phase: 'queued' | 'sent'
      readonly seen: Sides<Seen>
      readonly choice: Side | null
      readonly write: number
      /** Writes of the same plan that come after it. */
      readonly next: readonly number[]
    }
  /** Recovery has read the target of the open intent. */
  | { readonly phase: 'settling'; readonly seen: Seen }

/** What only the observer knows; see `monitors.ts` for what it is good for. */
export interface Truth {
  /** What an engine that misses nothing would take for the base. */
  readonly base: Sides<Canonical>
  /** A value that a rule overwrote and that is not in any conflict row yet. */
  readonly owed: { readonly side: Side; readonly value: Canonical } | null
  /** The vendor stored something else than was sent in the last commit, and the engine said so. */
  readonly noted: boolean
  /** A zombie has overwritten something. */
  readonly haunted: boolean
}

export function withSide(state: State, side: Side, held: Held): State {
  return side === 'left' ? { ...state, left: held } : { ...state, right: held }
}

export function bySide<T>(side: Side, own: T, other: T): Sides<T> {
  return side === 'left' ? { left: own, right: other } : { left: other, right: own }
}
