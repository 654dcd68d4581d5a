/**
 * The vendor's limits: requests per clock second and workspace, and scores of queries over ten seconds. Attio
 * fact sheet 5. A refused request was not processed and is not counted.
 */
import { AttioFault } from './fault.ts'
import type { AttioSettings } from './settings.ts'

export interface Usage {
  second: number
  read: number
  write: number
  merge: number
  /** Query scores of the last ten seconds. */
  scores: { atMs: number; score: number }[]
}

export const newUsage = (): Usage => ({ second: 0, read: 0, write: 0, merge: 0, scores: [] })

/** Counts a request, or throws 429 when its second is used up. A merge is a write with a smaller limit. */
export function countRequest(
  usage: Usage,
  options: { settings: AttioSettings; budget: 'read' | 'write' | 'merge'; nowMs: number },
): void {
  const { settings, budget, nowMs } = options
  const second = Math.floor(nowMs / 1000)
  if (usage.second !== second) Object.assign(usage, { second, read: 0, write: 0, merge: 0 })
  const isSpent =
    budget === 'read'
      ? usage.read >= settings.readsPerSecond
      : usage.write >= settings.writesPerSecond ||
        (budget === 'merge' && usage.merge >= settings.mergesPerSecond)
  if (isSpent) throw rateLimited(settings, nowMs, (second + 1) * 1000)
  if (budget === 'read') usage.read += 1
  else usage.write += 1
  if (budget === 'merge') usage.merge += 1
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
    usage.read -= 1
    throw rateLimited({ ...settings, retryAfter: 'absent' }, nowMs, nowMs)
  }
  const sum = usage.scores.reduce((total, each) => total + each.score, 0)
  if (sum + score > limits.perTenSeconds) {
    usage.read -= 1
    const oldest = usage.scores[0]?.atMs ?? nowMs
    throw rateLimited(settings, nowMs, Math.ceil((oldest + SCORE_WINDOW_MS) / 1000) * 1000)
  }
  usage.scores.push({ atMs: nowMs, score })
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
