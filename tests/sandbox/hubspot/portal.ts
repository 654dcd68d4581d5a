/** A HubSpot model with a settable clock, and short forms of its calls. */
import { createHubSpotModel, type HubSpotModel } from '../../../src/sandbox/hubspot/model.ts'
import type { HubSpotSettings } from '../../../src/sandbox/hubspot/settings.ts'

// Answers are JSON of many shapes; tests look into them freely.
// oxlint-disable-next-line typescript/no-explicit-any
export type Body = any

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

export const START = Date.UTC(2026, 10, 23, 12, 0, 0, 123)

export class TestPortal {
  now = START
  readonly model: HubSpotModel
  token: string

  constructor(
    options: { settings?: Partial<HubSpotSettings>; limits?: 'vendor' | 'off'; seed?: number } = {},
  ) {
    this.model = createHubSpotModel({
      clock: () => this.now,
      seed: options.seed ?? 7,
      limits: options.limits ?? 'off',
      settings: { searchShortPages: 0, ...options.settings },
    })
    this.token = this.model.token
  }

  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Reply {
    const answer = this.model.handle({
      method,
      url: `http://hubspot.invalid${path}`,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { ...answer, body: /^[{[]/.test(answer.body) ? JSON.parse(answer.body) : answer.body }
  }

  get(path: string): Reply {
    return this.call('GET', path)
  }

  post(path: string, body: unknown): Reply {
    return this.call('POST', path, body)
  }

  patch(path: string, body: unknown): Reply {
    return this.call('PATCH', path, body)
  }

  /** Creates a record and answers its id. */
  create(type: string, properties: Record<string, string>, associations?: unknown): string {
    const reply = this.post(`/crm/v3/objects/${type}`, {
      properties,
      ...(associations !== undefined && { associations }),
    })
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
    return reply.body.id
  }

  /** The properties of a record. */
  read(type: string, id: string, ...properties: string[]): Record<string, string | null> {
    return this.get(`/crm/v3/objects/${type}/${id}?properties=${properties.join(',')}`).body.properties
  }
}

/** Codes of the property errors of an answer. */
export function codes(reply: Reply): string[] {
  return (reply.body.errors ?? []).map((error: { code: string }) => error.code)
}
