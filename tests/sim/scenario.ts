/**
 * One seed's history as data: what people do and when, how bad the weather is, when the process dies. A scenario is
 * drawn once from its seed, replayed as often as wanted, and shrunk by taking things out of it.
 *
 * Whom a step concerns is written as a fraction of the records there are at that moment, so that a step still means
 * something when an earlier one was taken out. `named` is for stories about certain records: the one whose remark (the
 * field that no mapping knows, so that it never travels) is that name, and nobody where there is none.
 */
import type { GuardLimits } from '../../src/core/guard.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { CastName } from './cast.ts'
import type { Draft, Kind, Relation } from './hands/hands.ts'
import type { MappingSet } from './mappings.ts'

export type Action =
  | {
      readonly do: 'create'
      readonly kind: Kind
      readonly draft: Draft
      /** As a lead, where the vendor has leads. */
      readonly lead?: true
    }
  | {
      readonly do: 'update'
      readonly kind: Kind
      readonly who: number
      readonly named?: string
      /** One of the leads. */
      readonly lead?: true
      readonly draft: Draft
    }
  | {
      readonly do: 'relate'
      readonly kind: Kind
      readonly who: number
      readonly named?: string
      readonly relation: Relation
      readonly whom: number
      readonly whomNamed?: string
      readonly remove: boolean
    }
  | {
      readonly do: 'delete' | 'restore'
      readonly kind: Kind
      readonly who: number
      readonly named?: string
      readonly lead?: true
    }
  /** A lead becomes a contact: one that is there, or a new one; of an account that is there, or of a new one. */
  | {
      readonly do: 'convert'
      readonly kind: 'person'
      readonly who: number
      readonly named?: string
      readonly contact: number | null
      readonly account: number | null
      readonly opensDeal: boolean
    }
  | {
      readonly do: 'merge'
      readonly kind: Kind
      readonly who: number
      readonly named?: string
      readonly whom: number
      readonly whomNamed?: string
    }
  /** The same value into every record of a kind, as an import does. */
  | { readonly do: 'bulk'; readonly kind: Kind; readonly draft: Draft }
  /** Every record of a kind is deleted at once. */
  | { readonly do: 'purge'; readonly kind: Kind }
  /** A choice of the account's own schema disappears from, or comes back to, where a mapping needs it. */
  | { readonly do: 'break-schema' | 'mend-schema' }
  | { readonly do: 'revoke-token' | 'renew-token' }

export interface Step {
  /** Since the beginning of the storm. */
  readonly atMs: number
  readonly vendor: string
  readonly action: Action
}

/** Faults between process and vendor, for a while. */
export interface Weather {
  readonly vendor: string
  readonly fromMs: number
  readonly toMs: number
  readonly rule: FaultRule
}

/** The process dies at its n-th door (a request, a transaction, a nap), and starts again later. */
export interface Death {
  readonly door: number
  readonly downMs: number
}

/** What becomes of bells on their way: shares between 0 and 1. */
export interface Bells {
  readonly on: boolean
  readonly lost: number
  readonly doubled: number
  readonly lateMs: number
}

/** People who work on what the engine has just written to, right away. */
export interface Reflexes {
  /** Share of the engine's writes that somebody answers. */
  readonly share: number
  /** How quick they are. */
  readonly withinMs: number
  readonly does: readonly ('retype' | 'put-back' | 'delete')[]
  readonly most: number
}

/** A workflow that somebody set up in one account: it rewrites job titles, whoever wrote them. */
export type Workflow = 'upper-case' | 'lower-case' | 'trailing-blank'

/** A new account has one process for all deals and no leads; one that people have worked with for years has more. */
export type Accounts = 'new' | 'grown'

export interface Scenario {
  readonly seed: number
  /** Who takes part; Attio and HubSpot when left out. */
  readonly cast?: CastName
  /** What the accounts are like: new when left out. */
  readonly accounts?: Accounts
  readonly stormMs: number
  readonly steps: readonly Step[]
  readonly weather: readonly Weather[]
  readonly deaths: readonly Death[]
  readonly bells: Bells
  readonly workflows: Readonly<Record<string, Workflow>>
  /** Share of the engine's writes whose very field somebody edits while they travel. */
  readonly haste: number
  /** Vendor → how far its clock is ahead of ours. */
  readonly clockMs: Readonly<Record<string, number>>
  /** Vendor → switches of its model. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Name of the set of mapping files. */
  readonly mappings: MappingSet
  readonly limits: 'vendor' | 'off'
  /** What the scenario is mostly about (`themes.ts`). */
  readonly theme?: string
  readonly reflexes?: Reflexes
  /** Instead of the shipped limits, which are for larger worlds. */
  readonly guards?: GuardLimits
  readonly workers: number
  readonly batchSize: number
  readonly pollMs: number
  readonly sweepMs: number
  /** Half of a round trip: least, and most. */
  readonly latencyMs: readonly [number, number]
}
