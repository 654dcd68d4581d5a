/** The stored form of reasons: one bit each, so that marks collapse with `|` inside one statement. */
import type { Reason } from '../records.ts'

/** Bit numbers by position: append only, never reorder. */
const REASONS: readonly Reason[] = [
  'listed',
  'polled',
  'webhook',
  'unseen',
  'archived',
  'released',
  'follow-up',
  'retry',
  'manual',
]

export function bitOf(reason: Reason): number {
  return 1 << REASONS.indexOf(reason)
}

export function reasonsOf(bits: number): readonly Reason[] {
  return REASONS.filter((reason) => (bits & bitOf(reason)) !== 0)
}
