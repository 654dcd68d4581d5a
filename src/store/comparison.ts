/** The store port for whoever compares the two CRMs: pairs, with everything that explains a difference. */
import type { LinkBase } from '../core/base.ts'
import type { Link, LinkId } from './links.ts'

export interface Comparison {
  /**
   * Live pairs of one mapping with both records, oldest first, `limit` of them after `after` (null: from the start), or
   * those among `links`. `next` is where the next page begins; null after the last one.
   */
  comparablePairs(request: {
    mapping: string
    links: readonly LinkId[] | null
    after: string | null
    limit: number
  }): Promise<{ pairs: readonly Comparable[]; next: string | null }>
}

/** A pair with what explains that its records differ. */
export interface Comparable {
  readonly link: Link
  readonly base: LinkBase
  /** One of its records is dirty or quarantined, or a write is not settled. */
  readonly busy: boolean
  /** Fields that a conflict is open about, or whose reference waits for its target. */
  readonly openFields: readonly string[]
}
