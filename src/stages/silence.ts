/**
 * Notices when a direction falls silent: nothing has been written into a side for twice as long as it usually takes.
 * "Usually" is the longest gap of the last days, nights and weekends included, so that a quiet Sunday is none. Pure;
 * the ledger is plain data, to be remembered across restarts.
 */

export interface SilenceLedger {
  readonly sinceMs: number
  readonly lastMs: number
  /** The longest gap that ended on each of the last days, by day number. */
  readonly gaps: Readonly<Record<string, number>>
}

const DAY_MS = 86_400_000
const DAYS_MAX = 14
/** Less history says nothing about what is usual. */
const DAYS_MIN = 3
const FACTOR = 2
/** A direction that is always busy may rest for as long without being suspicious. */
const USUAL_MIN_MS = 3_600_000

export function newSilence(nowMs: number): SilenceLedger {
  return { sinceMs: nowMs, lastMs: nowMs, gaps: {} }
}

/** Something was written. */
export function heard(ledger: SilenceLedger, nowMs: number): SilenceLedger {
  const day = Math.floor(nowMs / DAY_MS)
  const gap = Math.max(ledger.gaps[day] ?? 0, nowMs - ledger.lastMs)
  const recent = Object.entries(ledger.gaps).filter(([each]) => Number(each) > day - DAYS_MAX)
  return { ...ledger, lastMs: nowMs, gaps: { ...Object.fromEntries(recent), [day]: gap } }
}

/** How long it has been silent and what is usual, if that is too long; else null. */
export function silence(
  ledger: SilenceLedger,
  nowMs: number,
): { readonly silentMs: number; readonly usualMs: number } | null {
  const gaps = Object.values(ledger.gaps)
  if (gaps.length === 0 || ledger.lastMs - ledger.sinceMs < DAYS_MIN * DAY_MS) return null
  const usualMs = Math.max(USUAL_MIN_MS, ...gaps)
  const silentMs = nowMs - ledger.lastMs
  return silentMs > FACTOR * usualMs ? { silentMs, usualMs } : null
}
