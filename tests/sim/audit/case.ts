/**
 * What an audit may look at, whoever played it: one process on virtual time, or many over HTTP. Nothing of the engine's
 * memory is in it, but for what the engine tells people.
 */
import type { ObjectRules } from '../../../src/core/rules.ts'
import type { MappingDocument } from '../../../src/mapping/load.ts'
import type { Conflict, Quarantine, Review } from '../../../src/store/store.ts'
import type { Api } from '../../comparer/api.ts'
import type { CastPairing } from '../cast.ts'
import type { Chronicle } from '../chronicle.ts'

export interface Case {
  /** Which two CRMs it is about. */
  readonly pairing: CastPairing
  /** What every record held, when it changed and by whose hand. */
  readonly witness: Pick<Chronicle, 'biographies' | 'find'>
  /** The mappings, as written and as compiled. */
  readonly documents: readonly MappingDocument[]
  readonly rules: readonly ObjectRules[]
  /** The vendor's API, past all faults. */
  api(vendor: string): Api
  readonly reports: Reports
  readonly nowMs: number
  /** A person can enter a record between our last look and our creation; later than this it was there to be seen. */
  readonly unseenMs: number
  /**
   * Of the write that took effect at `atMs`: when the engine looked last, at the earliest. What was entered later may
   * be overwritten: the stated residual where a vendor offers no compare-and-set (algorithms 5.5). Null when nothing
   * was written.
   */
  lookedMs(vendor: string, atMs: number): number | null
}

/** What the engine tells people. */
export interface Reports {
  readonly conflicts: readonly Conflict[]
  readonly reviews: readonly Review[]
  readonly quarantined: readonly Quarantine[]
}
