/** Registering at Attio: what is ours, what is not, and the secret that is shown only once. */
import { beforeEach, describe, expect, test } from 'vitest'
import { createAttioConnector } from '../../../src/connectors/attio/connector.ts'
import { namesOf, subscriptionsFor } from '../../../src/connectors/attio/subscriptions.ts'
import type { WebhookState } from '../../../src/connectors/bells.ts'
import type { Connector } from '../../../src/connectors/connector.ts'
import { newWorld, type World } from '../../sandbox/attio/harness.ts'

const TARGET = 'https://attune.example/webhooks/attio'
const REQUEST = { target: TARGET, wanted: [{ object: 'people', fields: ['job_title', 'name', 'no_such'] }] }

let world: World
let connector: Connector
let requests: string[]

beforeEach(() => {
  world = newWorld()
  requests = []
  connector = createAttioConnector({
    connection: 'attio',
    baseUrl: 'https://attio.invalid',
    token: world.model.token,
    transport: async (request) => {
      requests.push(world.model.routeOf(request))
      return world.model.handle(request)
    },
    runtime: { now: () => world.nowMs, sleep: async () => undefined, random: () => 0.5, id: () => 'id' },
  })
})

const registered = () => world.call('GET', '/v2/webhooks?limit=100').body.data
const changes = () => requests.filter((route) => !route.startsWith('GET'))

async function install(secretIsKnown: boolean) {
  const change = await connector.webhooks.install({ ...REQUEST, secretIsKnown })
  if (change.kind === 'by-hand') throw new Error('by hand')
  return change
}

async function list(): Promise<WebhookState & { kind: 'known' }> {
  const state = await connector.webhooks.list(REQUEST)
  if (state.kind === 'by-hand') throw new Error('by hand')
  return state
}

describe('subscriptions', () => {
  test('name objects and attributes by id, in one order, once', () => {
    const wanted = { objects: ['o2', 'o1'], attributes: ['a2', 'a1', 'a2'] }
    const about = (field: string, ...ids: string[]) => ({
      $or: ids.map((value) => ({ field, operator: 'equals', value })),
    })
    expect(subscriptionsFor(wanted)).toEqual([
      { event_type: 'record.created', filter: about('id.object_id', 'o1', 'o2') },
      { event_type: 'record.merged', filter: about('id.object_id', 'o1', 'o2') },
      { event_type: 'record.deleted', filter: about('id.object_id', 'o1', 'o2') },
      { event_type: 'record.updated', filter: about('id.attribute_id', 'a1', 'a2') },
    ])
    expect(subscriptionsFor({ objects: [], attributes: [] })).toEqual([])
  })

  test('of others are told in their own words', () => {
    const names = new Map([['o1', 'people']])
    expect(namesOf(subscriptionsFor({ objects: ['o1'], attributes: ['a1'] }), names)).toEqual([
      'record.created people',
      'record.merged people',
      'record.deleted people',
      'record.updated a1',
    ])
    const odd = { event_type: 'task.created', filter: null }
    expect(namesOf([odd], names)).toEqual(['task.created where null'])
  })
})

describe('installing', () => {
  test('gives the secret once, names what it created, and leaves out what does not exist', async () => {
    const change = await install(false)
    expect(change.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(change.created).toEqual([
      'record.created people',
      'record.merged people',
      'record.deleted people',
      ...change.created.slice(3),
    ])
    expect(new Set(change.created.slice(3))).toEqual(
      new Set(['record.updated people.job_title', 'record.updated people.name']),
    )
    expect(registered()).toMatchObject([{ target_url: TARGET }])
    requests.length = 0
    expect((await install(true)).secret).toBeNull()
    expect(changes()).toEqual([])
  })

  test('makes a new one where the secret is lost', async () => {
    const first = await install(false)
    const [{ id }] = registered()
    const second = await install(false)
    expect(second.secret).not.toBe(first.secret)
    expect(second.created).toEqual(first.created)
    expect(registered()).toHaveLength(1)
    expect(registered()[0].id).not.toEqual(id)
  })

  test('touches nobody else’s, neither does removing', async () => {
    const others = ['https://attune.example/webhooks/attio2', 'https://other.example/'].map((target_url) => ({
      target_url,
      subscriptions: [{ event_type: 'record.created', filter: null }],
    }))
    for (const data of others) world.call('POST', '/v2/webhooks', { data })
    const before = registered()
    await install(false)
    await connector.webhooks.remove(REQUEST)
    expect(registered()).toEqual(before)
  })

  test('replaces what somebody else put under our URL', async () => {
    const data = { target_url: TARGET, subscriptions: [{ event_type: 'task.created', filter: null }] }
    world.call('POST', '/v2/webhooks', { data })
    expect((await list()).subscriptions).toContainEqual({
      name: 'task.created where null',
      state: 'unneeded',
    })
    expect(await install(true)).toMatchObject({ removed: ['task.created where null'], secret: null })
    expect(new Set((await list()).subscriptions.map(({ state }) => state))).toEqual(new Set(['present']))
  })

  test('is complete when an earlier one died after half of it', async () => {
    await install(false)
    const [{ id }] = registered()
    world.call('DELETE', `/v2/webhooks/${id.webhook_id}`)
    expect((await install(true)).secret).toMatch(/^[0-9a-f]{64}$/)
    expect(registered()).toHaveLength(1)
  })

  test('finds ours behind more than a page of others', async () => {
    await install(false)
    for (let i = 0; i < 120; i += 1) {
      const data = { target_url: `https://other.example/${i}`, subscriptions: [] }
      world.call('POST', '/v2/webhooks', { data })
    }
    expect(await install(true)).toMatchObject({ created: [], secret: null })
  })

  test('needs a scope, and says which', async () => {
    world.model.settings.scopes = [
      'record_permission:read-write',
      'object_configuration:read',
      'webhook:read',
    ]
    await expect(install(false)).rejects.toMatchObject({
      kind: 'unauthorized',
      hint: expect.stringContaining('webhook:read-write'),
    })
  })
})

describe('a webhook that fails', () => {
  async function fail(forMs: number) {
    await install(false)
    world.create('people', {})
    for (let due = world.model.nextDeliveryAt(); due !== null; due = world.model.nextDeliveryAt()) {
      world.nowMs = due
      for (const { id } of world.model.takeDeliveries()) world.model.settleDelivery(id, 500)
    }
    world.advance(forMs)
    world.create('people', {})
    world.advance(60_000)
    for (const { id } of world.model.takeDeliveries()) world.model.settleDelivery(id, 500)
  }

  test('for days is told and kept', async () => {
    await fail(0)
    const { trouble, subscriptions } = await list()
    expect(trouble).toBe('Attio calls the webhook degraded: deliveries fail')
    expect(new Set(subscriptions.map(({ state }) => state))).toEqual(new Set(['present']))
    expect(await install(true)).toMatchObject({ created: [], secret: null })
  })

  test('until Attio gives up is told as paused, and made anew', async () => {
    await fail(8 * 86_400_000)
    const { trouble, subscriptions } = await list()
    expect(trouble).toContain('stopped delivering')
    expect(new Set(subscriptions.map(({ state }) => state))).toEqual(new Set(['paused']))
    expect((await install(true)).secret).toMatch(/^[0-9a-f]{64}$/)
    expect((await list()).trouble).toBeNull()
  })
})
