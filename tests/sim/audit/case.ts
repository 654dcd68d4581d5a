/**
 * What an audit may look at, whoever played it: one process on virtual time, or many over HTTP. Nothing of the engine's
 * memory is in it, but for what the engine tells people.
 */
import type { GuardLimits } from '../../../src/core/guard.ts'
import type { ObjectRules } from '../../../src/core/rules.ts'
import type { MappingDocument } from '../../../src/mapping/load.ts'
import type { Conflict, Quarantine, Review } from '../../../src/store/waiting.ts'
import type { Api } from '../../comparer/api.ts'
import type { CastPairing } from '../cast.ts'
import type { Chronicle } from '../chronicle.ts'
import type { Step } from '../scenario.ts'

export interface Case {
  /** Which two CRMs it is about. */
  readonly pairing: CastPairing
  /** The other pairings of the same process: what reaches a CRM through one of them is a change to this one. */
  readonly beside: readonly Case[]
  /** What every record held, when it changed and by whose hand. */
  readonly witness: Pick<Chronicle, 'biographies' | 'find'>
  /** The mappings, as written and as compiled. */
  readonly documents: readonly MappingDocument[]
  readonly rules: readonly ObjectRules[]
  /** The vendor's API, past all faults. */
  api(vendor: string): Api
  readonly reports: Reports
  readonly nowMs: number
  /** Whoever was there by then, and stayed, can be known to a write that took effect at `atMs`: polls and indexes showed it. */
  seenUntilMs(vendor: string, atMs: number): number
  /** Whether an answer before then can have shown this record to the engine. */
  wasShown(id: string, beforeMs: number): boolean
  /** Whether one can have shown it as a record of its own, and not only named it. */
  wasListed(id: string, beforeMs: number): boolean
  /** Where guards may stop a pairing: null when nobody changes much at once. */
  readonly guarded: Guarded | null
  /**
   * Of the write that took effect at `atMs`: when the engine looked last, at the earliest. What was entered later may
   * be overwritten: the stated residual where a vendor offers no compare-and-set (algorithms 5.5). Null when nothing
   * was written.
   */
  lookedMs(vendor: string, atMs: number): number | null
  /** Whether the engine was answered about the write that took effect at `atMs`. */
  wasAnswered(atMs: number): boolean
}

export interface Guarded {
  readonly limits: GuardLimits
  /** What changed or deleted much at once. */
  readonly imports: readonly (Pick<Step, 'vendor' | 'action'> & { readonly atMs: number })[]
  readonly approvals: readonly Approval[]
}

/** A person said go on, which holds for one complete pass. */
export interface Approval {
  readonly atMs: number
  /** When that pass was over; it may not have been. */
  overMs: number
}

/** What the engine tells people. */
export interface Reports {
  readonly conflicts: readonly Conflict[]
  readonly reviews: readonly Review[]
  readonly quarantined: readonly Quarantine[]
}

/** What was said of one pairing: mappings carry its name. */
export function reportsAbout(pairing: string, { conflicts, reviews, quarantined }: Reports): Reports {
  const isOwn = ({ mapping }: { readonly mapping: string }) => mapping.startsWith(`${pairing}/`)
  return {
    conflicts: conflicts.filter(isOwn),
    reviews: reviews.filter(isOwn),
    quarantined: quarantined.filter(isOwn),
  }
}

/** The pairings of one process: each knows the others. */
export function besideEachOther(alone: readonly Case[]): readonly Case[] {
  return alone.map((facts) => ({ ...facts, beside: alone.filter((other) => other !== facts) }))
}
