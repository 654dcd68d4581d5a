/** How HubSpot signs webhook deliveries (HubSpot fact sheet 20.5). */
import { createHmac, hash } from 'node:crypto'

/** v1, the older header of CRM webhooks: hex SHA-256 of secret and body. */
export function signatureV1(secret: string, body: string): string {
  return hash('sha256', secret + body)
}

/** v3: base64 HMAC-SHA256 over method, URL, body and timestamp. */
export function signatureV3(options: {
  secret: string
  method: string
  url: string
  body: string
  timestamp: number
}): string {
  const { secret, method, url, body, timestamp } = options
  return createHmac('sha256', secret)
    .update(method + decodedUrl(url) + body + String(timestamp))
    .digest('base64')
}

/** Only these escapes are undone before signing; all others stay as they are. */
const UNDONE = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

function decodedUrl(url: string): string {
  return url.replace(UNDONE, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))
}
