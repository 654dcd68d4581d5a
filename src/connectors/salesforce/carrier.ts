/** Our transport in the shape that jsforce calls (Salesforce fact sheet 23). */
import { PassThrough } from 'node:stream'
import type { HttpResponse, Transport } from '../transport.ts'

/** What jsforce takes for a transport, and the answer that came over it. */
export interface Carrier {
  answer: HttpResponse | null
  httpRequest(request: {
    readonly method: string
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }): Promise<{ statusCode: number; headers: Readonly<Record<string, string>>; body: string }>
}

/** Hands requests to our transport, and keeps the answer for us. */
export function carrier(transport: Transport): Carrier {
  const carried: Carrier = {
    answer: null,
    httpRequest: ({ method, url, headers = {}, body }) => {
      const sending = transport({
        method,
        url,
        headers: withoutLength(headers),
        body: typeof body === 'string' ? body : null,
      }).then((answer) => {
        carried.answer = answer
        return { statusCode: answer.status, headers: answer.headers, body: answer.body }
      })
      // jsforce pipes it somewhere, and nothing ever flows.
      return Object.assign(sending, { stream: () => new PassThrough() })
    },
  }
  return carried
}

/** Lower-case names. A length beside a body of text makes `fetch` refuse the request (23). */
function withoutLength(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(entries.filter(([name]) => name !== 'content-length'))
}
