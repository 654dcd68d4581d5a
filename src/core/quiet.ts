/**
 * The quiet window: what a person typed is safe for a while from what a vendor fills in by itself. Attio enriches a
 * record within the second after it was made or changed (Attio fact sheet 7), which is later than the person and would
 * win by every rule that goes by time, or be carried over as an ordinary change.
 *
 * Only the vendor itself is meant (`system`): a workflow that somebody set up is that somebody's will. Nor is a reference
 * that pointed elsewhere before: Attio fills in blank ones, and moves one where somebody wrote its other end or merged
 * what it pointed at (Attio fact sheet 10.6 and 17.6). Policies that have no loser (`union`, `max`, `advance` …) need no
 * protection.
 */
import { instantMs } from './instant.ts'
import { otherSide, SIDES, type Both, type Evidence, type Side } from './record.ts'
import type { Policy } from './rules.ts'

/** How long after a person's change what the vendor changes by itself does not count. */
export const QUIET_MS = 600_000

const PROTECTED: ReadonlySet<Policy['kind']> = new Set([
  'ask',
  'most-recent',
  'prefer',
  'prefer-unless-blank',
])

export interface QuietInput {
  readonly policy: Policy
  /** Sides that changed, and may have been filled in. */
  readonly changed: Both<boolean>
  /** Null where it is not known who changed the side; undefined where nobody has asked yet. */
  readonly evidence: Both<Evidence | null> | undefined
  /** What came with the reads, whether or not it was asked for. */
  readonly seen: Both<Evidence | null>
  /** Enrichment older than this is not asked about: on a new link, where nobody knows who was there first. */
  readonly sinceMs: number
}

/**
 * - `person`: the value of this side stands, since the other one was filled in by the vendor inside the window.
 * - `ask`: who changed the other side decides, and is not known yet.
 * - `none`: the usual rules decide.
 */
export type Quiet =
  { readonly kind: 'person'; readonly side: Side } | { readonly kind: 'ask' } | { readonly kind: 'none' }

const NONE: Quiet = { kind: 'none' }

export function quietWindow({ policy, changed, evidence, seen, sinceMs }: QuietInput): Quiet {
  if (!PROTECTED.has(policy.kind)) return NONE
  for (const side of SIDES) {
    const filled = (evidence ?? seen)[side]
    const filledMs = filled?.at ? instantMs(filled.at) : null
    if (!changed[side] || filled?.actor.kind !== 'system' || filledMs === null || filledMs < sinceMs) continue
    if (!evidence) return { kind: 'ask' }
    const person = otherSide(side)
    const typed = evidence[person]
    const typedMs = typed?.at ? instantMs(typed.at) : null
    if (typed?.actor.kind !== 'human' || typedMs === null) continue
    if (filledMs - typedMs <= QUIET_MS) return { kind: 'person', side: person }
  }
  return NONE
}
