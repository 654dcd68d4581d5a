/**
 * The oscillation breaker (algorithms 2.4, Theorem 4). Two automations that disagree make the engine carry
 * values back and forth for ever. It stops, by counting and not by timing, when a pair of values comes back
 * that was committed before with writes in both directions since, or when the last writes alternate, in either
 * case without a person among the causes. At most `RING_MAX` writes are wasted per fight (I17).
 */
import { RING_MAX, type FieldBase, type RingEntry } from './base.ts'
import type { Side } from './record.ts'

export function isFight(base: FieldBase | null, next: RingEntry): boolean {
  if (!base || next.human) return false
  const ring = base.ring
  const seenAt = ring.findLastIndex((entry) => entry.pair === next.pair)
  if (seenAt >= 0) {
    const since = [...ring.slice(seenAt + 1), next]
    if (since.some((entry) => entry.human)) return false
    if (hasBothSides(since)) return true
  }
  const last = [...ring, next].slice(-RING_MAX)
  return last.length === RING_MAX && !last.some((entry) => entry.human) && alternates(last)
}

/** Whether the breaker might trip soon, so that knowing the actor is worth a read. */
export function isSuspicious(base: FieldBase | null): boolean {
  return base !== null && base.ring.length >= 2 && hasBothSides(base.ring)
}

export function pushRing(ring: readonly RingEntry[], entry: RingEntry): readonly RingEntry[] {
  return [...ring, entry].slice(-RING_MAX)
}

function hasBothSides(entries: readonly { readonly side: Side }[]): boolean {
  return entries.some((entry) => entry.side === 'left') && entries.some((entry) => entry.side === 'right')
}

function alternates(entries: readonly { readonly side: Side }[]): boolean {
  return entries.every((entry, i) => i === 0 || entry.side !== entries[i - 1]?.side)
}
