/**
 * A compiled mapping, as the core sees it: pure functions and settings, no YAML. Built by `mapping/compile.ts`.
 *
 * Laws every `FieldRule` keeps (property-tested in `tests/mapping`):
 * - read-write: reading what `write` produced gives the canonical value that was written;
 * - correctness: `agree(l, forward(l, r))` and `agree(backward(r, l), r)` when they restore a value;
 * - hippocraticness: `agree(l, r)` implies `forward(l, r) = r` and `backward(r, l) = l`.
 */
import type { SourcePosition } from '../errors.ts'
import type { Both, RecordId, Side } from './record.ts'
import type { Canonical, FieldValues } from './value.ts'

export type Direction = 'both' | 'left-to-right' | 'right-to-left'

/** What settles a conflict: both sides changed, to values that do not agree. */
export type Policy =
  | { readonly kind: 'ask' }
  | { readonly kind: 'prefer'; readonly side: Side }
  /** As `prefer`, but a blank on the preferred side loses. */
  | { readonly kind: 'prefer-unless-blank'; readonly side: Side }
  /** The later edit wins when the evidence intervals do not overlap; else `otherwise`. */
  | { readonly kind: 'most-recent'; readonly otherwise: Policy }
  /** Element-wise three-way merge of sets; whole-valued fields fall back to `ask`. */
  | { readonly kind: 'union' }
  /** The value further along `order` (canonical values of the left side, in words of the mapping) wins. */
  | { readonly kind: 'advance'; readonly rank: Both<(value: Canonical) => number> }
  | { readonly kind: 'max' }
  | { readonly kind: 'min' }
  /** Writes only into blank targets; otherwise the difference stays, by policy. */
  | { readonly kind: 'never-overwrite' }
  /** Writes a blank target once per link, then never again. */
  | { readonly kind: 'write-once' }

/** What a restorer says about the target: a value to store, or leave it as it is and say why. */
export type Restored =
  { readonly kind: 'value'; readonly value: Canonical } | { readonly kind: 'keep'; readonly reason: string }

/** What canonisers may look up. Provided by the caller per batch; look-ups are pure for its lifetime. */
export interface SideContext {
  /** Lower-case e-mail of a user id of this side, or null when unknown. */
  userEmail(id: string): string | null
  /** Active user id of this side by lower-case e-mail, or null. */
  userId(email: string): string | null
  /** The user behind our credential on this side, for `fallback: token-owner`. */
  tokenOwner(): string | null
  /** Link of a record of this side, or null while it has none (the reference is then pending). */
  linkOf(object: string, id: RecordId): string | null
  /** This side's record of a link, or null. */
  recordOf(object: string, link: string): RecordId | null
}

/** For questions that need no look-up: whether a field holds anything at all, what a person is called. */
export const NO_LOOKUPS: SideContext = {
  userEmail: () => null,
  userId: () => null,
  tokenOwner: () => null,
  linkOf: () => null,
  recordOf: () => null,
}

export interface SideRule {
  /** Fields read and written together. More than one, or an object-valued one, is an atomic group. */
  readonly fields: readonly string[]
  readonly channel: 'value' | 'edge'
  /** Total: anything unreadable becomes a text class of its own, never an exception. */
  read(values: FieldValues, context: SideContext): Canonical
  /**
   * Field values that store `target`, given what the fields hold now: opaque elements survive. Only called
   * with values that `forward`/`backward` restored.
   */
  write(target: Canonical, current: FieldValues, context: SideContext): FieldValues
}

export interface FieldRule {
  /** Names the field in bases, conflicts and reports: the left field name, made unique within the mapping. */
  readonly key: string
  readonly at: SourcePosition
  readonly left: SideRule
  readonly right: SideRule
  readonly direction: Direction
  /** What a change on the read-only side of a one-way field leads to. */
  readonly drift: 'ignore' | 'report' | 'restore'
  readonly policy: Policy
  /** Settles differences when the link is new and there is no base. */
  readonly seed: Policy
  /** `ignore`: a blank never overwrites a value. */
  readonly blank: 'propagate' | 'ignore'
  /** `elements`: canonical values of both sides are sorted arrays over one universe, merged by element. */
  readonly shape: 'whole' | 'elements'
  /** Whether it points at other records. */
  readonly isReference: boolean
  agree(left: Canonical, right: Canonical): boolean
  forward(left: Canonical, right: Canonical, context: Both<SideContext>): Restored
  backward(right: Canonical, left: Canonical, context: Both<SideContext>): Restored
  /** For `max`/`min`: a total order of canonical values of either side, blank lowest. */
  compare(a: Canonical, b: Canonical): number
}

export interface MatchRule {
  readonly at: SourcePosition
  /** Weak keys only propose: they never link and never allow a creation beside their candidates. */
  readonly strength: 'strong' | 'weak'
  /** Every field that the keys are made of, per side. */
  readonly fields: Both<readonly string[]>
  /** The one of them to ask `Connector.find` with. */
  readonly field: Both<string>
  /** Canonical key values of a record; none when it has no usable value. */
  readonly keys: Both<(values: FieldValues) => readonly string[]>
  /** The value to ask the vendor with for one canonical key. */
  readonly query: Both<(key: string) => string>
}

export type DeletePolicy = 'unlink' | 'archive' | 'delete' | 'ignore'

export interface ObjectRules {
  /** Unique name of the mapping: `<pairing>/<left object>-<right object>`. */
  readonly mapping: string
  readonly pairing: string
  readonly object: Both<string>
  readonly fields: readonly FieldRule[]
  readonly match: readonly MatchRule[]
  /** Whether a record may be created on that side. */
  readonly create: Both<boolean>
  /** What a record that is created on that side at this moment (epoch ms) gets in fields that stay blank otherwise. */
  readonly defaults: Both<(nowMs: number) => FieldValues>
  /** What a deletion *on* that side does to the other. */
  readonly onDelete: Both<DeletePolicy>
  /** Field on that side's records that holds the other side's record id. */
  readonly stamp: Both<string | null>
  readonly stampWhen: 'with-next-write' | 'eager'
  readonly inScope: Both<(values: FieldValues) => boolean>
  /** Every field a read must ask for, per side: mapped, matched, scoped and stamp fields. */
  readonly reads: Both<readonly string[]>
  /** Changes whenever a rule changes in a way that affects canonical values or decisions. */
  readonly version: string
}
