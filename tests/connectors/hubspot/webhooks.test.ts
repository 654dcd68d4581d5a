/** HubSpot's webhooks: what is let in, and what it announces. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../../src/core/bell.ts'
import { objectSpellings, readHubSpotWebhook } from '../../../src/connectors/hubspot/webhooks.ts'
import { decodedUrl, refusalOf, STALE_AFTER_MS } from '../../../src/connectors/hubspot/webhook-signature.ts'
import { TestPortal } from '../../sandbox/hubspot/portal.ts'
import { arrived, bellsOf, delivery, flipped, flips } from '../deliveries.ts'

/** The vendor's own vectors, HubSpot fact sheet 20.5. */
const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'
const URL_CALLED = 'https://www.example.com/webhook_uri'
const SIGNED_MS = 1_693_657_560_000
const VECTORS = [
  ['{"example_field":"example_value"}', 'oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go='],
  ["{'example_field':'example_value'}", 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y='],
] as const

const PORTAL = 4242
const OUR_APP = '9001'

const context = {
  secret: SECRET,
  account: String(PORTAL),
  appId: OUR_APP,
  spellings: objectSpellings(['contacts', 'company', 'p4242_cars'], new Map([['p4242_cars', '2-77']])),
}

function signed(body: string | Uint8Array, options: { url?: string; atMs?: number | string } = {}): Delivery {
  const { url = URL_CALLED, atMs = SIGNED_MS } = options
  const signature = createHmac('sha256', SECRET)
    .update(`POST${decodedUrl(url)}`)
    .update(body)
    .update(String(atMs))
    .digest('base64')
  return delivery(
    body,
    { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(atMs) },
    { url },
  )
}

const hear = (genuine: Delivery, nowMs = SIGNED_MS) => readHubSpotWebhook(genuine, context, nowMs)

/** As in fact sheet 20.3. */
function event(type: string, more: object = {}) {
  return {
    eventId: 3001,
    subscriptionId: 77,
    portalId: PORTAL,
    appId: 9001,
    occurredAt: 1_795_312_800_123,
    subscriptionType: type,
    attemptNumber: 0,
    objectId: 515,
    changeSource: 'CRM_UI',
    sourceId: 'userId:123',
    ...more,
  }
}

const events = (...all: readonly unknown[]) => signed(JSON.stringify(all))
const bells = (...all: readonly unknown[]) => bellsOf(hear(events(...all)))

describe('a delivery', () => {
  it.each(VECTORS)('with the body %s is genuine by the published signature', (body, signature) => {
    const genuine = delivery(
      body,
      { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(SIGNED_MS) },
      { url: URL_CALLED },
    )
    expect(refusalOf(genuine, { secret: SECRET, nowMs: SIGNED_MS })).toBeNull()
  })

  it('with any bit of body, signature, timestamp, URL or method turned over is forged', () => {
    const genuine = events(event('contact.propertyChange', { propertyName: 'jobtitle', propertyValue: 'Ü' }))
    expect(bellsOf(hear(genuine))).toHaveLength(1)
    const headers = ['x-hubspot-signature-v3', 'x-hubspot-request-timestamp'].map((header) => ({ header }))
    fc.assert(
      fc.property(flips(['body', 'url', 'method', ...headers]), (flip) => {
        expect(hear(flipped(genuine, flip))).toMatchObject({ kind: 'refused', reason: 'forged' })
      }),
      { numRuns: 3_000 },
    )
  })

  it.each([
    ['without any signature', { 'x-hubspot-signature-v3': '' }],
    [
      'in the URL alphabet of base64',
      { 'x-hubspot-signature-v3': 'oaA3M5dEtt6kFsseJD_Hv_x-JNl1vsoxFj4oxmwP6Go=' },
    ],
    ['without its padding', { 'x-hubspot-signature-v3': 'oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go' }],
    ['without a time', { 'x-hubspot-request-timestamp': '' }],
    ['with the time in another spelling', { 'x-hubspot-request-timestamp': `0${SIGNED_MS}` }],
  ])('signed %s is forged', (_, headers) => {
    const [body, signature] = VECTORS[0]
    const genuine = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(SIGNED_MS) }
    const forged = delivery(body, { ...genuine, ...headers }, { url: URL_CALLED })
    expect(hear(forged)).toMatchObject({ kind: 'refused', reason: 'forged' })
  })

  it('with the older signatures only is forged: they sign no time', () => {
    const body = JSON.stringify([event('contact.creation')])
    const old = delivery(body, { 'x-hubspot-signature': 'x', 'x-hubspot-signature-version': 'v1' })
    expect(hear(old)).toMatchObject({ kind: 'refused', reason: 'forged' })
  })

  it.each([
    [STALE_AFTER_MS, 'heard'],
    [STALE_AFTER_MS + 1, 'refused'],
    [-STALE_AFTER_MS, 'heard'],
    [-STALE_AFTER_MS - 1, 'refused'],
  ])('%i ms after it was signed is %s', (ageMs, kind) => {
    const heard = hear(events(event('contact.creation')), SIGNED_MS + ageMs)
    expect(heard.kind).toBe(kind)
    if (heard.kind === 'refused') expect(heard.reason).toBe('stale')
  })

  it.each(['now', 'NaN', '', '-1693657560000'])('signed with the time "%s" is malformed', (atMs) => {
    expect(hear(signed('[]', { atMs }))).toMatchObject({ kind: 'refused', reason: 'malformed' })
  })

  it.each([
    ['no JSON', '[{"eventId":'],
    ['no list', '{"eventId":1}'],
    ['not UTF-8', Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)],
  ])('that is %s is malformed, however genuine', (_, body) => {
    expect(hear(signed(body))).toMatchObject({ kind: 'refused', reason: 'malformed' })
  })

  it('is signed over the URL with some escapes undone, and only those', () => {
    const called = 'https://x.example/a%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B?q=%20%25%26%3D%23%5B%C3%BC'
    expect(decodedUrl(called)).toBe("https://x.example/a:/?@!$'()*,;?q=%20%25%26%3D%23%5B%C3%BC")
    const body = JSON.stringify([event('contact.creation')])
    const signature = createHmac('sha256', SECRET)
      .update(`POSThttps://x.example/hook?to=a:b&space=%20${body}${SIGNED_MS}`)
      .digest('base64')
    const headers = {
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': String(SIGNED_MS),
    }
    const url = 'https://x.example/hook?to=a%3Ab&space=%20'
    expect(bellsOf(hear(delivery(body, headers, { url })))).toHaveLength(1)
    // The query is part of it.
    expect(hear(delivery(body, headers, { url: 'https://x.example/hook' })).kind).toBe('refused')
  })
})

