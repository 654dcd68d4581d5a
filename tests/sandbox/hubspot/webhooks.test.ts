import { describe, expect, it } from 'vitest'
import { signatureV1, signatureV3 } from '../../../src/sandbox/hubspot/signature.ts'
import type { Delivery } from '../../../src/sandbox/model.ts'
import { TestPortal, type Body } from './portal.ts'

const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'
const URL_OF_VECTORS = 'https://www.example.com/webhook_uri'
const TARGET = 'https://attune.example/hooks/hubspot'

class Listener {
  readonly portal: TestPortal
  readonly root: string
  readonly key: string

  constructor(settings = {}) {
    this.portal = new TestPortal({ settings })
    const { appId, developerApiKey } = this.portal.model.identity
    this.root = `/webhooks/v3/${appId}`
    this.key = `?hapikey=${developerApiKey}`
    const reply = this.portal.call('PUT', `${this.root}/settings${this.key}`, {
      targetUrl: TARGET,
      throttling: { maxConcurrentRequests: 10 },
    })
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
  }

  subscribe(eventType: string, more: object = {}): string {
    const body = { eventType, active: true, ...more }
    const reply = this.portal.post(`${this.root}/subscriptions${this.key}`, body)
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
    return reply.body.id
  }

  /** Everything that is due within a minute, accepted. */
  events(): Body[] {
    this.portal.now += 60_000
    const events: Body[] = []
    for (let batch = this.portal.model.takeDeliveries(); batch.length > 0;) {
      for (const delivery of batch) {
        events.push(...JSON.parse(delivery.body))
        this.portal.model.settleDelivery(delivery.id, 204)
      }
      batch = this.portal.model.takeDeliveries()
    }
    return events
  }

  kinds(): string[] {
    return this.events()
      .map((event) => event.subscriptionType + (event.propertyName ? `:${event.propertyName}` : ''))
      .toSorted()
  }
}

