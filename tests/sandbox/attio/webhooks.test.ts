/** Webhooks: management, events, signatures, delivery. Attio fact sheet 16. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../../src/sandbox/model.ts'
import { newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const target = 'https://hooks.example.com/attio'

const RECORD_EVENTS = ['record.created', 'record.updated', 'record.merged', 'record.deleted']

function subscribe(world: World, options: { events?: string[]; filter?: unknown; url?: string } = {}) {
  const { events = RECORD_EVENTS, filter = null, url = target } = options
  const subscriptions = events.map((event_type) => ({ event_type, filter }))
  return world.call('POST', '/v2/webhooks', { data: { target_url: url, subscriptions } })
}

/** Everything the vendor sends until it is quiet, answering 200. */
function drain(world: World): Delivery[] {
  const deliveries: Delivery[] = []
  for (let due = world.model.nextDeliveryAt(); due !== null; due = world.model.nextDeliveryAt()) {
    world.nowMs = due
    for (const delivery of world.model.takeDeliveries()) {
      deliveries.push(delivery)
      world.model.settleDelivery(delivery.id, 200)
    }
  }
  return deliveries
}

const eventsOf = (deliveries: readonly Delivery[]): Body[] =>
  deliveries.flatMap((delivery) => JSON.parse(delivery.body).events)

describe('management', () => {
  test('the secret is shown once, on creation', () => {
    const world = newWorld()
    const created = subscribe(world).body.data
    expect(created.secret).toMatch(/^.{64}$/)
    expect(created).toMatchObject({ status: 'active', target_url: target })
    const path = `/v2/webhooks/${created.id.webhook_id}`
    expect(world.call('GET', path).body.data).not.toHaveProperty('secret')
    expect(world.call('GET', '/v2/webhooks').body.data[0]).not.toHaveProperty('secret')
    expect(world.call('DELETE', path)).toMatchObject({ status: 200, body: {} })
    expect(world.call('GET', path).status).toBe(404)
  })

  test.each([
    [{ target_url: 'http://hooks.example.com', subscriptions: [] }, 400],
    [{ target_url: 'http://127.0.0.1:8420/webhooks', subscriptions: [] }, 200],
    [{ target_url: target, subscriptions: [{ event_type: 'record.created' }] }, 400],
    [{ target_url: target, subscriptions: [{ event_type: 'task.completed', filter: null }] }, 400],
    [{ target_url: target, subscriptions: [{ event_type: 'record.created', filter: { object: 'x' } }] }, 400],
    [
      {
        target_url: target,
        subscriptions: [
          {
            event_type: 'record.created',
            filter: { $and: [{ field: 'id.object_id', operator: 'equals', value: 'x' }] },
          },
        ],
      },
      200,
    ],
    [
      {
        target_url: target,
        subscriptions: [
          {
            event_type: 'list-entry.created',
            filter: { $or: [{ field: 'id.list_id', operator: 'equals', value: 'x' }] },
          },
        ],
      },
      400,
    ],
  ])('%j answers %i', (data, status) => {
    expect(newWorld().call('POST', '/v2/webhooks', { data }).status).toBe(status)
  })

  test('URL, event and filter are unique together; no filter equals an empty $and', () => {
    const world = newWorld()
    subscribe(world)
    const again = subscribe(world, { events: ['record.created'], filter: { $and: [] } })
    expect(again).toMatchObject({ status: 409, body: { code: 'uniqueness_conflict' } })
    const other = subscribe(world, { url: `${target}/2` }).body.data.id.webhook_id
    expect(world.call('PATCH', `/v2/webhooks/${other}`, { data: { target_url: target } }).status).toBe(409)
    expect(
      world.call('PATCH', `/v2/webhooks/${other}`, { data: { subscriptions: [] } }).body.data,
    ).toMatchObject({
      subscriptions: [],
      target_url: `${target}/2`,
    })
  })

  test('pages have between 10 and 100 rows, the newest first', () => {
    const world = newWorld()
    for (let i = 0; i < 11; i++) subscribe(world, { url: `${target}/${i}` })
    expect(world.call('GET', '/v2/webhooks').body.data).toHaveLength(10)
    const [oldest, ...more] = world.call('GET', '/v2/webhooks?limit=10&offset=10').body.data
    expect([oldest.target_url, more]).toEqual([`${target}/0`, []])
    expect(world.call('GET', '/v2/webhooks?limit=9').status).toBe(400)
  })
})

