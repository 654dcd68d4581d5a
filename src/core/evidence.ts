/**
 * Evidence as intervals (algorithms 2.5). A field-level vendor stamp is as good as the vendors' clocks; anything
 * less only says "some time before it was seen". The later edit is known only when the intervals do not overlap.
 */
import { instantMs } from './instant.ts'
import type { Both, Evidence, Side } from './record.ts'

export interface Interval {
  readonly fromMs: number
  readonly toMs: number
}

/** What the decision may assume about clocks and reading times. */
export interface EvidenceFrame {
  /** When each side was read. */
  readonly readAtMs: Both<number>
  /** Bound on each vendor clock's error against ours. */
  readonly clockErrorMs: Both<number>
}

/** Half a second of network plus clock skew between CRMs is normal; two seconds is a cautious start. */
export const CLOCK_ERROR_MS = 2_000

function interval(evidence: Evidence | null, side: Side, frame: EvidenceFrame): Interval {
  const stamp = evidence?.at ? instantMs(evidence.at) : null
  const error = frame.clockErrorMs[side]
  if (stamp === null) return { fromMs: Number.NEGATIVE_INFINITY, toMs: frame.readAtMs[side] }
  if (evidence?.notBefore === undefined) return { fromMs: stamp - error, toMs: stamp + error }
  const since = evidence.notBefore === null ? null : instantMs(evidence.notBefore)
  return { fromMs: since === null ? Number.NEGATIVE_INFINITY : since - error, toMs: stamp + error }
}

/** The side that was edited later, or null when the evidence cannot tell. Never picks the older one. */
export function laterSide(evidence: Both<Evidence | null>, frame: EvidenceFrame): Side | null {
  const left = interval(evidence.left, 'left', frame)
  const right = interval(evidence.right, 'right', frame)
  if (left.fromMs > right.toMs) return 'left'
  if (right.fromMs > left.toMs) return 'right'
  return null
}
