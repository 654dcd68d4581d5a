/** A Salesforce model with a settable clock, and short forms of its calls. */
import { createSalesforceModel, type SalesforceModel } from '../../../src/sandbox/salesforce/model.ts'
import type { SalesforceSettings } from '../../../src/sandbox/salesforce/settings.ts'

// Answers are JSON of many shapes; tests look into them freely.
// oxlint-disable-next-line typescript/no-explicit-any
export type Body = any

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

export const START = Date.UTC(2026, 4, 1, 7, 25, 37, 123)
export const STAMP = '2026-05-01T07:25:37.000+0000'
export const VERSION = '64.0'

export class TestOrg {
  now = START
  readonly model: SalesforceModel
  token: string

  constructor(
    options: { settings?: Partial<SalesforceSettings>; limits?: 'vendor' | 'off'; seed?: number } = {},
  ) {
    this.model = createSalesforceModel({
      clock: () => this.now,
      seed: options.seed ?? 7,
      limits: options.limits ?? 'off',
      settings: { shortQueryPages: 0, duplicateRules: [], leadQueue: null, ...options.settings },
    })
    this.token = this.model.token
  }

  /** `path` below `/services/data/v64.0`, or from the root when it begins with two slashes. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Reply {
    const answer = this.model.handle({
      method,
      url: `http://salesforce.invalid${path.startsWith('//') ? path.slice(1) : `/services/data/v${VERSION}${path}`}`,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    })
    const isJson = answer.headers['content-type']?.includes('json') ?? false
    return { ...answer, body: isJson && answer.body !== '' ? JSON.parse(answer.body) : answer.body }
  }

  get(path: string, headers: Record<string, string> = {}): Reply {
    return this.call('GET', path, undefined, headers)
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Reply {
    return this.call('POST', path, body, headers)
  }

  patch(path: string, body: unknown, headers: Record<string, string> = {}): Reply {
    return this.call('PATCH', path, body, headers)
  }

  delete(path: string): Reply {
    return this.call('DELETE', path)
  }

  /** Creates a record and answers its id. */
  create(object: string, values: Record<string, unknown>): string {
    const reply = this.post(`/sobjects/${object}`, values)
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
    return reply.body.id
  }

  read(object: string, id: string, ...fields: string[]): Body {
    const asked = fields.length > 0 ? `?fields=${fields.join(',')}` : ''
    return this.get(`/sobjects/${object}/${id}${asked}`).body
  }

  /** The whole answer of a query. */
  ask(soql: string, resource = 'query'): Reply {
    return this.get(`/${resource}?q=${encodeURIComponent(soql)}`)
  }

  /** The records of a query without their attributes. */
  rows(soql: string, resource = 'query'): Body[] {
    const reply = this.ask(soql, resource)
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
    return reply.body.records.map(({ attributes: _attributes, ...row }: Body) => row)
  }

  advance(ms: number): void {
    this.now += ms
  }

  /** As an admin in Setup: a field that everybody sees. */
  addField(fullName: string, metadata: Record<string, unknown>): void {
    const label = fullName.split('.')[1]
    this.model.edit({
      action: 'create',
      object: 'CustomField',
      values: { FullName: fullName, Metadata: { label, ...metadata } },
    })
  }
}

/** The unique external id that setup makes. */
export const EXTERNAL_ID = { type: 'Text', length: 64, externalId: true, unique: true }

/** Code and fields of the first error. */
export function problem(reply: Reply): [number, string, string[] | undefined] {
  return [reply.status, reply.body[0]?.errorCode, reply.body[0]?.fields]
}
