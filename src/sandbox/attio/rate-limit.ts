/**
 * The vendor's limits: requests per second and workspace, and scores of queries over ten seconds. Attio fact sheet 5.
 * A refused request was not processed and is not counted.
 *
 * `Retry-After` usually names the next clock second, so seconds are taken to be those of the clock; whether the
 * vendor really counts so is not documented, and `seconds: 'sliding'` counts the last 1,000 ms instead.
 */
import { AttioFault } from './fault.ts'
import type { AttioSettings } from './settings.ts'

export interface Usage {
  /** The clock second that `read`, `write` and `merge` count; of sliding ones nothing. */
  second: number
  /** Requests counted now. */
  read: number
  write: number
  merge: number
  /** Where seconds slide: when the counted requests came, oldest first. */
  times: { readonly atMs: number; readonly budget: Budget }[]
  /** Query scores of the last ten seconds. */
  scores: { atMs: number; score: number }[]
}

type Budget = 'read' | 'write' | 'merge'

const SECOND_MS = 1_000

export const newUsage = (): Usage => ({ second: 0, read: 0, write: 0, merge: 0, times: [], scores: [] })

/** Counts a request, or throws 429 when its second is used up. A merge is a write with a smaller limit. */
export function countRequest(
  usage: Usage,
  options: { settings: AttioSettings; budget: Budget; nowMs: number },
): void {
  const { settings, budget, nowMs } = options
  const resetMs = settings.seconds === 'clock' ? startSecond(usage, nowMs) : slide(usage, nowMs)
  const isSpent =
    budget === 'read'
      ? usage.read >= settings.readsPerSecond
      : usage.write >= settings.writesPerSecond ||
        (budget === 'merge' && usage.merge >= settings.mergesPerSecond)
  if (isSpent) throw rateLimited(settings, nowMs, resetMs)
  if (settings.seconds === 'sliding') usage.times.push({ atMs: nowMs, budget })
  charge(usage, budget, 1)
}

function charge(usage: Usage, budget: Budget, count: 1 | -1): void {
  if (budget === 'read') usage.read += count
  else usage.write += count
  if (budget === 'merge') usage.merge += count
}

/** When the clock's next second begins. */
function startSecond(usage: Usage, nowMs: number): number {
  const second = Math.floor(nowMs / SECOND_MS)
  if (usage.second !== second) Object.assign(usage, { second, read: 0, write: 0, merge: 0, times: [] })
  return (second + 1) * SECOND_MS
}

/** When the oldest request of the last second leaves it; a header has whole seconds, so it says the next one. */
function slide(usage: Usage, nowMs: number): number {
  // After a change of the setting, the running second was counted by the clock.
  if (usage.second !== 0) Object.assign(usage, newUsage(), { scores: usage.scores })
  for (let oldest = usage.times[0]; oldest && oldest.atMs <= nowMs - SECOND_MS; oldest = usage.times[0]) {
    usage.times.shift()
    charge(usage, oldest.budget, -1)
  }
  return Math.ceil(((usage.times[0]?.atMs ?? nowMs) + SECOND_MS) / SECOND_MS) * SECOND_MS
}

const SCORE_WINDOW_MS = 10_000

/**
 * Counts the score of a query that `countRequest` has let pass. Refused for its score it gives its place among
 * the reads back. Above the limit for one query repeating never helps, so no time is named.
 */
export function countScore(
  usage: Usage,
  options: { settings: AttioSettings; score: number; nowMs: number },
): void {
  const { settings, score, nowMs } = options
  const limits = settings.queryScore
  if (!limits) return
  usage.scores = usage.scores.filter((each) => each.atMs > nowMs - SCORE_WINDOW_MS)
  if (score > limits.perQuery) {
    uncountRead(usage, settings)
    throw rateLimited({ ...settings, retryAfter: 'absent' }, nowMs, nowMs)
  }
  const sum = usage.scores.reduce((total, each) => total + each.score, 0)
  if (sum + score > limits.perTenSeconds) {
    uncountRead(usage, settings)
    const oldest = usage.scores[0]?.atMs ?? nowMs
    throw rateLimited(settings, nowMs, Math.ceil((oldest + SCORE_WINDOW_MS) / 1000) * 1000)
  }
  usage.scores.push({ atMs: nowMs, score })
}

function uncountRead(usage: Usage, settings: AttioSettings): void {
  charge(usage, 'read', -1)
  if (settings.seconds === 'sliding') usage.times.pop()
}

export function rateLimited(settings: AttioSettings, nowMs: number, resetMs: number): AttioFault {
  const retryAfter = retryAfterText(settings.retryAfter, nowMs, resetMs)
  return new AttioFault(429, 'rate_limit_exceeded', 'Rate limit exceeded, please try again later.', {
    type: 'rate_limit_error',
    headers: retryAfter === null ? {} : { 'retry-after': retryAfter },
  })
}

function retryAfterText(form: AttioSettings['retryAfter'], nowMs: number, resetMs: number): string | null {
  switch (form) {
    case 'http-date':
      return new Date(resetMs).toUTCString()
    case 'iso':
      return new Date(resetMs).toISOString()
    case 'seconds':
      return String((resetMs - nowMs) / 1000)
    case 'absent':
      return null
  }
}
