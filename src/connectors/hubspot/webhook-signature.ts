/**
 * Is a webhook genuine and fresh? Version 3 of the signature only: the older ones sign no time, so whatever carries
 * nothing better could be played again for ever (HubSpot fact sheet 20.5).
 */
import { createHmac } from 'node:crypto'
import { refused, type Delivery, type Hearing } from '../../core/bell.ts'
import { isSameText } from '../signature.ts'

/** Older ones are to be refused; a clock that far ahead is no better. */
export const STALE_AFTER_MS = 300_000

/** Epoch milliseconds; so many digits that no other spelling of a number passes. */
const TIMESTAMP = /^[0-9]{13}$/

/** Null: it is. */
export function refusalOf(
  delivery: Delivery,
  options: { readonly secret: string; readonly nowMs: number },
): Hearing | null {
  const { method, url, headers, body } = delivery
  const given = headers['x-hubspot-signature-v3'] ?? ''
  const timestamp = headers['x-hubspot-request-timestamp'] ?? ''
  const expected = createHmac('sha256', options.secret)
    .update(method + decodedUrl(url))
    .update(body)
    .update(timestamp)
    .digest('base64')
  if (!isSameText(given, expected)) return refused('forged', 'the signature does not match')
  // Only now: what it says about its age is the sender's own word.
  if (!TIMESTAMP.test(timestamp)) return refused('malformed', 'the timestamp is not a time')
  const ageMs = options.nowMs - Number(timestamp)
  if (Math.abs(ageMs) > STALE_AFTER_MS) {
    return refused('stale', `it was signed ${Math.round(ageMs / 1_000)} s ago by our clock`)
  }
  return null
}

/** Only these escapes are undone before signing; every other one stays as the vendor called it. */
const UNDONE = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

export function decodedUrl(url: string): string {
  return url.replace(UNDONE, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))
}
