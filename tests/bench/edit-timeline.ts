/**
 * Where the time goes between an edit in one CRM and its confirmed write in the other. Pure.
 *
 *   edit ──► delivery comes in ──► looked at ──► requests ──► written down as confirmed
 *        │                    │             │
 *        the vendor's webhook  rest (ours,   the vendors' round trips; what is left is the engine's share
 *                              on purpose)
 */
import type { Passage } from './gateway.ts'

export interface Edit {
  /** The record in both CRMs. */
  readonly ids: readonly [string, string]
  readonly editedMs: number
}

export interface Timeline {
  readonly totalMs: number
  readonly webhookMs: number
  readonly restMs: number
  readonly vendorMs: number
  readonly engineMs: number
}

export interface Traffic {
  readonly deliveries: readonly Passage[]
  readonly requests: readonly Passage[]
}

/**
 * Null when no delivery told of it before it was confirmed: a poll had found it. A request is on an edit's account when
 * it names the record on either side; requests for it that overlap count once.
 */
export function timelineOf(
  edit: Edit,
  confirmedMs: number,
  { deliveries, requests }: Traffic,
  restMs: number,
): Timeline | null {
  const names = ({ path, body }: Passage) => edit.ids.some((id) => path.includes(id) || body.includes(id))
  const heard = deliveries.find(
    (delivery) => delivery.startMs >= edit.editedMs && delivery.startMs < confirmedMs && names(delivery),
  )
  if (!heard) return null
  const own = requests.filter(
    (each) => each.endMs > heard.startMs && each.startMs < confirmedMs && names(each),
  )
  const vendorMs = covered(own, heard.startMs, confirmedMs)
  const oursMs = confirmedMs - heard.startMs - vendorMs
  return {
    totalMs: confirmedMs - edit.editedMs,
    webhookMs: heard.startMs - edit.editedMs,
    restMs: Math.min(restMs, oursMs),
    vendorMs,
    engineMs: Math.max(0, oursMs - restMs),
  }
}

/** How much of the time from one moment to another at least one of them was under way. */
function covered(passages: readonly Passage[], fromMs: number, toMs: number): number {
  let untilMs = fromMs
  let sumMs = 0
  for (const { startMs, endMs } of passages.toSorted((a, b) => a.startMs - b.startMs)) {
    const end = Math.min(endMs, toMs)
    sumMs += Math.max(0, end - Math.max(startMs, untilMs))
    untilMs = Math.max(untilMs, end)
  }
  return sumMs
}

/** By nearest rank: the smallest measured value that so large a share of them does not exceed. NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
  return Math.round(10 * value) / 10
}
