/** What verifying a webhook takes, whoever signed it. */
import { timingSafeEqual } from 'node:crypto'

/**
 * Compares texts, not what they decode to: base64 and hex have several spellings of the same bytes, and only the
 * vendor's own is genuine. The time it takes tells nothing but the length, which is no secret.
 */
export function isSameText(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The JSON value in `bytes`, or null when they are not UTF-8 or not JSON. */
export function parsedBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    // Whatever is wrong with it, there is nothing to read; the caller says so.
    return null
  }
}
