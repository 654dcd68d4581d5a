/** HubSpot's answers, written by hand in the shapes of the HubSpot fact sheet (sections 5 and 7). */
import type { Connector } from '../../../src/connectors/connector.ts'
import {
  createHubSpotConnector,
  type HubSpotConnectorOptions,
} from '../../../src/connectors/hubspot/connector.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'

export const NOW_MS = Date.parse('2026-11-22T12:00:00Z')

/** Sleeping takes no time, but the clock shows it. */
function patientRuntime(): Runtime & { readonly slept: number[] } {
  let now = NOW_MS
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
    },
    random: () => 0,
    id: () => 'id',
  }
}

export interface Sent {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

type Handler = (request: Sent) => HttpResponse | Promise<HttpResponse>

export interface Scripted {
  readonly connector: Connector
  readonly runtime: ReturnType<typeof patientRuntime>
  readonly sent: Sent[]
  /** Requests to this path, without the definitions that a connector loads on its own. */
  readonly sentTo: (path: string) => Sent[]
}

/** A connector over handlers by `METHOD /path`; any other request fails the test. */
export function scripted(
  routes: Readonly<Record<string, Handler>>,
  options: Partial<HubSpotConnectorOptions> = {},
): Scripted {
  const sent: Sent[] = []
  const runtime = patientRuntime()
  const transport: Transport = async (request) => {
    const parsed = parse(request)
    sent.push(parsed)
    const handler = { ...DEFAULT_ROUTES, ...routes }[`${parsed.method} ${parsed.path}`]
    if (!handler) throw new Error(`the test has no answer for ${parsed.method} ${parsed.path}`)
    return handler(parsed)
  }
  const connector = createHubSpotConnector({
    connection: 'HubSpot main',
    baseUrl: 'https://api.hubapi.example/',
    token: 'pat-na1-test',
    transport,
    runtime,
    ...options,
  })
  return { connector, runtime, sent, sentTo: (path) => sent.filter((each) => each.path === path) }
}

function parse(request: HttpRequest): Sent {
  const { pathname, searchParams } = new URL(request.url)
  return {
    method: request.method,
    path: pathname,
    query: searchParams,
    body: request.body === null ? null : JSON.parse(request.body),
    headers: request.headers,
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
    body: JSON.stringify(body),
  }
}

export function row(
  id: string,
  properties: Readonly<Record<string, string | null>> = {},
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    id,
    properties: { hs_object_id: id, ...properties },
    createdAt: '2026-11-01T00:00:00Z',
    updatedAt: '2026-11-20T10:00:00Z',
    archived: false,
    ...more,
  }
}

/** 200 or 201, and 207 as soon as there are errors. */
export function batch(
  results: readonly unknown[],
  errors: readonly unknown[] = [],
  status = 200,
): HttpResponse {
  const at = '2026-11-22T12:00:00Z'
  const partial = errors.length > 0 && { numErrors: errors.length, errors }
  const body = { status: 'COMPLETE', results, ...partial, startedAt: at, completedAt: at }
  return json(errors.length > 0 ? 207 : status, body)
}

export function missing(...ids: string[]) {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message:
      'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.',
    context: { ids },
  }
}

export function refusal(status: number, message: string, more: Readonly<Record<string, unknown>> = {}) {
  return json(status, { status: 'error', message, correlationId: 'c-1', ...more })
}

export function ids(request: Sent): string[] {
  const { inputs } = request.body as { inputs: readonly { id: string }[] }
  return inputs.map((input) => input.id)
}

export function definition(name: string, type = 'string', fieldType = 'text', more: object = {}) {
  return {
    name,
    label: name,
    type,
    fieldType,
    description: '',
    groupName: 'contactinformation',
    options: [],
    hubspotDefined: true,
    modificationMetadata: { archivable: true, readOnlyDefinition: true, readOnlyValue: false },
    ...more,
  }
}

const CONTACT_DEFINITIONS = [
  definition('email'),
  definition('firstname'),
  definition('jobtitle'),
  definition('attio_record_id', 'string', 'text', { hasUniqueValue: true, hubspotDefined: false }),
  definition('annualrevenue', 'number', 'number'),
  definition('hs_lead_status', 'enumeration', 'radio', {
    options: [{ label: 'New', value: 'NEW', displayOrder: 0, hidden: false }],
  }),
]

const DEFAULT_ROUTES: Readonly<Record<string, Handler>> = {
  'GET /crm/v3/properties/contacts': () => json(200, { results: CONTACT_DEFINITIONS }),
}