describe('signatures', () => {
  it('v1 reproduces the published vector', () => {
    const body =
      '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
    expect(signatureV1(SECRET, body)).toBe('232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de')
  })

  it.each([
    ['{"example_field":"example_value"}', 'oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go='],
    ["{'example_field':'example_value'}", 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y='],
  ])('v3 reproduces the vector of %s', (body, expected) => {
    const signed = { secret: SECRET, method: 'POST', url: URL_OF_VECTORS, body, timestamp: 1_693_657_560_000 }
    expect(signatureV3(signed)).toBe(expected)
  })
})

describe('events', () => {
  it('report one property each, creation included, with their source', () => {
    const listener = new Listener()
    const subscriptionId = listener.subscribe('contact.propertyChange', { propertyName: 'jobtitle' })
    listener.subscribe('contact.creation')
    const { portal } = listener
    const id = portal.create('contacts', { lastname: 'x', jobtitle: 'CTO' })
    expect(listener.kinds()).toEqual(['contact.creation', 'contact.propertyChange:jobtitle'])
    portal.model.edit({ action: 'update', object: 'contacts', id, values: { jobtitle: 'CEO', city: 'Rome' } })
    const at = portal.now
    const [event] = listener.events()
    expect(event).toMatchObject({
      subscriptionId: Number(subscriptionId),
      portalId: portal.model.identity.portalId,
      appId: portal.model.identity.appId,
      occurredAt: at,
      subscriptionType: 'contact.propertyChange',
      attemptNumber: 0,
      objectId: Number(id),
      propertyName: 'jobtitle',
      propertyValue: 'CEO',
      changeSource: 'CRM_UI',
      sourceId: 'userId:61000101',
    })
    portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { jobtitle: 'CEO' } })
    expect(listener.events()).toEqual([])
    portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { jobtitle: '' } })
    expect(listener.events()).toMatchObject([
      { propertyValue: '', changeSource: 'INTEGRATION', sourceId: String(portal.model.identity.appId) },
    ])
  })

  it('happen at whole milliseconds, whatever the clock of the host says', () => {
    const listener = new Listener()
    listener.subscribe('contact.creation')
    listener.portal.now += 0.25
    const id = listener.portal.create('contacts', { lastname: 'x' })
    const at = Math.floor(listener.portal.now)
    expect(listener.events()).toMatchObject([{ occurredAt: at }])
    const profile = listener.portal.get(`/contacts/v1/contact/vid/${id}/profile`).body
    expect(profile.properties.lastname.versions).toMatchObject([{ timestamp: at }])
  })

  it('report values of a creation only where the setting says so', () => {
    const listener = new Listener({ webhooksAtCreation: false })
    listener.subscribe('contact.propertyChange', { propertyName: 'jobtitle' })
    listener.portal.create('contacts', { lastname: 'x', jobtitle: 'CTO' })
    expect(listener.events()).toEqual([])
  })

  it('report both sides of an association, and a primary one twice', () => {
    const listener = new Listener()
    listener.subscribe('contact.associationChange')
    listener.subscribe('company.associationChange')
    const { portal } = listener
    const contact = portal.create('contacts', { lastname: 'x' })
    const company = portal.create('companies', { name: 'x' })
    portal.call('PUT', `/crm/v4/objects/contacts/${contact}/associations/companies/${company}`, [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 },
    ])
    const events = listener.events()
    expect(
      events.map((event) => `${event.associationType} ${event.isPrimaryAssociation}`).toSorted(),
    ).toEqual([
      'COMPANY_TO_CONTACT false',
      'COMPANY_TO_CONTACT true',
      'CONTACT_TO_COMPANY false',
      'CONTACT_TO_COMPANY true',
    ])
    expect(events[0]).toMatchObject({ associationRemoved: false })
  })

  it('name an association by its objects, and in the generic types by its type id', () => {
    const listener = new Listener()
    listener.subscribe('contact.associationChange')
    listener.subscribe('object.associationChange', { objectTypeId: '0-1' })
    const { portal } = listener
    const contact = portal.create('contacts', { lastname: 'x' })
    const deal = portal.create('deals', { dealname: 'x' })
    portal.call('PUT', `/crm/v4/objects/contacts/${contact}/associations/default/deals/${deal}`)
    const events = listener.events()
    const ofType = (type: string) => events.find((event) => event.subscriptionType === type)
    const ends = { fromObjectId: Number(contact), toObjectId: Number(deal), associationRemoved: false }
    const old = ofType('contact.associationChange')
    expect(old).toMatchObject({ ...ends, associationType: 'CONTACT_TO_DEAL' })
    for (const key of ['associationTypeId', 'associationCategory', 'fromObjectTypeId', 'toObjectTypeId']) {
      expect(old, key).not.toHaveProperty(key)
    }
    const generic = ofType('object.associationChange')
    expect(generic).toMatchObject({
      ...ends,
      objectTypeId: '0-1',
      associationTypeId: 4,
      associationCategory: 'HUBSPOT_DEFINED',
      fromObjectTypeId: '0-1',
      toObjectTypeId: '0-3',
    })
    expect(generic).not.toHaveProperty('associationType')
  })

  it('report merges, deletions, restores and privacy deletions', () => {
    const listener = new Listener()
    for (const kind of ['merge', 'deletion', 'restore', 'privacyDeletion', 'creation']) {
      listener.subscribe(`contact.${kind}`)
    }
    const { portal } = listener
    const [a, b, c] = ['a', 'b', 'c'].map((name) =>
      portal.create('contacts', { email: `${name}@x.com` }),
    ) as [string, string, string]
    listener.events()
    const id = portal.model.edit({
      action: 'merge',
      object: 'contacts',
      id: a,
      other: { object: 'contacts', id: b },
    }).id
    const merged = listener.events()
    expect(merged.map((event): string => event.subscriptionType).toSorted()).toEqual([
      'contact.deletion',
      'contact.deletion',
      'contact.merge',
    ])
    expect(merged.find((event) => event.subscriptionType === 'contact.merge')).toMatchObject({
      primaryObjectId: Number(a),
      mergedObjectIds: [Number(b)],
      newObjectId: Number(id),
    })
    portal.model.edit({ action: 'delete', object: 'contacts', id: c })
    portal.model.edit({ action: 'restore', object: 'contacts', id: c })
    portal.post('/crm/v3/objects/contacts/gdpr-delete', { objectId: c })
    expect(listener.kinds()).toEqual([
      'contact.deletion',
      'contact.deletion',
      'contact.privacyDeletion',
      'contact.restore',
    ])
  })

  it('of notes and custom objects need the generic types', () => {
    const listener = new Listener()
    listener.subscribe('object.creation', { objectTypeId: '0-46' })
    const id = listener.portal.create('notes', { hs_timestamp: '2026-11-23T10:00:00Z' })
    expect(listener.events()).toMatchObject([
      { subscriptionType: 'object.creation', objectTypeId: '0-46', objectId: Number(id) },
    ])
  })

  it('can be lost or doubled', () => {
    const lossy = new Listener({ webhookLosses: 1 })
    lossy.subscribe('contact.creation')
    lossy.portal.create('contacts', { lastname: 'x' })
    expect(lossy.events()).toEqual([])
    const doubled = new Listener({ webhookDuplicates: 1 })
    doubled.subscribe('contact.creation')
    doubled.portal.create('contacts', { lastname: 'x' })
    expect(doubled.events()).toHaveLength(2)
  })
})

