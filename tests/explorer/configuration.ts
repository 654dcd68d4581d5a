/**
 * What one exploration is about: how the two vendors behave, which rule the field has, which element of the
 * protocol is swapped for a worse one, how much may happen, and what is expected to be found.
 */
import type { Side } from '../../src/core/record.ts'
import type { Policy } from '../../src/core/rules.ts'

export interface Configuration {
  /** Name in the table of `algorithms.md` 2.4; names that are not in it are explained where they are listed. */
  readonly name: string
  readonly says: string
  readonly vendors: Vendors
  readonly field: Field
  readonly protocol: Protocol
  /** What CI explores, and what `--big` explores. */
  readonly small: Budget
  readonly big: Budget
  readonly expected: Expected
}

export interface Vendors {
  /** A write names the version it was decided on and is refused when the record moved since. */
  readonly compareAndSet: boolean
  /** A lost request may be applied after the zombie horizon, when its outcome counts as settled (5.6). */
  readonly zombies: boolean
  /** Canonical value that this side takes without complaint and does not store: it keeps what it held. */
  readonly refuses: { readonly left: string | null; readonly right: string | null }
}

export interface Field {
  /** `whole`: one of three words. `elements`: any subset of two elements. */
  readonly shape: 'whole' | 'elements'
  readonly policy: Policy
  /**
   * The left vendor stores capitals, the right one small letters. With a canoniser that is one value in two
   * spellings; without one the vendors deviate from whatever they are sent.
   */
  readonly canoniser: 'case-folding' | 'none'
  /** `agreed`: linked, both hold the first word. `new`: just linked, no base, any two words or blank. */
  readonly start: 'agreed' | 'new'
}

/** The elements of the protocol. The first named value of each is what production does. */
export interface Protocol {
  /**
   * How the stored value becomes known after a write.
   * - `post-image`: from the answer of the write itself.
   * - `provenance`: from a read afterwards, if it shows that the last change is ours; otherwise not at all.
   * - `memory`: from a read afterwards; a deviation counts as known when it was seen once before (B2).
   * - `intended`: never; the value sent is taken for the value stored.
   * - `plain-read`: from a read afterwards, whoever wrote what it shows (B1).
   */
  readonly learns: 'post-image' | 'provenance' | 'memory' | 'intended' | 'plain-read'
  /** `none`: a write is only remembered by the process that sends it (control X2). */
  readonly intent: 'durable' | 'none'
  /** `none`: an unsettled write whose target shows the old value counts as not applied (B3). */
  readonly token: 'version' | 'none'
  /** `shared`: one value for both sides, the one that was carried over (B8). */
  readonly base: 'pair' | 'shared'
  /** `before-call`: in the transaction that makes the intent durable (B7). */
  readonly baseMoves: 'with-outcome' | 'before-call'
  /** `per-call`: a two-sided merge plans both writes at once and commits each as sent (B9). */
  readonly merges: 'two-steps' | 'per-call'
  /**
   * Whether the base remembers its last commits. `off` drops the ring. Where every change of a value is a
   * person's, as in most configurations, the breaker never trips and the ring decides nothing, so that dropping
   * it only merges states that behave alike. Where the engine's own echoes travel, it is the element swapped.
   */
  readonly breaker: 'off' | 'on'
}

/** How often each kind of event may happen. */
export interface Budget {
  /** A person types another value on either side, or decides an open conflict. */
  readonly edits: number
  /** A person changes another field of the record, or respells the value: new version, same canonical value. */
  readonly touches: number
  /** The process dies; a request on its way may still arrive. */
  readonly crashes: number
  /** A request or an answer is lost, or its caller stops waiting. */
  readonly faults: number
}

/** What somebody loses, or what the engine does wrong; defined in `monitors.ts`. */
export const FINDINGS = [
  'revert',
  'blind overwrite',
  'zombie overwrite',
  'loss behind a zombie',
  'write without cause',
  'base off',
  'silent divergence',
  'loss unreported',
  'stale conflict',
] as const

export type Finding = (typeof FINDINGS)[number]

export interface Expected {
  /** Findings that must be made. */
  readonly must: readonly Finding[]
  /** Findings that may be made; no other may. */
  readonly may: readonly Finding[]
  /** False: the engine must be able to write for ever although nobody edits. */
  readonly terminates: boolean
  /** Most writes until rest once everybody else stops. */
  readonly writesMax: number
}

export type Sides<T> = Readonly<Record<Side, T>>
