/**
 * Mass-change guards (algorithms 2.7): real disasters look like a lot of the same thing at once. A guard counts
 * before any call is made and stops the pairing until a person says go on (I11).
 */

export interface GuardLimits {
  /** Deletions that need no question, whatever the share. */
  readonly deletionsFree: number
  /** Share of links that may be deleted in one run. */
  readonly deletionShare: number
  /** Share by which a listing may shrink. */
  readonly shrinkShare: number
  /** Share of links that may change in one field on one side in one run. */
  readonly fieldShare: number
  /** From this many known records on, an empty listing is suspicious rather than a tidy-up. */
  readonly emptyWorld: number
  /** Below this many records or links, shares say nothing. */
  readonly smallWorld: number
}

export const GUARD_LIMITS: GuardLimits = {
  deletionsFree: 25,
  deletionShare: 0.005,
  shrinkShare: 0.2,
  fieldShare: 0.3,
  emptyWorld: 5,
  smallWorld: 50,
}

export interface GuardVerdict {
  readonly guard: 'mass-deletion' | 'empty-side' | 'shrunk-side' | 'mass-change'
  readonly message: string
}

/** `deletions` counts records proved gone whose pair is still linked. */
export function guardDeletions(deletions: number, links: number, limits = GUARD_LIMITS): GuardVerdict | null {
  const allowed = Math.max(limits.deletionsFree, Math.floor(links * limits.deletionShare))
  if (deletions <= allowed) return null
  return {
    guard: 'mass-deletion',
    message: `${deletions} of ${links} linked records were deleted; ${allowed} need no question`,
  }
}

/** `seen` is what a finished listing showed, `known` what it was expected to show at least. */
export function guardListing(seen: number, known: number, limits = GUARD_LIMITS): GuardVerdict | null {
  if (seen === 0 && known >= limits.emptyWorld) {
    return { guard: 'empty-side', message: `the listing is empty, ${known} records were known` }
  }
  if (known >= limits.smallWorld && seen < known * (1 - limits.shrinkShare)) {
    return { guard: 'shrunk-side', message: `the listing shows ${seen} records, ${known} were known` }
  }
  return null
}

export function guardField(
  options: { field: string; side: string; changed: number; links: number },
  limits = GUARD_LIMITS,
): GuardVerdict | null {
  const { field, side, changed, links } = options
  if (links < limits.smallWorld || changed <= links * limits.fieldShare) return null
  return {
    guard: 'mass-change',
    message: `${changed} of ${links} linked records changed in ${field} on the ${side} side`,
  }
}