describe('events', () => {
  test('a creation is one event without values; an update is one event per attribute', () => {
    const world = newWorld()
    subscribe(world)
    const record = world.create('people', { job_title: 'One', twitter: 'one' })
    const [created, ...none] = drain(world)
    expect(none).toEqual([])
    expect(JSON.parse(created?.body ?? '')).toEqual({
      webhook_id: expect.any(String),
      events: [
        {
          event_type: 'record.created',
          id: record.id,
          actor: { type: 'api-token', id: record.values.created_by[0].referenced_actor_id },
        },
      ],
    })
    world.call('PATCH', `/v2/objects/people/records/${record.id.record_id}`, {
      data: { values: { job_title: 'Two', twitter: 'two' } },
    })
    const updates = eventsOf(drain(world))
    expect(updates.map((event) => event.event_type)).toEqual(['record.updated', 'record.updated'])
    expect(new Set(updates.map((event) => event.id.attribute_id)).size).toBe(2)
  })

  test('initial values can be announced too', () => {
    const world = newWorld({ settings: { initialValueEvents: true } })
    subscribe(world)
    world.create('people', { job_title: 'One' })
    expect(eventsOf(drain(world))).toHaveLength(2)
  })

  test('the far end of a relationship is announced by system about a second later', () => {
    const world = newWorld({ settings: { deliveryDelayMs: [0, 0] } })
    world.create('companies', { domains: ['acme.com'] })
    const ada = world.create('people', {})
    subscribe(world)
    const path = `/v2/objects/people/records/${ada.id.record_id}`
    world.call('PATCH', path, { data: { values: { company: 'acme.com' } } })
    expect(eventsOf(world.model.takeDeliveries())).toMatchObject([{ actor: { type: 'api-token' } }])
    world.advance(1_000)
    expect(eventsOf(world.model.takeDeliveries())).toMatchObject([
      { event_type: 'record.updated', actor: { type: 'system', id: null } },
    ])
  })

  test('a merge is announced twice, each time naming one original', () => {
    const world = newWorld()
    const [a, b] = [world.create('people', {}), world.create('people', {})]
    subscribe(world)
    const data = { primary_record_id: a.id.record_id, secondary_record_id: b.id.record_id }
    const { new_record_id: id } = world.call('POST', '/v2/objects/people/records/merge', { data }).body.data
    const events = eventsOf(drain(world))
    expect(events.map((event) => [event.event_type, event.id.record_id])).toEqual([
      ['record.merged', id],
      ['record.merged', id],
    ])
    expect(new Set(events.map((event) => event.duplicate_record_id))).toEqual(
      new Set([a.id.record_id, b.id.record_id]),
    )
  })

  test('filters look at the event; a rewritten history tells nobody', () => {
    const world = newWorld()
    const people = world.call('GET', '/v2/objects/people').body.data.id.object_id
    const field = { field: 'id.object_id', operator: 'equals', value: people }
    subscribe(world, { filter: { $and: [field] } })
    subscribe(world, { filter: { $or: [{ ...field, operator: 'not_equals' }] }, url: `${target}/rest` })
    const record = world.create('people', { job_title: 'x' })
    world.create('companies', {})
    const deliveries = drain(world)
    expect(deliveries.map((each) => each.url).toSorted()).toEqual([target, `${target}/rest`])
    const path = `/v2/objects/people/records/${record.id.record_id}/attributes/email_addresses/values`
    const values = [{ active_from: '2026-01-01T00:00:00Z', active_until: null, value: 'a@x.com' }]
    expect(world.call('PUT', path, { data: { replace_history: true, values } }).status).toBe(200)
    expect(drain(world)).toEqual([])
  })

  test('attributes are announced as well', () => {
    const world = newWorld()
    subscribe(world, { events: ['object-attribute.created'] })
    world.call('POST', '/v2/objects/deals/attributes', {
      data: {
        title: 'X',
        description: null,
        api_slug: 'x',
        type: 'text',
        is_required: false,
        is_unique: false,
        is_multiselect: false,
        config: {},
      },
    })
    expect(eventsOf(drain(world))[0].event_type).toBe('object-attribute.created')
  })
})