describe('an event', () => {
  it('names record, property, time and person', () => {
    expect(
      bells(event('contact.propertyChange', { propertyName: 'jobtitle', propertyValue: 'CTO' })),
    ).toEqual([
      {
        object: 'contacts',
        record: '515',
        kind: 'changed',
        into: null,
        at: '2026-11-22T02:00:00.123Z',
        version: '2026-11-22T02:00:00.123Z',
        actor: { kind: 'human', id: '123' },
        fields: ['jobtitle'],
        key: expect.stringMatching(/^77\/3001\/[\w-]{22}$/),
      },
    ])
  })

  it.each([
    ['contact.creation', 'contacts', 'changed'],
    ['contact.restore', 'contacts', 'changed'],
    ['contact.deletion', 'contacts', 'removed'],
    ['contact.privacyDeletion', 'contacts', 'removed'],
    // As the mapping spells it; an object without a mapping in the vendor's plural.
    ['company.creation', 'company', 'changed'],
    ['deal.deletion', 'deals', 'removed'],
  ])('of type %s is about %s that %s', (type, object, kind) => {
    expect(bells(event(type))).toMatchObject([{ object, kind, version: null, fields: [] }])
  })

  it('of a generic type is about the object that it names', () => {
    const named = (objectTypeId: string) => bells(event('object.creation', { objectTypeId }))[0]?.object
    expect(named('0-1')).toBe('contacts')
    expect(named('2-77')).toBe('p4242_cars')
    expect(named('2-78')).toBe('2-78')
  })

  it('in the words of the other table of the documents is understood too', () => {
    const { subscriptionType, ...rest } = event('contact.creation')
    expect(bells({ ...rest, eventType: subscriptionType })).toHaveLength(1)
  })

  it.each([
    [{ associationType: 'CONTACT_TO_COMPANY' }],
    [{ fromObjectTypeId: '0-1', toObjectTypeId: '0-2', associationTypeId: 279 }],
  ])('of an association is about both ends: %j', (words) => {
    const ends = { fromObjectId: 1, toObjectId: 2, associationRemoved: false, isPrimaryAssociation: true }
    expect(
      bells(event('contact.associationChange', { objectId: undefined, ...ends, ...words })),
    ).toMatchObject([
      { object: 'contacts', record: '1', kind: 'changed', version: null },
      { object: 'company', record: '2', kind: 'changed', version: null },
    ])
  })

  it('of a merge names every original and the record they went into', () => {
    const merge = { primaryObjectId: 1, mergedObjectIds: [2, 3] }
    const merged = (into: number) =>
      bells(event('contact.merge', { ...merge, newObjectId: into, objectId: into })).map(
        (bell) => `${bell.record}>${bell.into}`,
      )
    expect(merged(9)).toEqual(['1>9', '2>9', '3>9'])
    // Portals that keep the primary's id (18.1).
    expect(merged(1)).toEqual(['2>1', '3>1'])
  })

  it('by our own app is ours, by another one is an integration', () => {
    const by = (sourceId: string) =>
      bells(event('contact.creation', { changeSource: 'INTEGRATION', sourceId }))[0]?.actor.kind
    expect(by(OUR_APP)).toBe('us')
    expect(by('9002')).toBe('integration')
  })

  it('of another account, without its ids or in unknown words is ignored, the others are not', () => {
    const heard = hear(
      events(
        event('contact.creation', { portalId: 1 }),
        event('contact.creation', { objectId: undefined }),
        event('contact.creation', { objectId: 2 ** 53 }),
        event('contact.explosion'),
        event('conversation.newMessage'),
        event('object.creation'),
        'nonsense',
        event('contact.creation'),
      ),
    )
    expect(heard).toMatchObject({ kind: 'heard', ignored: 7 })
    expect(bellsOf(heard)).toHaveLength(1)
  })

  it('has the key of its repetitions, and of nothing else: event ids repeat', () => {
    const change = { propertyName: 'jobtitle', propertyValue: 'CTO' }
    const key = (more: object = {}) => bells(event('contact.propertyChange', { ...change, ...more }))[0]?.key
    expect(key({ attemptNumber: 3 })).toBe(key())
    const others = [
      { subscriptionId: 78 },
      { eventId: 3002 },
      { objectId: 516 },
      { occurredAt: 1_795_312_800_124 },
      { propertyName: 'email' },
      { propertyValue: 'CEO' },
    ]
    expect(new Set([key(), ...others.map(key)]).size).toBe(others.length + 1)
    expect(key()).not.toContain('CTO')
  })

  it('may come with 99 others', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => event('contact.creation', { objectId: n + 1 }))
    expect(bells(...hundred).map(({ record }) => Number(record))).toEqual(
      hundred.map(({ objectId }) => objectId),
    )
  })
})