describe('deliveries', () => {
  it('carry both signatures and come in batches of at most 100, in no order', () => {
    const listener = new Listener()
    listener.subscribe('contact.creation')
    const { portal } = listener
    for (let n = 0; n < 230; n++) portal.create('contacts', { lastname: `${n}` })
    expect(portal.model.nextDeliveryAt()).toBeGreaterThan(portal.now)
    expect(portal.model.takeDeliveries()).toEqual([])
    portal.now += 10_000
    const deliveries = portal.model.takeDeliveries()
    const sizes = deliveries.map((delivery) => JSON.parse(delivery.body).length)
    expect(sizes).toEqual([100, 100, 30])
    const { url, body, headers } = deliveries[0] as Delivery
    const secret = portal.model.identity.clientSecret
    expect(url).toBe(TARGET)
    expect(headers['x-hubspot-signature']).toBe(signatureV1(secret, body))
    expect(headers['x-hubspot-signature-version']).toBe('v1')
    expect(headers['x-hubspot-request-timestamp']).toBe(String(portal.now))
    expect(headers['x-hubspot-signature-v3']).toBe(
      signatureV3({ secret, method: 'POST', url: TARGET, body, timestamp: portal.now }),
    )
    const ids = deliveries.flatMap((delivery) =>
      JSON.parse(delivery.body).map((event: Body) => event.objectId),
    )
    expect(ids).not.toEqual(ids.toSorted((a: number, b: number) => a - b))
  })

  it.each([null, 404, 500])('answered %s are retried ten times within a day, then dropped', (status) => {
    const listener = new Listener()
    listener.subscribe('contact.creation')
    const { portal } = listener
    portal.create('contacts', { lastname: 'x' })
    const started = portal.now
    const attempts: number[] = []
    for (let at = portal.model.nextDeliveryAt(); at !== null; at = portal.model.nextDeliveryAt()) {
      portal.now = at
      const [delivery] = portal.model.takeDeliveries()
      attempts.push(JSON.parse(delivery?.body ?? '[]')[0].attemptNumber)
      portal.model.settleDelivery(delivery?.id ?? '', status)
    }
    expect(attempts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(portal.now - started).toBeLessThan(86_400_000)
  })

  it('wait while ten are in flight', () => {
    const listener = new Listener()
    listener.subscribe('contact.creation')
    const { portal } = listener
    for (let n = 0; n < 1_100; n++) portal.create('contacts', { lastname: `${n}` })
    portal.now += 10_000
    const deliveries = portal.model.takeDeliveries()
    expect(deliveries).toHaveLength(10)
    expect(portal.model.nextDeliveryAt()).toBeNull()
    portal.model.settleDelivery(deliveries[0]?.id ?? '', 200)
    expect(portal.model.takeDeliveries()).toHaveLength(1)
  })
})

describe('subscriptions', () => {
  it('are paused unless made active, and need what their kind needs', () => {
    const listener = new Listener()
    const { portal, root, key } = listener
    const create = (body: unknown) => portal.post(`${root}/subscriptions${key}`, body)
    const paused = create({ eventType: 'contact.creation' })
    expect(paused.body.active).toBe(false)
    expect(create({ eventType: 'contact.creation' }).status).toBe(409)
    expect(create({ eventType: 'contact.explosion' }).status).toBe(400)
    expect(create({ eventType: 'product.creation' }).status).toBe(501)
    expect(create({ eventType: 'contact.propertyChange' }).status).toBe(400)
    expect(create({ eventType: 'object.creation' }).status).toBe(400)
    const unwatchable = { eventType: 'company.propertyChange', propertyName: 'hs_lastmodifieddate' }
    expect(create(unwatchable).status).toBe(400)
    const path = `${root}/subscriptions/${paused.body.id}${key}`
    expect(portal.patch(path, { active: true }).body.active).toBe(true)
    expect(portal.get(`${root}/subscriptions${key}`).body.results).toHaveLength(1)
    expect(portal.call('DELETE', path).status).toBe(204)
  })

  it('need the developer key, or an app-level token in dated versions', () => {
    const { portal, root } = new Listener()
    expect(portal.get(`${root}/subscriptions`).status).toBe(401)
    const { appId, clientId, clientSecret } = portal.model.identity
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }).toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(portal.call('POST', '/oauth/v1/token', form, type).status).toBe(400)
    portal.token = portal.call('POST', '/oauth/2026-09/token', form, type).body.access_token
    expect(portal.get(`/app-webhooks/2026-09/${appId}/subscriptions`).status).toBe(200)
    expect(portal.get(`${root}/subscriptions`).status).toBe(401)
  })
})