describe('delivery', () => {
  test('both signature headers hold the hex HMAC-SHA256 of the raw body', () => {
    const world = newWorld()
    const { secret } = subscribe(world).body.data
    world.create('people', { name: 'Ü, ñ' })
    const [delivery] = drain(world)
    const expected = createHmac('sha256', secret).update(Buffer.from(delivery!.body, 'utf8')).digest('hex')
    expect(delivery!.headers).toMatchObject({ 'attio-signature': expected, 'x-attio-signature': expected })
    expect(expected).toMatch(/^[0-9a-f]{64}$/)
    expect(delivery!.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/)
    expect(Object.keys(delivery!.headers).some((name) => name.includes('timestamp'))).toBe(false)
  })

  test('nothing comes before its time, and order is not that of the changes', () => {
    const world = newWorld()
    subscribe(world, { events: ['record.created'] })
    const ids = Array.from({ length: 20 }, () => world.create('people', {}).id.record_id)
    expect(world.model.takeDeliveries()).toEqual([])
    const received = eventsOf(drain(world)).map((event) => event.id.record_id)
    expect(new Set(received)).toEqual(new Set(ids))
    expect(received).not.toEqual(ids)
  })

  test('25 a second to one URL', () => {
    const world = newWorld({ settings: { deliveryDelayMs: [0, 0] } })
    subscribe(world, { events: ['record.created'] })
    for (let i = 0; i < 60; i++) world.create('people', {})
    expect(world.model.takeDeliveries()).toHaveLength(25)
    expect(world.model.takeDeliveries()).toHaveLength(0)
    expect(world.model.nextDeliveryAt()).toBe(Math.ceil(world.nowMs / 1000) * 1000)
    world.advance(1_000)
    expect(world.model.takeDeliveries()).toHaveLength(25)
    world.advance(1_000)
    expect(world.model.takeDeliveries()).toHaveLength(10)
  })

  test('ten retries with the same key over about three days, then degraded, a week later inactive', () => {
    const world = newWorld()
    const id = subscribe(world, { events: ['record.created'] }).body.data.id.webhook_id
    const status = () => world.call('GET', `/v2/webhooks/${id}`).body.data.status
    world.create('people', {})
    const keys: (string | undefined)[] = []
    const startMs = world.nowMs
    for (let due = world.model.nextDeliveryAt(); due !== null; due = world.model.nextDeliveryAt()) {
      world.nowMs = due
      for (const delivery of world.model.takeDeliveries()) {
        keys.push(delivery.headers['idempotency-key'])
        world.model.settleDelivery(delivery.id, keys.length % 2 === 0 ? 500 : null)
      }
    }
    expect(keys).toHaveLength(11)
    expect(new Set(keys).size).toBe(1)
    const days = (world.nowMs - startMs) / 86_400_000
    expect(days).toBeGreaterThan(2)
    expect(days).toBeLessThan(3)
    expect(status()).toBe('degraded')
    world.create('people', {})
    world.advance(7 * 86_400_000)
    expect(world.model.takeDeliveries()).toEqual([])
    expect(status()).toBe('inactive')
  })

  test('a delivered message can come twice, with the same key', () => {
    const world = newWorld({ settings: { duplicateShare: 1 } })
    subscribe(world, { events: ['record.created'] })
    world.create('people', {})
    const take = (): Delivery => {
      world.nowMs = world.model.nextDeliveryAt() ?? 0
      const [delivery] = world.model.takeDeliveries()
      world.model.settleDelivery(delivery!.id, 204)
      return delivery!
    }
    expect(take()).toEqual(take())
  })

  test('events of one change can share a delivery', () => {
    const world = newWorld({ settings: { eventsPerDelivery: 10 } })
    const { record_id: id } = world.create('people', {}).id
    subscribe(world)
    const values = { job_title: 'a', twitter: 'b', facebook: 'c' }
    world.call('PATCH', `/v2/objects/people/records/${id}`, { data: { values } })
    const deliveries = drain(world)
    expect(deliveries).toHaveLength(1)
    expect(eventsOf(deliveries)).toHaveLength(3)
  })

  test('a deleted webhook gets nothing more', () => {
    const world = newWorld()
    const id = subscribe(world).body.data.id.webhook_id
    world.create('people', {})
    world.call('DELETE', `/v2/webhooks/${id}`)
    expect(drain(world)).toEqual([])
  })
})