describe('the sandbox', () => {
  it('sends nothing that is not understood', () => {
    const portal = new TestPortal()
    const { appId, developerApiKey, clientSecret, portalId } = portal.model.identity
    const root = `/webhooks/v3/${appId}`
    const key = `?hapikey=${developerApiKey}`
    const settings = {
      targetUrl: 'https://attune.example/w/h?a=%2F',
      throttling: { maxConcurrentRequests: 10 },
    }
    portal.call('PUT', `${root}/settings${key}`, settings)
    const kinds = ['creation', 'deletion', 'merge', 'restore', 'associationChange', 'privacyDeletion']
    for (const kind of kinds)
      portal.post(`${root}/subscriptions${key}`, { eventType: `contact.${kind}`, active: true })
    portal.post(`${root}/subscriptions${key}`, {
      eventType: 'contact.propertyChange',
      propertyName: 'jobtitle',
      active: true,
    })
    const [a = '', b = '', c = ''] = ['a', 'b', 'c'].map((name) =>
      portal.create('contacts', { email: `${name}@x.example`, jobtitle: 'CTO' }),
    )
    const company = portal.create('companies', { name: 'x' })
    portal.call('PUT', `/crm/v4/objects/contacts/${a}/associations/default/companies/${company}`)
    portal.patch(`/crm/v3/objects/contacts/${c}`, { properties: { jobtitle: '' } })
    portal.model.edit({ action: 'merge', object: 'contacts', id: a, other: { object: 'contacts', id: b } })
    portal.model.edit({ action: 'delete', object: 'contacts', id: c })
    portal.model.edit({ action: 'restore', object: 'contacts', id: c })
    portal.now += 60_000

    const own = { ...context, secret: clientSecret, account: String(portalId), appId: String(appId) }
    const heard = portal.model
      .takeDeliveries()
      .map((each) => readHubSpotWebhook(arrived(each), own, portal.now))
    expect(heard.every((hearing) => hearing.kind === 'heard' && hearing.ignored === 0)).toBe(true)
    const all = heard.flatMap(bellsOf)
    expect(
      all
        .filter(({ kind }) => kind === 'merged')
        .map(({ record }) => record)
        .toSorted(),
    ).toEqual([a, b].toSorted())
    expect(all.filter(({ object }) => object === 'company').map(({ record }) => record)).toContain(company)
    expect(all.filter(({ actor }) => actor.kind === 'us').length).toBeGreaterThan(3)
    expect(all.some(({ actor }) => actor.kind === 'human')).toBe(true)
    // Both ends of one association share its key; nothing else does.
    expect(new Set(all.map(({ key: each, record, object }) => `${each} ${object} ${record}`)).size).toBe(
      all.length,
    )
  })
})
