/**
 * How long nobody looked. A change happened at some time since the look before, and a machine that keeps us waiting
 * keeps the engine waiting as well.
 */

/** Longer than between a read of the engine and the effect of the write that follows it. */
const AROUND_MS = 5_000

/** The longest pause between two looks around the one at `atMs`, at or before it. `looksMs` ascends. */
export function longestGapMs(looksMs: readonly number[], atMs: number): number {
  const before = looksMs.filter((lookMs) => lookMs <= atMs)
  const gaps = before.slice(1).map((lookMs, i) => ({ lookMs, gapMs: lookMs - (before[i] ?? lookMs) }))
  return Math.max(0, ...gaps.filter(({ lookMs }) => lookMs >= atMs - AROUND_MS).map(({ gapMs }) => gapMs))
}
