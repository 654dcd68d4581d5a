/** A model with a clock that tests move, and requests as short as they can be. */
import { createAttioModel } from '../../../src/sandbox/attio/model.ts'
import type { AttioModel } from '../../../src/sandbox/attio/model.ts'
import type { AttioSettings } from '../../../src/sandbox/attio/settings.ts'

// Answers are the vendor's JSON: tests look into them without describing them first.
// oxlint-disable-next-line typescript/no-explicit-any
export type Body = any

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

export interface World {
  readonly model: AttioModel
  nowMs: number
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Reply
  /** Creates a record and returns it; fails when the model refuses. */
  create(object: string, values: Record<string, unknown>): Body
  get(object: string, id: string): Body
  query(object: string, body?: Record<string, unknown>): Body[]
  advance(ms: number): void
}

export const START_MS = Date.UTC(2026, 4, 9, 21, 43, 8, 480)

/** Without automatic companies, enrichment and limits unless a test asks for them. */
export function newWorld(
  options: { settings?: Partial<AttioSettings>; limits?: 'vendor' | 'off'; seed?: number } = {},
): World {
  const world = { nowMs: START_MS } as World
  const model = createAttioModel({
    clock: () => world.nowMs,
    seed: options.seed ?? 7,
    limits: options.limits ?? 'off',
    settings: { createCompanies: false, enrichment: false, ...options.settings },
  })
  const call: World['call'] = (method, path, body, headers) => {
    const answer = model.handle({
      method,
      url: `https://api.attio.com${path}`,
      headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const isJson = answer.headers['content-type']?.startsWith('application/json')
    return { ...answer, body: isJson ? JSON.parse(answer.body) : answer.body }
  }
  const ok = (reply: Reply): Body => {
    if (reply.status !== 200) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body.data
  }
  return Object.assign(world, {
    model,
    call,
    create: (object: string, values: Record<string, unknown>) =>
      ok(call('POST', `/v2/objects/${object}/records`, { data: { values } })),
    get: (object: string, id: string) => ok(call('GET', `/v2/objects/${object}/records/${id}`)),
    query: (object: string, body: Record<string, unknown> = {}) =>
      ok(call('POST', `/v2/objects/${object}/records/query`, body)),
    advance: (ms: number) => {
      world.nowMs += ms
    },
  })
}

/** A custom object `things` with one attribute of every creatable type, for tests of values and filters. */
export function addThings(world: World): void {
  world.call('POST', '/v2/objects', {
    data: { api_slug: 'things', singular_noun: 'Thing', plural_noun: 'Things' },
  })
  const attribute = (type: string, more: Record<string, unknown> = {}): void => {
    const slug = type.replaceAll('-', '_')
    const reply = world.call('POST', '/v2/objects/things/attributes', {
      data: { ...attributeBody(slug, type), ...more },
    })
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
  }
  for (const type of ['text', 'number', 'checkbox', 'date', 'timestamp', 'rating', 'location'])
    attribute(type)
  for (const type of ['domain', 'email-address', 'phone-number', 'actor-reference']) attribute(type)
  attribute('text', { api_slug: 'external_id', is_unique: true })
  attribute('currency', {
    config: { currency: { default_currency_code: 'EUR', display_type: 'code' } },
  })
  attribute('record-reference', {
    config: { record_reference: { allowed_objects: ['people', 'companies'] } },
  })
  attribute('record-reference', {
    api_slug: 'friends',
    is_multiselect: true,
    config: { record_reference: { allowed_objects: ['people'] } },
  })
  attribute('select')
  attribute('select', { api_slug: 'tags', is_multiselect: true })
  attribute('status')
  for (const title of ['Red', 'Green', 'Blue']) {
    world.call('POST', '/v2/objects/things/attributes/select/options', { data: { title } })
    world.call('POST', '/v2/objects/things/attributes/tags/options', { data: { title } })
    world.call('POST', '/v2/objects/things/attributes/status/statuses', { data: { title } })
  }
}

export const attributeBody = (slug: string, type: string): Record<string, unknown> => ({
  title: slug,
  description: null,
  api_slug: slug,
  type,
  is_required: false,
  is_unique: false,
  is_multiselect: false,
  config: {},
})
