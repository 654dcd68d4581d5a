/** Attio's webhooks: what is let in, and what it announces. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownActor } from '../../../src/connectors/attio/evidence.ts'
import { readAttioWebhook, type AttioWebhookContext } from '../../../src/connectors/attio/webhooks.ts'
import type { Delivery } from '../../../src/core/bell.ts'
import { arrived, bellsOf, delivery, flipped, flips } from '../deliveries.ts'
import { OTHER_TOKEN, OUR_TOKEN } from './answers.ts'
import { newWorld } from '../../sandbox/attio/harness.ts'

const SECRET = 'attio-test-secret'
const WORKSPACE = '14beef7a-99f7-4534-a87e-70b564330a4c'
const PEOPLE = '97052eb9-e65e-443f-a297-f2d9a4a7f795'
const JOB_TITLE = '41252299-f8c7-4b5e-99c9-4ff8321d2f96'
const ADA = 'bf071e1f-6035-429d-b874-d83ea64ea13b'
const GRACE = 'e1e1e1e1-6035-429d-b874-d83ea64ea13b'
const MEMBER = { type: 'workspace-member', id: '50cf242c-7fa3-4cad-87d0-75b1af71c57b' }

const context: AttioWebhookContext = {
  secret: SECRET,
  account: WORKSPACE,
  own: ownActor(OUR_TOKEN.id),
  objects: new Map([[PEOPLE, 'people']]),
  attributes: new Map([[JOB_TITLE, 'job_title']]),
}

const hear = (genuine: Delivery) => readAttioWebhook(genuine, context)

function signed(body: string | Uint8Array, key = 'k1'): Delivery {
  const signature = createHmac('sha256', SECRET).update(body).digest('hex')
  return delivery(body, { 'attio-signature': signature, 'idempotency-key': key })
}

function event(type: string, more: object = {}, id: object = {}) {
  return {
    event_type: type,
    id: { workspace_id: WORKSPACE, object_id: PEOPLE, record_id: ADA, ...id },
    actor: MEMBER,
    ...more,
  }
}

const events = (...all: readonly unknown[]) => signed(JSON.stringify({ webhook_id: 'w', events: all }))

describe('a delivery', () => {
  // printf '%s' '{"webhook_id":…,"events":[]}' | openssl dgst -sha256 -hmac attio-test-secret
  const body = '{"webhook_id":"9f1f6d2a-8a31-4b8e-9a1c-0d6c2f1b7e11","events":[]}'
  const signature = 'ed83b0ee107868c749ec49f9d1a6ec8760a09505ea8497f862e6825ab34c0f13'

  test.each(['attio-signature', 'x-attio-signature'])('is genuine by its %s', (header) => {
    const genuine = delivery(body, { [header]: signature, 'idempotency-key': 'k1' })
    expect(hear(genuine)).toEqual({ kind: 'heard', bells: [], ignored: 0 })
  })

  test.each([
    ['without a signature', {}],
    ['with an empty signature', { 'attio-signature': '' }],
    ['with the signature in capitals', { 'attio-signature': signature.toUpperCase() }],
    ['with a signature that is no hex', { 'attio-signature': 'g'.repeat(64) }],
    ['with a signature and more', { 'attio-signature': `${signature}0` }],
    ['with half a signature', { 'attio-signature': signature.slice(0, 32) }],
    [
      'signed with an empty secret',
      { 'attio-signature': createHmac('sha256', '').update(body).digest('hex') },
    ],
  ])('%s is forged', (_, headers) => {
    const forged = delivery(body, { ...headers, 'idempotency-key': 'k1' })
    expect(hear(forged)).toMatchObject({ kind: 'refused', reason: 'forged' })
  })

  test('with any bit of body or signature turned over is forged', () => {
    const genuine = events(event('record.updated', {}, { attribute_id: JOB_TITLE }))
    expect(bellsOf(hear(genuine))).toHaveLength(1)
    fc.assert(
      fc.property(flips(['body', { header: 'attio-signature' }]), (flip) => {
        expect(hear(flipped(genuine, flip))).toMatchObject({ kind: 'refused', reason: 'forged' })
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['no JSON', '{"events":['],
    ['no object', '[]'],
    ['no events', '{"webhook_id":"w"}'],
    ['not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['empty', ''],
  ])('that is %s is malformed, however genuine', (_, text) => {
    expect(hear(signed(text))).toMatchObject({ kind: 'refused', reason: 'malformed' })
  })

  test.each(['', 'two words', 'k'.repeat(129), 'ключ'])('with the key "%s" is malformed', (key) => {
    expect(hear(signed('{"events":[]}', key))).toMatchObject({ reason: 'malformed' })
  })
})

describe('an event', () => {
  test('names record, attribute and person; every one of a delivery counts', () => {
    const heard = hear(
      events(
        event('record.updated', {}, { attribute_id: JOB_TITLE }),
        event('record.created', { actor: null }, { record_id: GRACE }),
        event('record.deleted', { actor: { type: 'system', id: null } }),
      ),
    )
    expect(bellsOf(heard)).toEqual([
      {
        object: 'people',
        record: ADA,
        kind: 'changed',
        into: null,
        at: null,
        version: null,
        actor: { kind: 'human', id: MEMBER.id },
        fields: ['job_title'],
        key: 'k1/0',
      },
      expect.objectContaining({ record: GRACE, kind: 'changed', fields: [], key: 'k1/1' }),
      expect.objectContaining({ kind: 'removed', actor: { kind: 'system', id: null }, key: 'k1/2' }),
    ])
  })

  test('of a merge names the original and the record it went into', () => {
    const merged = event('record.merged', { duplicate_object_id: PEOPLE, duplicate_record_id: GRACE })
    expect(bellsOf(hear(events(merged)))).toMatchObject([{ record: GRACE, kind: 'merged', into: ADA }])
    const bare = event('record.merged')
    expect(bellsOf(hear(events(bare)))).toMatchObject([{ record: ADA, kind: 'changed', into: null }])
  })

  test('by our own token is ours, by another one is an integration', () => {
    const [ours, theirs] = bellsOf(
      hear(
        events(
          event('record.updated', { actor: OUR_TOKEN }),
          event('record.updated', { actor: OTHER_TOKEN }),
        ),
      ),
    )
    expect(ours?.actor).toEqual({ kind: 'us', id: OUR_TOKEN.id })
    expect(theirs?.actor).toEqual({ kind: 'integration', id: OTHER_TOKEN.id })
  })

  test('about an object that nobody named keeps its id', () => {
    expect(bellsOf(hear(events(event('record.created', {}, { object_id: 'deals-id' }))))).toMatchObject([
      { object: 'deals-id' },
    ])
  })

  test('about something else, of another workspace, or in unknown words is ignored, the others are not', () => {
    const heard = hear(
      events(
        { event_type: 'note.created', id: { workspace_id: WORKSPACE, note_id: 'n' } },
        event('record.updated', {}, { workspace_id: 'another' }),
        event('record.enriched'),
        event('record.updated', {}, { record_id: 7 }),
        'nonsense',
        null,
        event('record.created'),
      ),
    )
    expect(heard).toMatchObject({ kind: 'heard', ignored: 6 })
    expect(bellsOf(heard)).toMatchObject([{ record: ADA, key: 'k1/6' }])
  })
})

test('everything that the sandbox sends about records is understood', () => {
  const world = newWorld({ settings: { eventsPerDelivery: 3 } })
  const target = 'https://attune.example/webhooks/attio'
  const subscriptions = ['created', 'updated', 'merged', 'deleted'].map((what) => ({
    event_type: `record.${what}`,
    filter: null,
  }))
  const { secret } = world.call('POST', '/v2/webhooks', { data: { target_url: target, subscriptions } }).body
    .data
  const [a, b, c] = ['A', 'B', 'C'].map((name) => world.create('people', { name, job_title: 'x' }))
  world.call('PATCH', `/v2/objects/people/records/${a.id.record_id}`, {
    data: { values: { job_title: 'y' } },
  })
  const data = { primary_record_id: a.id.record_id, secondary_record_id: b.id.record_id }
  world.call('POST', '/v2/objects/people/records/merge', { data })
  world.call('DELETE', `/v2/objects/people/records/${c.id.record_id}`)
  world.advance(10_000)

  const own = { ...context, secret, account: a.id.workspace_id }
  const heard = world.model.takeDeliveries().map((each) => readAttioWebhook(arrived(each), own))
  expect(heard.every((hearing) => hearing.kind === 'heard' && hearing.ignored === 0)).toBe(true)
  const bells = heard.flatMap(bellsOf)
  const merged = bells.filter(({ kind }) => kind === 'merged').map(({ record }) => record)
  expect(new Set(merged)).toEqual(new Set([a.id.record_id, b.id.record_id]))
  expect(bells.filter(({ kind }) => kind === 'removed')).toMatchObject([{ record: c.id.record_id }])
  expect(new Set(bells.map(({ key }) => key)).size).toBe(bells.length)
})
