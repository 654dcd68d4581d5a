/** Where we listen, and under which URLs others reach us. */

export interface Address {
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:8420`, `[::1]:8420`, `attune.internal:80`. */
const ADDRESS = /^(\[[0-9a-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i

export function isAddress(text: string): boolean {
  return Number(ADDRESS.exec(text)?.[2] ?? 65_536) < 65_536
}

export function parseAddress(text: string | undefined): Address | null {
  const [, host = '', port = ''] = ADDRESS.exec(text ?? '') ?? []
  return host === '' ? null : { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

export const PUBLIC_URL_HINT =
  'give an https URL without query, such as https://attune.example.com; http only on this machine'

/**
 * As a client will call it, since HubSpot signs that (HubSpot fact sheet 20.5): host in small letters, no default
 * port; without a trailing slash. Null for what vendors cannot deliver to: they want https. The sandbox has no
 * certificates (Attio fact sheet 16.1).
 */
export function parsePublicUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, search, hash, href } = new URL(text)
  const isDeliverable = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
  return isDeliverable && search === '' && hash === '' ? href.replace(/\/+$/, '') : null
}

/** Only the sandbox, and a listener for it, live there. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
