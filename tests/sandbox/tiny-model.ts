/**
 * The smallest honest vendor: one object `things` with a `name`, ten requests a second, webhooks to every URL in
 * `settings.targets`. For tests of the host, which must work with any vendor.
 */
import { z } from 'zod'
import type { HttpRequest, HttpResponse } from '../../src/connectors/transport.ts'
import { EditRefused } from '../../src/sandbox/model.ts'
import type { Delivery, HumanEdit, ModelOptions, VendorModel } from '../../src/sandbox/model.ts'
import type { Vendor } from '../../src/sandbox/vendors.ts'

interface State {
  things: Record<string, string>
  lastId: number
}

const PER_SECOND = 10
const SETTINGS = z.strictObject({
  targets: z.array(z.string()),
  greeting: z.string(),
  limitPerSecond: z.int(),
})
const RETRY_MS = 30_000

export interface TinyModel extends VendorModel {
  /** Names in the order in which they were written. */
  readonly written: readonly string[]
}

export function createTinyModel(options: ModelOptions): TinyModel {
  let state: State = { things: {}, lastId: 0 }
  const written: string[] = []
  const settings: Record<string, unknown> = { targets: [], greeting: 'hello', limitPerSecond: PER_SECOND }
  const waiting: { delivery: Delivery; at: number; taken: boolean }[] = []
  let [second, count] = [0, 0]

  const answer = (status: number, json: unknown): HttpResponse => ({
    status,
    headers: { 'content-type': 'application/json', 'x-vendor': 'tiny' },
    body: status === 204 ? '' : JSON.stringify(json),
  })

  function write(id: string, name: string): { id: string } {
    state.things[id] = name
    written.push(name)
    for (const url of settings['targets'] as string[]) {
      const body = JSON.stringify({ id })
      waiting.push({
        delivery: { id: `${id}/${waiting.length}`, url, headers: { 'x-tiny': 'yes' }, body },
        at: options.clock(),
        taken: false,
      })
    }
    return { id }
  }

  function handle(request: HttpRequest): HttpResponse {
    if (request.headers['authorization'] !== 'Bearer tiny-token') return answer(401, { error: 'who?' })
    const now = Math.floor(options.clock() / 1000)
    if (now !== second) [second, count] = [now, 0]
    count += 1
    if (options.limits === 'vendor' && count > (settings['limitPerSecond'] as number)) {
      return answer(429, { error: 'slow down' })
    }
    const { pathname } = new URL(request.url)
    if (request.method === 'POST' && pathname === '/things') {
      const { name } = JSON.parse(request.body ?? '{}') as { name: string }
      return answer(201, write(String((state.lastId += 1)), name))
    }
    if (request.method === 'DELETE') return answer(204, null)
    if (pathname === '/broken') throw new Error('a bug in the model')
    const name = state.things[pathname.slice('/things/'.length)]
    return name === undefined ? answer(404, { error: 'no such thing' }) : answer(200, { name })
  }

  function edit(change: HumanEdit): { id: string } {
    if (change.object !== 'things') throw new EditRefused(`There is no object ${change.object}.`)
    const id = change.action === 'create' ? String((state.lastId += 1)) : (change.id ?? '')
    if (change.action === 'update' && !(id in state.things)) throw new EditRefused(`There is no thing ${id}.`)
    return write(id, String(change.values?.['name']))
  }

  return {
    vendor: 'tiny',
    token: 'tiny-token',
    settings,
    settingsSchema: SETTINGS,
    written,
    handle,
    refuse: (reason) => answer(reason === 'rate-limit' ? 429 : 500, { refused: reason }),
    isMutating: ({ method }) => method !== 'GET',
    routeOf: ({ method, url }) => `${method} ${new URL(url).pathname.replace(/\d+/, '{id}')}`,
    edit,
    takeDeliveries: () => {
      const due = waiting.filter(({ at, taken }) => !taken && at <= options.clock())
      for (const entry of due) entry.taken = true
      return due.map(({ delivery }) => delivery)
    },
    settleDelivery: (id, status) => {
      const index = waiting.findIndex(({ delivery }) => delivery.id === id)
      const [entry] = waiting.splice(index, 1)
      if (entry && (status === null || status >= 300)) {
        waiting.push({ ...entry, taken: false, at: options.clock() + RETRY_MS })
      }
    },
    nextDeliveryAt: () => waiting.find(({ taken }) => !taken)?.at ?? null,
    dump: () => ({
      things: Object.fromEntries(
        Object.entries(state.things).map(([id, name]) => [
          id,
          { values: { name }, state: 'live', into: null, associations: [] },
        ]),
      ),
    }),
    snapshot: () => JSON.stringify(state),
    restore: (text) => {
      state = JSON.parse(text) as State
    },
  }
}

export const TINY: Vendor = {
  name: 'tiny',
  portOffset: 1,
  create: createTinyModel,
  scribe: () => {
    throw new Error('nothing is generated for the tiny vendor')
  },
  deliveryTimeoutMs: 500,
}

export function tinyRequest(method: string, path: string, body?: unknown): HttpRequest {
  return {
    method,
    url: `http://tiny.invalid${path}`,
    headers: { authorization: 'Bearer tiny-token' },
    body: body === undefined ? null : JSON.stringify(body),
  }
}
