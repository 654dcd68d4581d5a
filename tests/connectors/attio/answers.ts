/** Attio's answers, written by hand in the shapes of the Attio fact sheet (sections 4, 7 and 13.2). */
import type { HttpRequest, HttpResponse, Transport } from '../../../src/connectors/transport.ts'
import type { WireAttribute, WireRecord, WireValue } from '../../../src/connectors/attio/wire.ts'

export const MEMBER = { type: 'workspace-member', id: '50cf242c-7fa3-4cad-87d0-75b1af71c57b' } as const
export const OUR_TOKEN = { type: 'api-token', id: 'c0ffee00-0000-4000-8000-000000000001' } as const
export const OTHER_TOKEN = { type: 'api-token', id: 'c0ffee00-0000-4000-8000-000000000002' } as const
export const SYSTEM = { type: 'system', id: null } as const

export const AT = '2026-05-09T21:43:08.480000000Z'

export function wireAttribute(
  api_slug: string,
  type: string,
  more: Partial<WireAttribute> = {},
): WireAttribute {
  return {
    title: api_slug,
    api_slug,
    type,
    is_writable: true,
    is_required: false,
    is_unique: false,
    is_multiselect: false,
    is_archived: false,
    config: {
      currency: { default_currency_code: type === 'currency' ? 'USD' : null },
      record_reference: { allowed_object_ids: null },
    },
    ...more,
  }
}

export function wireValue(
  properties: Readonly<Record<string, unknown>>,
  envelope: Partial<Pick<WireValue, 'active_from' | 'active_until' | 'created_by_actor'>> = {},
): WireValue {
  return { active_from: AT, active_until: null, created_by_actor: MEMBER, ...envelope, ...properties }
}

export function wireRecord(
  record_id: string,
  values: Readonly<Record<string, WireValue | WireValue[]>>,
): WireRecord {
  return {
    id: { record_id },
    values: Object.fromEntries(Object.entries(values).map(([slug, value]) => [slug, [value].flat()])),
  }
}

export function answer(data: unknown): HttpResponse {
  return { status: 200, headers: {}, body: JSON.stringify({ data }) }
}

export function refusal(
  status: number,
  code: string,
  more: Readonly<Record<string, unknown>> = {},
): HttpResponse {
  const type = status === 401 || status === 403 ? 'auth_error' : 'invalid_request_error'
  return {
    status,
    headers: {},
    body: JSON.stringify({ status_code: status, type, code, message: '', ...more }),
  }
}

export interface SentRequest {
  readonly route: string
  readonly body: unknown
}

/** A transport over handlers by `METHOD /path?query`; several answers in a row are used up one by one. */
export function scriptedAttio(routes: Readonly<Record<string, HttpResponse | readonly HttpResponse[]>>): {
  readonly transport: Transport
  readonly sent: SentRequest[]
  readonly requests: HttpRequest[]
} {
  const sent: SentRequest[] = []
  const requests: HttpRequest[] = []
  const used = new Map<string, number>()
  const transport: Transport = async (request) => {
    const { pathname, search } = new URL(request.url)
    const route = `${request.method} ${pathname}${search}`
    requests.push(request)
    sent.push({ route, body: request.body === null ? null : JSON.parse(request.body) })
    const script = routes[route]
    if (!script) throw new Error(`the test has no answer for ${route}`)
    const answers = [script].flat()
    const turn = used.get(route) ?? 0
    used.set(route, turn + 1)
    return answers[Math.min(turn, answers.length - 1)]!
  }
  return { transport, sent, requests }
}

/** The two pages that loading an object's attributes takes. */
export function attributePages(object: string, attributes: readonly WireAttribute[]) {
  const path = `GET /v2/objects/${object}/attributes?limit=100&offset=`
  return { [`${path}0`]: answer(attributes), [`${path}${attributes.length}`]: answer([]) }
}
