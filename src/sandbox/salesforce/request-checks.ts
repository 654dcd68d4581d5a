/** What a request must be before anybody looks at what it says (Salesforce fact sheet 4). */
import type { HttpRequest } from '../../connectors/transport.ts'
import { Problem } from './wire.ts'

/** Longest URI, and longest URI with headers (Salesforce fact sheet 4). */
const URI_MAX = 16_384

export function requireFitting(request: HttpRequest): void {
  const { pathname, search } = new URL(request.url)
  const uri = pathname.length + search.length
  if (uri > URI_MAX) {
    throw new Problem(414, [{ message: 'URI Too Long', errorCode: 'URI_TOO_LONG' }])
  }
  const headers = Object.entries(request.headers).reduce(
    (total, [name, value]) => total + name.length + value.length + 4,
    0,
  )
  if (uri + headers > URI_MAX) {
    throw new Problem(431, [
      { message: 'Request Header Fields Too Large', errorCode: 'REQUEST_HEADER_FIELDS_TOO_LARGE' },
    ])
  }
}

export function requireJson(request: HttpRequest): void {
  const type = (request.headers['content-type'] ?? 'application/json').toLowerCase()
  if (!type.includes('json')) throw unsupportedType(type)
}

export function unsupportedType(type: string | null): Problem {
  return new Problem(415, [
    { message: `Unsupported content type: ${type ?? 'none'}`, errorCode: 'UNSUPPORTED_MEDIA_TYPE' },
  ])
}
