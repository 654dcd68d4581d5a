/** `Retry-After` in the three forms vendors send: seconds, an HTTP date, an ISO 8601 instant. */
import type { HttpResponse } from './transport.ts'

/** Nothing is so urgent that a busy vendor is asked again sooner. */
export const RETRY_AFTER_MIN_MS = 100

/** Longer waits are cut, so that a nonsensical date cannot stop a connection for good; the vendor may refuse again. */
export const RETRY_AFTER_MAX_MS = 60_000

/**
 * Milliseconds to wait, clamped to a sane range; null when the header is absent or unreadable.
 *
 * An instant is taken relative to the answer's own `Date` header, because our clock may differ from the
 * vendor's (Attio fact sheet 5). `Date` is cut to whole seconds, so the wait can only come out too long.
 */
export function retryAfterMs(response: HttpResponse, nowMs: number): number | null {
  const text = response.headers['retry-after']?.trim()
  if (!text) return null
  if (/^\d+(\.\d+)?$/.test(text)) return clamp(Number(text) * 1000)
  const until = Date.parse(text)
  if (Number.isNaN(until)) return null
  const vendorNow = Date.parse(response.headers['date'] ?? '')
  return clamp(until - (Number.isNaN(vendorNow) ? nowMs : vendorNow))
}

function clamp(ms: number): number {
  return Math.min(RETRY_AFTER_MAX_MS, Math.max(RETRY_AFTER_MIN_MS, Math.ceil(ms)))
}
